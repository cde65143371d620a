//! The items of a block, told apart by their first words alone, whatever stands in them.

use proc_macro2::{Delimiter, Group, Ident, TokenTree};
use quote::quote;

use crate::passes::parse::{flatten, is_keyword};

/// One item, in tokens.
pub enum Item<'t> {
    Network {
        attributes: Vec<&'t Group>,
        /// Its own constants, with their types and values.
        sizes: Vec<Size<'t>>,
        /// The parentheses behind the name.
        inputs: proc_macro2::TokenStream,
        /// What stands between them and the body.
        header: &'t [TokenTree],
        body: Vec<TokenTree>,
    },
    /// A `block` or a formula.
    Layer {
        docs: Vec<proc_macro2::TokenStream>,
        name: &'t Ident,
        parameters: Vec<Parameter>,
        body: Vec<TokenTree>,
    },
    Const(Size<'t>),
    /// `type Small = Mlp<HIDDEN = 16>;`
    Instance {
        of: &'t Ident,
        /// What stands behind it.
        sizes: &'t [TokenTree],
    },
}

/// `const NAME: ty = value`
pub struct Size<'t> {
    pub name: &'t Ident,
    pub ty: &'t Ident,
    pub value: &'t [TokenTree],
}

pub struct Parameter {
    pub name: Ident,
    /// Behind its `=`, if it has one.
    pub default: Option<Vec<TokenTree>>,
}

/// Cuts a block at the ends of its items: braces or a `;`.
pub fn split(tokens: &[TokenTree]) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    let mut rest = tokens;
    while !rest.is_empty() {
        let end = rest.iter().position(ends_item).map_or(rest.len(), |i| i + 1);
        let (item, behind) = rest.split_at(end);
        items.extend(read(item));
        rest = behind;
    }
    items
}

fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(g) => g.delimiter() == Delimiter::Brace,
        TokenTree::Punct(p) => p.as_char() == ';',
        _ => false,
    }
}

fn read(mut tokens: &[TokenTree]) -> Option<Item<'_>> {
    let mut attributes = Vec::new();
    while let [TokenTree::Punct(p), TokenTree::Group(group), rest @ ..] = tokens
        && p.as_char() == '#'
    {
        attributes.push(group);
        tokens = rest;
    }
    if let [TokenTree::Ident(word), rest @ ..] = tokens
        && word == "pub"
    {
        tokens = match rest {
            [TokenTree::Group(g), rest @ ..] if g.delimiter() == Delimiter::Parenthesis => rest,
            _ => rest,
        };
    }
    if let Some(constant) = size(tokens) {
        return Some(Item::Const(constant));
    }
    match tokens {
        [
            TokenTree::Ident(word),
            TokenTree::Ident(_),
            TokenTree::Punct(equals),
            TokenTree::Ident(of),
            sizes @ ..,
        ] if word == "type" && equals.as_char() == '=' && !is_keyword(&of.to_string()) => {
            Some(Item::Instance { of, sizes })
        }
        [TokenTree::Ident(word), TokenTree::Ident(name), rest @ ..]
            if (word == "block" || word == "fn") && !is_keyword(&name.to_string()) =>
        {
            layer(&attributes, name, rest)
        }
        [TokenTree::Ident(_), rest @ ..] => {
            let body = match rest.last() {
                Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Brace => flatten(g.stream()),
                _ => Vec::new(),
            };
            let inputs = rest.iter().find_map(parentheses).map(Group::stream);
            let before = rest
                .split(|t| parentheses(t).is_some())
                .next()
                .unwrap_or_default();
            let sizes = match before {
                [TokenTree::Punct(open), sizes @ ..] if open.as_char() == '<' => {
                    pieces(sizes).filter_map(size).collect()
                }
                _ => Vec::new(),
            };
            let header = match rest.iter().position(|t| parentheses(t).is_some()) {
                Some(at) => &rest[at + 1..],
                None => rest,
            };
            let header = match header.split_last() {
                Some((TokenTree::Group(g), before)) if g.delimiter() == Delimiter::Brace => before,
                _ => header,
            };
            Some(Item::Network {
                attributes,
                sizes,
                inputs: inputs.unwrap_or_default(),
                header,
                body,
            })
        }
        _ => None,
    }
}

fn size(tokens: &[TokenTree]) -> Option<Size<'_>> {
    match tokens {
        [
            TokenTree::Ident(word),
            TokenTree::Ident(name),
            TokenTree::Punct(_),
            TokenTree::Ident(ty),
            value @ ..,
        ] if word == "const" && !is_keyword(&name.to_string()) && !is_keyword(&ty.to_string()) => {
            Some(Size {
                name,
                ty,
                value: behind_equals(value),
            })
        }
        _ => None,
    }
}

fn parentheses(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(g) if g.delimiter() == Delimiter::Parenthesis => Some(g),
        _ => None,
    }
}

/// What stands behind the first `=`, without the `;`.
pub fn behind_equals(tokens: &[TokenTree]) -> &[TokenTree] {
    let at = tokens
        .iter()
        .position(|t| matches!(t, TokenTree::Punct(p) if p.as_char() == '='));
    let value = &tokens[at.map_or(0, |i| i + 1)..];
    match value.split_last() {
        Some((TokenTree::Punct(p), value)) if matches!(p.as_char(), ';' | '>') => value,
        _ => value,
    }
}

fn layer<'t>(attributes: &[&'t Group], name: &'t Ident, rest: &'t [TokenTree]) -> Option<Item<'t>> {
    let is_doc = |g: &&&Group| {
        // No more than a text, as from a comment: the expansion must stay Rust.
        matches!(
            &g.stream().into_iter().collect::<Vec<_>>()[..],
            [TokenTree::Ident(doc), TokenTree::Punct(equals), TokenTree::Literal(_)]
                if doc == "doc" && equals.as_char() == '='
        )
    };
    let docs = attributes.iter().filter(is_doc).map(|g| quote!(# #g)).collect();
    let body = match rest.last() {
        Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Brace => flatten(g.stream()),
        _ => behind_equals(rest).to_vec(),
    };
    let parameters = rest.first().and_then(parentheses).map(|group| {
        let tokens = flatten(group.stream());
        pieces(&tokens).filter_map(parameter).collect()
    });
    Some(Item::Layer {
        docs,
        name,
        parameters: parameters.unwrap_or_default(),
        body,
    })
}

/// `name` or `name = default`
fn parameter(tokens: &[TokenTree]) -> Option<Parameter> {
    let (TokenTree::Ident(name), rest) = tokens.split_first()? else {
        return None;
    };
    (!is_keyword(&name.to_string())).then(|| Parameter {
        name: name.clone(),
        default: rest.split_first().map(|(_, default)| default.to_vec()),
    })
}

/// What stands between commas.
pub fn pieces(tokens: &[TokenTree]) -> impl Iterator<Item = &[TokenTree]> {
    tokens.split(|t| matches!(t, TokenTree::Punct(p) if p.as_char() == ','))
}
