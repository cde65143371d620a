//! Elementwise formulas: the expression inside every `Map`, reduction and epilogue.
//!
//! One tree serves the activations, their hand-derived gradients and the user's `fn f(x) = …`, whose
//! derivative is derived here symbolically and simplified.

/// `Input(i)` is operand `i` of the operation that holds the formula.
#[derive(Clone, PartialEq, Debug)]
pub enum Formula {
    Input(usize),
    Const(f64),
    Unary(Unary, Box<Formula>),
    Binary(Binary, Box<Formula>, Box<Formula>),
    /// `if a <cmp> b { then } else { otherwise }`
    Select {
        cmp: Compare,
        a: Box<Formula>,
        b: Box<Formula>,
        then: Box<Formula>,
        otherwise: Box<Formula>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Unary {
    Neg,
    Abs,
    Sqrt,
    Exp,
    /// `e^x - 1`, exact near 0
    ExpM1,
    Ln,
    /// `ln(1 + x)`, exact near 0
    Ln1p,
    Tanh,
    Sigmoid,
    Erf,
    Sin,
    Cos,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Compare {
    Gt,
    Ge,
    Eq,
}
