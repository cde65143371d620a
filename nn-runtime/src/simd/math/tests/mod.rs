//! Errors in ulp: `f32` over a sweep of all bit patterns against double precision, `f64` over random arguments of every
//! magnitude and of the interesting ones against double-double.

mod double_double;

use crate::Scalar;
use crate::isa::Isa;
use crate::isa::forced::on_every_isa;
use crate::ops::{Operand, map};
use crate::simd::{Formula, Simd};
use double_double::Dd;
use std::f64::consts::{FRAC_PI_2, PI};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    Exp,
    ExpM1,
    Ln,
    Ln1p,
    Tanh,
    Sigmoid,
    Erf,
    Sin,
    Cos,
}
use Function::{Cos, Erf, Exp, ExpM1, Ln, Ln1p, Sigmoid, Sin, Tanh};

const ALL: [Function; 9] = [Exp, ExpM1, Ln, Ln1p, Tanh, Sigmoid, Erf, Sin, Cos];

impl Formula<1> for Function {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, [x]: [S::V; 1]) -> S::V {
        match self {
            Exp => s.exp(x),
            ExpM1 => s.exp_m1(x),
            Ln => s.ln(x),
            Ln1p => s.ln_1p(x),
            Tanh => s.tanh(x),
            Sigmoid => s.sigmoid(x),
            Erf => s.erf(x),
            Sin => s.sin(x),
            Cos => s.cos(x),
        }
    }
}

impl Function {
    fn vectorised<T: Scalar>(self, x: &[T]) -> Vec<T> {
        let mut y = vec![T::ZERO; x.len()];
        map(1, x.len(), &mut y, [Operand::Full(x)], self);
        y
    }

    fn reference(self, x: f64) -> Dd {
        match self {
            Exp => double_double::exp(x.into()),
            ExpM1 => double_double::exp_m1(x.into()),
            Ln => double_double::ln(x),
            Ln1p => double_double::ln_1p(x),
            Tanh => double_double::tanh(x),
            Sigmoid => double_double::sigmoid(x),
            Erf => double_double::erf(x),
            Sin => double_double::sin_cos(x).0,
            Cos => double_double::sin_cos(x).1,
        }
    }

    /// In double precision, good enough to judge `f32`.
    fn double(self, x: f64) -> f64 {
        match self {
            Exp => x.exp(),
            ExpM1 => x.exp_m1(),
            Ln => x.ln(),
            Ln1p => x.ln_1p(),
            Tanh => x.tanh(),
            Sigmoid if x < 0.0 => x.exp() / (1.0 + x.exp()),
            Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Erf => double_double::erf(x).0,
            Sin => x.sin(),
            Cos => x.cos(),
        }
    }

    /// The documented bound.
    fn ulp(self) -> f64 {
        match self {
            Exp | Ln => 1.0,
            ExpM1 | Ln1p | Sin | Cos => 1.5,
            Erf => 2.0,
            Tanh | Sigmoid => 2.5,
        }
    }

    /// Arguments where `f64` has something to get wrong.
    fn interesting(self) -> (f64, f64) {
        match self {
            Exp => (-700.0, 709.0),
            ExpM1 => (-40.0, 100.0),
            Ln => (0.0, 3.0),
            Ln1p => (-1.0, 3.0),
            Tanh => (-20.0, 20.0),
            Sigmoid => (-700.0, 40.0),
            Erf => (-6.0, 6.0),
            Sin | Cos => (-1000.0, 1000.0),
        }
    }
}

/// Distance in units of `f32`'s last place at `expected`.
fn ulps_f32(found: f32, expected: f64) -> f64 {
    if found.is_nan() || expected.is_nan() {
        return if found.is_nan() && expected.is_nan() {
            0.0
        } else {
            f64::INFINITY
        };
    }
    if f64::from(found) == expected || found == expected as f32 {
        return 0.0;
    }
    if found.is_infinite() {
        // The rounding to infinity that `as f32` would not do is an error of one unit at most just below it.
        return if expected.abs() > f64::from(f32::MAX) {
            0.0
        } else {
            f64::INFINITY
        };
    }
    let exponent = expected.abs().log2().floor().clamp(-126.0, 127.0);
    (f64::from(found) - expected).abs() / 2f64.powf(exponent - 23.0)
}

/// Distance in units of `f64`'s last place at `expected`.
fn ulps_f64(found: f64, expected: Dd) -> f64 {
    if found.is_nan() || expected.0.is_nan() {
        return if found.is_nan() && expected.0.is_nan() {
            0.0
        } else {
            f64::INFINITY
        };
    }
    if found == expected.0 {
        return expected.1.abs() / unit_f64(expected.0);
    }
    if found.is_infinite() || expected.0.is_infinite() {
        return f64::INFINITY;
    }
    ((found - expected.0) - expected.1).abs() / unit_f64(expected.0)
}

fn unit_f64(x: f64) -> f64 {
    let field = (x.to_bits() >> 52 & 0x7ff).max(1);
    if field > 52 {
        f64::from_bits((field - 52) << 52)
    } else {
        f64::from_bits(1 << (field - 1))
    }
}

#[test]
fn f32_over_all_exponents() {
    // A prime stride through all bit patterns, both signs, subnormals, infinities and NaN among them.
    let x: Vec<f32> = (0..u32::MAX / 4_099).map(|i| f32::from_bits(i * 4_099)).collect();
    for function in ALL {
        let expected: Vec<f64> = x.iter().map(|&x| function.double(f64::from(x))).collect();
        on_every_isa(|isa| {
            let found = function.vectorised(&x);
            let mut worst = (0.0, 0.0, 0.0);
            for ((&x, &found), &expected) in x.iter().zip(&found).zip(&expected) {
                let error = ulps_f32(found, expected);
                if error > worst.0 {
                    worst = (error, x, found);
                }
            }
            println!("f32 {function:?} {isa:?}: {:.3} ulp at {:e}", worst.0, worst.1);
            assert!(
                worst.0 <= function.ulp(),
                "{function:?} on {isa:?}: {worst:?} (ulp, x, found)"
            );
        });
    }
}

#[test]
fn f64_against_double_double() {
    let mut state = 7u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    for function in ALL {
        let (low, high) = function.interesting();
        let mut x: Vec<f64> = (0..20_000).map(|_| low + (high - low) * random()).collect();
        // And of every magnitude within them.
        x.extend((0..20_000).map(|_| {
            let sign = if low < 0.0 && random() < 0.5 { low } else { high };
            sign * 2f64.powf(-1000.0 * random() * random())
        }));
        let expected: Vec<Dd> = x.iter().map(|&x| function.reference(x)).collect();
        on_every_isa(|isa| {
            let found = function.vectorised(&x);
            let mut worst = (0.0, 0.0, 0.0);
            for ((&x, &found), &expected) in x.iter().zip(&found).zip(&expected) {
                let error = ulps_f64(found, expected);
                if error > worst.0 {
                    worst = (error, x, found);
                }
            }
            println!("f64 {function:?} {isa:?}: {:.3} ulp at {:e}", worst.0, worst.1);
            assert!(
                worst.0 <= function.ulp(),
                "{function:?} on {isa:?}: {worst:?} (ulp, x, found)"
            );
        });
    }
}

#[test]
fn special_values() {
    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;
    // x and the value; the sign of zero counts.
    let table: [(Function, &[(f64, f64)]); 9] = [
        (
            Exp,
            &[
                (0.0, 1.0),
                (-0.0, 1.0),
                (INF, INF),
                (-INF, 0.0),
                (1e4, INF),
                (-1e4, 0.0),
            ],
        ),
        (
            ExpM1,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (INF, INF),
                (-INF, -1.0),
                (1e4, INF),
                (-1e4, -1.0),
            ],
        ),
        (
            Ln,
            &[
                (1.0, 0.0),
                (0.0, -INF),
                (-0.0, -INF),
                (-1.0, NAN),
                (INF, INF),
                (-INF, NAN),
            ],
        ),
        (
            Ln1p,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (-1.0, -INF),
                (-2.0, NAN),
                (INF, INF),
                (-INF, NAN),
            ],
        ),
        (Tanh, &[(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0)]),
        (
            Sigmoid,
            &[(0.0, 0.5), (INF, 1.0), (-INF, 0.0), (1e4, 1.0), (-1e4, 0.0)],
        ),
        (
            Erf,
            &[(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (10.0, 1.0)],
        ),
        (Sin, &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN)]),
        (Cos, &[(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN)]),
    ];
    on_every_isa(|isa| {
        for (function, cases) in table {
            for &(x, expected) in cases.iter().chain(&[(NAN, NAN)]) {
                let double = function.vectorised(&[x])[0];
                let single = f64::from(function.vectorised(&[x as f32])[0]);
                for found in [double, single] {
                    let same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
                    assert!(same, "{function:?}({x}) on {isa:?}: {found}, expected {expected}");
                }
            }
        }
    });
}

#[test]
fn least_and_greatest_numbers() {
    on_every_isa(|isa| {
        let tiny = f64::from_bits(3);
        for function in [ExpM1, Ln1p, Tanh, Sin] {
            assert_eq!(function.vectorised(&[tiny])[0], tiny, "{function:?} on {isa:?}");
            assert_eq!(
                function.vectorised(&[f32::from_bits(3)])[0],
                f32::from_bits(3),
                "{function:?}"
            );
        }
        // The last argument before overflow, and a result among the subnormals.
        assert_eq!(
            Exp.vectorised(&[709.782_712_893_384])[0],
            1.797_693_134_862_273_2e308
        );
        assert_eq!(Exp.vectorised(&[709.782_712_893_385])[0], f64::INFINITY);
        assert_eq!(Exp.vectorised(&[-745.0])[0], 5e-324);
        assert_eq!(Exp.vectorised(&[-745.2])[0], 0.0);
        for (x, expected) in [
            (f64::from_bits(1), -744.440_071_921_381_3),
            (f64::MAX, 709.782_712_893_384),
        ] {
            assert!(
                ulps_f64(Ln.vectorised(&[x])[0], Dd(expected, 0.0)) <= 1.0,
                "ln {x:e}"
            );
        }
    });
}

#[test]
fn sine_of_large_arguments_and_beside_multiples_of_half_a_turn() {
    // From 1400-bit arithmetic.
    let table: &[(f64, f64, f64)] = &[
        (1000000.0, -0.34999350217129294, 0.9367521275331447),
        (1000000.5, 0.141954699000744, 0.9898731552232378),
        (123456789.0, 0.9901147518020355, 0.14025968153390964),
        (1000000000000000.0, 0.8582727931702359, -0.5131937377869703),
        (1e+22, -0.8522008497671888, 0.523214785395139),
        (1.1805916207174113e+21, -0.9981794021933068, 0.060314849224819785),
        (1e+100, -0.3806377310050287, 0.9247242387519338),
        (1.7976931348623157e+308, 0.004961954789184062, -0.9999876894265599),
        (5.319372648326541e+255, 1.0, -4.687165924254628e-19),
        (5e+300, 0.9970972810634189, -0.07613811198038367),
        (FRAC_PI_2, 1.0, 6.123233995736766e-17),
        (PI, 1.2246467991473532e-16, -1.0),
        (4.71238898038469, -1.0, -1.8369701987210297e-16),
        (69.11503837897546, 4.411204399476825e-15, 1.0),
        (3141.5926535897934, 1.3333070495890074e-13, 1.0),
        (355.0, -3.014435335948845e-05, -0.999999999545659),
        (6000.5, 0.05799907705898297, 0.9983166366741096),
        (-1e+30, -0.009331468931175825, -0.9999564608959665),
        (-PI, -1.2246467991473532e-16, -1.0),
    ];
    on_every_isa(|isa| {
        for &(x, sine, cosine) in table {
            for (function, expected) in [(Sin, sine), (Cos, cosine)] {
                let found = function.vectorised(&[x])[0];
                let error = ulps_f64(found, expected.into());
                assert!(
                    error <= 1.5,
                    "{function:?}({x:e}) on {isa:?}: {found:e}, expected {expected:e}"
                );
            }
        }
    });
}

#[test]
fn lesser_and_greater_pass_nan_on() {
    #[derive(Clone, Copy)]
    struct MinMax(bool);
    impl Formula<2> for MinMax {
        #[inline(always)]
        fn eval<T: Scalar, S: Simd<T>>(self, s: S, [a, b]: [S::V; 2]) -> S::V {
            if self.0 { s.max(a, b) } else { s.min(a, b) }
        }
    }
    let a = [1.0, f64::NAN, 2.0, -0.0, f64::INFINITY, -3.0];
    let b = [2.0, 1.0, f64::NAN, 0.0, 1.0, -5.0];
    on_every_isa(|isa| {
        for (max, expected) in [
            (true, [2.0, f64::NAN, f64::NAN, 0.0, f64::INFINITY, -3.0]),
            (false, [1.0, f64::NAN, f64::NAN, 0.0, 1.0, -5.0]),
        ] {
            let mut y = [0.0; 6];
            map(1, 6, &mut y, [Operand::Full(&a), Operand::Full(&b)], MinMax(max));
            for (found, expected) in y.iter().zip(expected) {
                let same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
                assert!(same, "{isa:?}: {y:?}");
            }
        }
    });
}

#[test]
fn vector_instruction_sets_agree_bit_by_bit() {
    let x: Vec<f32> = (0..u32::MAX / 100_003)
        .map(|i| f32::from_bits(i * 100_003))
        .collect();
    let wide: Vec<f64> = x.iter().map(|&x| f64::from(x) * 1.000_000_1).collect();
    for function in ALL {
        let mut first: Option<(Vec<u32>, Vec<u64>)> = None;
        on_every_isa(|isa| {
            // Without a fused multiply-add the scalar code rounds more often.
            if isa == Isa::Scalar {
                return;
            }
            let canonical = |bits: u64, nan: bool| if nan { 0 } else { bits };
            let single = function.vectorised(&x);
            let single = single
                .iter()
                .map(|y| canonical(y.to_bits().into(), y.is_nan()) as u32)
                .collect();
            let double = function.vectorised(&wide);
            let double = double
                .iter()
                .map(|y| canonical(y.to_bits(), y.is_nan()))
                .collect();
            let found = (single, double);
            match &first {
                Some(first) => assert!(*first == found, "{function:?} differs on {isa:?}"),
                None => first = Some(found),
            }
        });
    }
}
