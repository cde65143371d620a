//! Elementwise formulas: the expression inside every `Map`, reduction and epilogue.
//!
//! One tree serves the activations, their hand-derived gradients and the user's `fn f(x) = …`, whose
//! derivative is derived here symbolically and simplified. Formulas are built with the operators and the
//! methods below: `x(0) * x(1).tanh() + 1.0`.

mod build;
mod derive;
mod eval;
mod expand;
mod functions;
mod print;
mod simplify;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use build::{c, x};
pub use functions::{FUNCTIONS, Function};

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
    /// The lesser; NaN where either is
    Min,
    /// The greater; NaN where either is
    Max,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Compare {
    Gt,
    Ge,
    Eq,
}

impl Formula {
    /// Whether the formula is its first operand and nothing more.
    pub fn is_identity(&self) -> bool {
        *self == Formula::Input(0)
    }

    /// The operands that the formula reads.
    pub fn inputs(&self) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        self.visit(&mut |f| {
            if let Formula::Input(i) = f {
                found.insert(*i);
            }
        });
        found
    }

    /// Number of nodes of the tree: a bound on its cost, for the fuse pass.
    pub fn size(&self) -> usize {
        let mut n = 0;
        self.visit(&mut |_| n += 1);
        n
    }

    /// Replaces `Input(i)` by `inputs[i]`: composition, the heart of fusion.
    ///
    /// # Panics
    /// If the formula reads an operand that `inputs` lacks.
    pub fn substitute(&self, inputs: &[Formula]) -> Formula {
        match self {
            Formula::Input(i) => inputs[*i].clone(),
            _ => self.map_children(&mut |f| f.substitute(inputs)),
        }
    }

    /// Replaces `Input(i)` by `Input(to[i])`.
    pub fn renumber(&self, to: &[usize]) -> Formula {
        match self {
            Formula::Input(i) => Formula::Input(to[*i]),
            _ => self.map_children(&mut |f| f.renumber(to)),
        }
    }

    /// The tree as numbers (constants by their bits, so that 0 and -0 differ and NaN equals itself): equal
    /// formulas and no others have equal keys. For hash maps.
    pub fn key(&self) -> Vec<u64> {
        let mut key = Vec::new();
        self.visit(&mut |f| match f {
            Formula::Input(i) => key.extend([0, *i as u64]),
            Formula::Const(v) => key.extend([1, v.to_bits()]),
            Formula::Unary(op, _) => key.extend([2, *op as u64]),
            Formula::Binary(op, _, _) => key.extend([3, *op as u64]),
            Formula::Select { cmp, .. } => key.extend([4, *cmp as u64]),
        });
        key
    }

    /// Every node, a parent before its children, children in order.
    fn visit(&self, see: &mut impl FnMut(&Formula)) {
        see(self);
        match self {
            Formula::Input(_) | Formula::Const(_) => {}
            Formula::Unary(_, a) => a.visit(see),
            Formula::Binary(_, a, b) => {
                a.visit(see);
                b.visit(see);
            }
            Formula::Select {
                a,
                b,
                then,
                otherwise,
                ..
            } => {
                for f in [a, b, then, otherwise] {
                    f.visit(see);
                }
            }
        }
    }

    /// The same node over changed children.
    fn map_children(&self, change: &mut impl FnMut(&Formula) -> Formula) -> Formula {
        match self {
            Formula::Input(_) | Formula::Const(_) => self.clone(),
            Formula::Unary(op, a) => Formula::Unary(*op, Box::new(change(a))),
            Formula::Binary(op, a, b) => Formula::Binary(*op, Box::new(change(a)), Box::new(change(b))),
            Formula::Select {
                cmp,
                a,
                b,
                then,
                otherwise,
            } => Formula::Select {
                cmp: *cmp,
                a: Box::new(change(a)),
                b: Box::new(change(b)),
                then: Box::new(change(then)),
                otherwise: Box::new(change(otherwise)),
            },
        }
    }
}
