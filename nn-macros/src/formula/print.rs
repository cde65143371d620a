//! Formulas as a person would write them: `x0 * tanh(ln(1 + exp(x0)))`.

use std::fmt::{Display, Formatter, Result};

use super::{Binary, Compare, Formula, Unary};

/// How tightly an expression binds: sums, products, signs, the rest.
const SUM: u8 = 1;
const PRODUCT: u8 = 2;
const SIGN: u8 = 3;
const ATOM: u8 = 4;

impl Unary {
    /// The function's name, here and in the runtime's trait.
    pub fn name(self) -> &'static str {
        match self {
            Unary::Neg => "neg",
            Unary::Abs => "abs",
            Unary::Sqrt => "sqrt",
            Unary::Exp => "exp",
            Unary::ExpM1 => "exp_m1",
            Unary::Ln => "ln",
            Unary::Ln1p => "ln_1p",
            Unary::Tanh => "tanh",
            Unary::Sigmoid => "sigmoid",
            Unary::Erf => "erf",
            Unary::Sin => "sin",
            Unary::Cos => "cos",
        }
    }
}

impl Compare {
    /// The operator.
    pub fn symbol(self) -> &'static str {
        match self {
            Compare::Gt => ">",
            Compare::Ge => ">=",
            Compare::Eq => "==",
        }
    }
}

impl Display for Formula {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write(self, 0, f)
    }
}

fn write(formula: &Formula, outer: u8, f: &mut Formatter<'_>) -> Result {
    let open = binding(formula) < outer;
    if open {
        f.write_str("(")?;
    }
    match formula {
        Formula::Input(i) => write!(f, "x{i}")?,
        Formula::Const(v) => write!(f, "{v}")?,
        Formula::Unary(Unary::Neg, a) => {
            f.write_str("-")?;
            write(a, SIGN, f)?;
        }
        Formula::Unary(op, a) => write!(f, "{}({a})", op.name())?,
        Formula::Binary(op, a, b) => {
            // A right operand of equal binding keeps its parentheses after `-` and `/`.
            let (symbol, left, right) = match op {
                Binary::Add => (" + ", SUM, SUM),
                Binary::Sub => (" - ", SUM, PRODUCT),
                Binary::Mul => (" * ", PRODUCT, PRODUCT),
                Binary::Div => (" / ", PRODUCT, SIGN),
                Binary::Min => return write!(f, "min({a}, {b})"),
                Binary::Max => return write!(f, "max({a}, {b})"),
            };
            write(a, left, f)?;
            f.write_str(symbol)?;
            write(b, right, f)?;
        }
        Formula::Select {
            cmp,
            a,
            b,
            then,
            otherwise,
        } => {
            write!(
                f,
                "if {a} {} {b} {{ {then} }} else {{ {otherwise} }}",
                cmp.symbol()
            )?;
        }
    }
    if open {
        f.write_str(")")?;
    }
    Ok(())
}

fn binding(formula: &Formula) -> u8 {
    match formula {
        Formula::Binary(Binary::Add | Binary::Sub, _, _) => SUM,
        Formula::Binary(Binary::Mul | Binary::Div, _, _) => PRODUCT,
        Formula::Unary(Unary::Neg, _) => SIGN,
        Formula::Const(v) if v.is_sign_negative() => SIGN,
        // `if` has no place inside an operation without parentheses.
        Formula::Select { .. } => 0,
        _ => ATOM,
    }
}
