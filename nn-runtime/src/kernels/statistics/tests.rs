//! Against loops in double precision; the same bits on every instruction set and any number of threads.

use crate::isa::forced::on_every_isa;
use crate::kernels::blocks::tests::on_pools;
use crate::ops::Operand;
use crate::simd::{Formula, Simd};
use crate::{Scalar, wide};

/// `x · y`
#[derive(Clone, Copy)]
struct Times;

impl Formula<3> for Times {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, _: S, [x, y, _]: [S::V; 3]) -> S::V {
        x * y
    }
}

/// `x - z`
#[derive(Clone, Copy)]
struct Less;

impl Formula<3> for Less {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, _: S, [x, _, z]: [S::V; 3]) -> S::V {
        x - z
    }
}

/// Around `centre`, at most 1 from it.
fn numbers<T: Scalar>(count: usize, seed: usize, centre: f64) -> Vec<T> {
    (0..count)
        .map(|i| T::from_f64(((i * 7919 + seed * 31) % 1009) as f64 / 504.0 - 1.0 + centre))
        .collect()
}

/// Rows that make one piece and several, widths around every edge.
const SIZES: [(usize, usize); 12] = [
    (1, 1),
    (1, 70),
    (3, 8),
    (17, 8),
    (5, 40),
    (33, 10),
    (64, 64),
    (29, 65),
    (1000, 100),
    (20_001, 8),
    (70_000, 3),
    (4000, 64),
];

fn close(found: f64, expected: f64, scale: f64, digits: f64) -> bool {
    (found - expected).abs() <= digits * scale
}

fn pairs_of<T: Scalar>(digits: f64) {
    for (rows, width) in SIZES {
        let (x, y) = (
            numbers::<T>(rows * width, 1, 0.0),
            numbers::<T>(rows * width, 2, 0.5),
        );
        let z = numbers::<T>(width, 3, 0.0);
        let (mut a, mut b) = (vec![T::ONE; width], vec![T::ONE; width]);
        let operands = [Operand::Full(&x[..]), Operand::Full(&y), Operand::Col(&z)];
        wide::col_reduce_pair(
            rows,
            width,
            [&mut a, &mut b],
            T::from_f64(0.5),
            operands,
            Times,
            Less,
        );
        for c in 0..width {
            let column = || (0..rows).map(|r| (x[r * width + c].to_f64(), y[r * width + c].to_f64()));
            let times: f64 = column().map(|(x, y)| x * y).sum::<f64>() / 2.0;
            let less: f64 = column().map(|(x, _)| x - z[c].to_f64()).sum::<f64>() / 2.0;
            let scale = rows as f64;
            assert!(
                close(a[c].to_f64(), times, scale, digits) && close(b[c].to_f64(), less, scale, digits),
                "{rows} x {width}, column {c}: {} and {}, not {times} and {less}",
                a[c],
                b[c]
            );
        }
    }
}

#[test]
fn pairs_of_sums() {
    on_every_isa(|_| {
        pairs_of::<f32>(1e-6);
        pairs_of::<f64>(1e-14);
    });
}

fn moments_of<T: Scalar>(digits: f64) {
    // A mean that is large beside the deviation costs no digits of the variance but those that `x` itself has lost.
    for (rows, width) in SIZES {
        for centre in [0.0, 16.0, -1000.0] {
            let mut x = numbers::<T>(rows * width, 1, centre);
            // The first row lies far off.
            x[..width].fill(T::from_f64(centre + 3.0));
            let (mut mean, mut var) = (vec![T::ZERO; width], vec![T::ZERO; width]);
            wide::moments(rows, width, &x, &mut mean, &mut var);
            for c in 0..width {
                let column = || (0..rows).map(|r| x[r * width + c].to_f64());
                let m = column().sum::<f64>() / rows as f64;
                let v = column().map(|x| (x - m) * (x - m)).sum::<f64>() / rows as f64;
                assert!(
                    close(mean[c].to_f64(), m, 1.0 + centre.abs(), digits)
                        && close(var[c].to_f64(), v, 2.0, digits),
                    "{rows} x {width} around {centre}, column {c}: {} and {}, not {m} and {v}",
                    mean[c],
                    var[c]
                );
            }
        }
    }
}

#[test]
fn means_and_variances() {
    on_every_isa(|_| {
        moments_of::<f32>(2e-6);
        moments_of::<f64>(1e-14);
    });
}

#[test]
fn a_constant_has_no_variance() {
    on_every_isa(|_| {
        let (mut mean, mut var) = ([0.0f32; 3], [1.0; 3]);
        wide::moments(4000, 3, &[0.1; 12_000], &mut mean, &mut var);
        assert!(mean.iter().all(|m| (m - 0.1).abs() < 1e-7), "{mean:?}");
        assert!(var.iter().all(|v| (0.0..1e-12).contains(v)), "{var:?}");
    });
}

#[test]
fn the_same_bits_on_every_isa_and_any_number_of_threads() {
    for (rows, width) in SIZES {
        let (x, y, z) = (
            numbers::<f32>(rows * width, 1, 0.3),
            numbers::<f32>(rows * width, 2, 0.0),
            numbers::<f32>(width, 3, 0.0),
        );
        let run = || {
            let mut all = vec![vec![0.0f32; width]; 4];
            let [a, b, mean, var] = &mut all[..] else {
                unreachable!("four of them");
            };
            let operands = [Operand::Full(&x[..]), Operand::Full(&y), Operand::Col(&z)];
            wide::col_reduce_pair(rows, width, [a, b], 1.0, operands, Less, Less);
            wide::moments(rows, width, &x, mean, var);
            all
        };
        let mut first = None;
        on_every_isa(|isa| {
            let found = run();
            assert!(
                *first.get_or_insert_with(|| found.clone()) == found,
                "{isa:?}, {rows} x {width}"
            );
        });
        let first = run();
        on_pools(|| assert!(run() == first, "{rows} x {width}"));
    }
}
