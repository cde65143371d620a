//! `Trainer` on compiled networks: they learn, the same way every time, without allocating.
#![allow(missing_docs, reason = "a test")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use nn_runtime::prelude::*;
use nn_runtime::training::End;

/// Counts this thread's allocations.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|n| n.set(n.get() + 1));
        // SAFETY: the caller keeps `GlobalAlloc::alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps `GlobalAlloc::dealloc`'s contract.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

network! {
    /// Points in the plane, three classes.
    #[loss(softmax_cross_entropy)]
    pub Rings(point: Tensor<2>) -> Tensor<3> {
        point.dense(24).relu().dropout(0.1).dense(16).tanh().dense(3)
    }

    /// A plane.
    #[loss(mean_squared_error)]
    #[scalar(f64)]
    pub Plane(x: Tensor<3>) -> Tensor<1> {
        x.dense(1)
    }
}

/// Points on three rings around the origin, with noise.
fn rings(n: usize, seed: u64) -> (Vec<[f32; 2]>, Vec<u32>) {
    let mut rng = Rng::new(seed);
    (0..n)
        .map(|_| {
            let ring = rng.below(3) as u32;
            let radius = f64::from(ring) + 0.5 + 0.1 * rng.normal();
            let (sin, cos) = (std::f64::consts::TAU * rng.uniform()).sin_cos();
            ([(radius * cos) as f32, (radius * sin) as f32], ring)
        })
        .unzip()
}

fn trainer<'v>() -> Trainer<'v, Rings> {
    Trainer::new()
        .optimizer(Adam::new(0.01))
        .progress(Progress::Silent)
}

#[test]
fn rings_are_told_apart() {
    let (x, t) = rings(600, 1);
    let mut net = Rings::new(1);
    let history = trainer()
        .epochs(60)
        .validation_split(0.2)
        .metric(Metric::Accuracy)
        .early_stopping(20, 1e-4)
        .fit(&mut net, &x, &t)
        .unwrap();
    assert!(history.best().val_metric.unwrap() > 0.97, "{:?}", history.best());
    let (x, t) = rings(300, 2);
    let found = evaluate(&mut net, &x, &t, Rows::All, Metric::F1(Average::Macro)).unwrap();
    assert!(found.metric > 0.96, "{found:?}");
    let outputs = net.predict_batch(&x).unwrap();
    let confusion = Confusion::of_scores(outputs.as_flattened(), &t).unwrap();
    assert!((confusion.f1(Average::Macro) - found.metric).abs() < 1e-12);
}

#[test]
fn a_plane_is_found() {
    let mut rng = Rng::new(3);
    let x: Vec<[f64; 3]> = (0..200)
        .map(|_| [rng.normal(), rng.normal(), rng.normal()])
        .collect();
    let t: Vec<f64> = x.iter().map(|[a, b, c]| 2.0 * a - b + 0.5 * c + 3.0).collect();
    let mut net = Plane::new(1);
    let history = Trainer::new()
        .epochs(60)
        .optimizer(Sgd::new(0.05).momentum(0.5))
        .metric(Metric::R2)
        .progress(Progress::Silent)
        .fit(&mut net, &x, &t)
        .unwrap();
    assert!(
        history.last().metric.unwrap() > 1.0 - 1e-9,
        "{:?}",
        history.last()
    );
}

/// Everything that training leaves behind, but for the time it took.
fn traces(seed: u64, threads: usize) -> Vec<u64> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| {
        let (x, t) = rings(300, 1);
        let mut net = Rings::new(5);
        let mut trainer = trainer()
            .epochs(3)
            .seed(seed)
            .validation_split(0.25)
            .metric(Metric::Accuracy);
        let history = trainer.fit(&mut net, &x, &t).unwrap();
        let numbers = history
            .epochs
            .iter()
            .flat_map(|e| [Some(e.loss), e.val_loss, e.val_metric]);
        let weights = net.parameters().iter().map(|w| u64::from(w.to_bits()));
        numbers.map(|n| n.unwrap().to_bits()).chain(weights).collect()
    })
}

#[test]
fn one_seed_decides_everything() {
    let one = traces(1, 1);
    assert_eq!(one, traces(1, 1));
    assert_eq!(one, traces(1, 2));
    assert_eq!(one, traces(1, 8));
    assert_ne!(one, traces(2, 1));
}

/// The loop is nothing but the steps that anyone can write.
#[test]
fn equals_a_loop_by_hand() {
    let (x, t) = rings(100, 1);
    let mut fitted = Rings::new(9);
    trainer()
        .epochs(2)
        .shuffle(false)
        .fit(&mut fitted, &x, &t)
        .unwrap();
    let mut by_hand = Rings::new(9);
    let mut adam = Adam::new(0.01);
    for _ in 0..2 {
        for (x, t) in x.chunks(32).zip(t.chunks(32)) {
            by_hand.gradient(x, t).unwrap();
            adam.step(&mut by_hand).unwrap();
        }
    }
    assert_eq!(fitted.parameters(), by_hand.parameters());
}

#[test]
fn frozen_layers_stay() {
    let (x, t) = rings(64, 1);
    let mut net = Rings::new(1);
    let before = net.parameters().to_vec();
    let mut adam = Adam::new(0.01);
    let known = adam.freeze_layer::<Rings>("dense_9").unwrap_err().to_string();
    assert_eq!(
        known,
        "`layer`: expected one of `dense_1`, `dense_2`, `dense_3`, found `dense_9`"
    );
    adam.freeze_layer::<Rings>("dense_2").unwrap();
    trainer().epochs(2).optimizer(adam).fit(&mut net, &x, &t).unwrap();
    for p in Rings::PARAMETERS {
        let same = before[p.range()] == net.parameters()[p.range()];
        assert_eq!(same, p.name.starts_with("dense_2."), "{}", p.name);
    }
}

#[test]
fn labels_that_are_no_class_are_found_before_training() {
    let (x, mut t) = rings(40, 1);
    t[33] = 3;
    let mut net = Rings::new(1);
    let before = net.parameters().to_vec();
    let error = trainer().fit(&mut net, &x, &t).unwrap_err();
    assert_eq!(
        error.to_string(),
        "label 3 of sample 33 is not below 3, the number of classes"
    );
    assert_eq!(net.parameters(), before);
}

#[test]
fn a_number_in_the_data_that_is_none_ends_it() {
    let (mut x, t) = rings(40, 1);
    x[35] = [f32::NAN, 0.0];
    let mut net = Rings::new(1);
    let before = net.parameters().to_vec();
    let error = trainer().shuffle(false).fit(&mut net, &x, &t).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Diverged {
                epoch: 1,
                batch: 2,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(net.parameters(), before);
}

#[test]
fn later_epochs_allocate_nothing() {
    let (x, t) = rings(200, 1);
    let allocations = |epochs| {
        let mut net = Rings::new(1);
        let mut trainer = trainer().validation_split(0.2).metric(Metric::F1(Average::Macro));
        trainer = trainer
            .epochs(epochs)
            .early_stopping(100, 0.0)
            .optimizer(AdamW::new(0.01).clip_norm(1.0));
        let before = ALLOCATIONS.with(Cell::get);
        let history = trainer.fit(&mut net, &x, &t).unwrap();
        assert_eq!((history.epochs.len(), history.end), (epochs, End::Epochs));
        ALLOCATIONS.with(Cell::get) - before
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| assert_eq!(allocations(1), allocations(30)));
}

/// Of the whole process: the other tests here bring pools of their own, or do not care.
#[test]
fn the_number_of_threads_is_settled_once() {
    assert_eq!(
        nn_runtime::set_threads(0).unwrap_err().to_string(),
        "`threads`: expected at least 1, found 0"
    );
    let running = rayon::current_num_threads();
    nn_runtime::set_threads(running).unwrap();
    let error = nn_runtime::set_threads(running + 1).unwrap_err().to_string();
    assert_eq!(
        error,
        format!("`threads`: expected a first call, before any work, found {running} threads at work")
    );
}
