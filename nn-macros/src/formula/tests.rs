use super::{Formula, Function, c, x};
use crate::testing::Random;

/// A random formula over two operands, finite on the operands' range.
fn random(r: &mut Random, depth: usize) -> Formula {
    if depth == 0 {
        return match r.below(4) {
            0 => c([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0][r.below(6)]),
            1 => x(1),
            _ => x(0),
        };
    }
    let mut f = || random(r, depth - 1);
    let (a, b) = (f(), f());
    match r.below(16) {
        0 | 1 => a + b,
        2 | 3 => a - b,
        4 | 5 => a * b,
        6 => a / (b.square() + 1.0),
        7 => -a,
        8 => a.tanh(),
        9 => a.sigmoid(),
        10 => (a.sin() * 0.5).exp(),
        11 => {
            let bounded = [
                a.clone().tanh(),
                a.clone().sigmoid(),
                -a.clone().sigmoid(),
                -a.abs(),
            ];
            (1.0 + bounded[r.below(4)].clone().exp()).ln()
        }
        12 => (a.square() + 0.5).sqrt(),
        13 => a.erf() - b.cos(),
        14 => a.tanh().exp_m1() * (b.square()).ln_1p(),
        _ => 1.0 / (1.0 + (-a).exp()),
    }
}

#[test]
fn simplify_keeps_the_value() {
    let mut r = Random::new(1);
    for _ in 0..3000 {
        let depth = 1 + r.below(4);
        let f = random(&mut r, depth);
        let g = f.simplify();
        assert_eq!(g.simplify(), g, "{f}: simplifying twice changed {g}");
        for _ in 0..4 {
            let at = [r.uniform(-2.0, 2.0), r.uniform(-2.0, 2.0)];
            let (was, is) = (f.eval(&at), g.eval(&at));
            assert!(
                (was - is).abs() <= 1e-9 * (1.0 + was.abs()),
                "{f} is {was}, {g} is {is} at {at:?}"
            );
        }
    }
}

#[test]
fn derivatives_are_central_differences() {
    let mut r = Random::new(2);
    for _ in 0..2000 {
        let depth = 1 + r.below(3);
        let f = random(&mut r, depth);
        let at = [r.uniform(-1.5, 1.5), r.uniform(-1.5, 1.5)];
        for input in 0..2 {
            let h = 1e-5;
            let (mut above, mut below) = (at, at);
            above[input] += h;
            below[input] -= h;
            let difference = (f.eval(&above) - f.eval(&below)) / (2.0 * h);
            let d = f.derivative(input);
            let derivative = d.eval(&at);
            assert!(
                (difference - derivative).abs() <= 1e-6 * (1.0 + difference.abs()),
                "d/dx{input} of {f} is {d} = {derivative} at {at:?}, central differences say {difference}"
            );
        }
    }
}

fn simplified(f: Formula) -> String {
    f.simplify().to_string()
}

#[test]
fn identities() {
    assert_eq!(simplified(x(0) * 1.0 + 0.0), "x0");
    assert_eq!(simplified(-(-x(0))), "x0");
    assert_eq!(simplified(x(0) - x(0)), "0");
    assert_eq!(simplified(2.0 * x(0) * 3.0), "6 * x0");
    assert_eq!(simplified(x(0) + x(0)), "2 * x0");
    assert_eq!(simplified(x(0) / 4.0), "0.25 * x0");
    assert_eq!(simplified(x(0) / 3.0), "x0 / 3");
    assert_eq!(simplified((x(0) + 1.0) + 2.0), "x0 + 3");
    assert_eq!(simplified(1.0 - (1.0 - x(0))), "x0");
    assert_eq!(
        simplified(x(0) * x(1).if_gt(0.0, 1.0, 0.0)),
        "if x1 > 0 { x0 } else { 0 }"
    );
    assert_eq!(simplified(c(2.0).exp().ln()), "2");
}

#[test]
fn forms_that_overflow_are_recognised() {
    let e = |f: Formula| f.exp();
    assert_eq!(simplified(1.0 / (1.0 + e(-x(0)))), "sigmoid(x0)");
    assert_eq!(simplified(e(x(0)) / (e(x(0)) + 1.0)), "sigmoid(x0)");
    assert_eq!(simplified(x(0) / (1.0 + e(-x(0)))), "x0 * sigmoid(x0)");
    assert_eq!(
        simplified((e(x(0)) - e(-x(0))) / (e(x(0)) + e(-x(0)))),
        "tanh(x0)"
    );
    assert_eq!(
        simplified((1.0 - e(-2.0 * x(0))) / (1.0 + e(-2.0 * x(0)))),
        "tanh(x0)"
    );
    assert_eq!(
        simplified((1.0 + e(x(0))).ln()),
        "max(0, x0) + ln_1p(exp(-abs(x0)))"
    );
    assert_eq!(simplified(e(x(0)) - 1.0), "exp_m1(x0)");
    assert_eq!(simplified((1.0 - x(0)).ln()), "ln_1p(-x0)");
}

#[test]
fn mish_does_not_overflow() {
    let mish = x(0) * (1.0 + x(0).exp()).ln().tanh();
    let derivative = mish.derivative(0);
    for at in [-1000.0, -1.0, 0.0, 1.0, 1000.0] {
        assert!(mish.simplify().eval(&[at]).is_finite(), "mish at {at}");
        assert!(derivative.eval(&[at]).is_finite(), "{derivative} at {at}");
    }
    assert_eq!(derivative.eval(&[1000.0]), 1.0);
    for shifted in [x(0) * 2.0, -x(0), -(x(0) * 2.0), x(0) - x(1)] {
        let derivative = shifted.softplus().derivative(0).to_string();
        assert!(
            derivative.contains("sigmoid") && !derivative.contains("ln_1p"),
            "{derivative}"
        );
    }
}

#[test]
fn kinks() {
    assert_eq!(x(0).max(0.0).derivative(0).eval(&[0.0]), 0.0);
    assert_eq!(c(0.0).max(x(0)).derivative(0).eval(&[0.0]), 0.0);
    assert_eq!(x(0).min(1.0).derivative(0).eval(&[1.0]), 0.0);
    assert_eq!(x(0).abs().derivative(0).eval(&[0.0]), 0.0);
    assert_eq!(x(0).abs().derivative(0).eval(&[-3.0]), -1.0);
    let two = x(0).max(x(1));
    assert_eq!(two.derivative(0).eval(&[1.0, 2.0]), 0.0);
    assert_eq!(two.derivative(1).eval(&[1.0, 2.0]), 1.0);
    assert_eq!(
        two.derivative(0).eval(&[1.0, 1.0]) + two.derivative(1).eval(&[1.0, 1.0]),
        1.0
    );
}

#[test]
fn the_error_function() {
    // Abramowitz and Stegun, table 7.1.
    for (at, value) in [
        (0.0, 0.0),
        (0.5, 0.520_499_877_8),
        (1.0, 0.842_700_792_9),
        (2.0, 0.995_322_265_0),
    ] {
        assert!((x(0).erf().eval(&[at]) - value).abs() < 1e-10);
        assert!((x(0).erf().eval(&[-at]) + value).abs() < 1e-10);
    }
    assert_eq!(x(0).erf().eval(&[7.0]), 1.0);
    assert!(x(0).erf().eval(&[f64::NAN]).is_nan());
}

#[test]
fn composition_and_keys() {
    let f = x(0) * x(1);
    assert_eq!(f.substitute(&[x(2) + 1.0, c(3.0)]).to_string(), "(x2 + 1) * 3");
    assert_eq!(f.renumber(&[1, 0]).to_string(), "x1 * x0");
    assert_eq!((x(3) + x(1)).inputs().into_iter().collect::<Vec<_>>(), [1, 3]);
    assert_eq!((x(0) - x(1)).key(), (x(0) - x(1)).key());
    assert_ne!((x(0) - x(1)).key(), (x(1) - x(0)).key());
    assert_ne!(c(0.0).key(), c(-0.0).key());
    assert_ne!((x(0) + x(1)).key(), x(0).max(x(1)).key());
}

#[test]
fn printing_keeps_the_tree() {
    assert_eq!((x(0) - (x(1) - 1.0)).to_string(), "x0 - (x1 - 1)");
    assert_eq!((x(0) / (x(1) * 2.0)).to_string(), "x0 / (x1 * 2)");
    assert_eq!((-(x(0) + 1.0) * x(1)).to_string(), "-(x0 + 1) * x1");
    assert_eq!(
        (x(0) * x(1).if_gt(0.0, 1.0, 0.0)).to_string(),
        "x0 * (if x1 > 0 { 1 } else { 0 })"
    );
}

fn expanded(f: &Formula) -> String {
    f.expand().to_string().replace(' ', "")
}

#[test]
fn expansion_computes_nothing_twice() {
    let gelu = 0.5 * x(0) * (1.0 + (x(0) * 0.5).erf());
    assert_eq!(
        expanded(&gelu.derivative(0)).matches("erf").count(),
        1,
        "{}",
        expanded(&gelu.derivative(0))
    );
    let swish = x(0) * x(0).sigmoid();
    assert_eq!(
        expanded(&swish.derivative(0)),
        "lett0=s.sigmoid(x0);s.mul_add(t0*(s.splat(1.0)-t0),x0,t0)"
    );
    assert_eq!(
        expanded(&(x(0) - (x(1) - 1.0)).exp()),
        "s.exp(x0-(x1-s.splat(1.0)))"
    );
    assert_eq!(expanded(&(-(x(0) / x(1)))), "-(x0/x1)");
    assert_eq!(
        expanded(&x(0).if_ge(-1.5, x(1), f64::INFINITY)),
        "s.where_ge(x0,s.splat(-1.5),x1,s.splat(f64::INFINITY))"
    );
}

#[test]
fn functions_have_their_names() {
    for name in ["exp", "ln", "tanh", "sin", "abs", "sqrt", "erf"] {
        let function = Function::find(name).expect("a function of the language");
        assert_eq!(function.call(vec![x(0)]).to_string(), format!("{name}(x0)"));
    }
    let max = Function::find("max").expect("a function of the language");
    assert_eq!(max.call(vec![x(0), c(0.0)]).to_string(), "max(x0, 0)");
    assert!(Function::find("gamma").is_none());
}
