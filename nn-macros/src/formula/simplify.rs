//! Simplification: constant folding, identities, and the forms that do not overflow.
//!
//! Before: any formula. After: one with the same value for every input at which the original and all its
//! intermediate results are finite, up to rounding. Elsewhere the result may be finite where the original was
//! not, and that is wanted: `0 · u` and `u - u` become 0 whatever `u` is, `ln(1 + e^u)` and `e^u / (1 + e^u)`
//! become forms that do not overflow. A formula that is finite is never made infinite or NaN, and the sign of
//! a zero is not kept.

use super::{Binary, Formula, Unary, c};
use Binary::{Add, Div, Max, Min, Mul, Sub};
use Formula::{Const, Select};
use Unary::{Abs, Cos, Erf, Exp, ExpM1, Ln, Ln1p, Neg, Sigmoid, Sin, Sqrt, Tanh};

/// Above this size `ln(1 + e^u)` stays as it is: the safe form holds `u` twice, and nested ones would grow the
/// tree without bound.
const SOFTPLUS_SIZE: usize = 100;

/// Steps after which simplification stops: far more than a formula that a person writes takes, and a bound on what a
/// hostile one costs.
const STEPS: usize = 100_000;

impl Formula {
    /// An equal formula that costs less; see the module's words on what "equal" means.
    pub fn simplify(&self) -> Formula {
        self.simplify_within(&mut { STEPS })
    }

    fn simplify_within(&self, steps: &mut usize) -> Formula {
        let mut f = self.map_children(&mut |child| child.simplify_within(steps));
        while *steps > 0
            && let Some(better) = rewrite(&f)
        {
            *steps -= 1;
            f = better.map_children(&mut |child| child.simplify_within(steps));
        }
        f
    }
}

/// One step at the root, whose children are already simple. Every rule removes operations or moves a constant
/// or a sign towards the root, so that repeating them ends.
fn rewrite(f: &Formula) -> Option<Formula> {
    match f {
        Formula::Input(_) | Const(_) => None,
        Formula::Unary(op, u) => rewrite_unary(*op, u),
        Formula::Binary(op, a, b) => match (&**a, &**b) {
            (Const(v), Const(w)) => Some(c(op.eval(*v, *w))),
            _ => match op {
                Add => rewrite_add(a, b),
                Sub => rewrite_sub(a, b),
                Mul => rewrite_mul(a, b),
                Div => rewrite_div(a, b),
                Min | Max => (a == b).then(|| (**a).clone()),
            },
        },
        Select {
            cmp,
            a,
            b,
            then,
            otherwise,
        } => match (&**a, &**b) {
            (Const(v), Const(w)) => Some(if cmp.eval(*v, *w) { then } else { otherwise }.as_ref().clone()),
            _ => (then == otherwise).then(|| (**then).clone()),
        },
    }
}

fn rewrite_unary(op: Unary, u: &Formula) -> Option<Formula> {
    if let Const(v) = u {
        return Some(c(op.eval(*v)));
    }
    match (op, u) {
        (Neg, Formula::Unary(Neg, v)) => Some((**v).clone()),
        (Neg, Formula::Binary(Sub, a, b)) => Some((**b).clone() - (**a).clone()),
        (Neg, Formula::Binary(op @ (Mul | Div), a, b)) => {
            let k = constant(a)?;
            Some(Formula::Binary(*op, Box::new(c(-k)), b.clone()))
        }
        (Abs | Cos, Formula::Unary(Neg, v)) => Some((**v).clone().unary(op)),
        (Abs, _) if is_non_negative(u) => Some(u.clone()),
        (Tanh | Erf | Sin, Formula::Unary(Neg, v)) => Some(-(**v).clone().unary(op)),
        (Sqrt, Formula::Binary(Mul, a, b)) if a == b => Some((**a).clone().abs()),
        (Ln, Formula::Unary(Exp, v)) => Some((**v).clone()),
        (Ln, _) => one_plus(u).map(Formula::ln_1p),
        (Ln1p, Formula::Unary(Exp, v)) if !is_non_positive(v) && v.size() <= SOFTPLUS_SIZE => {
            Some((**v).clone().softplus())
        }
        _ => None,
    }
}

fn rewrite_add(a: &Formula, b: &Formula) -> Option<Formula> {
    match (a, b) {
        (Const(0.0), u) | (u, Const(0.0)) => return Some(u.clone()),
        (Formula::Unary(ExpM1, u), Const(1.0)) | (Const(1.0), Formula::Unary(ExpM1, u)) => {
            return Some((**u).clone().exp());
        }
        (u, Const(k)) if *k < 0.0 => return Some(u.clone() - -k),
        (u, Formula::Unary(Neg, v)) | (Formula::Unary(Neg, v), u) => return Some(u.clone() - (**v).clone()),
        _ => {}
    }
    let add = |k: f64, u: &Formula| shifted(u).map(|(v, positive, m)| shift(v, positive, m + k));
    if let Some(sum) = constant(a).and_then(|k| add(k, b)) {
        return Some(sum);
    }
    if let Some(sum) = constant(b).and_then(|k| add(k, a)) {
        return Some(sum);
    }
    let ((j, u), (k, v)) = (scaled(a), scaled(b));
    if u == v {
        return Some((j + k) * u.clone());
    }
    if k < 0.0 {
        return Some(a.clone() - -k * v.clone());
    }
    None
}

fn rewrite_sub(a: &Formula, b: &Formula) -> Option<Formula> {
    match (a, b) {
        (u, Const(0.0)) => return Some(u.clone()),
        (Const(0.0), u) => return Some(-u.clone()),
        (Formula::Unary(Exp, u), Const(1.0)) => return Some((**u).clone().exp_m1()),
        (Const(1.0), Formula::Unary(Exp, u)) => return Some(-(**u).clone().exp_m1()),
        (u, Const(k)) if *k < 0.0 => return Some(u.clone() + -k),
        (u, Formula::Unary(Neg, v)) => return Some(u.clone() + (**v).clone()),
        (Formula::Unary(Neg, u), v) => return Some(-((**u).clone() + v.clone())),
        _ => {}
    }
    if let Some(k) = constant(a)
        && let Some((v, positive, m)) = shifted(b)
    {
        return Some(shift(v, !positive, k - m));
    }
    if let Some(k) = constant(b)
        && let Some((v, positive, m)) = shifted(a)
    {
        return Some(shift(v, positive, m - k));
    }
    let ((j, u), (k, v)) = (scaled(a), scaled(b));
    if u == v {
        return Some((j - k) * u.clone());
    }
    if k < 0.0 {
        return Some(a.clone() + -k * v.clone());
    }
    None
}

fn rewrite_mul(a: &Formula, b: &Formula) -> Option<Formula> {
    match (a, b) {
        (Const(0.0), _) | (_, Const(0.0)) => Some(c(0.0)),
        (Const(1.0), u) | (u, Const(1.0)) => Some(u.clone()),
        (Const(-1.0), u) | (u, Const(-1.0)) => Some(-u.clone()),
        // A constant goes to the front, a sign to the root.
        (u, Const(k)) => Some(*k * u.clone()),
        (Formula::Unary(Neg, u), v) => Some(-((**u).clone() * v.clone())),
        (u, Formula::Unary(Neg, v)) => Some(-(u.clone() * (**v).clone())),
        (Const(k), Formula::Binary(op @ (Mul | Div), u, v)) if constant(u).is_some() => {
            let m = constant(u)?;
            Some(Formula::Binary(*op, Box::new(c(k * m)), v.clone()))
        }
        (Formula::Binary(Mul, k, u), v) if constant(k).is_some() => {
            Some((**k).clone() * ((**u).clone() * v.clone()))
        }
        (u, Formula::Binary(Mul, k, v)) if constant(a).is_none() && constant(k).is_some() => {
            Some((**k).clone() * (u.clone() * (**v).clone()))
        }
        (u, Formula::Binary(Div, one, v)) | (Formula::Binary(Div, one, v), u)
            if constant(one) == Some(1.0) =>
        {
            Some(u.clone() / (**v).clone())
        }
        // `u` masked: nothing is multiplied, and an infinite `u` stays out.
        (mask @ Select { .. }, u) | (u, mask @ Select { .. }) => masked(mask, u),
        _ => None,
    }
}

fn rewrite_div(a: &Formula, b: &Formula) -> Option<Formula> {
    match (a, b) {
        (Const(0.0), _) => return Some(c(0.0)),
        (u, Const(1.0)) => return Some(u.clone()),
        (u, Const(k)) if is_power_of_two(*k) => return Some(1.0 / *k * u.clone()),
        (Formula::Unary(Neg, u), v) => return Some(-((**u).clone() / v.clone())),
        (u, Formula::Unary(Neg, v)) => return Some(-(u.clone() / (**v).clone())),
        // (e^v - e^-v) / (e^v + e^-v)
        (Formula::Binary(Sub, p, q), Formula::Binary(Add, r, s))
            if (p == r && q == s || p == s && q == r)
                && let (Formula::Unary(Exp, v), Formula::Unary(Exp, w)) = (&**p, &**q)
                && **w == (-(**v).clone()).simplify() =>
        {
            return Some((**v).clone().tanh());
        }
        _ => {}
    }
    // Quotients by 1 + e^v, none of which may overflow.
    let Formula::Unary(Exp, v) = one_plus(b)? else {
        return None;
    };
    let v = *v;
    Some(match a {
        Formula::Unary(Exp, w) if **w == v => v.sigmoid(),
        Formula::Unary(ExpM1, w) if **w == v => (0.5 * v).tanh(),
        _ => a.clone() * (-v).sigmoid(),
    })
}

/// `if … { t } else { o } * u` for constants of which one is 0.
fn masked(mask: &Formula, u: &Formula) -> Option<Formula> {
    let Select {
        cmp,
        a,
        b,
        then,
        otherwise,
    } = mask
    else {
        return None;
    };
    let (t, o) = (constant(then)?, constant(otherwise)?);
    (t == 0.0 || o == 0.0)
        .then(|| Formula::select(*cmp, (**a).clone(), (**b).clone(), t * u.clone(), o * u.clone()))
}

/// Known by its form never to be below 0.
fn is_non_negative(f: &Formula) -> bool {
    matches!(f, Formula::Unary(Abs | Exp | Sqrt | Sigmoid, _))
}

/// Known by its form never to be above 0: its exponential cannot overflow.
fn is_non_positive(f: &Formula) -> bool {
    matches!(f, Formula::Unary(Neg, u) if is_non_negative(u))
}

fn constant(f: &Formula) -> Option<f64> {
    match f {
        Const(v) => Some(*v),
        _ => None,
    }
}

/// `u` of `1 + u`.
fn one_plus(f: &Formula) -> Option<Formula> {
    match f {
        Formula::Binary(Add, a, b) if constant(a) == Some(1.0) => Some((**b).clone()),
        Formula::Binary(Add, a, b) if constant(b) == Some(1.0) => Some((**a).clone()),
        Formula::Binary(Sub, a, b) if constant(a) == Some(1.0) => Some(-(**b).clone()),
        _ => None,
    }
}

/// `(u, true, m)` of `u + m`, `(u, false, m)` of `m - u`, for a constant `m`.
fn shifted(f: &Formula) -> Option<(Formula, bool, f64)> {
    match f {
        Formula::Binary(Add, a, b) => match (&**a, &**b) {
            (u, Const(m)) | (Const(m), u) => Some((u.clone(), true, *m)),
            _ => None,
        },
        Formula::Binary(Sub, a, b) => match (&**a, &**b) {
            (u, Const(m)) => Some((u.clone(), true, -m)),
            (Const(m), u) => Some((u.clone(), false, *m)),
            _ => None,
        },
        _ => None,
    }
}

fn shift(u: Formula, positive: bool, m: f64) -> Formula {
    if positive { u + m } else { m - u }
}

/// `(k, u)` of `k · u`.
fn scaled(f: &Formula) -> (f64, &Formula) {
    match f {
        Formula::Binary(Mul, k, u) => match &**k {
            Const(k) => (*k, u),
            _ => (1.0, f),
        },
        Formula::Unary(Neg, u) => (-1.0, u),
        _ => (1.0, f),
    }
}

/// Whether dividing by it is, to the last bit, multiplying by its inverse.
fn is_power_of_two(k: f64) -> bool {
    k.is_normal() && k.to_bits().trailing_zeros() >= 52 && (1.0 / k).is_normal()
}

/// `u` of `ln(1 + e^u)`, in any of the forms in which it is met.
pub(super) fn softplus_argument(f: &Formula) -> Option<&Formula> {
    match f {
        Formula::Unary(Ln, sum) => match &**sum {
            Formula::Binary(Add, a, b) => match (&**a, &**b) {
                (Const(1.0), Formula::Unary(Exp, u)) | (Formula::Unary(Exp, u), Const(1.0)) => Some(u),
                _ => None,
            },
            _ => None,
        },
        Formula::Unary(Ln1p, e) => match &**e {
            Formula::Unary(Exp, u) => Some(u),
            _ => None,
        },
        // max(0, u) + ln_1p(e^-|u|)
        Formula::Binary(Add, a, b) => match (&**a, &**b) {
            (Formula::Binary(Max, zero, u), Formula::Unary(Ln1p, _))
                if constant(zero) == Some(0.0) && *f == (**u).clone().softplus().simplify_children() =>
            {
                Some(u)
            }
            _ => None,
        },
        _ => None,
    }
}

impl Formula {
    /// Simplifies below the root and leaves the root.
    fn simplify_children(&self) -> Formula {
        self.map_children(&mut Formula::simplify)
    }
}
