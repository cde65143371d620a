//! Transfer learning: a network's first layers go on in another one, frozen, and only what is new learns.
#![allow(missing_docs, reason = "a test")]

use nn_runtime::ParameterKind;
use nn_runtime::files::load_partial;
use nn_runtime::prelude::*;

network! {
    /// Which of four patterns an image shows.
    #[loss(softmax_cross_entropy)]
    Teacher(image: Tensor<8, 8, 1>) -> Tensor<4> {
        image.front(false).dense(4, name = "patterns")
    }

    /// Whether the pattern is a striped one.
    #[loss(softmax_cross_entropy)]
    Student(image: Tensor<8, 8, 1>) -> Tensor<2> {
        image.front(false).dense(2, name = "head")
    }

    /// The same with the front frozen in its definition.
    #[loss(softmax_cross_entropy)]
    Settled(image: Tensor<8, 8, 1>) -> Tensor<2> {
        image.front(true).dense(2, name = "head")
    }

    block front(x, frozen) {
        x
            .conv2d(8, kernel = 3, padding = same, frozen = frozen).batch_norm(frozen = frozen).relu().max_pool2d(2)
            .conv2d(12, kernel = 3, padding = same, frozen = frozen).relu().global_avg_pool2d()
    }
}

/// Rows, columns, a chess board or dots, shifted, with noise.
fn patterns(n: usize, seed: u64) -> (Vec<f32>, Vec<u32>) {
    let mut rng = Rng::new(seed);
    let mut x = Vec::new();
    let mut labels = Vec::new();
    for _ in 0..n {
        let (pattern, down, right) = (rng.below(4) as u32, rng.below(4) as usize, rng.below(4) as usize);
        labels.push(pattern);
        for i in down..down + 8 {
            for j in right..right + 8 {
                let on = match pattern {
                    0 => i % 2 == 0,
                    1 => j % 2 == 0,
                    2 => (i + j) % 2 == 0,
                    _ => i % 4 == 0 && j % 4 == 0,
                };
                x.push(f32::from(on) + 0.1 * rng.normal() as f32);
            }
        }
    }
    (x, labels)
}

fn trainer<'v, N: Learn<Scalar = f32>>(epochs: usize, optimizer: Adam<f32>) -> Trainer<'v, N> {
    Trainer::new()
        .epochs(epochs)
        .batch(16)
        .optimizer(optimizer)
        .progress(Progress::Silent)
}

/// A file of a trained `Teacher`.
fn taught(name: &str) -> std::path::PathBuf {
    let (x, labels) = patterns(256, 1);
    let mut teacher = Teacher::new(1);
    let history = trainer(15, Adam::new(0.01))
        .fit(&mut teacher, &x, &labels)
        .unwrap();
    assert!(history.last().loss < 0.2);
    let path = std::env::temp_dir().join(format!("nn-transfer-{}-{name}.safetensors", std::process::id()));
    teacher.save(&path).unwrap();
    path
}

/// All of the file but its head.
fn take_front<N: Network<Scalar = f32>>(network: &mut N, path: &std::path::Path) {
    let done = load_partial(network, path, |name| {
        (!name.starts_with("head.")).then(|| name.to_owned())
    })
    .unwrap();
    assert_eq!(done.kept, ["head.weight", "head.bias"]);
    assert_eq!(done.unused, ["patterns.bias", "patterns.weight"]);
    std::fs::remove_file(path).unwrap();
}

/// Images, and whether their patterns are stripes.
fn stripes() -> (Vec<f32>, Vec<u32>) {
    let (x, patterns) = patterns(64, 2);
    (x, patterns.iter().map(|p| u32::from(*p < 2)).collect())
}

#[test]
fn layers_frozen_from_code_stay_and_the_rest_learns() {
    let mut student = Student::new(7);
    take_front(&mut student, &taught("code"));
    let before = student.parameters().to_vec();
    let mut adam = Adam::new(0.05);
    let known = adam.freeze_layer::<Student>("conv2d_1").unwrap_err().to_string();
    assert_eq!(
        known,
        "`layer`: expected one of `front_1.conv2d_1`, `front_1.batch_norm_1`, `front_1.conv2d_2`, `head`, found `conv2d_1`"
    );
    adam.freeze_layer::<Student>("front_1").unwrap();
    let (x, striped) = stripes();
    let history = trainer(20, adam).fit(&mut student, &x, &striped).unwrap();
    assert!(history.last().loss < 0.3, "{}", history.last().loss);
    for p in Student::PARAMETERS {
        let same = before[p.range()] == student.parameters()[p.range()];
        // Running statistics follow the data: the normalisation still takes each batch's.
        let stays = !p.name.starts_with("head.") && p.kind != ParameterKind::State;
        assert_eq!(same, stays, "{}", p.name);
    }
}

#[test]
fn layers_frozen_in_the_definition_stay_with_their_statistics() {
    let mut settled = Settled::new(7);
    take_front(&mut settled, &taught("definition"));
    let before = settled.parameters().to_vec();
    let (x, striped) = stripes();
    let history = trainer(20, Adam::new(0.05))
        .fit(&mut settled, &x, &striped)
        .unwrap();
    assert!(history.last().loss < 0.3, "{}", history.last().loss);
    for p in Settled::PARAMETERS {
        let same = before[p.range()] == settled.parameters()[p.range()];
        assert_eq!(same, !p.name.starts_with("head."), "{}", p.name);
    }
}
