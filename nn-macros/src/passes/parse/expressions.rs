//! Expressions: one grammar for tensor chains, sizes, arguments, conditions and formulas. From loose to tight:
//! `||`, `&&`, comparisons, `+ -`, `* / %`, `-` and `!`, `.layer(…)`, and what stands alone.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenTree};
use syn::Lit;

use super::body::body;
use super::cursor::{Cursor, Parsed, is_keyword};
use crate::ast::{Arguments, BinaryOp, Call, Expr, ExprKind};
use crate::diagnostics::{Diagnosis, Extent};

/// In the order in which they are tried: an operator before its prefix.
const OPERATORS: &[BinaryOp] = &[
    BinaryOp::Or,
    BinaryOp::And,
    BinaryOp::Eq,
    BinaryOp::Ne,
    BinaryOp::Le,
    BinaryOp::Ge,
    BinaryOp::Lt,
    BinaryOp::Gt,
    BinaryOp::Add,
    BinaryOp::Sub,
    BinaryOp::Mul,
    BinaryOp::Div,
    BinaryOp::Rem,
];

/// Any expression.
pub fn expression(c: &mut Cursor<'_>) -> Parsed<Expr> {
    binary(c, 1)
}

/// A size inside `Tensor<…>`, where `>` closes: no comparisons.
pub fn size(c: &mut Cursor<'_>) -> Parsed<Expr> {
    binary(c, BinaryOp::Add.binding())
}

/// Operators that bind at least as tightly as `least`.
fn binary(c: &mut Cursor<'_>, least: u8) -> Parsed<Expr> {
    let start = c.span();
    let mut left = unary(c)?;
    let mut compared: Option<BinaryOp> = None;
    while let Some(op) = OPERATORS
        .iter()
        .copied()
        .find(|op| op.binding() >= least && c.is(op.symbol()))
    {
        let op_start = c.span();
        c.eat(op.symbol());
        let op_extent = c.extent_from(op_start);
        let right = c.nested(|c| binary(c, op.binding() + 1))?;
        if is_comparison(op)
            && let Some(first) = compared.replace(op)
        {
            return Err(c.report(
                op_extent,
                format!("`{}` and `{}` in a row", first.symbol(), op.symbol()),
                "join two comparisons with `&&`",
            ));
        }
        left = c.checked(Expr::new(
            ExprKind::Binary {
                left: Box::new(left),
                op,
                op_extent,
                right: Box::new(right),
            },
            c.extent_from(start),
        ))?;
    }
    Ok(left)
}

fn is_comparison(op: BinaryOp) -> bool {
    op.binding() == BinaryOp::Eq.binding()
}

fn unary(c: &mut Cursor<'_>) -> Parsed<Expr> {
    let start = c.span();
    type Sign = fn(Box<Expr>) -> ExprKind;
    for (sign, kind) in [("-", ExprKind::Neg as Sign), ("!", ExprKind::Not as Sign)] {
        if c.eat(sign) {
            let inner = c.nested(unary)?;
            return c.checked(Expr::new(kind(Box::new(inner)), c.extent_from(start)));
        }
    }
    chain(c)
}

/// What stands alone, then `.layer(…)` any number of times.
fn chain(c: &mut Cursor<'_>) -> Parsed<Expr> {
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

/// A name, a call, a number, a string, a list, a tuple, parentheses or `if`.
fn primary(c: &mut Cursor<'_>) -> Parsed<Expr> {
    let start = c.span();
    let kind = match c.peek() {
        Some(TokenTree::Literal(_)) => {
            let literal = c.literal().expect("a literal was seen");
            number_or_text(c, literal)?
        }
        Some(TokenTree::Ident(i)) => {
            let word = i.clone();
            named(c, word)?
        }
        Some(TokenTree::Group(g)) => {
            let group = g.clone();
            match group.delimiter() {
                Delimiter::Parenthesis => {
                    c.next();
                    parenthesised(c, &group)?
                }
                Delimiter::None => {
                    c.next();
                    let mut inner = c.enter(&group)?;
                    let value = expression(&mut inner)?;
                    if !inner.is_empty() {
                        return Err(inner.unexpected("one expression", "pass `$x:expr` to the macro"));
                    }
                    value.kind
                }
                Delimiter::Bracket => {
                    c.next();
                    ExprKind::List(list(c, &group)?.0)
                }
                Delimiter::Brace => {
                    return Err(c.unexpected(
                        "an expression",
                        "only the branches of an `if` stand in braces; name a part with `let`",
                    ));
                }
            }
        }
        Some(TokenTree::Punct(p)) if p.as_char() == '|' => {
            return Err(c.unexpected(
                "an expression",
                "there are no closures; write a formula `fn f(x) = …;` and call `x.f()`",
            ));
        }
        Some(TokenTree::Punct(p)) if p.as_char() == '&' => {
            return Err(c.unexpected("an expression", "tensors are used by name, without `&`"));
        }
        _ => {
            return Err(c.unexpected(
                "an expression",
                "an expression is a name, a number, or a chain as in `x.dense(10).relu()`",
            ));
        }
    };
    c.checked(Expr::new(kind, c.extent_from(start)))
}

/// What begins with a word.
fn named(c: &mut Cursor<'_>, word: Ident) -> Parsed<ExprKind> {
    let text = word.to_string();
    match text.as_str() {
        "true" | "false" => {
            c.next();
            return Ok(ExprKind::Bool(text == "true"));
        }
        "if" => return condition(c),
        "crate" | "super" | "self" | "Self" => {}
        "for" | "while" | "loop" => {
            return Err(c.report(
                word.span(),
                format!("`{text}` is not part of the language"),
                "to stack a layer or a block n times, write `x.repeat(n, my_block(…))`",
            ));
        }
        "match" => {
            return Err(c.report(
                word.span(),
                "`match` is not part of the language",
                "choose with `if … { … } else { … }`",
            ));
        }
        "return" => {
            return Err(c.report(
                word.span(),
                "`return` is not part of the language",
                "a body's last expression, without `;`, is its output",
            ));
        }
        _ if is_keyword(&text) => {
            return Err(c.unexpected(
                "an expression",
                "an expression is a name, a number, or a chain as in `x.dense(10).relu()`",
            ));
        }
        _ => {}
    }
    c.next();
    if c.is("::") {
        return path(c, word);
    }
    if let "crate" | "super" | "self" | "Self" = text.as_str() {
        let help = match text.as_str() {
            "self" => "a network has no fields: a layer is called on its input, as in `x.dense(10)`",
            _ => "a constant of your crate is written `crate::NAME`",
        };
        return Err(c.report(word.span(), format!("`{text}` alone is no expression"), help));
    }
    if let (true, Some(TokenTree::Group(_))) = (c.is("!"), c.peek_at(1)) {
        c.next();
        let extent = c.extent_from(word.span());
        c.next();
        return Err(c.report(
            extent,
            format!("a macro call `{word}!` inside a network"),
            "call the macro outside, and use `network!` in what it expands to",
        ));
    }
    match c.group(Delimiter::Parenthesis) {
        Some(group) => Ok(ExprKind::Call(Call {
            arguments: arguments(c, &group)?,
            name: word,
        })),
        None => Ok(ExprKind::Name(word)),
    }
}

/// `crate::sizes::WIDTH`
fn path(c: &mut Cursor<'_>, first: Ident) -> Parsed<ExprKind> {
    let mut tokens: Vec<TokenTree> = vec![first.into()];
    while c.is("::") {
        tokens.extend(c.next());
        tokens.extend(c.next());
        match c.peek() {
            Some(TokenTree::Ident(_)) => tokens.extend(c.next()),
            _ => {
                return Err(c.unexpected(
                    "a name after `::`",
                    "a constant of your crate is written `crate::NAME`",
                ));
            }
        }
    }
    if c.is_group(Delimiter::Parenthesis) {
        c.next();
        return Err(c.report(
            Extent::new(tokens[0].span(), c.last_span()),
            "a function of your crate inside a network",
            "layers are called by their plain names, elementwise functions are written `fn f(x) = …;`",
        ));
    }
    Ok(ExprKind::Path(tokens.into_iter().collect()))
}

fn condition(c: &mut Cursor<'_>) -> Parsed<ExprKind> {
    let start = c.span();
    c.eat_word("if");
    if c.is_word("let") {
        return Err(c.report(
            c.span(),
            "`if let` is not part of the language",
            "a condition compares sizes: `if stride == 1 { … } else { … }`",
        ));
    }
    let help = "write `if stride == 1 { … } else { … }`";
    let condition = c.nested(expression)?;
    let then = match c.group(Delimiter::Brace) {
        Some(group) => body(c, &group)?,
        None => return Err(c.unexpected("`{` after the condition", help)),
    };
    if !c.eat_word("else") {
        return Err(c.report(
            c.extent_from(start),
            "`if` without `else`",
            "both branches give a value: `if … { … } else { x }`",
        ));
    }
    let otherwise = if c.is_word("if") {
        let start = c.span();
        let kind = c.nested(condition_again)?;
        let result = c.checked(Expr::new(kind, c.extent_from(start)))?;
        crate::ast::Body {
            lets: Vec::new(),
            result,
            incomplete: false,
        }
    } else {
        match c.group(Delimiter::Brace) {
            Some(group) => body(c, &group)?,
            None => return Err(c.unexpected("`{` or `if` after `else`", help)),
        }
    };
    Ok(ExprKind::If {
        condition: Box::new(condition),
        then: Box::new(then),
        otherwise: Box::new(otherwise),
    })
}

fn condition_again(c: &mut Cursor<'_>) -> Parsed<ExprKind> {
    condition(c)
}

/// `(a)` is `a`; `(a, b)` is a tuple.
fn parenthesised(c: &Cursor<'_>, group: &Group) -> Parsed<ExprKind> {
    let (mut items, trailing) = list(c, group)?;
    match items.len() {
        0 => Err(c.report(
            Extent::new(group.span_open(), group.span_close()),
            "expected an expression, found `()`",
            "a network has at least one output",
        )),
        1 if !trailing => Ok(items.remove(0).kind),
        _ => Ok(ExprKind::Tuple(items)),
    }
}

/// Items separated by commas, and whether a comma ends them.
fn list(c: &Cursor<'_>, group: &Group) -> Parsed<(Vec<Expr>, bool)> {
    let mut c = c.enter(group)?;
    let mut items = Vec::new();
    let mut trailing = false;
    let mut fault = None;
    while !c.is_empty() {
        trailing = false;
        match expression(&mut c) {
            Ok(item) => items.push(item),
            Err(reported) => {
                fault = Some(reported);
                c.skip_past(',');
                continue;
            }
        }
        if !c.is_empty() {
            trailing = c.eat(",");
            if !trailing {
                fault = Some(c.unexpected("`,` or the end", "items are separated by commas"));
                c.skip_past(',');
            }
        }
    }
    match fault {
        Some(reported) => Err(reported),
        None => Ok((items, trailing)),
    }
}

fn number_or_text(c: &mut Cursor<'_>, literal: Literal) -> Parsed<ExprKind> {
    let span = literal.span();
    let wrong = |c: &Cursor<'_>, what: &str, help: &str| {
        Err(c.report(span, format!("{what} is not part of the language"), help))
    };
    match Lit::new(literal) {
        Lit::Int(int) => {
            let value = match int.suffix() {
                "f32" | "f64" => return float(c, span, int.base10_digits(), ""),
                "" | "usize" | "u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64" | "isize" => {
                    int.base10_parse::<u64>()
                }
                suffix => {
                    return Err(c.report(
                        span,
                        format!("unknown ending `{suffix}` of a number"),
                        "write the number alone; arithmetic has its operators: `4 * WIDTH`",
                    ));
                }
            };
            let Ok(value) = value else {
                return Err(c.report(
                    span,
                    format!("the number {int} does not fit in 64 bits"),
                    "sizes are far smaller; a real number is written with a point, `1.0e20`",
                ));
            };
            unit(c, value, span)
        }
        Lit::Float(number) => float(c, span, number.base10_digits(), number.suffix()),
        Lit::Str(text) => Ok(ExprKind::Text(text.value())),
        Lit::Bool(flag) => Ok(ExprKind::Bool(flag.value)),
        Lit::Char(_) | Lit::Byte(_) => wrong(c, "a character", "a text stands in double quotes: `\"stem\"`"),
        _ => wrong(
            c,
            "this literal",
            "numbers, `true`, `false` and texts in double quotes are",
        ),
    }
}

fn float(c: &Cursor<'_>, span: Span, digits: &str, suffix: &str) -> Parsed<ExprKind> {
    match (digits.parse::<f64>(), suffix) {
        (Ok(value), "" | "f32" | "f64") if value.is_finite() => Ok(ExprKind::Float(value)),
        (_, "" | "f32" | "f64") => Err(c.report(
            span,
            format!("the number {digits} is too large"),
            "the largest is about 1.8e308",
        )),
        _ => Err(c.report(
            span,
            format!("unknown ending `{suffix}` of a number"),
            "write the number alone: `0.5`",
        )),
    }
}

/// `48 KiB`, where memory is spoken of.
fn unit(c: &mut Cursor<'_>, value: u64, number: Span) -> Parsed<ExprKind> {
    let factor = match c.peek() {
        Some(TokenTree::Ident(unit)) if c.units => match unit.to_string().as_str() {
            "B" => 1,
            "kB" => 1000,
            "MB" => 1_000_000,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            other => {
                let message = format!("unknown unit `{other}`");
                return Err(c.report(
                    c.span(),
                    message,
                    "units are `B`, `kB`, `MB`, `KiB`, `MiB` and `GiB`",
                ));
            }
        },
        _ => return Ok(ExprKind::Int(value)),
    };
    c.next();
    match value.checked_mul(factor) {
        Some(bytes) => Ok(ExprKind::Int(bytes)),
        None => Err(c.diagnostics.report(
            Diagnosis::new(c.extent_from(number), "more bytes than 64 bits can count")
                .help("microcontrollers have some hundred KiB"),
        )),
    }
}
