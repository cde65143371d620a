//! What is named and never used: surely a mistake, found in the text alone, so that both branches of an `if` count.

use syn::Ident;

use crate::ast::{Arguments, Body, Call, ConstDef, Expr, ExprKind, NetworkDef};
use crate::diagnostics::{Diagnosis, Diagnostics};

/// Inputs and bindings of a network that nothing uses.
pub fn in_network(network: &NetworkDef, diagnostics: &Diagnostics) {
    if network.incomplete || has_error(&network.body) {
        return;
    }
    for input in &network.inputs {
        if !body_uses(&network.body, &input.name) {
            diagnostics.report(
                Diagnosis::new(input.name.span(), format!("input `{}` is never used", input.name))
                    .help("use it in the body, or remove it"),
            );
        }
    }
    if network.instance.is_none() {
        in_sizes(network, diagnostics);
    }
    in_body(&network.body, diagnostics);
}

/// Sizes of a network that neither its body nor its header uses.
fn in_sizes(network: &NetworkDef, diagnostics: &Diagnostics) {
    let types = network.inputs.iter().map(|i| &i.ty).chain(&network.outputs);
    let dims = types.flat_map(|ty| &ty.dims);
    let attributes = network.attributes.iter().flat_map(|a| a.arguments.expressions());
    let header: Vec<&Expr> = dims
        .chain(attributes)
        .chain(network.sizes.iter().map(|s| &s.value))
        .collect();
    for ConstDef { name, .. } in &network.sizes {
        if !body_uses(&network.body, name) && !header.iter().any(|e| uses(e, name)) {
            diagnostics.report(
                Diagnosis::new(name.span(), format!("size `{name}` is never used"))
                    .help("use it in the body or in a shape, or remove it"),
            );
        }
    }
}

/// Bindings of a body, and of the bodies inside it, that nothing uses.
pub fn in_body(body: &Body, diagnostics: &Diagnostics) {
    if has_error(body) {
        return;
    }
    for (i, binding) in body.lets.iter().enumerate() {
        for name in &binding.names {
            if !name.to_string().starts_with('_') && !uses_after(body, i + 1, name) {
                diagnostics.report(
                    Diagnosis::new(name.span(), format!("`{name}` is never used"))
                        .help(format!("use it, remove it, or call it `_{name}`")),
                );
            }
        }
    }
    for_each_body(body, &mut |inner| in_body(inner, diagnostics));
}

/// Whether the statements from number `first` on, or the result, mean the binding of `name` made before them.
fn uses_after(body: &Body, first: usize, name: &Ident) -> bool {
    for binding in &body.lets[first..] {
        if uses(&binding.value, name) {
            return true;
        }
        if binding.names.contains(name) {
            return false;
        }
    }
    uses(&body.result, name)
}

fn body_uses(body: &Body, name: &Ident) -> bool {
    uses_after(body, 0, name)
}

/// Whether the expression means the binding of that name.
pub fn uses(expr: &Expr, name: &Ident) -> bool {
    match &expr.kind {
        ExprKind::Name(n) => n == name,
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => uses(condition, name) || body_uses(then, name) || body_uses(otherwise, name),
        ExprKind::Call(call) if call.name == *name => true,
        ExprKind::Chain { calls, .. } if calls.iter().any(|c| c.name == *name) => true,
        _ => {
            let mut found = false;
            for_each_child(expr, &mut |child| found = found || uses(child, name));
            found
        }
    }
}

fn has_error(body: &Body) -> bool {
    body.incomplete || body.lets.iter().any(|l| is_faulty(&l.value)) || is_faulty(&body.result)
}

/// Whether a part of the expression did not parse.
pub fn is_faulty(expr: &Expr) -> bool {
    let in_arguments = |a: &Arguments| a.incomplete;
    match &expr.kind {
        ExprKind::Error => return true,
        ExprKind::Call(call) if in_arguments(&call.arguments) => return true,
        ExprKind::Chain { calls, .. } if calls.iter().any(|c| in_arguments(&c.arguments)) => return true,
        ExprKind::If { then, otherwise, .. } if has_error(then) || has_error(otherwise) => return true,
        _ => {}
    }
    let mut found = false;
    for_each_child(expr, &mut |child| found = found || is_faulty(child));
    found
}

/// Every expression right below, the insides of `if` bodies left out.
fn for_each_child(expr: &Expr, see: &mut dyn FnMut(&Expr)) {
    let call = |c: &Call, see: &mut dyn FnMut(&Expr)| {
        c.arguments.positional.iter().for_each(&mut *see);
        c.arguments.named.iter().for_each(|(_, value)| see(value));
    };
    match &expr.kind {
        ExprKind::Call(c) => call(c, see),
        ExprKind::Chain { head, calls } => {
            see(head);
            calls.iter().for_each(|c| call(c, see));
        }
        ExprKind::Binary { left, right, .. } => {
            see(left);
            see(right);
        }
        ExprKind::Neg(a) | ExprKind::Not(a) => see(a),
        ExprKind::If { condition, .. } => see(condition),
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(see),
        ExprKind::Name(_)
        | ExprKind::Path(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Bool(_)
        | ExprKind::Text(_)
        | ExprKind::Error => {}
    }
}

/// The bodies of the `if`s in a body.
fn for_each_body(body: &Body, see: &mut dyn FnMut(&Body)) {
    fn walk(expr: &Expr, see: &mut dyn FnMut(&Body)) {
        if let ExprKind::If { then, otherwise, .. } = &expr.kind {
            see(then);
            see(otherwise);
        }
        for_each_child(expr, &mut |child| walk(child, see));
    }
    body.lets.iter().for_each(|l| walk(&l.value, see));
    walk(&body.result, see);
}
