//! Expressions: one grammar for tensor chains, sizes, arguments, conditions and formulas. From loose to tight:
//! `||`, `&&`, comparisons, `+ -`, `* / %`, `-` and `!`, `.layer(…)`, and what stands alone.

use proc_macro2::{Delimiter, Group, Ident, TokenTree};

use super::body::body;
use super::calls::{arguments, chain};
use super::cursor::{Cursor, Parsed, is_keyword};
use super::literals::number_or_text;
use crate::ast::{BinaryOp, Call, Expr, ExprKind};
use crate::diagnostics::Extent;

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

/// A name, a call, a number, a string, a list, a tuple, parentheses or `if`.
pub fn primary(c: &mut Cursor<'_>) -> Parsed<Expr> {
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
        Some(TokenTree::Punct(p)) if p.as_char() == '#' => {
            return Err(c.unexpected(
                "an expression",
                "attributes stand before the network: `#[loss(…)] pub Name(…) …`",
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
        let reported = c.report(
            c.span(),
            "`if let` is not part of the language",
            "a condition compares sizes: `if stride == 1 { … } else { … }`",
        );
        while !c.is_empty() && !c.is_group(Delimiter::Brace) && !c.is_char(';') {
            c.next();
        }
        return Err(reported);
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
