//! Bodies: `let` bindings, then the expression that is the result.

use proc_macro2::{Delimiter, Group, Ident, TokenTree};

use super::cursor::{Cursor, Parsed, is_keyword};
use super::expressions::expression;
use crate::ast::{Body, Expr, Let};
use crate::diagnostics::Extent;

/// The inside of braces; a bad statement is reported and the next one read.
pub fn body(c: &Cursor<'_>, group: &Group) -> Parsed<Body> {
    let mut c = c.enter(group)?;
    let mut body = Body {
        lets: Vec::new(),
        result: Expr::error(group.span_close()),
        incomplete: false,
    };
    let mut has_result = false;
    while !c.is_empty() {
        if c.is_char(';') {
            c.report(c.span(), "a `;` that ends nothing", "remove it");
            c.next();
            continue;
        }
        let assigned = assigned_name(&c);
        let is_let = c.is_word("let") || assigned.is_some();
        let parsed = if let Some(name) = assigned {
            // Read on as if `let` stood before it.
            c.report(
                name.span(),
                format!("`{name}` is assigned to without `let`"),
                format!("write `let {name} = …;`; a name may be bound again"),
            );
            let_binding(&mut c, &mut body)
        } else if is_let {
            let_binding(&mut c, &mut body)
        } else {
            result(&mut c).map(|value| {
                body.result = value;
                has_result = true;
            })
        };
        if parsed.is_err() {
            body.incomplete |= is_let;
            // What could not be read may have been the result.
            has_result |= !is_let;
            c.skip_past(';');
        }
    }
    if !has_result && !body.incomplete {
        let extent = Extent::new(group.span_open(), group.span_close());
        let (at, message) = match body.lets.last() {
            None => (extent, "an empty body"),
            Some(_) => (group.span_close().into(), "a body without a result"),
        };
        c.report(
            at,
            message,
            "end it with the expression that is its output, without `;`, as in `x.dense(10)`",
        );
    }
    Ok(body)
}

/// The name before a `=` that begins a statement.
fn assigned_name(c: &Cursor<'_>) -> Option<Ident> {
    match (c.peek(), c.peek_at(1), c.peek_at(2)) {
        (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(p)), next) if p.as_char() == '=' => {
            let equality = matches!(next, Some(TokenTree::Punct(q)) if q.as_char() == '=');
            (!equality && !is_keyword(&name.to_string())).then(|| name.clone())
        }
        _ => None,
    }
}

/// An expression that should be the last thing in the body.
fn result(c: &mut Cursor<'_>) -> Parsed<Expr> {
    let value = expression(c)?;
    if c.is_empty() {
        return Ok(value);
    }
    if !c.is_char(';') {
        let help = if c.is_word("let") {
            "only `let` bindings come before the last expression, each ended by `;`"
        } else {
            "a layer is called with a dot, `x.relu()`; a part is named by `let y = …;`"
        };
        return Err(c.unexpected("the end of the body", help));
    }
    let semicolon = c.span();
    c.next();
    if c.is_empty() {
        c.report(
            semicolon,
            "`;` after the last expression",
            "remove it: the expression is the output",
        );
    } else {
        c.report(
            value.extent,
            "the value of this expression is not used",
            "name it, `let y = …;`, and go on with `y`",
        );
    }
    Ok(value)
}

fn let_binding(c: &mut Cursor<'_>, body: &mut Body) -> Parsed<()> {
    c.eat_word("let");
    if c.is_word("mut") {
        c.report(
            c.span(),
            "`let mut` inside a network",
            "drop `mut`: a name may be bound again by another `let`",
        );
        c.next();
    }
    let (names, tuple) = match c.group(Delimiter::Parenthesis) {
        Some(group) => (tuple_names(c, &group)?, true),
        None => (
            vec![c.new_name("a name after `let`", "let y = x.dense(10);")?],
            false,
        ),
    };
    // A fault from here on leaves the names bound to nothing known.
    let value = match value(c) {
        Ok(value) => value,
        Err(_) => {
            let at = c.span();
            // The statement ends at its `;`, or before the next `let` if it was forgotten.
            while !c.is_empty() && !c.is_char(';') && !c.is_word("let") {
                c.next();
            }
            if c.is_char(';') {
                c.next();
            }
            Expr::error(at)
        }
    };
    body.lets.push(Let { names, tuple, value });
    Ok(())
}

/// `= value;`
fn value(c: &mut Cursor<'_>) -> Parsed<Expr> {
    if c.is(":") {
        return Err(c.report(
            c.span(),
            "a type on a `let`",
            "remove it: shapes are computed, and the network's outputs are declared in its header",
        ));
    }
    c.expect("=", "write `let y = x.dense(10);`")?;
    let value = expression(c)?;
    if c.is_char(';') {
        c.next();
        return Ok(value);
    }
    let help = "a `let` ends with `;`";
    // Another statement begins: the `;` alone is missing.
    if c.is_empty() || matches!(c.peek(), Some(TokenTree::Ident(_))) {
        let found = c.found();
        // The place to type it: behind the value.
        c.report(
            c.last_span(),
            format!("expected `;` after this, found {found}"),
            help,
        );
        return Ok(value);
    }
    Err(c.unexpected("`;`", help))
}

fn tuple_names(c: &Cursor<'_>, group: &Group) -> Parsed<Vec<Ident>> {
    let mut c = c.enter(group)?;
    let example = "let (a, b) = x.split(2);";
    let mut names = Vec::new();
    while !c.is_empty() {
        names.push(c.new_name("a name", example)?);
        if !c.is_empty() {
            c.expect(",", format!("write it as in `{example}`"))?;
        }
    }
    Ok(names)
}
