//! Attributes of items: ours are read, doc comments and lints passed on, the rest refused.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::calls::arguments;
use super::cursor::{Cursor, Parsed};
use crate::ast::{Arguments, Attribute};
use crate::suggest;

/// The attributes that the language itself has.
pub const OURS: &[&str] = &["loss", "scalar", "print", "budget", "weights", "quantize"];

/// Attributes that go onto the emitted type as they are.
const PASSED: &[&str] = &[
    "doc",
    "allow",
    "expect",
    "warn",
    "deny",
    "forbid",
    "deprecated",
    "must_use",
];

/// Whether the attribute goes onto the emitted type as it is.
pub fn is_passed(name: &str) -> bool {
    PASSED.contains(&name)
}

/// What stands before an item.
#[derive(Default)]
pub struct Attributes {
    pub ours: Vec<Attribute>,
    pub passed: Vec<TokenStream>,
    /// The first one that is more than a comment, for items that take none.
    pub first: Option<proc_macro2::Ident>,
}

/// All attributes before an item.
pub fn attributes(c: &mut Cursor<'_>) -> Attributes {
    let mut found = Attributes::default();
    while c.is_char('#') {
        let sign = c.next();
        if c.is_char('!') {
            c.report(
                c.span(),
                "an inner attribute `#![…]`",
                "write `#[…]` before the network",
            );
            c.next();
        }
        match c.group(Delimiter::Bracket) {
            Some(group) => {
                let _ = attribute(c, sign, &group, &mut found);
            }
            None => {
                c.unexpected("`[` after `#`", "an attribute is written `#[loss(…)]`");
            }
        }
    }
    found
}

fn attribute(c: &Cursor<'_>, sign: Option<TokenTree>, group: &Group, found: &mut Attributes) -> Parsed<()> {
    let mut inner = c.enter(group)?;
    let name = match inner.peek() {
        Some(TokenTree::Ident(name)) => name.clone(),
        _ => return Err(inner.unexpected("an attribute's name", "as in `#[loss(softmax_cross_entropy)]`")),
    };
    inner.next();
    let text = name.to_string();
    if text != "doc" && found.first.is_none() {
        found.first = Some(name.clone());
    }
    if is_passed(&text) {
        let attribute: TokenStream = sign
            .into_iter()
            .chain([TokenTree::Group(group.clone())])
            .collect();
        found.passed.push(attribute);
        return Ok(());
    }
    if !OURS.contains(&text.as_str()) {
        let help = match text.as_str() {
            "derive" => "the type of a network comes with `Clone` and `Debug`; implement other traits for it beside the block".into(),
            "cfg" | "cfg_attr" => "put the whole `network!` block under the `cfg`".into(),
            _ => match suggest::nearest(&text, OURS.iter().copied()) {
                Some(near) => format!("did you mean `#[{near}(…)]`?"),
                None => "a network takes `#[loss(…)]`, `#[scalar(…)]`, `#[budget(…)]`, `#[weights(…)]`, `#[quantize(…)]`, `#[print(…)]`, doc comments and lints".into(),
            },
        };
        return Err(c.report(name.span(), format!("unknown attribute `{text}`"), help));
    }
    if let Some(before) = found.ours.iter().find(|a| a.name == name) {
        let help = match text.as_str() {
            "loss" => {
                "the losses of several outputs stand in one attribute: `#[loss(first, second)]`".to_string()
            }
            _ => format!("merge them: `#[{}(…, …)]`", before.name),
        };
        return Err(c.report(name.span(), format!("a second `#[{text}(…)]`"), help));
    }
    inner.units = text == "budget";
    let example = match text.as_str() {
        "loss" => "#[loss(mean_squared_error)]",
        "scalar" => "#[scalar(f64)]",
        "print" => "#[print(ir)]",
        "weights" => "#[weights(\"digits.safetensors\")]",
        "quantize" => "#[quantize(int8)]",
        _ => "#[budget(params <= 10_000)]",
    };
    let found_arguments = match inner.group(Delimiter::Parenthesis) {
        Some(group) => {
            let arguments = arguments(&inner, &group);
            if let Ok(a) = &arguments
                && a.positional.is_empty()
                && a.named.is_empty()
                && !a.incomplete
            {
                inner.report(
                    a.extent,
                    format!("`#[{text}]` names nothing"),
                    format!("as in `{example}`"),
                );
            }
            arguments
        }
        None => Err(inner.unexpected(&format!("`(` after `{text}`"), format!("as in `{example}`"))),
    };
    // An attribute that did not parse was given all the same.
    found.ours.push(Attribute {
        arguments: found_arguments.unwrap_or_else(|_| Arguments {
            incomplete: true,
            ..Arguments::none(name.span())
        }),
        name,
    });
    if !inner.is_empty() {
        inner.unexpected("`]`", format!("as in `{example}`"));
    }
    Ok(())
}
