//! Every instruction set against loops over single elements, on odd geometry.

use super::*;
use crate::geometry::Window2d;
use crate::isa::forced::on_every_isa;
use crate::simd::Identity;
use crate::{ops, wide};

pub(crate) fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_add(7);
    (0..count)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 23) - 1.0
        })
        .collect()
}

impl Window2d {
    /// The input's pixel under a tap of output pixel `o`, counted through all samples.
    pub(crate) fn source(&self, o: usize, tap: usize) -> Option<usize> {
        let (n, o) = (o / self.outputs(), o % self.outputs());
        let position = [o / self.output[1], o % self.output[1]];
        let tap = [tap / self.kernel[1], tap % self.kernel[1]];
        let mut at = [0; 2];
        for a in 0..2 {
            let i = position[a] * self.stride[a] + tap[a] * self.dilation[a];
            at[a] = i.checked_sub(self.before[a]).filter(|i| *i < self.input[a])?;
        }
        Some((n * self.input[0] + at[0]) * self.input[1] + at[1])
    }
}

fn window(
    input: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    sides: [usize; 4],
) -> Window2d {
    let output = [0, 1].map(|a| {
        (input[a] + sides[2 * a] + sides[2 * a + 1] - dilation[a] * (kernel[a] - 1) - 1) / stride[a] + 1
    });
    Window2d {
        input,
        output,
        kernel,
        stride,
        dilation,
        before: [sides[0], sides[2]],
    }
}

/// Square and not, with and without padding, strides over the kernel, dilated, images of one pixel.
pub(crate) fn windows() -> Vec<Window2d> {
    vec![
        window([7, 9], [3, 3], [1, 1], [1, 1], [1; 4]),
        window([5, 6], [3, 2], [2, 1], [1, 1], [0, 1, 0, 1]),
        window([8, 8], [2, 2], [2, 2], [1, 1], [0; 4]),
        window([9, 7], [2, 3], [3, 4], [1, 1], [0, 0, 1, 1]),
        window([10, 11], [3, 3], [1, 2], [2, 3], [2, 1, 3, 3]),
        window([9, 9], [3, 2], [4, 3], [2, 2], [1, 2, 0, 1]),
        window([1, 17], [1, 5], [1, 1], [1, 1], [0, 0, 2, 2]),
        window([1, 1], [1, 1], [1, 1], [1, 1], [0; 4]),
        window([1, 1], [3, 3], [1, 1], [1, 1], [1; 4]),
        window([4, 5], [4, 5], [1, 1], [1, 1], [0; 4]),
        window([6, 6], [1, 1], [2, 2], [1, 1], [0; 4]),
        window([3, 30], [1, 1], [1, 1], [1, 1], [0; 4]),
    ]
}

/// Result, input gradient and weights' gradient, one product at a time.
fn reference(samples: usize, conv: &Conv2d, x: &[f64], w: &[f64], dy: &[f64]) -> [Vec<f64>; 3] {
    let (inputs, outputs) = (conv.inputs / conv.groups, conv.outputs / conv.groups);
    let (mut y, mut dx, mut dw) = (vec![0.0; dy.len()], vec![0.0; x.len()], vec![0.0; w.len()]);
    for pixel in 0..samples * conv.window.outputs() {
        for tap in 0..conv.window.taps() {
            let Some(source) = conv.window.source(pixel, tap) else {
                continue;
            };
            for o in 0..conv.outputs {
                for i in 0..inputs {
                    let xi = source * conv.inputs + o / outputs * inputs + i;
                    let wi = (tap * inputs + i) * conv.outputs + o;
                    let yi = pixel * conv.outputs + o;
                    y[yi] += x[xi] * w[wi];
                    dx[xi] += dy[yi] * w[wi];
                    dw[wi] += dy[yi] * x[xi];
                }
            }
        }
    }
    [y, dx, dw]
}

fn transposed<T: Scalar>(conv: &Conv2d, w: &[T]) -> Vec<T> {
    let (inputs, outputs) = (conv.inputs / conv.groups, conv.outputs / conv.groups);
    let mut t = w.to_vec();
    ops::permute(
        1,
        [conv.window.taps(), inputs, conv.groups, outputs],
        [0, 3, 2, 1],
        w,
        &mut t,
    );
    t
}

fn check<T: Scalar>(samples: usize, conv: &Conv2d, bound: f64) {
    let x = numbers(samples * conv.input_elems(), 1);
    let w = numbers(conv.weights(), 2);
    let dy = numbers(samples * conv.output_elems(), 3);
    let bias = numbers(conv.outputs, 4);
    let old = numbers(conv.weights(), 5);
    let [mut y, dx, mut dw] = reference(samples, conv, &x, &w, &dy);
    y.iter_mut()
        .enumerate()
        .for_each(|(i, y)| *y += bias[i % conv.outputs]);
    dw.iter_mut().zip(&old).for_each(|(dw, old)| *dw += old);

    let cast = |x: &[f64]| x.iter().map(|x| T::from_f64(*x)).collect::<Vec<T>>();
    let close = |found: &[T], expected: &[f64], terms: usize, what: &str| {
        assert_eq!(found.len(), expected.len());
        for (i, (f, e)) in found.iter().zip(expected).enumerate() {
            let error = (f.to_f64() - e).abs();
            assert!(
                error <= bound * (terms + 4) as f64,
                "{what} {i} of {conv:?}: {f}, not {e}"
            );
        }
    };
    let (tx, tw, tdy) = (cast(&x), cast(&w), cast(&dy));
    let mut ty = vec![T::ONE; y.len()];
    ops::conv2d(
        samples,
        conv,
        &tx,
        &tw,
        Some(&cast(&bias)),
        &mut ty,
        [Operand::Own],
        Identity,
    );
    close(&ty, &y, conv.window.taps() * conv.inputs, "result");
    let mut tdx = vec![T::ONE; dx.len()];
    let wt = transposed(conv, &tw);
    ops::conv2d_grad_input(samples, conv, &tdy, &wt, &mut tdx, [Operand::Own], Identity);
    close(&tdx, &dx, conv.window.taps() * conv.outputs, "input gradient");
    let mut tdw = cast(&old);
    ops::conv2d_grad_weight(samples, conv, &tx, &tdy, &mut tdw, true);
    close(&tdw, &dw, samples * conv.window.outputs(), "weights' gradient");
}

/// Over threads, the same bits. (Which instruction set is forced is a matter of one thread, so here none is.)
#[cfg(feature = "std")]
#[test]
fn threads_change_nothing() {
    for (stride, groups) in [([1, 1], 1), ([2, 3], 1), ([2, 1], 12)] {
        let conv = Conv2d {
            window: window([17, 13], [3, 3], stride, [1, 1], [1; 4]),
            inputs: 12,
            outputs: 12,
            groups,
        };
        let samples = 9;
        let cast = |x: Vec<f64>| x.iter().map(|x| *x as f32).collect::<Vec<f32>>();
        let x = cast(numbers(samples * conv.input_elems(), 1));
        let w = cast(numbers(conv.weights(), 2));
        let dy = cast(numbers(samples * conv.output_elems(), 3));
        let e = || [Operand::Own];
        let (mut one, mut many) = (vec![0.0; dy.len()], vec![1.0; dy.len()]);
        ops::conv2d(samples, &conv, &x, &w, None, &mut one, e(), Identity);
        wide::conv2d(samples, &conv, &x, &w, None, &mut many, e(), Identity);
        assert_eq!(one, many, "{conv:?}");
        let wt = transposed(&conv, &w);
        let (mut one, mut many) = (vec![0.0; x.len()], vec![1.0; x.len()]);
        ops::conv2d_grad_input(samples, &conv, &dy, &wt, &mut one, e(), Identity);
        wide::conv2d_grad_input(samples, &conv, &dy, &wt, &mut many, e(), Identity);
        assert_eq!(one, many, "{conv:?}");
        let (mut one, mut many) = (vec![0.0; w.len()], vec![1.0; w.len()]);
        ops::conv2d_grad_weight(samples, &conv, &x, &dy, &mut one, false);
        wide::conv2d_grad_weight(samples, &conv, &x, &dy, &mut many, false);
        assert_eq!(one, many, "{conv:?}");
    }
}

#[test]
fn every_isa_on_odd_geometry() {
    let channels = [
        (1, 1, 1),
        (1, 6, 1),
        (3, 16, 1),
        (5, 21, 1),
        (8, 70, 1),
        (17, 3, 1),
    ];
    let grouped = [
        (4, 6, 2),
        (6, 6, 6),
        (19, 19, 19),
        (3, 6, 3),
        (40, 40, 40),
        (90, 90, 90),
    ];
    on_every_isa(|_| {
        for window in windows() {
            for (inputs, outputs, groups) in channels.into_iter().chain(grouped) {
                let conv = Conv2d {
                    window,
                    inputs,
                    outputs,
                    groups,
                };
                check::<f32>(2, &conv, 2e-7);
                check::<f64>(2, &conv, 4e-16);
            }
        }
    });
}

#[test]
fn many_channels_at_the_edge() {
    // More channels than there are zeros in one piece.
    let conv = Conv2d {
        window: window([2, 3], [3, 3], [1, 1], [1, 1], [1; 4]),
        inputs: 2 * product::ZEROS + 3,
        outputs: 5,
        groups: 1,
    };
    on_every_isa(|_| check::<f32>(1, &conv, 2e-7));
}

/// With samples side by side, the result and the input's gradient have the bits of one after the other.
fn check_lanes<T: Scalar>(samples: usize, conv: &Conv2d, bound: f64) {
    let cast = |x: Vec<f64>| x.iter().map(|x| T::from_f64(*x)).collect::<Vec<T>>();
    let x = cast(numbers(samples * conv.input_elems(), 1));
    let w = cast(numbers(conv.weights(), 2));
    let dy = cast(numbers(samples * conv.output_elems(), 3));
    let bias = cast(numbers(conv.outputs, 4));
    let old = cast(numbers(conv.weights(), 5));
    let turned = |elems: usize, x: &[T]| {
        let mut y = vec![T::ZERO; x.len()];
        ops::lanes::gather(samples, elems, x, &mut y);
        let mut back = vec![T::ZERO; x.len()];
        ops::lanes::scatter(samples, elems, &y, &mut back);
        assert!(back == x, "there and back");
        assert!(y[(elems - 1) * 16 + 3] == x[3 * elems + elems - 1]);
        y
    };
    let (tx, tdy) = (turned(conv.input_elems(), &x), turned(conv.output_elems(), &dy));

    let mut y = vec![T::ONE; dy.len()];
    let skip = || {
        [
            Operand::Own,
            Operand::Scalar(T::from_f64(0.5)),
            Operand::Full(&dy),
        ]
    };
    ops::conv2d(samples, conv, &x, &w, Some(&bias), &mut y, skip(), ScaledRelu);
    let mut ty = vec![T::ONE; dy.len()];
    let skip = [
        Operand::Own,
        Operand::Scalar(T::from_f64(0.5)),
        Operand::Full(&tdy),
    ];
    ops::lanes::conv2d(samples, conv, &tx, &w, Some(&bias), &mut ty, skip, ScaledRelu);
    assert!(ty == turned(conv.output_elems(), &y), "result of {conv:?}");

    let wt = transposed(conv, &w);
    let mut dx = vec![T::ONE; x.len()];
    ops::conv2d_grad_input(samples, conv, &dy, &wt, &mut dx, [Operand::Own], Identity);
    let mut tdx = vec![T::ONE; x.len()];
    ops::lanes::conv2d_grad_input(samples, conv, &tdy, &wt, &mut tdx, [Operand::Own], Identity);
    assert!(
        tdx == turned(conv.input_elems(), &dx),
        "input gradient of {conv:?}"
    );

    let close = |found: &[T], expected: &[T]| {
        let terms = (samples * conv.window.outputs() + 4) as f64;
        for (f, e) in found.iter().zip(expected) {
            assert!(
                (f.to_f64() - e.to_f64()).abs() <= bound * terms,
                "{f}, not {e}: {conv:?}"
            );
        }
    };
    for accumulate in [false, true] {
        let (mut dw, mut tdw) = (old.clone(), old.clone());
        ops::conv2d_grad_weight(samples, conv, &x, &dy, &mut dw, accumulate);
        ops::lanes::conv2d_grad_weight(samples, conv, &tx, &tdy, &mut tdw, accumulate);
        close(&tdw, &dw);
        let rows = samples * conv.window.outputs();
        let (mut db, mut tdb) = (bias.clone(), bias.clone());
        ops::col_reduce(
            rows,
            conv.outputs,
            &mut db,
            accumulate,
            [Operand::Full(&dy)],
            Identity,
        );
        let lanes = [Operand::Full(&tdy[..])];
        ops::lanes::col_reduce(rows, conv.outputs, &mut tdb, accumulate, lanes, Identity);
        close(&tdb, &db);
    }
}

#[test]
fn samples_in_lanes_on_every_isa() {
    let channels = [(1, 1), (1, 6), (3, 4), (6, 16), (5, 3), (8, 13)];
    on_every_isa(|_| {
        for window in windows().into_iter().filter(|w| w.stride == [1, 1]) {
            for (inputs, outputs) in channels {
                let conv = Conv2d {
                    window,
                    inputs,
                    outputs,
                    groups: 1,
                };
                check_lanes::<f32>(32, &conv, 2e-7);
                check_lanes::<f64>(16, &conv, 4e-16);
            }
        }
        // Wider than the widest tile, and taps in every block of the weights' gradient.
        for kernel in [5, 7] {
            let conv = Conv2d {
                window: window([11, 12], [kernel, kernel], [1, 1], [1, 1], [2; 4]),
                inputs: 2,
                outputs: 7,
                groups: 1,
            };
            check_lanes::<f32>(16, &conv, 2e-7);
        }
    });
}

/// The bits of the weights' gradient are the same on every instruction set with fused multiply-adds.
#[test]
fn the_gradient_in_lanes_has_the_same_bits_everywhere() {
    let conv = Conv2d {
        window: window([9, 10], [5, 5], [1, 1], [1, 1], [2, 2, 1, 2]),
        inputs: 3,
        outputs: 7,
        groups: 1,
    };
    let cast = |x: Vec<f64>| x.iter().map(|x| *x as f32).collect::<Vec<f32>>();
    let x = cast(numbers(32 * conv.input_elems(), 1));
    let dy = cast(numbers(32 * conv.output_elems(), 2));
    let found = std::sync::Mutex::new(Vec::<Vec<f32>>::new());
    on_every_isa(|isa| {
        let mut dw = vec![0.0; conv.weights()];
        ops::lanes::conv2d_grad_weight(32, &conv, &x, &dy, &mut dw, false);
        if isa != crate::isa::Isa::Scalar || cfg!(target_feature = "fma") {
            found.lock().expect("nobody panicked").push(dw);
        }
    });
    let found = found.into_inner().expect("nobody panicked");
    assert!(found.windows(2).all(|two| two[0] == two[1]));
}

#[derive(Clone, Copy)]
struct ScaledRelu;

impl Formula<3> for ScaledRelu {
    fn eval<T: Scalar, S: crate::simd::Simd<T>>(self, s: S, [x, scale, skip]: [S::V; 3]) -> S::V {
        s.max(s.mul_add(x, scale, skip), s.splat(0.0))
    }
}

#[test]
fn the_epilogue_sees_pixels_as_rows() {
    for (stride, groups) in [([1, 1], 1), ([2, 3], 1), ([1, 1], 4), ([2, 1], 4)] {
        let conv = Conv2d {
            window: window([11, 13], [3, 3], stride, [1, 1], [1; 4]),
            inputs: 4,
            outputs: 4,
            groups,
        };
        let samples = 40;
        let x = numbers(samples * conv.input_elems(), 1);
        let w = numbers(conv.weights(), 2);
        let dy = numbers(samples * conv.output_elems(), 3);
        let scale = numbers(4, 4);
        let [y, dx, _] = reference(samples, &conv, &x, &w, &dy);
        let expected = |y: &[f64], skip: &[f64]| -> Vec<f64> {
            let one = |(i, (y, skip)): (usize, (&f64, &f64))| (y * scale[i % 4] + skip).max(0.0);
            y.iter().zip(skip).enumerate().map(one).collect()
        };
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        let e = |skip| [Operand::Own, Operand::Col(&scale), Operand::Full(skip)];
        let mut found = vec![0.0; y.len()];
        ops::conv2d(samples, &conv, &x, &w, None, &mut found, e(&dy), ScaledRelu);
        assert!(close(&found, &expected(&y, &dy)), "{conv:?}");
        let mut found = vec![0.0; dx.len()];
        ops::conv2d_grad_input(
            samples,
            &conv,
            &dy,
            &transposed(&conv, &w),
            &mut found,
            e(&x),
            ScaledRelu,
        );
        assert!(close(&found, &expected(&dx, &x)), "gradient of {conv:?}");
    }
}

#[test]
fn a_batch_in_pieces_has_the_bits_of_the_whole() {
    for groups in [1, 8] {
        let conv = Conv2d {
            window: window([9, 9], [3, 3], [2, 2], [1, 1], [1; 4]),
            inputs: 8,
            outputs: 8,
            groups,
        };
        let cast = |x: Vec<f64>| x.iter().map(|x| *x as f32).collect::<Vec<f32>>();
        let x = cast(numbers(5 * conv.input_elems(), 1));
        let dy = cast(numbers(5 * conv.output_elems(), 3));
        let mut whole = vec![0.0; conv.weights()];
        ops::conv2d_grad_weight(5, &conv, &x, &dy, &mut whole, false);
        let mut pieces = vec![1.0; conv.weights()];
        for (i, n) in [(0, 1), (1, 3), (4, 1)] {
            let (a, b) = (conv.input_elems(), conv.output_elems());
            let (x, dy) = (&x[i * a..(i + n) * a], &dy[i * b..(i + n) * b]);
            ops::conv2d_grad_weight(n, &conv, x, dy, &mut pieces, i > 0);
        }
        assert_eq!(whole, pieces);
    }
}
