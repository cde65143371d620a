//! Constants that repeat one of the user's crate: `const WIDTH: usize = 128 == crate::WIDTH;`. The macro cannot read that
//! one, so it computes with the number beside it and has the compiler hold both against each other.

use proc_macro2::TokenStream;
use syn::Ident;

use super::Shaper;
use super::unused;
use super::value::{Value, shorten};
use crate::ast::{BinaryOp, Body, Call, ConstDef, Expr, ExprKind, Source};
use crate::diagnostics::{Diagnostics, Extent};

/// A constant of the block and the path of the one that it repeats.
pub struct Agreement<'a> {
    pub constant: &'a Ident,
    pub ty: &'a Ident,
    pub value: i64,
    pub path: &'a TokenStream,
    pub extent: Extent,
    /// The first layer whose arguments name it, as written.
    pub layer: Option<String>,
}

/// The number and the path of `128 == crate::WIDTH`.
pub fn repeated(def: &ConstDef) -> Option<(&Expr, &Expr)> {
    match &def.value.kind {
        ExprKind::Binary {
            left,
            op: BinaryOp::Eq,
            right,
            ..
        } if matches!(right.kind, ExprKind::Path(_)) => Some((left, right)),
        _ => None,
    }
}

/// All of a block that have a value. Faults are left to [`super::shape`].
pub fn agreements(source: &Source) -> Vec<Agreement<'_>> {
    let quiet = Diagnostics::default();
    let mut shaper = Shaper::new(source, &quiet);
    let mut found = Vec::new();
    for def in &source.consts {
        let Some((_, right)) = repeated(def) else { continue };
        let ExprKind::Path(path) = &right.kind else {
            continue;
        };
        if let Some(Value::Int(value)) = shaper.constant(&def.name.to_string()) {
            found.push(Agreement {
                constant: &def.name,
                ty: &def.ty,
                value,
                path,
                extent: right.extent,
                layer: layer_of(source, &def.name),
            });
        }
    }
    drop(shaper);
    quiet.take();
    found
}

fn layer_of(source: &Source, constant: &Ident) -> Option<String> {
    let bodies = source
        .networks
        .iter()
        .map(|n| &n.body)
        .chain(source.blocks.iter().map(|b| &b.body));
    bodies
        .filter_map(|body| call_in(body, constant))
        .map(|call| shorten(&call.to_string()))
        .next()
}

/// The first call of a body whose arguments name the constant.
fn call_in<'e>(body: &'e Body, constant: &Ident) -> Option<&'e Call> {
    let mut values = body.lets.iter().map(|l| &l.value).chain([&body.result]);
    values.find_map(|value| call_of(value, constant))
}

fn call_of<'e>(expr: &'e Expr, constant: &Ident) -> Option<&'e Call> {
    let names = |call: &&Call| call.arguments.expressions().any(|e| unused::uses(e, constant));
    match &expr.kind {
        ExprKind::Call(call) => Some(call).filter(names),
        ExprKind::Chain { head, calls } => call_of(head, constant).or_else(|| calls.iter().find(names)),
        ExprKind::Binary { left, right, .. } => call_of(left, constant).or_else(|| call_of(right, constant)),
        ExprKind::Neg(a) | ExprKind::Not(a) => call_of(a, constant),
        ExprKind::If { then, otherwise, .. } => {
            call_in(then, constant).or_else(|| call_in(otherwise, constant))
        }
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().find_map(|e| call_of(e, constant)),
        _ => None,
    }
}
