//! The derivative of a formula with respect to one of its operands, as a formula.
//!
//! Before: any formula. After: its simplified derivative. Derivatives of `exp`, `tanh`, `sigmoid` and `sqrt`
//! are written with the function's own value, which `expand` then computes once.
//!
//! At a kink the derivative is one of the sided ones: `|x|'` is 0 at 0; `max` and `min` at a tie take the
//! constant side, if there is one (so that `max(x, 0)` has slope 0 at 0, as PyTorch's relu), and the second
//! side otherwise; a `Select` takes the derivative of the branch that it takes.

use super::simplify::softplus_argument;
use super::{Binary, Formula, Unary, c};

impl Formula {
    /// The partial derivative with respect to operand `input`, simplified.
    pub fn derivative(&self, input: usize) -> Formula {
        // Simplified first, because that recognises `1 / (1 + exp(-x))` and its like, whose derivatives would
        // overflow term by term.
        derive(&self.simplify(), input).simplify()
    }
}

fn derive(f: &Formula, input: usize) -> Formula {
    if let Some(u) = softplus_argument(f) {
        return times(derive(u, input), u.clone().sigmoid());
    }
    match f {
        Formula::Input(i) => c(if *i == input { 1.0 } else { 0.0 }),
        Formula::Const(_) => c(0.0),
        Formula::Unary(op, u) => {
            let du = derive(u, input);
            if is_zero(&du) {
                return du;
            }
            let y = || f.clone();
            let u = (**u).clone();
            let outer = match op {
                Unary::Neg => return -du,
                Unary::Sqrt => return du * 0.5 / y(),
                Unary::Ln => return du / u,
                Unary::Ln1p => return du / (u + 1.0),
                Unary::Abs => u.clone().if_gt(0.0, 1.0, c(0.0).if_gt(u, -1.0, 0.0)),
                Unary::Exp => y(),
                Unary::ExpM1 => y() + 1.0,
                Unary::Tanh => 1.0 - y().square(),
                Unary::Sigmoid => y() * (1.0 - y()),
                Unary::Erf => std::f64::consts::FRAC_2_SQRT_PI * (-u.square()).exp(),
                Unary::Sin => u.cos(),
                Unary::Cos => -u.sin(),
            };
            times(du, outer)
        }
        Formula::Binary(op, a, b) => {
            let (da, db) = (derive(a, input), derive(b, input));
            let (a, b) = ((**a).clone(), (**b).clone());
            match op {
                Binary::Add => da + db,
                Binary::Sub => da - db,
                Binary::Mul => times(da, b) + times(db, a),
                // (a / b)' = (a' - (a / b) · b') / b, which uses the quotient again.
                Binary::Div if is_zero(&db) => da / b,
                Binary::Div => (da - f.clone() * db) / b,
                // The constant side wins a tie.
                Binary::Max if matches!(a, Formula::Const(_)) => b.if_gt(a, db, da),
                Binary::Max => a.if_gt(b, da, db),
                Binary::Min if matches!(a, Formula::Const(_)) => a.if_gt(b, db, da),
                Binary::Min => b.if_gt(a, da, db),
            }
        }
        Formula::Select {
            cmp,
            a,
            b,
            then,
            otherwise,
        } => Formula::select(
            *cmp,
            (**a).clone(),
            (**b).clone(),
            derive(then, input),
            derive(otherwise, input),
        ),
    }
}

/// The product, without the branch that a zero factor makes pointless.
fn times(a: Formula, b: Formula) -> Formula {
    if is_zero(&a) { a } else { a * b }
}

fn is_zero(f: &Formula) -> bool {
    matches!(f, Formula::Const(v) if *v == 0.0)
}
