//! Against the definition in double precision.

use crate::Scalar;
use crate::isa::forced::on_every_isa;
use crate::ops::{Operand, softmax, softmax_cross_entropy};

fn numbers(count: usize) -> Vec<f64> {
    (0..count)
        .map(|i| ((i * 7919) % 1009) as f64 / 100.0 - 5.0)
        .collect()
}

fn cast<T: Scalar>(x: &[f64]) -> Vec<T> {
    x.iter().map(|&x| T::from_f64(x)).collect()
}

fn log_softmax(x: &[f64]) -> Vec<f64> {
    let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let lse = max + x.iter().map(|x| (x - max).exp()).sum::<f64>().ln();
    x.iter().map(|x| x - lse).collect()
}

fn near<T: Scalar>(found: T, expected: f64, bound: f64) {
    let error = (found.to_f64() - expected).abs() / expected.abs().max(1.0);
    assert!(error <= bound, "{found}, not {expected}");
}

fn check_softmax<T: Scalar>(bound: f64) {
    for (rows, width) in [(0, 3), (1, 1), (4, 3), (3, 10), (2, 16), (5, 17), (2, 100)] {
        let x = numbers(rows * width);
        for log in [false, true] {
            let mut apart = vec![T::ZERO; rows * width];
            softmax(rows, width, Operand::Full(&cast(&x)), &mut apart, log);
            let mut own = cast::<T>(&x);
            softmax(rows, width, Operand::Own, &mut own, log);
            assert_eq!(apart, own);
            for r in 0..rows {
                let row = r * width..(r + 1) * width;
                let expected = log_softmax(&x[row.clone()]);
                for (found, expected) in apart[row].iter().zip(expected) {
                    near(*found, if log { expected } else { expected.exp() }, bound);
                }
            }
        }
    }
}

#[test]
fn softmax_and_its_logarithm() {
    on_every_isa(|_| {
        check_softmax::<f32>(1e-6);
        check_softmax::<f64>(1e-14);
    });
}

#[test]
fn large_logits_do_not_overflow() {
    on_every_isa(|_| {
        let mut y = [1000.0f32, 999.0, -1000.0];
        softmax(1, 3, Operand::Own, &mut y, false);
        near(y[0], 1.0 / (1.0 + (-1f64).exp()), 1e-6);
        assert_eq!(y[2], 0.0);
        let mut y = [1e30f32, 0.0];
        softmax(1, 2, Operand::Own, &mut y, true);
        assert_eq!(y, [0.0, -1e30]);
        let mut y = [f32::NAN, 1.0, 2.0];
        softmax(1, 3, Operand::Own, &mut y, false);
        assert!(y.iter().all(|y| y.is_nan()));
    });
}

fn check_cross_entropy<T: Scalar>(bound: f64) {
    for (rows, width) in [(0, 3), (1, 1), (4, 3), (3, 10), (2, 16), (5, 17), (2, 100)] {
        let x = numbers(rows * width);
        let labels: Vec<u32> = (0..rows).map(|r| (r * 7 % width) as u32).collect();
        let weights: Vec<f64> = (0..width).map(|c| 0.5 + c as f64 / 10.0).collect();
        for (smoothing, weighted) in [(0.0, false), (0.1, false), (0.0, true), (0.2, true)] {
            let (scale, gradient_scale) = (0.7, 0.3);
            let class_weights = if weighted { cast::<T>(&weights) } else { Vec::new() };
            let run = |x: Operand<'_, T>, dx: Option<&mut [T]>| {
                let mut loss = vec![T::ZERO; rows];
                softmax_cross_entropy(
                    rows,
                    width,
                    x,
                    &labels,
                    T::from_f64(smoothing),
                    &class_weights,
                    T::from_f64(scale),
                    &mut loss,
                    dx,
                    T::from_f64(gradient_scale),
                );
                loss
            };
            let mut dx = vec![T::ZERO; rows * width];
            let loss = run(Operand::Full(&cast(&x)), Some(&mut dx));
            assert_eq!(loss, run(Operand::Full(&cast(&x)), None));
            let mut own = cast::<T>(&x);
            assert_eq!(loss, run(Operand::Own, Some(&mut own)));
            assert_eq!(dx, own);
            for r in 0..rows {
                let label = labels[r] as usize;
                let log = log_softmax(&x[r * width..(r + 1) * width]);
                let weight = if weighted { weights[label] } else { 1.0 };
                let mean = log.iter().sum::<f64>() / width as f64;
                let expected = -weight * ((1.0 - smoothing) * log[label] + smoothing * mean);
                near(loss[r], scale * expected, bound);
                for c in 0..width {
                    let hot = f64::from(u8::from(c == label));
                    let slope = log[c].exp() - (1.0 - smoothing) * hot - smoothing / width as f64;
                    near(dx[r * width + c], gradient_scale * weight * slope, bound);
                }
            }
        }
    }
}

#[test]
fn cross_entropy_and_its_gradient() {
    on_every_isa(|_| {
        check_cross_entropy::<f32>(2e-6);
        check_cross_entropy::<f64>(2e-14);
    });
}

#[test]
fn a_label_outside_gives_nan_and_touches_nothing_else() {
    on_every_isa(|isa| {
        let x = numbers(6);
        let (mut loss, mut dx) = ([0.0; 2], [0.0; 6]);
        let labels = [7, 1];
        softmax_cross_entropy(
            2,
            3,
            Operand::Full(&x),
            &labels,
            0.0,
            &[1.0; 3],
            1.0,
            &mut loss,
            Some(&mut dx),
            1.0,
        );
        assert!(loss[0].is_nan() && loss[1].is_finite(), "{isa:?}: {loss:?}");
        assert!(dx[3..].iter().all(|x| x.is_finite()), "{isa:?}: {dx:?}");
    });
}
