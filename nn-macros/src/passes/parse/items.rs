//! Items: networks, `block`s, `fn` formulas and `const`s.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::attributes::{Attributes, attributes};
use super::body::body;
use super::cursor::{Cursor, Parsed};
use super::expressions::expression;
use super::instances::instance;
use super::networks::{network, nothing, skip_input};
use crate::ast::{BlockDef, ConstDef, Expr, FormulaDef, Source};

pub const NETWORK: &str = "a network is written `pub Name(x: Tensor<2>) -> Tensor<1> { x.dense(1) }`";

/// One item; after a fault the cursor stands behind it.
pub fn item(c: &mut Cursor<'_>, source: &mut Source) {
    let start = c.span();
    let attributes = attributes(c);
    if c.is_empty() {
        c.report(
            c.extent_from(start),
            "expected an item after the attributes, found the end of the block",
            NETWORK,
        );
        return;
    }
    if c.is_char(';') {
        c.report(c.span(), "a `;` that ends nothing", "remove it");
        c.next();
        return;
    }
    let visibility = visibility(c);
    let result = match c.peek() {
        Some(TokenTree::Ident(word)) => {
            let word = word.clone();
            keyword_item(c, &word, attributes, visibility, source)
        }
        _ => Err(c.unexpected(
            "an item",
            format!("{NETWORK}; besides there are `block`, `fn` and `const`"),
        )),
    };
    if result.is_err() {
        source.incomplete = true;
        skip_item(c);
    }
}

fn keyword_item(
    c: &mut Cursor<'_>,
    word: &Ident,
    attributes: Attributes,
    visibility: TokenStream,
    source: &mut Source,
) -> Parsed<()> {
    let plain = |c: &Cursor<'_>| {
        if let Some(first) = &attributes.first {
            c.report(
                first.span(),
                format!("`#[{first}]` on a `{word}`"),
                "attributes belong to networks; remove it, or move it to the network",
            );
        }
        if let Some(token) = visibility.clone().into_iter().next() {
            c.report(
                token.span(),
                format!("a visibility on a `{word}`"),
                "remove it: blocks, formulas and constants are seen by the whole `network!` block and by nothing else",
            );
        }
    };
    match (word.to_string().as_str(), c.peek_at(1)) {
        ("const", _) => {
            plain(c);
            c.next();
            source.consts.push(constant(c)?);
        }
        ("fn", _) => {
            plain(c);
            c.next();
            source.formulas.push(formula(c)?);
        }
        ("block", Some(TokenTree::Ident(_))) => {
            plain(c);
            c.next();
            source.blocks.push(block(c)?);
        }
        ("type", Some(TokenTree::Ident(_))) if is_equals(c.peek_at(2)) => {
            c.next();
            source.instances.push(instance(c, attributes, visibility)?);
        }
        ("struct" | "network" | "model" | "net" | "type", Some(TokenTree::Ident(_))) => {
            c.report(
                word.span(),
                format!("`{word}` before a network's name"),
                format!("remove it: {NETWORK}"),
            );
            c.next();
            source.networks.push(network(c, attributes, visibility)?);
        }
        (
            "use" | "mod" | "static" | "enum" | "impl" | "trait" | "extern" | "macro_rules" | "let"
            | "unsafe",
            _,
        ) => {
            return Err(c.report(
                word.span(),
                format!("`{word}` inside `network!`"),
                "put it outside; the block holds networks, `block`s, `fn` formulas and `const`s",
            ));
        }
        _ => source.networks.push(network(c, attributes, visibility)?),
    }
    Ok(())
}

fn is_equals(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == '=')
}

/// Behind the item: past its braces or its `;`.
pub fn skip_item(c: &mut Cursor<'_>) {
    while let Some(token) = c.next() {
        match token {
            TokenTree::Group(g) if g.delimiter() == Delimiter::Brace => return,
            TokenTree::Punct(p) if p.as_char() == ';' => return,
            _ => {}
        }
    }
}

/// `pub`, `pub(crate)`, `pub(in path)` or nothing.
fn visibility(c: &mut Cursor<'_>) -> TokenStream {
    if c.is_group(Delimiter::None) {
        return c.next().into_iter().collect();
    }
    if !c.is_word("pub") {
        return TokenStream::new();
    }
    let mut tokens: Vec<TokenTree> = c.next().into_iter().collect();
    if c.is_group(Delimiter::Parenthesis) {
        tokens.extend(c.next());
    }
    tokens.into_iter().collect()
}

fn block(c: &mut Cursor<'_>) -> Parsed<BlockDef> {
    let example = "block residual(x, channels, stride = 1) { … }";
    let name = c.new_name("a block's name", example)?;
    let mut block = BlockDef {
        body: nothing(name.span()),
        name,
        parameters: Vec::new(),
        incomplete: false,
    };
    match c.group(Delimiter::Parenthesis) {
        Some(group) => block.incomplete |= parameters(c, &group, &mut block).is_err(),
        None => {
            c.unexpected(
                &format!("`(` with the parameters of `{}`", block.name),
                format!("write it as in `{example}`"),
            );
            block.incomplete = true;
        }
    }
    if c.is("->") {
        c.report(
            c.span(),
            "an output type on a `block`",
            "remove it: a block's shapes are computed at each call",
        );
        block.incomplete = true;
    }
    while block.incomplete && !c.is_empty() && !c.is_group(Delimiter::Brace) && !c.is_char(';') {
        c.next();
    }
    match c.group(Delimiter::Brace) {
        Some(group) => match body(c, &group) {
            Ok(body) => block.body = body,
            Err(_) => block.incomplete = true,
        },
        None => {
            if !block.incomplete {
                c.unexpected(
                    &format!("`{{` with the body of `{}`", block.name),
                    format!("write it as in `{example}`"),
                );
                block.incomplete = true;
            }
            skip_item(c);
        }
    }
    Ok(block)
}

fn parameters(c: &Cursor<'_>, group: &Group, block: &mut BlockDef) -> Parsed<()> {
    let mut c = c.enter(group)?;
    let mut result = Ok(());
    while !c.is_empty() {
        let parsed = parameter(&mut c, block);
        if parsed.is_err() {
            result = parsed;
            skip_input(&mut c);
        }
        if !c.is_empty() && !c.eat(",") {
            result = Err(c.unexpected("`,` or `)`", "parameters are written `(x, channels, stride = 1)`"));
            skip_input(&mut c);
            c.eat(",");
        }
    }
    result
}

fn parameter(c: &mut Cursor<'_>, block: &mut BlockDef) -> Parsed<()> {
    let name = c.new_name(
        "a parameter's name",
        "block residual(x, channels, stride = 1) { … }",
    )?;
    if let Some((first, _)) = block.parameters.iter().find(|(n, _)| *n == name) {
        return Err(c.report(
            name.span(),
            format!("a second parameter `{first}`"),
            "give it another name",
        ));
    }
    if c.is(":") {
        c.report(
            c.span(),
            "a type on a block's parameter",
            format!("write `{name}` alone: its shape is that of the argument at each call"),
        );
        skip_type(c);
    }
    let mut default = match c.eat("=") {
        true => Some(expression(c)?),
        false => None,
    };
    if let (None, Some((before, Some(_)))) = (&default, block.parameters.last()) {
        let message = format!("`{name}` without a default after `{before}` with one");
        c.report(name.span(), message, "parameters with a default come last");
        // No call is at fault for leaving it out.
        default = Some(Expr::error(name.span()));
    }
    block.parameters.push((name, default));
    Ok(())
}

/// To the default or the comma behind a type that should not be there.
fn skip_type(c: &mut Cursor<'_>) {
    while !c.is_empty() && !c.is_char(',') && !c.is_char('=') {
        if c.is_char('<') {
            c.skip_angles();
        } else {
            c.next();
        }
    }
}

fn formula(c: &mut Cursor<'_>) -> Parsed<FormulaDef> {
    let example = "fn mish(x) = x * tanh(ln(1.0 + exp(x)));";
    let help = format!("write it as in `{example}`");
    let name = c.new_name("a formula's name", example)?;
    let Some(group) = c.group(Delimiter::Parenthesis) else {
        return Err(c.unexpected(&format!("`(` with the parameters of `{name}`"), help));
    };
    let mut inner = c.enter(&group)?;
    let mut formula = FormulaDef {
        body: Expr::error(name.span()),
        name,
        parameters: Vec::new(),
        incomplete: false,
    };
    while !inner.is_empty() {
        let parameter = inner.new_name("a parameter's name", example)?;
        if inner.is(":") {
            inner.report(
                inner.span(),
                "a type on a formula's parameter",
                format!("write `{parameter}` alone: a formula works on single numbers"),
            );
            skip_type(&mut inner);
        }
        if formula.parameters.contains(&parameter) {
            return Err(inner.report(
                parameter.span(),
                format!("a second parameter `{parameter}`"),
                "give it another name",
            ));
        }
        formula.parameters.push(parameter);
        if !inner.is_empty() {
            inner.expect(",", "parameters are separated by commas")?;
        }
    }
    if formula.parameters.is_empty() {
        return Err(c.report(
            group.span(),
            format!("`{}` has no parameter", formula.name),
            "a formula is a function of at least one number; a fixed number is a `const`",
        ));
    }
    if c.is("->") || c.is_group(Delimiter::Brace) {
        return Err(c.report(
            c.span(),
            format!("expected `=` and an expression, found {}", c.found()),
            format!("a formula is one expression: `{example}`; a group of layers is a `block`"),
        ));
    }
    c.expect("=", help.clone())?;
    formula.body = match expression(c) {
        Ok(body) => body,
        Err(_) => {
            formula.incomplete = true;
            c.skip_past(';');
            return Ok(formula);
        }
    };
    c.expect(";", "a formula ends with `;`")?;
    Ok(formula)
}

fn constant(c: &mut Cursor<'_>) -> Parsed<ConstDef> {
    let example = "const WIDTH: usize = 128;";
    let help = format!("write it as in `{example}`");
    let name = c.new_name("a constant's name", example)?;
    c.expect(":", help.clone())?;
    let ty = match c.peek() {
        Some(TokenTree::Ident(ty)) => ty.clone(),
        _ => return Err(c.unexpected("the constant's type", help)),
    };
    c.next();
    c.expect("=", help)?;
    let value = match expression(c) {
        Ok(value) => value,
        Err(_) => {
            let value = Expr::error(name.span());
            c.skip_past(';');
            return Ok(ConstDef { name, ty, value });
        }
    };
    c.expect(";", "a constant ends with `;`")?;
    Ok(ConstDef { name, ty, value })
}
