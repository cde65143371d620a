//! How formulas are written: operators, methods and the two leaves.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Binary, Compare, Formula, Unary};

/// Operand `i`.
pub fn x(i: usize) -> Formula {
    Formula::Input(i)
}

/// A constant.
pub fn c(value: f64) -> Formula {
    Formula::Const(value)
}

impl From<f64> for Formula {
    fn from(value: f64) -> Self {
        Formula::Const(value)
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $op:ident;)+) => {$(
        impl<R: Into<Formula>> $trait<R> for Formula {
            type Output = Formula;

            fn $method(self, right: R) -> Formula {
                Formula::Binary(Binary::$op, Box::new(self), Box::new(right.into()))
            }
        }

        impl $trait<Formula> for f64 {
            type Output = Formula;

            fn $method(self, right: Formula) -> Formula {
                Formula::Binary(Binary::$op, Box::new(self.into()), Box::new(right))
            }
        }
    )+};
}
operators! {
    Add add Add;
    Sub sub Sub;
    Mul mul Mul;
    Div div Div;
}

impl Neg for Formula {
    type Output = Formula;

    fn neg(self) -> Formula {
        self.unary(Unary::Neg)
    }
}

impl Formula {
    pub fn unary(self, op: Unary) -> Formula {
        Formula::Unary(op, Box::new(self))
    }

    pub fn abs(self) -> Formula {
        self.unary(Unary::Abs)
    }

    pub fn sqrt(self) -> Formula {
        self.unary(Unary::Sqrt)
    }

    pub fn exp(self) -> Formula {
        self.unary(Unary::Exp)
    }

    /// `e^x - 1`, exact near 0.
    pub fn exp_m1(self) -> Formula {
        self.unary(Unary::ExpM1)
    }

    pub fn ln(self) -> Formula {
        self.unary(Unary::Ln)
    }

    /// `ln(1 + x)`, exact near 0.
    pub fn ln_1p(self) -> Formula {
        self.unary(Unary::Ln1p)
    }

    pub fn tanh(self) -> Formula {
        self.unary(Unary::Tanh)
    }

    pub fn sigmoid(self) -> Formula {
        self.unary(Unary::Sigmoid)
    }

    pub fn erf(self) -> Formula {
        self.unary(Unary::Erf)
    }

    pub fn sin(self) -> Formula {
        self.unary(Unary::Sin)
    }

    pub fn cos(self) -> Formula {
        self.unary(Unary::Cos)
    }

    pub fn min(self, right: impl Into<Formula>) -> Formula {
        Formula::Binary(Binary::Min, Box::new(self), Box::new(right.into()))
    }

    pub fn max(self, right: impl Into<Formula>) -> Formula {
        Formula::Binary(Binary::Max, Box::new(self), Box::new(right.into()))
    }

    /// `ln(1 + e^x)` in the form that neither overflows nor loses the small end: `max(0, x) + ln_1p(e^-|x|)`.
    pub fn softplus(self) -> Formula {
        c(0.0).max(self.clone()) + (-self.abs()).exp().ln_1p()
    }

    /// `self · self`.
    pub fn square(self) -> Formula {
        self.clone() * self
    }

    /// A whole power, as products.
    pub fn powi(self, n: u32) -> Formula {
        match n {
            0 => c(1.0),
            1 => self,
            _ if n.is_multiple_of(2) => self.powi(n / 2).square(),
            _ => self.clone().powi(n - 1) * self,
        }
    }

    /// `if a <cmp> b { then } else { otherwise }`
    pub fn select(
        cmp: Compare,
        a: impl Into<Formula>,
        b: impl Into<Formula>,
        then: impl Into<Formula>,
        otherwise: impl Into<Formula>,
    ) -> Formula {
        Formula::Select {
            cmp,
            a: Box::new(a.into()),
            b: Box::new(b.into()),
            then: Box::new(then.into()),
            otherwise: Box::new(otherwise.into()),
        }
    }

    /// `if self > b { then } else { otherwise }`
    pub fn if_gt(
        self,
        b: impl Into<Formula>,
        then: impl Into<Formula>,
        otherwise: impl Into<Formula>,
    ) -> Formula {
        Formula::select(Compare::Gt, self, b, then, otherwise)
    }

    /// `if self >= b { then } else { otherwise }`
    pub fn if_ge(
        self,
        b: impl Into<Formula>,
        then: impl Into<Formula>,
        otherwise: impl Into<Formula>,
    ) -> Formula {
        Formula::select(Compare::Ge, self, b, then, otherwise)
    }
}
