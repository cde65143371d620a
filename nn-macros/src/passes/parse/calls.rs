//! Calls: `.layer(…)` any number of times, and what stands in the parentheses.

use proc_macro2::{Delimiter, Group, Span, TokenTree};

use super::cursor::{Cursor, Parsed, is_keyword};
use super::expressions::{expression, primary};
use crate::ast::{Arguments, Call, Expr, ExprKind};
use crate::diagnostics::Extent;

/// What stands alone, then `.layer(…)` any number of times.
pub fn chain(c: &mut Cursor<'_>) -> Parsed<Expr> {
    let start = c.span();
    let head = primary(c)?;
    let mut calls = Vec::new();
    let mut faulty = false;
    while c.is(".") {
        let dot = c.span();
        c.eat(".");
        match link(c, dot) {
            Ok(call) => calls.push(call),
            // The chain goes on behind the bad call: its other calls are read too.
            Err(_) => faulty = true,
        }
    }
    if faulty {
        return Ok(Expr::error(c.extent_from(start)));
    }
    if calls.is_empty() {
        return Ok(head);
    }
    c.checked(Expr::new(
        ExprKind::Chain {
            head: Box::new(head),
            calls,
        },
        c.extent_from(start),
    ))
}

/// `layer(…)` behind a dot.
fn link(c: &mut Cursor<'_>, dot: Span) -> Parsed<Call> {
    let name = match c.peek() {
        Some(TokenTree::Ident(i)) => i.clone(),
        Some(TokenTree::Literal(l)) => {
            let message = format!("expected a layer after `.`, found `{l}`");
            c.next();
            return Err(c.report(
                c.last_span(),
                message,
                "take a tuple apart with `let (a, b) = …;`",
            ));
        }
        None => {
            return Err(c.report(
                dot,
                "expected a layer after `.`, found the end of the expression",
                "remove the dot, or go on with a layer as in `.relu()`",
            ));
        }
        _ => {
            return Err(c.unexpected(
                "a layer after `.`",
                "a layer is called as in `x.dense(10).relu()`",
            ));
        }
    };
    c.next();
    if is_keyword(&name.to_string()) {
        if let Some(group) = c.group(Delimiter::Parenthesis) {
            let _ = arguments(c, &group);
        }
        return Err(c.report(
            name.span(),
            format!("`{name}` is a keyword of Rust, not a layer"),
            "a layer is called as in `x.dense(10).relu()`",
        ));
    }
    if c.is("::") {
        let start = c.span();
        while c.is_char(':') {
            c.next();
        }
        if c.is_char('<') {
            c.skip_angles();
        }
        let extent = c.extent_from(start);
        if let Some(group) = c.group(Delimiter::Parenthesis) {
            let _ = arguments(c, &group);
        }
        return Err(c.report(
            extent,
            format!("`{name}` takes no type arguments"),
            format!("give its sizes in parentheses: `{name}(…)`"),
        ));
    }
    match c.group(Delimiter::Parenthesis) {
        Some(group) => Ok(Call {
            arguments: arguments(c, &group)?,
            name,
        }),
        None => {
            let mut help = format!("call it: `{name}()`");
            if let Some(TokenTree::Group(g)) = c.peek()
                && g.delimiter() == Delimiter::Bracket
            {
                c.next();
                help = format!("arguments stand in parentheses: `{name}(…)`");
            }
            Err(c.report(name.span(), format!("layer `{name}` without parentheses"), help))
        }
    }
}

/// `(16, kernel = 5)`; a bad argument is reported and the next one read.
pub fn arguments(c: &Cursor<'_>, group: &Group) -> Parsed<Arguments> {
    let mut c = c.enter(group)?;
    let mut found = Arguments {
        positional: Vec::new(),
        named: Vec::new(),
        extent: Extent::new(group.span_open(), group.span_close()),
        incomplete: false,
    };
    while !c.is_empty() {
        if argument(&mut c, &mut found).is_err() {
            found.incomplete = true;
            c.skip_past(',');
            continue;
        }
        if !c.is_empty() && !c.eat(",") {
            c.unexpected("`,` or `)`", "arguments are separated by commas");
            found.incomplete = true;
            c.skip_past(',');
        }
    }
    Ok(found)
}

fn argument(c: &mut Cursor<'_>, found: &mut Arguments) -> Parsed<()> {
    let name = match (c.peek(), c.peek_at(1)) {
        (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(p))) => {
            let name = name.clone();
            let sign = p.as_char();
            c.next();
            if c.is("=") {
                Some(name)
            } else if sign == ':' && !c.is("::") {
                return Err(c.report(
                    c.span(),
                    "expected `=` after an argument's name, found `:`",
                    format!("write `{name} = …`"),
                ));
            } else {
                c.back();
                None
            }
        }
        _ => None,
    };
    let Some(name) = name else {
        let value = expression(c)?;
        if let Some((before, _)) = found.named.last() {
            return Err(c.report(
                value.extent,
                "an argument without a name after one with a name",
                format!("put it before `{before} = …`, or name it"),
            ));
        }
        found.positional.push(value);
        return Ok(());
    };
    c.eat("=");
    match expression(c) {
        Ok(value) => {
            found.named.push((name, value));
            Ok(())
        }
        Err(reported) => {
            // The name is known: it is not missing.
            found.named.push((name.clone(), Expr::error(name.span())));
            Err(reported)
        }
    }
}
