//! The dense layer's three products beside `matrixmultiply`, one thread each, turn about.
//!
//! `cargo bench -p nn-runtime --bench gemm [-- f64] [rows]`: for each size (with that many rows) the GFLOP/s of both (best of the turns), and
//! the ratio. `NN_ISA` restricts our side; `matrixmultiply` takes the best instruction set that it finds.

use nn_runtime::ops::{self, Operand};
use nn_runtime::simd::Identity;
use nn_runtime::{Isa, Scalar};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// A number type that `matrixmultiply` knows.
trait Rival: Scalar {
    /// `c = a · b + beta · c`, every matrix with its row and column stride.
    #[allow(clippy::too_many_arguments, reason = "BLAS")]
    fn product(
        m: usize,
        k: usize,
        n: usize,
        a: (&[Self], isize, isize),
        b: (&[Self], isize, isize),
        beta: Self,
        c: &mut [Self],
    );
}

macro_rules! rival {
    ($t:ty, $gemm:path) => {
        impl Rival for $t {
            fn product(
                m: usize,
                k: usize,
                n: usize,
                a: (&[Self], isize, isize),
                b: (&[Self], isize, isize),
                beta: Self,
                c: &mut [Self],
            ) {
                assert!(a.0.len() == m * k && b.0.len() == k * n && c.len() == m * n);
                // SAFETY: the strides are those of whole matrices of these lengths.
                unsafe {
                    $gemm(
                        m,
                        k,
                        n,
                        1.0,
                        a.0.as_ptr(),
                        a.1,
                        a.2,
                        b.0.as_ptr(),
                        b.1,
                        b.2,
                        beta,
                        c.as_mut_ptr(),
                        n as isize,
                        1,
                    );
                }
            }
        }
    };
}
rival!(f32, matrixmultiply::sgemm);
rival!(f64, matrixmultiply::dgemm);

/// Numbers at a cache line's start, as a network's parameters and buffers are.
fn numbers<T: Scalar>(count: usize) -> &'static mut [T] {
    let numbers: Vec<T> = (0..count + 16)
        .map(|i| T::from_f64((i * 7919 % 1000) as f64 / 1000.0 - 0.5))
        .collect();
    let numbers = numbers.leak();
    let start = numbers.as_ptr().align_offset(64);
    &mut numbers[start..start + count]
}

/// Seconds of one call, the best of many short turns.
fn best(turns: &mut [(&mut dyn FnMut(), Duration)]) {
    for _ in 0..30 {
        for (f, best) in turns.iter_mut() {
            let mut calls = 1;
            loop {
                let start = Instant::now();
                for _ in 0..calls {
                    f();
                }
                let spent = start.elapsed();
                if spent >= Duration::from_millis(2) {
                    *best = (*best).min(spent / calls);
                    break;
                }
                calls *= 2;
            }
        }
    }
}

fn report<'a>(
    name: &str,
    rows: usize,
    k: usize,
    n: usize,
    ours: &'a mut dyn FnMut(),
    theirs: &'a mut dyn FnMut(),
) {
    let mut turns = [(ours, Duration::MAX), (theirs, Duration::MAX)];
    best(&mut turns);
    let gflops = |i: usize| 2.0 * (rows * k * n) as f64 / turns[i].1.as_secs_f64() / 1e9;
    println!(
        "{name:>4} {rows:>5} {k:>5} {n:>5} {:>12.0} ns {:>8.1} {:>8.1} {:>7.2}",
        turns[0].1.as_secs_f64() * 1e9,
        gflops(0),
        gflops(1),
        gflops(0) / gflops(1)
    );
}

fn run<T: Rival>() {
    println!("{:?}, {}", Isa::current(), T::DTYPE);
    println!("  op  rows     k     n        ours     GFLOP/s  matrixm.   ratio");
    let sizes = [
        (4, 2, 3),
        (1, 784, 128),
        (1, 1024, 1024),
        (8, 256, 48),
        (32, 64, 32),
        (32, 128, 10),
        (32, 784, 128),
        (64, 256, 256),
        (128, 784, 1024),
        (128, 1024, 1024),
        (512, 512, 512),
    ];
    let only: Vec<usize> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    for (rows, k, n) in sizes {
        if !only.is_empty() && !only.contains(&rows) {
            continue;
        }
        let x: &[T] = numbers(rows * k);
        let w: &[T] = numbers(k * n);
        let dy: &[T] = numbers(rows * n);
        let (y, dx, dw) = (numbers(rows * n), numbers(rows * k), numbers(k * n));
        let (y2, dx2, dw2) = (numbers(rows * n), numbers(rows * k), numbers(k * n));
        let wide = |x: usize| x as isize;
        report(
            "NN",
            rows,
            k,
            n,
            &mut || {
                ops::dense(rows, k, n, black_box(x), w, None, y, [Operand::Own], Identity);
            },
            &mut || {
                let (x, w) = ((black_box(x), wide(k), 1), (w, wide(n), 1));
                T::product(rows, k, n, x, w, T::ZERO, y2);
            },
        );
        report(
            "NT",
            rows,
            k,
            n,
            &mut || {
                ops::dense_grad_input(rows, k, n, black_box(dy), w, dx, [Operand::Own], Identity);
            },
            &mut || {
                let (dy, w) = ((black_box(dy), wide(n), 1), (w, 1, wide(n)));
                T::product(rows, n, k, dy, w, T::ZERO, dx2);
            },
        );
        report(
            "TN",
            rows,
            k,
            n,
            &mut || ops::dense_grad_weight(rows, k, n, black_box(x), dy, dw, true),
            &mut || {
                let (x, dy) = ((black_box(x), 1, wide(k)), (dy, wide(n), 1));
                T::product(k, rows, n, x, dy, T::ONE, dw2);
            },
        );
    }
}

fn main() {
    if std::env::args().any(|a| a == "f64") {
        run::<f64>();
    } else {
        run::<f32>();
    }
}
