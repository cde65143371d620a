//! Items: networks, `block`s, `fn` formulas and `const`s.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use super::attributes::{Attributes, attributes};
use super::body::body;
use super::cursor::{Cursor, Parsed};
use super::expressions::{expression, size};
use crate::ast::{
    BlockDef, Body, ConstDef, Expr, FormulaDef, InputDef, NetworkDef, Source, TensorKind, TensorType,
};

const NETWORK: &str = "a network is written `pub Name(x: Tensor<2>) -> Tensor<1> { x.dense(1) }`";

/// One item; after a fault the cursor stands behind it.
pub fn item(c: &mut Cursor<'_>, source: &mut Source) {
    let attributes = attributes(c);
    if c.is_empty() {
        c.unexpected("an item after the attributes", NETWORK);
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

/// Behind the item: past its braces or its `;`.
fn skip_item(c: &mut Cursor<'_>) {
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

fn network(c: &mut Cursor<'_>, attributes: Attributes, visibility: TokenStream) -> Parsed<NetworkDef> {
    let name = c.new_name("a network's name", "pub Name(x: Tensor<2>) -> Tensor<1> { … }")?;
    let mut network = NetworkDef {
        passed_attributes: attributes.passed,
        attributes: attributes.ours,
        visibility,
        body: nothing(name.span()),
        inputs: Vec::new(),
        outputs: Vec::new(),
        incomplete: false,
        name,
    };
    match c.group(Delimiter::Parenthesis) {
        Some(group) => match inputs(c, &group, &mut network) {
            Ok(()) => {}
            Err(_) => network.incomplete = true,
        },
        None => {
            c.unexpected(&format!("`(` with the inputs of `{}`", network.name), NETWORK);
            network.incomplete = true;
        }
    }
    if outputs(c, &mut network).is_err() {
        network.incomplete = true;
    }
    // What stands before the body was already found faulty.
    while network.incomplete && !c.is_empty() && !c.is_group(Delimiter::Brace) && !c.is_char(';') {
        c.next();
    }
    match c.group(Delimiter::Brace) {
        Some(group) => match body(c, &group) {
            Ok(body) => network.body = body,
            Err(_) => network.incomplete = true,
        },
        None => {
            if !network.incomplete {
                c.unexpected(&format!("`{{` with the body of `{}`", network.name), NETWORK);
                network.incomplete = true;
            }
            skip_item(c);
        }
    }
    Ok(network)
}

/// Stands where a body did not parse.
fn nothing(span: Span) -> Body {
    Body {
        lets: Vec::new(),
        result: Expr::error(span),
        incomplete: true,
    }
}

fn inputs(c: &Cursor<'_>, group: &Group, network: &mut NetworkDef) -> Parsed<()> {
    let mut c = c.enter(group)?;
    if c.is_empty() {
        return Err(c.report(
            crate::diagnostics::Extent::new(group.span_open(), group.span_close()),
            format!("`{}` has no inputs", network.name),
            "name one with its shape: `(x: Tensor<2>)`",
        ));
    }
    let mut result = Ok(());
    while !c.is_empty() {
        match input(&mut c) {
            Ok(input) => network.inputs.push(input),
            Err(reported) => {
                result = Err(reported);
                skip_input(&mut c);
            }
        }
        if !c.is_empty() && !c.eat(",") {
            result = Err(c.unexpected("`,` or `)`", "inputs are written `x: Tensor<2>, y: Tensor<3>`"));
            skip_input(&mut c);
            c.eat(",");
        }
    }
    result
}

/// To the comma that ends a bad input, past the commas inside `<…>`.
fn skip_input(c: &mut Cursor<'_>) {
    while !c.is_empty() && !c.is_char(',') {
        if c.is_char('<') {
            c.skip_angles();
        } else {
            c.next();
        }
    }
}

fn input(c: &mut Cursor<'_>) -> Parsed<InputDef> {
    let name = c.new_name("an input's name", "x: Tensor<2>")?;
    if !c.is_char(':') {
        return Err(c.unexpected(
            &format!("`:` and the shape of `{name}`"),
            format!("write `{name}: Tensor<2>`"),
        ));
    }
    c.next();
    let ty = tensor_type(c)?;
    Ok(InputDef { name, ty })
}

/// `-> Tensor<10>` or `-> (Tensor<10>, Tensor<1>)`
fn outputs(c: &mut Cursor<'_>, network: &mut NetworkDef) -> Parsed<()> {
    if !c.eat("->") {
        if network.incomplete {
            return Ok(());
        }
        return Err(c.unexpected(
            &format!("`->` and the output of `{}`", network.name),
            "declare the output's shape: `-> Tensor<10>`",
        ));
    }
    let Some(group) = c.group(Delimiter::Parenthesis) else {
        network.outputs.push(tensor_type(c)?);
        return Ok(());
    };
    let mut inner = c.enter(&group)?;
    if inner.is_empty() {
        return Err(c.report(group.span(), "no output", "declare its shape: `-> Tensor<10>`"));
    }
    while !inner.is_empty() {
        network.outputs.push(tensor_type(&mut inner)?);
        if !inner.is_empty() {
            inner.expect(",", "several outputs are written `-> (Tensor<10>, Tensor<1>)`")?;
        }
    }
    Ok(())
}

/// `Tensor<28, 28, 1>`, `Tokens<64, vocab = 96>`
fn tensor_type(c: &mut Cursor<'_>) -> Parsed<TensorType> {
    let start = c.span();
    let help = "shapes are written `Tensor<28, 28, 1>`, without the batch";
    let kind = match c.peek() {
        Some(TokenTree::Ident(i)) if i == "Tensor" => TensorKind::Tensor,
        Some(TokenTree::Ident(i)) if i == "Tokens" => TensorKind::Tokens,
        _ => return Err(c.unexpected("`Tensor<…>`", help)),
    };
    c.next();
    if !c.is_char('<') {
        return Err(c.unexpected("`<`", help));
    }
    c.next();
    let mut ty = TensorType {
        kind,
        dims: Vec::new(),
        vocab: None,
        extent: start.into(),
    };
    if let Err(reported) = sizes(c, &mut ty) {
        // Behind the `>`, so that the other inputs are read.
        while !c.is_empty() && !c.is_char('>') && !c.is_char(';') && !c.is_group(Delimiter::Brace) {
            c.next();
        }
        if c.is_char('>') {
            c.next();
        }
        return Err(reported);
    }
    ty.extent = c.extent_from(start);
    if ty.dims.is_empty() {
        let help = match kind {
            TensorKind::Tensor => "a single number is `Tensor<1>`",
            TensorKind::Tokens => "give its length: `Tokens<64, vocab = 96>`",
        };
        return Err(c.report(ty.extent, "a shape without sizes", help));
    }
    Ok(ty)
}

/// `28, 28, 1>`
fn sizes(c: &mut Cursor<'_>, ty: &mut TensorType) -> Parsed<()> {
    while !c.is_char('>') {
        if c.is_word("vocab") && matches!(c.peek_at(1), Some(TokenTree::Punct(p)) if p.as_char() == '=') {
            let name = c.span();
            c.next();
            c.next();
            let vocab = size(c)?;
            if ty.kind == TensorKind::Tensor {
                return Err(c.report(
                    name,
                    "`vocab` of a `Tensor`",
                    "class indices come in as `Tokens<64, vocab = 96>`",
                ));
            }
            ty.vocab = Some(vocab);
        } else if c.is_char('_') || c.is_word("_") || c.is_word("batch") || c.is_word("None") {
            return Err(c.report(
                c.span(),
                format!("expected a size, found {}", c.found()),
                "leave the batch out: it is any number at run time",
            ));
        } else {
            ty.dims.push(size(c)?);
        }
        if !c.is_char('>') {
            c.expect(
                ",",
                "sizes are separated by commas, and `>` ends them: `Tensor<28, 28, 1>`",
            )?;
        }
    }
    c.next();
    Ok(())
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
        return Err(c.report(
            c.span(),
            "a type on a block's parameter",
            format!("write `{name}` alone: its shape is that of the argument at each call"),
        ));
    }
    let default = match c.eat("=") {
        true => Some(expression(c)?),
        false => None,
    };
    if let (None, Some((before, Some(_)))) = (&default, block.parameters.last()) {
        let message = format!("`{name}` without a default after `{before}` with one");
        return Err(c.report(name.span(), message, "parameters with a default come last"));
    }
    block.parameters.push((name, default));
    Ok(())
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
            return Err(inner.report(
                inner.span(),
                "a type on a formula's parameter",
                format!("write `{parameter}` alone: a formula works on single numbers"),
            ));
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
