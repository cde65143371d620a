//! Expressions, token by token: each name that means something becomes `let _ = path::name;`.

use std::collections::HashSet;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};

use super::Own;
use super::items::pieces;
use crate::layers::{self, ArgKind, ArgSpec};
use crate::losses;
use crate::passes::parse::{MAX_DEPTH, flatten, is_keyword};

/// What takes the arguments at hand.
struct Callee<'c> {
    name: &'c Ident,
    /// The module of its arguments: `arguments` or `loss_arguments`.
    module: TokenStream,
    specs: &'static [ArgSpec],
    /// Arguments by name can be told: a layer, a loss, or a block or formula of the user's.
    known: bool,
}

pub struct Walk<'o> {
    own: &'o Own,
    bound: HashSet<String>,
    depth: usize,
    code: TokenStream,
}

impl<'o> Walk<'o> {
    pub fn new(own: &'o Own) -> Self {
        Self {
            own,
            bound: HashSet::new(),
            depth: 0,
            code: TokenStream::new(),
        }
    }

    pub fn finish(self) -> TokenStream {
        self.code
    }

    pub fn bind(&mut self, name: &Ident) {
        self.bound.insert(name.to_string());
    }

    /// `path` and the user's name, as a statement; nothing for a word of Rust, which no path may hold.
    fn means(&mut self, path: &TokenStream, name: &Ident) {
        if !is_keyword(&name.to_string()) {
            self.code.extend(quote!(let _ = #path #name;));
        }
    }

    /// A place where a name is still to be typed. A path stands there as it will when the name does, since completion
    /// looks at the same place of the expansion before and after it adds a name of its own.
    fn missing(&mut self, path: &TokenStream) {
        self.code.extend(quote!(let _ = #path missing;));
    }

    /// `let` bindings and expressions; what is bound inside braces is bound there alone.
    pub fn body(&mut self, tokens: &[TokenTree]) {
        let outside = self.bound.clone();
        for statement in tokens.split(|t| is_sign(t, ';')) {
            let (names, value) = match statement {
                [TokenTree::Ident(word), rest @ ..] if word == "let" => {
                    let at = rest.iter().position(|t| is_sign(t, '=')).unwrap_or(rest.len());
                    (&rest[..at], rest.get(at + 1..).unwrap_or(&[]))
                }
                _ => (&[][..], statement),
            };
            self.expression(value);
            self.pattern(names);
        }
        self.bound = outside;
    }

    fn pattern(&mut self, tokens: &[TokenTree]) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) if !is_keyword(&name.to_string()) => {
                    self.bind(name);
                    self.code.extend(quote!(let #name = language::types::Tensor;));
                }
                TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                    for token in flatten(group.stream()) {
                        if matches!(token, TokenTree::Ident(_)) {
                            self.pattern(&[token]);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    pub fn expression(&mut self, tokens: &[TokenTree]) {
        if self.depth > MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let mut rest = tokens;
        let mut after_dot = false;
        while let Some((token, behind)) = rest.split_first() {
            rest = behind;
            match token {
                TokenTree::Ident(name) if starts_path(name, rest) => rest = self.path(name, rest),
                TokenTree::Ident(name) if !is_keyword(&name.to_string()) => {
                    let group = match rest.first() {
                        Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Parenthesis => Some(g),
                        _ => None,
                    };
                    rest = &rest[usize::from(group.is_some())..];
                    match (after_dot, group) {
                        (true, _) => self.layer(name, group),
                        (false, Some(group)) => self.function(name, group),
                        (false, None) => self.name(name),
                    }
                }
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    self.body(&flatten(group.stream()));
                }
                TokenTree::Group(group) => self.expression(&flatten(group.stream())),
                _ => {}
            }
            after_dot = is_sign(token, '.');
            if after_dot && !matches!(rest.first(), Some(TokenTree::Ident(_))) {
                self.missing(&quote!(layers::));
            }
        }
        self.depth -= 1;
    }

    /// `crate::sizes::WIDTH`; gives what stands behind it.
    fn path<'t>(&mut self, first: &Ident, tokens: &'t [TokenTree]) -> &'t [TokenTree] {
        let mut path = quote!(#first);
        let mut rest = tokens;
        while let [TokenTree::Punct(a), TokenTree::Punct(b), behind @ ..] = rest
            && a.as_char() == ':'
            && b.as_char() == ':'
        {
            rest = behind;
            match rest {
                [TokenTree::Ident(name), behind @ ..] if !is_keyword(&name.to_string()) => {
                    path.extend(quote!(::#name));
                    rest = behind;
                }
                _ => path.extend(quote!(::missing)),
            }
        }
        self.code.extend(quote!(let _ = #path;));
        rest
    }

    /// A name that stands alone: a binding, a constant, or a word of the language that is handed on.
    fn name(&mut self, name: &Ident) {
        let text = name.to_string();
        let module = match () {
            () if self.bound.contains(&text) || self.own.consts.contains(&text) => quote!(),
            () if self.is_layer(&text) => quote!(layers::),
            () if is_initialiser(&text) => quote!(language::initialisers::),
            () => quote!(),
        };
        self.means(&module, name);
    }

    fn is_layer(&self, name: &str) -> bool {
        self.own.layers.contains(name) || layers::find(name).is_some()
    }

    /// `.name(…)`, the parentheses perhaps not written yet.
    fn layer(&mut self, name: &Ident, group: Option<&Group>) {
        // A layer that was handed to the block.
        let module = match self.bound.contains(&name.to_string()) {
            true => quote!(),
            false => quote!(layers::),
        };
        self.means(&module, name);
        if let Some(group) = group {
            self.arguments_of_layer(name, group);
        }
    }

    /// `name(…)` that stands alone.
    fn function(&mut self, name: &Ident, group: &Group) {
        let text = name.to_string();
        let is_function = crate::formula::Function::find(&text).is_some() || text == "pow";
        let module = match () {
            () if !self.own.layers.contains(&text) && is_function => quote!(language::functions::),
            () if is_initialiser(&text) => quote!(language::initialisers::),
            () => quote!(layers::),
        };
        // `tanh` is a layer and a function: a call that stands alone is the function's.
        self.means(&module, name);
        self.arguments_of_layer(name, group);
    }

    fn arguments_of_layer(&mut self, name: &Ident, group: &Group) {
        let text = name.to_string();
        let own = self.own.layers.contains(&text);
        let specs = match layers::find(&text) {
            Some(spec) if !own => spec.args,
            _ => &[],
        };
        let callee = Callee {
            name,
            module: quote!(arguments),
            known: own || !specs.is_empty(),
            specs,
        };
        self.arguments(&callee, &flatten(group.stream()));
    }

    fn arguments(&mut self, callee: &Callee<'_>, tokens: &[TokenTree]) {
        let (name, module) = (callee.name, &callee.module);
        for (i, piece) in pieces(tokens).enumerate() {
            match piece {
                [TokenTree::Ident(argument), equals, value @ ..]
                    if is_sign(equals, '=') && !value.first().is_some_and(|t| is_sign(t, '=')) =>
                {
                    if callee.known && !is_keyword(&argument.to_string()) {
                        self.means(&quote!(#module::#name::), argument);
                    }
                    let spec = callee.specs.iter().find(|s| argument == s.name);
                    self.value(spec, value);
                }
                // Nothing bears the name: it may become an argument's.
                [TokenTree::Ident(argument)]
                    if callee.known
                        && !self.is_known(&argument.to_string())
                        && !is_keyword(&argument.to_string())
                        && !takes_word(callee.specs, i) =>
                {
                    self.means(&quote!(#module::#name::), argument);
                }
                [] if callee.known => self.missing(&quote!(#module::#name::)),
                value => {
                    let spec = callee.specs.iter().find(|s| s.position == Some(i));
                    self.value(spec, value);
                }
            }
        }
    }

    fn is_known(&self, name: &str) -> bool {
        self.bound.contains(name)
            || self.own.consts.contains(name)
            || self.is_layer(name)
            || is_initialiser(name)
    }

    /// An argument's value: where words may stand, a name that nothing bears is one of them.
    fn value(&mut self, spec: Option<&ArgSpec>, tokens: &[TokenTree]) {
        if let (Some(spec), [TokenTree::Ident(name), rest @ ..]) = (spec, tokens)
            && matches!(rest, [] | [TokenTree::Group(_)])
            && !self.bound.contains(&name.to_string())
            && !self.own.consts.contains(&name.to_string())
            && !is_keyword(&name.to_string())
            && let Some(module) = words(spec)
        {
            self.means(&module, name);
            // The numbers of an initialiser have names too, which are not described one by one.
            if let [TokenTree::Group(group)] = rest {
                let callee = Callee {
                    name,
                    module,
                    specs: &[],
                    known: false,
                };
                self.arguments(&callee, &flatten(group.stream()));
            }
            return;
        }
        match spec.and_then(words) {
            Some(module) if tokens.is_empty() => self.missing(&module),
            _ => self.expression(tokens),
        }
    }

    /// `#[loss(huber, delta = 2.0)]`
    pub fn attribute(&mut self, group: &Group) {
        let tokens = flatten(group.stream());
        let [TokenTree::Ident(name), rest @ ..] = &tokens[..] else {
            return;
        };
        if !crate::passes::parse::is_passed_attribute(&name.to_string()) {
            self.means(&quote!(language::attributes::), name);
        }
        if let ("loss", [TokenTree::Group(group)]) = (name.to_string().as_str(), rest) {
            self.losses(&flatten(group.stream()));
        }
    }

    fn losses(&mut self, tokens: &[TokenTree]) {
        let mut last: Option<&Ident> = None;
        for piece in pieces(tokens) {
            if let ([TokenTree::Ident(_), equals, ..], Some(loss)) = (piece, last)
                && is_sign(equals, '=')
            {
                self.arguments_of_loss(loss, piece);
                continue;
            }
            let at = piece
                .iter()
                .rposition(|t| matches!(t, TokenTree::Ident(i) if !self.own.consts.contains(&i.to_string())));
            let Some((TokenTree::Ident(loss), rest)) = at.and_then(|i| piece[i..].split_first()) else {
                continue;
            };
            if is_keyword(&loss.to_string()) {
                continue;
            }
            last = Some(loss);
            let module = match self.own.layers.contains(&loss.to_string()) {
                true => quote!(layers::),
                false => quote!(language::losses::),
            };
            self.means(&module, loss);
            if let Some(TokenTree::Group(group)) = rest.first() {
                self.arguments_of_loss(loss, &flatten(group.stream()));
            }
        }
    }

    fn arguments_of_loss(&mut self, name: &Ident, tokens: &[TokenTree]) {
        let text = name.to_string();
        let own = self.own.layers.contains(&text);
        let specs = match losses::find(&text) {
            Some(spec) if !own => spec.args,
            _ => &[],
        };
        let callee = Callee {
            name,
            module: match own {
                true => quote!(arguments),
                false => quote!(language::loss_arguments),
            },
            known: own || !specs.is_empty(),
            specs,
        };
        self.arguments(&callee, tokens);
    }

    /// The inputs in the header: their names; their types are walked.
    pub fn inputs(&mut self, tokens: &[TokenTree]) -> Vec<Ident> {
        let mut names = Vec::new();
        let mut rest = tokens;
        while let Some((token, behind)) = rest.split_first() {
            match (token, behind.first()) {
                (TokenTree::Ident(name), Some(next))
                    if is_sign(next, ':') && !is_keyword(&name.to_string()) =>
                {
                    names.push(name.clone());
                }
                _ => self.header(std::slice::from_ref(token)),
            }
            rest = behind;
        }
        names
    }

    /// Types of inputs and outputs.
    pub fn header(&mut self, tokens: &[TokenTree]) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) if self.own.consts.contains(&name.to_string()) => self.name(name),
                TokenTree::Ident(name) if !is_keyword(&name.to_string()) && name != "vocab" => {
                    self.means(&quote!(language::types::), name);
                }
                TokenTree::Group(group) if self.depth <= MAX_DEPTH => {
                    self.depth += 1;
                    self.header(&flatten(group.stream()));
                    self.depth -= 1;
                }
                _ => {}
            }
        }
    }
}

/// Whether a `::` goes on from the name.
fn starts_path(name: &Ident, rest: &[TokenTree]) -> bool {
    let text = name.to_string();
    matches!(rest, [a, b, ..] if is_sign(a, ':') && is_sign(b, ':'))
        && (!is_keyword(&text) || matches!(text.as_str(), "crate" | "self" | "super" | "Self"))
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(p) if p.as_char() == sign)
}

fn is_initialiser(name: &str) -> bool {
    crate::passes::shape::INITS.iter().any(|i| i.name == name)
}

/// Whether the argument of that position is one of some words.
fn takes_word(specs: &[ArgSpec], position: usize) -> bool {
    specs
        .iter()
        .any(|s| s.position == Some(position) && words(s).is_some())
}

/// The module of the words that an argument may be.
fn words(spec: &ArgSpec) -> Option<TokenStream> {
    match spec.kind {
        ArgKind::Init => Some(quote!(language::initialisers::)),
        ArgKind::Choice(words) | ArgKind::Extents { words, .. } if !words.is_empty() => {
            let module = format_ident!("{}", words_module(words));
            Some(quote!(language::words::#module::))
        }
        _ => None,
    }
}

/// `same_or_valid`
pub fn words_module(words: &[&str]) -> String {
    words.join("_or_")
}
