//! The functions that a user's `fn f(x) = …` may call, by the names they are written with.

use super::{Binary, Formula, Unary, c};

/// A function of the formula language.
pub struct Function {
    pub name: &'static str,
    /// Number of arguments.
    pub arity: usize,
    /// One line, for the reference and for hovers.
    // Read by the test that keeps the reference.
    #[cfg_attr(not(test), allow(dead_code))]
    pub doc: &'static str,
    build: fn(Vec<Formula>) -> Formula,
}

impl Function {
    /// The function of that name.
    pub fn find(name: &str) -> Option<&'static Function> {
        FUNCTIONS.iter().find(|f| f.name == name)
    }

    /// Applies it; `arguments` holds `arity` formulas.
    pub fn call(&self, arguments: Vec<Formula>) -> Formula {
        debug_assert_eq!(arguments.len(), self.arity, "`{}`", self.name);
        (self.build)(arguments)
    }
}

fn first(arguments: Vec<Formula>, op: Unary) -> Formula {
    arguments
        .into_iter()
        .next()
        .expect("the arity was checked")
        .unary(op)
}

fn both(arguments: Vec<Formula>, op: Binary) -> Formula {
    let mut arguments = arguments.into_iter().map(Box::new);
    let (a, b) = (arguments.next(), arguments.next());
    Formula::Binary(
        op,
        a.expect("the arity was checked"),
        b.expect("the arity was checked"),
    )
}

macro_rules! unary {
    ($name:literal, $op:ident, $doc:literal) => {
        Function {
            name: $name,
            arity: 1,
            doc: $doc,
            build: |a| first(a, Unary::$op),
        }
    };
}

/// Every function of the formula language.
pub static FUNCTIONS: &[Function] = &[
    unary!("abs", Abs, "`|x|`; its derivative is 0 at 0"),
    unary!("sqrt", Sqrt, "the square root"),
    unary!("exp", Exp, "`e^x`"),
    unary!("exp_m1", ExpM1, "`e^x - 1`, exact near 0"),
    unary!("ln", Ln, "the natural logarithm"),
    unary!("ln_1p", Ln1p, "`ln(1 + x)`, exact near 0"),
    unary!("tanh", Tanh, "the hyperbolic tangent"),
    unary!("sigmoid", Sigmoid, "`1 / (1 + e^-x)`"),
    unary!("erf", Erf, "the error function"),
    unary!("sin", Sin, "the sine of an angle in radians"),
    unary!("cos", Cos, "the cosine of an angle in radians"),
    Function {
        name: "relu",
        arity: 1,
        doc: "`max(0, x)`; its derivative is 0 at 0",
        build: |mut a| c(0.0).max(a.remove(0)),
    },
    Function {
        name: "softplus",
        arity: 1,
        doc: "`ln(1 + e^x)`, without overflow",
        build: |mut a| a.remove(0).softplus(),
    },
    Function {
        name: "square",
        arity: 1,
        doc: "`x · x`",
        build: |mut a| a.remove(0).square(),
    },
    Function {
        name: "min",
        arity: 2,
        doc: "the smaller of two",
        build: |a| both(a, Binary::Min),
    },
    Function {
        name: "max",
        arity: 2,
        doc: "the larger of two",
        build: |a| both(a, Binary::Max),
    },
];
