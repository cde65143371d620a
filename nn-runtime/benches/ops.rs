//! Elementwise operations, reductions and losses: nanoseconds a call, and elements a nanosecond.
//!
//! `cargo bench -p nn-runtime --bench ops`; `NN_ISA` restricts the instruction set.

use nn_runtime::ops::{self, Operand, Reduce};
use nn_runtime::simd::{Formula, Identity, Simd};
use nn_runtime::{Isa, Scalar};
use std::hint::black_box;
use std::time::{Duration, Instant};

#[derive(Clone, Copy)]
enum Function {
    Relu,
    Tanh,
    Gelu,
}

#[derive(Clone, Copy)]
struct Activation<const F: usize>;

const FUNCTIONS: [Function; 3] = [Function::Relu, Function::Tanh, Function::Gelu];

impl<const F: usize> Formula<1> for Activation<F> {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, [x]: [S::V; 1]) -> S::V {
        match FUNCTIONS[F] {
            Function::Relu => s.max(x, s.splat(0.0)),
            Function::Tanh => s.tanh(x),
            Function::Gelu => {
                let half = s.splat(0.5);
                half * x * (s.splat(1.0) + s.erf(x * s.splat(std::f64::consts::FRAC_1_SQRT_2)))
            }
        }
    }
}

/// `x · y`
#[derive(Clone, Copy)]
struct Product;

impl Formula<2> for Product {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, _: S, [x, y]: [S::V; 2]) -> S::V {
        x * y
    }
}

/// The best of many short turns.
fn time(name: &str, elems: usize, mut f: impl FnMut()) {
    let mut best = Duration::MAX;
    for _ in 0..200 {
        let calls = (200_000 / elems.max(50)) as u32;
        let start = Instant::now();
        for _ in 0..calls {
            f();
        }
        best = best.min(start.elapsed() / calls);
    }
    let ns = best.as_secs_f64() * 1e9;
    println!("{name:>32} {ns:>10.0} ns {:>8.2} / ns", elems as f64 / ns);
}

fn run<T: Scalar>() {
    println!("{:?}, {}", Isa::current(), T::DTYPE);
    for (rows, width) in [(4, 3), (32, 10), (32, 128), (128, 1024)] {
        let elems = rows * width;
        let numbers = |n: usize| {
            (0..n)
                .map(|i| T::from_f64((i * 7919 % 1000) as f64 / 250.0 - 2.0))
                .collect::<Vec<T>>()
        };
        let (x, row, column) = (numbers(elems), numbers(rows), numbers(width));
        let labels: Vec<u32> = (0..rows as u32).map(|r| r % width as u32).collect();
        let (mut y, mut per_row, mut per_column) = (numbers(elems), numbers(rows), numbers(width));
        let full = || Operand::Full(black_box(&x[..]));
        println!("{rows} x {width}");
        time("relu", elems, || {
            ops::map(rows, width, &mut y, [full()], Activation::<0>)
        });
        time("tanh", elems, || {
            ops::map(rows, width, &mut y, [full()], Activation::<1>)
        });
        time("gelu", elems, || {
            ops::map(rows, width, &mut y, [full()], Activation::<2>)
        });
        time("times a column", elems, || {
            ops::map(rows, width, &mut y, [full(), Operand::Col(&column)], Product);
        });
        time("times a row", elems, || {
            ops::map(rows, width, &mut y, [full(), Operand::Row(&row)], Product);
        });
        time("times a one-hot", elems, || {
            ops::map(rows, width, &mut y, [full(), Operand::OneHot(&labels)], Product);
        });
        time("row sums", elems, || {
            ops::row_reduce(rows, width, &mut per_row, Reduce::Sum, [full()], Identity);
        });
        time("column sums", elems, || {
            ops::col_reduce(rows, width, &mut per_column, true, [full()], Identity);
        });
        time("softmax", elems, || {
            ops::softmax(rows, width, full(), &mut y, false)
        });
        time("softmax and cross-entropy", elems, || {
            let (zero, one) = (T::ZERO, T::ONE);
            let (loss, dx) = (&mut per_row, Some(&mut y[..]));
            ops::softmax_cross_entropy(rows, width, full(), &labels, zero, &[], one, loss, dx, one);
        });
        time("dropout", elems, || ops::dropout(&mut y, full(), 0.5, 1, 0));
    }
}

fn main() {
    if std::env::args().any(|a| a == "f64") {
        run::<f64>();
    } else {
        run::<f32>();
    }
}
