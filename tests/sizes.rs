//! Constants that a network shares with the program around it, networks whose sizes are parameters, data of unequal
//! sizes.
#![allow(missing_docs, reason = "a test")]

use nn_runtime::prelude::*;

pub const WIDTH: usize = 12;
pub mod limits {
    pub const DEPTH: u8 = 3;
}

network! {
    const WIDTH: usize = 12 == crate::WIDTH;
    const DEPTH: u8 = 3 == crate::limits::DEPTH;

    #[loss(mean_squared_error)]
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.repeat(DEPTH, hidden()).dense(2)
    }

    block hidden(x) {
        x.dense(WIDTH).tanh()
    }
}

network! {
    const CLASSES: usize = 3;

    /// A perceptron.
    #[loss(softmax_cross_entropy)]
    pub Mlp<const HIDDEN: usize = 64, const FEATURES: usize = 2>(x: Tensor<FEATURES>) -> Tensor<CLASSES> {
        x.wide(HIDDEN).dense(2 * HIDDEN).tanh().dense(CLASSES)
    }

    block wide(x, units) {
        x.dense(units).tanh()
    }

    pub type Small = Mlp<HIDDEN = 8>;

    /// In double precision, of more features.
    #[scalar(f64)]
    pub type Precise = Mlp<HIDDEN = 2 * CLASSES, FEATURES = 4>;
}

network! {
    pub Both(position: Tensor<2>, velocity: Tensor<3>) -> Tensor<1> {
        concat(position, velocity).dense(1)
    }
}

const _: () = assert!(Net::PARAMS < 500);
const _: () = assert!(Net::RAM_BYTES <= 2048 && Net::FLASH_BYTES <= 4096);
const OUTPUT: usize = Net::OUTPUTS[0][0];

#[test]
fn constants_of_the_crate_are_sizes_and_a_networks_are_constants() {
    assert_eq!(
        Net::PARAMS,
        4 * WIDTH + WIDTH + 2 * (WIDTH * WIDTH + WIDTH) + 2 * WIDTH + 2
    );
    assert_eq!(Net::LAYERS.len(), 2 * usize::from(limits::DEPTH) + 1);
    let scores: [f32; OUTPUT] = *Net::new(1).predict(&[0.5; 4]);
    assert!(scores.iter().all(|s| s.is_finite()));
}

fn params(features: usize, hidden: usize) -> usize {
    features * hidden + hidden + hidden * 2 * hidden + 2 * hidden + 2 * hidden * 3 + 3
}

#[test]
fn instances_have_sizes_of_their_own() {
    assert_eq!(
        [Mlp::PARAMS, Small::PARAMS, Precise::PARAMS],
        [params(2, 64), params(2, 8), params(4, 6)]
    );
    assert_eq!((Precise::NAME, Precise::INPUTS), ("Precise", &[&[4][..]][..]));
    let scores: [f64; 3] = *Precise::new(1).predict(&[0.5; 4]);
    assert!(scores.iter().all(|s| s.is_finite()));
}

/// Points around three centres.
fn points() -> (Vec<[f32; 2]>, Vec<u32>) {
    let mut rng = Rng::new(5);
    (0..300u32)
        .map(|i| {
            let (sin, cos) = f64::from(i % 3 * 2).sin_cos();
            let mut near = |x: f64| (x + 0.2 * rng.normal()) as f32;
            ([near(cos), near(sin)], i % 3)
        })
        .unzip()
}

#[test]
fn instances_learn() {
    let (x, t) = points();
    let (mut mlp, mut small) = (Mlp::new(1), Small::new(1));
    let (mut to_mlp, mut to_small) = (Adam::new(0.01), Adam::new(0.01));
    for _ in 0..200 {
        mlp.train_step(&x, &t, &mut to_mlp).unwrap();
        small.train_step(&x, &t, &mut to_small).unwrap();
    }
    let losses = [mlp.loss(&x, &t).unwrap(), small.loss(&x, &t).unwrap()];
    assert!(losses.iter().all(|loss| *loss < 0.3), "{losses:?}");
}

#[test]
fn inputs_of_unequal_numbers_are_told_by_name() {
    let mut net = Both::new(1);
    assert_eq!(
        net.predict_batch(&[0.0; 8], &[0.0; 9]).unwrap_err().to_string(),
        "`velocity` holds 3 samples, the first input 4"
    );
    net.forward(&[0.0; 8], &[0.0; 12]).unwrap();
    assert_eq!(
        net.backward(&[1.0; 3]).unwrap_err().to_string(),
        "`output_gradient` holds 3 samples, the first input 4"
    );
}
