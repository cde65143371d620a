//! Tokens gone wrong, for tests that throw them at the compiler.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenTree};

use super::Random;

/// Removes, doubles, replaces or swaps tokens at some level.
pub fn mutate(tokens: &mut Vec<TokenTree>, random: &mut Random, depth: usize) {
    if tokens.is_empty() {
        tokens.push(token(random));
        return;
    }
    let i = random.below(tokens.len());
    if let (TokenTree::Group(group), true) = (&tokens[i], depth < 6 && random.below(5) > 0) {
        let mut inner: Vec<TokenTree> = group.stream().into_iter().collect();
        mutate(&mut inner, random, depth + 1);
        tokens[i] = Group::new(group.delimiter(), inner.into_iter().collect()).into();
        return;
    }
    match random.below(6) {
        0 => {
            tokens.remove(i);
        }
        1 => tokens.insert(i, tokens[i].clone()),
        2 => tokens[i] = token(random),
        3 => tokens.insert(i, token(random)),
        4 => {
            let j = random.below(tokens.len());
            tokens.swap(i, j);
        }
        _ => {
            let delimiters = [
                Delimiter::Parenthesis,
                Delimiter::Brace,
                Delimiter::Bracket,
                Delimiter::None,
            ];
            let inner = tokens[i].clone();
            tokens[i] = Group::new(delimiters[random.below(4)], inner.into()).into();
        }
    }
}

fn token(random: &mut Random) -> TokenTree {
    let words = [
        "let", "if", "else", "block", "fn", "const", "x", "Tensor", "crate", "pub", "true", "vocab", "_",
    ];
    let signs = [
        '<', '>', '=', '.', ',', ';', ':', '#', '-', '!', '&', '|', '+', '*', '/', '%', '?', '\'',
    ];
    match random.below(5) {
        0 => Ident::new(words[random.below(words.len())], Span::call_site()).into(),
        1 => {
            let spacing = [Spacing::Alone, Spacing::Joint][random.below(2)];
            Punct::new(signs[random.below(signs.len() - 1)], spacing).into()
        }
        2 => Literal::u64_unsuffixed(random.next()).into(),
        3 => Literal::f64_suffixed(0.5).into(),
        _ => Literal::byte_string(b"x").into(),
    }
}
