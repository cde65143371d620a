//! What an expression stands for while a network is shaped, and the names in reach.

use std::rc::Rc;

use syn::Ident;

use crate::ast::Expr;
use crate::graph::Port;
use crate::ir::Shape;

/// A tensor of the network under construction.
#[derive(Clone, Debug)]
pub struct Tensor {
    pub port: Port,
    pub shape: Shape,
}

#[derive(Clone, Debug)]
pub enum Value {
    Tensor(Tensor),
    Tuple(Vec<Value>),
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(String),
    List(Vec<Value>),
    /// A name bound to nothing, handed to a block: `same`, `relu`.
    Word(Ident),
    /// A layer or an initialiser with its arguments, handed to a block: `dense(16)`, `uniform(-0.1, 0.1)`.
    Quoted(Rc<(Expr, Scope)>),
    /// Its fault was reported: whatever is made of it is silent.
    Poison,
}

impl Value {
    /// What it is, for messages.
    pub fn describe(&self) -> String {
        match self {
            Value::Tensor(t) => format!("a tensor of {}", t.shape),
            Value::Tuple(items) => format!("a tuple of {}", items.len()),
            Value::Int(n) => format!("{n}"),
            Value::Float(x) => format!("{x:?}"),
            Value::Bool(b) => format!("`{b}`"),
            Value::Text(t) => format!("the text {t:?}"),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Word(w) => format!("`{w}`"),
            Value::Quoted(q) => format!("`{}`", q.0),
            Value::Poison => "…".into(),
        }
    }

    pub fn is_poison(&self) -> bool {
        matches!(self, Value::Poison)
    }

    /// As a real number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Int(n) => Some(*n as f64),
            Value::Float(x) => Some(*x),
            _ => None,
        }
    }
}

/// The names that a body sees, the later before the earlier; the block's constants lie below.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    bindings: Vec<(String, Value)>,
    /// A `let` did not parse: a name that is not found may have been its.
    pub incomplete: bool,
}

impl Scope {
    pub fn bind(&mut self, name: &Ident, value: Value) {
        self.bindings.push((name.to_string(), value));
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.bindings
            .iter()
            .rev()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.bindings.iter().map(|(n, _)| n.as_str())
    }
}

/// An expression as written, short enough for a message: a long chain is its last call.
pub fn written(expr: &Expr) -> String {
    let whole = expr.to_string();
    if whole.chars().count() <= 36 {
        return whole;
    }
    if let crate::ast::ExprKind::Chain { calls, .. } = &expr.kind
        && let Some(last) = calls.last()
    {
        return format!("….{}", shorten(&last.to_string()));
    }
    shorten(&whole)
}

/// At most 36 characters.
pub fn shorten(text: &str) -> String {
    if text.chars().count() <= 36 {
        text.to_string()
    } else {
        text.chars().take(35).chain(['…']).collect()
    }
}
