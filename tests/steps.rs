//! What every step promises: no allocation once warm, the same bits for any number of threads, a small stack.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use nn_runtime::prelude::*;

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

fn allocations(f: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.with(Cell::get);
    f();
    ALLOCATIONS.with(Cell::get) - before
}

network! {
    /// Everything that a tile segment holds.
    #[loss(softmax_cross_entropy)]
    pub Tiles(x: Tensor<20>) -> Tensor<5> {
        x.dense(33).relu().dropout(0.3).dense(17, l2 = 1e-3).layer_norm().tanh().dense(5)
    }

    /// Sync points: statistics of the batch.
    #[loss(mean_squared_error)]
    pub Statistics(x: Tensor<20>) -> Tensor<3> {
        x.dense(24).batch_norm().gelu().dense(16, bias = false).batch_norm().relu().dense(3)
    }

    /// Layers large enough to be spread over threads from the inside.
    #[loss(softmax_cross_entropy)]
    pub Wide(x: Tensor<512>) -> Tensor<4> {
        x.dense(600).relu().dense(520).relu().dense(4)
    }

    /// Convolutions of every kind, one of them large, and factors that each tile computes for itself.
    #[loss(softmax_cross_entropy)]
    pub Images(image: Tensor<9, 9, 3>) -> Tensor<4> {
        image
            .conv2d(8, kernel = 3, padding = same).batch_norm().relu().max_pool2d(2)
            .dropout(0.2, channels = true)
            .depthwise_conv2d(kernel = 3, padding = same).batch_norm(frozen = true).relu()
            .conv2d(176, kernel = 1)
            .conv2d(176, kernel = 3, padding = same).batch_norm(frozen = true).relu()
            .conv_transpose2d(8, kernel = 3, stride = 2).group_norm(2).relu()
            .global_avg_pool2d().dense(4)
    }
}

network! {
    /// Few channels: groups of 16 samples go through side by side.
    #[loss(softmax_cross_entropy)]
    #[scalar(f64)]
    pub Few(image: Tensor<9, 8, 2>) -> Tensor<3> {
        image
            .conv2d(5, kernel = 5, padding = same).tanh().avg_pool2d(2)
            .conv2d(18, kernel = 3, padding = same).relu().max_pool2d((2, 1))
            .dropout(0.25).flatten().dense(6).relu().dense(3)
    }
}

network! {
    /// [`Few`] without anything random.
    #[loss(softmax_cross_entropy)]
    #[scalar(f64)]
    pub Plain(image: Tensor<9, 8, 2>) -> Tensor<3> {
        image
            .conv2d(5, kernel = 5, padding = same).tanh().avg_pool2d(2)
            .conv2d(18, kernel = 3, padding = same).relu().max_pool2d((2, 1))
            .flatten().dense(6).relu().dense(3)
    }
}

/// Numbers without a pattern, in [-1, 1).
fn noise(n: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12345);
    (0..n)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
        })
        .collect()
}

fn doubles(n: usize, seed: u32) -> Vec<f64> {
    noise(n, seed).into_iter().map(f64::from).collect()
}

fn classes(n: usize, below: u32) -> Vec<u32> {
    (0..n as u32).map(|i| (i * 7 + i / 3) % below).collect()
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}

#[test]
fn a_warm_step_does_not_allocate() {
    let (x, t, y) = (noise(100 * 20, 1), classes(100, 5), noise(100 * 3, 2));
    let index: Vec<u32> = (0..100).rev().collect();
    let (mut adam, mut adam_of_images) = (Adam::new(1e-3), Adam::new(1e-3));
    let (mut tiles, mut statistics) = (Tiles::new(1), Statistics::new(2));
    let (mut images, image, label) = (Images::new(3), noise(20 * 243, 3), classes(20, 4));
    let (mut few, mut adam_of_few) = (Few::new(4), Adam::new(1e-3));
    let (few_image, few_label) = (doubles(37 * 144, 5), classes(37, 3));
    let mut step = || {
        few.train_step(&few_image, &few_label, &mut adam_of_few).unwrap();
        tiles.train_step(&x, &t, &mut adam).unwrap();
        tiles
            .gradient_rows((&x).into(), (&t).into(), Rows::Index(&index))
            .unwrap();
        tiles.loss(&x, &t).unwrap();
        tiles.predict_batch(&x).unwrap();
        tiles.predict(x[..20].try_into().unwrap());
        tiles.forward(&x).unwrap();
        tiles.backward(&noise_free()).unwrap();
        statistics.gradient(&x, &y).unwrap();
        statistics.predict_batch(&x).unwrap();
        images.train_step(&image, &label, &mut adam_of_images).unwrap();
        images.predict_batch(&image).unwrap();
        images.forward(&image).unwrap();
        images.backward_to_inputs(&[0.01; 80]).unwrap();
    };
    pool(1).install(|| {
        step();
        assert_eq!(allocations(&mut step), 0);
    });
}

/// A gradient that is no allocation.
fn noise_free() -> [f32; 500] {
    [0.01; 500]
}

fn bits_of(x: impl Into<f64>) -> u64 {
    x.into().to_bits()
}

/// Bits of a network's gradients, loss and predictions after a few steps under so many threads.
macro_rules! trace {
    ($network:ty, $x:expr, $t:expr, $threads:expr) => {
        pool($threads).install(|| {
            let mut net = <$network>::new(7);
            let mut sgd = Sgd::new(0.05);
            let mut bits = Vec::new();
            for _ in 0..3 {
                bits.push(net.train_step($x, $t, &mut sgd).unwrap().to_bits());
            }
            bits.extend(net.gradients().iter().map(|g| bits_of(*g)));
            bits.extend(
                net.predict_batch($x)
                    .unwrap()
                    .as_flattened()
                    .iter()
                    .map(|y| bits_of(*y)),
            );
            bits
        })
    };
}

#[test]
fn threads_do_not_change_a_bit() {
    let (x, t, y) = (noise(1000 * 20, 3), classes(1000, 5), noise(1000 * 3, 4));
    let (wide_x, wide_t) = (noise(70 * 512, 5), classes(70, 4));
    let (image, label) = (noise(60 * 243, 6), classes(60, 4));
    let (few_image, few_label) = (doubles(500 * 144, 7), classes(500, 3));
    let one = (
        trace!(Tiles, &x, &t, 1),
        trace!(Statistics, &x, &y, 1),
        trace!(Wide, &wide_x, &wide_t, 1),
        trace!(Images, &image, &label, 1),
        trace!(Few, &few_image, &few_label, 1),
    );
    for threads in [2, 8] {
        assert!(
            one.0 == trace!(Tiles, &x, &t, threads),
            "Tiles, {threads} threads"
        );
        assert!(
            one.1 == trace!(Statistics, &x, &y, threads),
            "Statistics, {threads} threads"
        );
        assert!(
            one.2 == trace!(Wide, &wide_x, &wide_t, threads),
            "Wide, {threads} threads"
        );
        assert!(
            one.3 == trace!(Images, &image, &label, threads),
            "Images, {threads} threads"
        );
        assert!(
            one.4 == trace!(Few, &few_image, &few_label, threads),
            "Few, {threads} threads"
        );
    }
}

#[test]
fn a_sample_is_predicted_alone_as_in_a_batch() {
    let x = noise(130 * 20, 6);
    let mut net = Tiles::new(3);
    let together: Vec<[f32; 5]> = net.predict_batch(&x).unwrap().to_vec();
    for (row, y) in x.chunks_exact(20).zip(&together) {
        assert_eq!(net.predict(row.try_into().unwrap()), y);
    }
    let x = noise(37 * 243, 7);
    let mut net = Images::new(3);
    let together: Vec<[f32; 4]> = net.predict_batch(&x).unwrap().to_vec();
    for (image, y) in x.chunks_exact(243).zip(&together) {
        assert_eq!(net.predict(image.try_into().unwrap()), y);
    }
}

#[test]
fn predictions_may_come_between_forward_and_backward() {
    let (x, other) = (noise(40 * 20, 8), noise(90 * 20, 9));
    let dy = noise(40 * 5, 10);
    let mut net = Tiles::new(4);
    net.forward(&x).unwrap();
    net.backward(&dy).unwrap();
    let undisturbed = net.gradients().to_vec();

    let mut net = Tiles::new(4);
    net.forward(&x).unwrap();
    net.predict_batch(&other).unwrap();
    net.backward(&dy).unwrap();
    assert!(undisturbed == net.gradients());
    assert!(
        matches!(net.backward(&dy), Err(Error::NoForward)),
        "a second backward"
    );
}

network! {
    /// 100 million parameters.
    #[loss(mean_squared_error)]
    pub Huge(x: Tensor<10_000>) -> Tensor<1> {
        x.dense(10_000).relu().dense(1)
    }
}

#[test]
fn a_hundred_million_parameters_fit_a_small_stack() {
    let run = || {
        const { assert!(Huge::PARAMS > 100_000_000) };
        let mut net = Huge::new(1);
        let x = noise(2 * 10_000, 11);
        let loss = net.gradient(&x, &[1.0, -1.0]).unwrap();
        assert!(loss.is_finite());
        assert!(net.gradients().iter().any(|g| *g != 0.0));
    };
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn data_of_a_wrong_size_are_refused_by_name() {
    let mut net = Tiles::new(1);
    let x = noise(3 * 20, 1);
    let text = |r: Result<f64>| r.unwrap_err().to_string();
    assert_eq!(
        text(net.loss(&x[..50], &[0, 1])),
        "`x` holds 50 numbers, expected a multiple of 20"
    );
    assert_eq!(
        text(net.loss(&x, &[0, 1])),
        "the inputs hold 3 samples, the targets 2"
    );
    assert_eq!(
        text(net.loss(&x, &[0, 1, 5])),
        "label 5 of sample 2 is not below 5, the number of classes"
    );
    assert_eq!(text(net.loss(&x[..0], &[0u32; 0])), "no samples");
    assert!(matches!(
        net.gradient_rows((&x).into(), (&[0, 1, 2]).into(), Rows::Index(&[0, 3])),
        Err(Error::Row { found: 3, samples: 3 })
    ));
}

#[test]
fn parameters_go_by_their_names() {
    let mut net = Tiles::new(1);
    let weight = net.parameter("dense_1.weight").unwrap();
    assert_eq!(weight.shape, [20, 33]);
    assert_eq!(weight.data.len(), 20 * 33);
    assert_eq!(net.parameter("dense_9.weight"), None);
    assert_eq!(
        net.gradient_of("dense_1.weight"),
        None,
        "before the first backward pass"
    );

    net.parameter_mut("dense_3.bias").unwrap().fill(2.0);
    net.parameter_mut("dense_3.weight").unwrap().fill(0.0);
    assert_eq!(net.predict(&[0.3; 20]), &[2.0; 5]);
    net.gradient(&[0.3; 20], &[4]).unwrap();
    let bias = net.gradient_of("dense_3.bias").unwrap();
    assert_eq!(bias.shape, [5]);
    assert!(
        bias.data.iter().sum::<f32>().abs() < 1e-6,
        "softmax' gradients add up to nothing: {bias:?}"
    );
}

/// Samples side by side and one after the other: the same loss and gradient. Of 37 samples two groups of 16 go through side by
/// side and five alone; a batch of one sample always goes alone, in the arrangement that is held against PyTorch elsewhere.
#[test]
fn samples_side_by_side_have_the_gradient_of_samples_alone() {
    let (image, label) = (doubles(37 * 144, 8), classes(37, 3));
    let mut net = Plain::new(5);
    let loss = net.gradient(&image, &label).unwrap();
    let together = net.gradients().to_vec();
    let (mut sum, mut alone) = (0.0, vec![0.0; together.len()]);
    for (image, label) in image.chunks(144).zip(label.chunks(1)) {
        sum += net.gradient(image, label).unwrap() / 37.0;
        alone
            .iter_mut()
            .zip(net.gradients())
            .for_each(|(a, g)| *a += g / 37.0);
    }
    assert!((loss - sum).abs() < 1e-13, "{loss}, {sum}");
    assert!(alone.iter().any(|g| g.abs() > 1e-3));
    for (i, (together, alone)) in together.iter().zip(&alone).enumerate() {
        assert!((together - alone).abs() < 1e-14, "{i}: {together}, {alone}");
    }
}

/// The gradient of a batch with samples side by side is the slope of its loss.
#[test]
fn samples_side_by_side_have_the_slope_of_the_loss() {
    let (image, label) = (doubles(32 * 144, 9), classes(32, 3));
    let mut net = Plain::new(6);
    net.gradient(&image, &label).unwrap();
    let gradients = net.gradients().to_vec();
    let step = 1e-6;
    for i in (0..gradients.len()).step_by(7) {
        let mut at = |by: f64| {
            net.parameters_mut()[i] += by;
            let loss = net.loss(&image, &label).unwrap();
            net.parameters_mut()[i] -= by;
            loss
        };
        let slope = (at(step) - at(-step)) / (2.0 * step);
        assert!(
            (gradients[i] - slope).abs() < 1e-7,
            "{i}: {}, {slope}",
            gradients[i]
        );
    }
}
