//! Networks: the header with its inputs and outputs, then the body.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

use super::attributes::Attributes;
use super::body::body;
use super::cursor::{Cursor, Parsed};
use super::expressions::size;
use super::instances;
use super::items::{NETWORK, skip_item};
use crate::ast::{Body, Expr, InputDef, NetworkDef, TensorKind, TensorType};
use crate::diagnostics::Extent;

pub fn network(c: &mut Cursor<'_>, attributes: Attributes, visibility: TokenStream) -> Parsed<NetworkDef> {
    let name = c.new_name("a network's name", "pub Name(x: Tensor<2>) -> Tensor<1> { … }")?;
    let mut network = NetworkDef {
        passed_attributes: attributes.passed,
        attributes: attributes.ours,
        visibility,
        body: nothing(name.span()),
        sizes: Vec::new(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        instance: None,
        incomplete: false,
        name,
    };
    if c.is_char('<') && instances::sizes(c, &mut network).is_err() {
        network.incomplete = true;
        instances::skip_sizes(c);
    }
    match c.group(Delimiter::Parenthesis) {
        Some(group) => match inputs(c, &group, &mut network) {
            Ok(()) => {}
            Err(_) => network.incomplete = true,
        },
        None if network.incomplete => {}
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
pub fn nothing(span: Span) -> Body {
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
            Extent::new(group.span_open(), group.span_close()),
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
pub fn skip_input(c: &mut Cursor<'_>) {
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
    if c.is_char(':') {
        c.next();
    } else {
        let reported = c.unexpected(
            &format!("`:` and the shape of `{name}`"),
            format!("write `{name}: Tensor<2>`"),
        );
        // The shape may be there all the same: then the type is known, and a call of it says nothing more.
        if !(c.is_word("Tensor") || c.is_word("Tokens")) {
            return Err(reported);
        }
    }
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
