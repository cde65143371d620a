//! The value of a formula in f64: what constant folding and the reference interpreter compute with.

use super::{Binary, Compare, Formula, Unary};

impl Formula {
    /// The formula's value, `inputs[i]` being operand `i`.
    ///
    /// # Panics
    /// If the formula reads an operand that `inputs` lacks.
    pub fn eval(&self, inputs: &[f64]) -> f64 {
        match self {
            Formula::Input(i) => inputs[*i],
            Formula::Const(v) => *v,
            Formula::Unary(op, a) => op.eval(a.eval(inputs)),
            Formula::Binary(op, a, b) => op.eval(a.eval(inputs), b.eval(inputs)),
            Formula::Select {
                cmp,
                a,
                b,
                then,
                otherwise,
            } => {
                if cmp.eval(a.eval(inputs), b.eval(inputs)) {
                    then.eval(inputs)
                } else {
                    otherwise.eval(inputs)
                }
            }
        }
    }
}

impl Unary {
    pub fn eval(self, x: f64) -> f64 {
        match self {
            Unary::Neg => -x,
            Unary::Abs => x.abs(),
            Unary::Sqrt => x.sqrt(),
            Unary::Exp => x.exp(),
            Unary::ExpM1 => x.exp_m1(),
            Unary::Ln => x.ln(),
            Unary::Ln1p => x.ln_1p(),
            Unary::Tanh => x.tanh(),
            Unary::Sigmoid => {
                // e^-|x| never overflows.
                let e = (-x.abs()).exp();
                if x >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
            }
            Unary::Erf => erf(x),
            Unary::Sin => x.sin(),
            Unary::Cos => x.cos(),
        }
    }
}

impl Binary {
    pub fn eval(self, a: f64, b: f64) -> f64 {
        match self {
            Binary::Add => a + b,
            Binary::Sub => a - b,
            Binary::Mul => a * b,
            Binary::Div => a / b,
            Binary::Min => {
                if a < b || a.is_nan() {
                    a
                } else {
                    b
                }
            }
            Binary::Max => {
                if a > b || a.is_nan() {
                    a
                } else {
                    b
                }
            }
        }
    }
}

impl Compare {
    pub fn eval(self, a: f64, b: f64) -> bool {
        match self {
            Compare::Gt => a > b,
            Compare::Ge => a >= b,
            Compare::Eq => a == b,
        }
    }
}

/// `erf(x) = 2/√π · e^(-x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!`, all of whose terms have one sign, so that nothing
/// cancels (Abramowitz and Stegun, 7.1.6). Beyond 6 it is 1 to the last bit.
fn erf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x.abs() >= 6.0 {
        return x.signum();
    }
    let mut term = x;
    let mut sum = x;
    let mut n = 1.0;
    while term.abs() > sum.abs() * 1e-18 {
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
        n += 1.0;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}
