//! A place in a token list: one level of the token tree, its groups entered by cursors of their own.

use proc_macro2::{Delimiter, Group, Ident, Literal, Spacing, Span, TokenStream, TokenTree};

use crate::ast::Expr;
use crate::diagnostics::{Diagnosis, Diagnostics, Extent, Reported};

/// What a parsing function gives; a fault was reported where it occurred.
pub type Parsed<T> = Result<T, Reported>;

/// Nesting that no network needs and that the stack of every host thread bears.
pub const MAX_DEPTH: usize = 64;

pub struct Cursor<'d> {
    tokens: Vec<TokenTree>,
    at: usize,
    /// The closing delimiter, or the whole macro call.
    end: Span,
    /// Where this level ends, for messages: `at` what closes it.
    closing: &'static str,
    depth: usize,
    /// A number may carry a unit of memory: `48 KiB`.
    pub units: bool,
    pub diagnostics: &'d Diagnostics,
}

impl<'d> Cursor<'d> {
    pub fn new(tokens: TokenStream, diagnostics: &'d Diagnostics) -> Self {
        Self {
            tokens: flatten(tokens),
            at: 0,
            end: Span::call_site(),
            closing: "of the block",
            depth: 0,
            units: false,
            diagnostics,
        }
    }

    /// The inside of a group.
    pub fn enter(&self, group: &Group) -> Parsed<Cursor<'d>> {
        self.check_depth(self.depth + 1)?;
        Ok(Self {
            tokens: flatten(group.stream()),
            at: 0,
            end: group.span_close(),
            closing: match group.delimiter() {
                Delimiter::Parenthesis => "at `)`",
                Delimiter::Brace => "at `}`",
                Delimiter::Bracket => "at `]`",
                Delimiter::None => "at the macro's argument",
            },
            depth: self.depth + 1,
            units: self.units,
            diagnostics: self.diagnostics,
        })
    }

    fn check_depth(&self, depth: usize) -> Parsed<()> {
        if depth > MAX_DEPTH {
            return Err(self.diagnostics.report(
                Diagnosis::new(self.span(), format!("nested more than {MAX_DEPTH} deep"))
                    .help("name the inner parts with `let`, or move them into a `block`"),
            ));
        }
        Ok(())
    }

    /// Runs one level of a recursive rule that enters no group (`- - - x`).
    pub fn nested<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.check_depth(self.depth + 1)?;
        self.depth += 1;
        let result = rule(self);
        self.depth -= 1;
        result
    }

    /// A node of the tree, refused where the tree has grown too high to be walked.
    pub fn checked(&self, expr: Expr) -> Parsed<Expr> {
        if expr.height > 4 * MAX_DEPTH {
            return Err(self.diagnostics.report(
                Diagnosis::new(
                    expr.extent,
                    format!("an expression of more than {} levels", 4 * MAX_DEPTH),
                )
                .help("name the parts with `let`"),
            ));
        }
        Ok(expr)
    }

    pub fn is_empty(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub fn peek(&self) -> Option<&TokenTree> {
        self.peek_at(0)
    }

    pub fn peek_at(&self, ahead: usize) -> Option<&TokenTree> {
        self.tokens.get(self.at + ahead)
    }

    pub fn next(&mut self) -> Option<TokenTree> {
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    /// Of the next token, or of what closes this level.
    pub fn span(&self) -> Span {
        match self.peek() {
            Some(TokenTree::Group(group)) => group.span_open(),
            Some(token) => token.span(),
            // The end of the block would be the whole of it.
            None if self.depth == 0 && self.at > 0 => self.last_span(),
            None => self.end,
        }
    }

    /// Of the last token that was read.
    pub fn last_span(&self) -> Span {
        match self.at.checked_sub(1).and_then(|i| self.tokens.get(i)) {
            Some(TokenTree::Group(group)) => group.span_close(),
            Some(token) => token.span(),
            None => self.span(),
        }
    }

    /// From a start to the last token that was read.
    pub fn extent_from(&self, start: Span) -> Extent {
        Extent::new(start, self.last_span())
    }

    /// Whether the next token is this character, whatever follows it: `>` closes a type also in `>,`.
    pub fn is_char(&self, c: char) -> bool {
        matches!(self.peek(), Some(TokenTree::Punct(p)) if p.as_char() == c)
    }

    /// Whether the next tokens are this operator and no longer one.
    pub fn is(&self, operator: &str) -> bool {
        let mut last = None;
        for (i, c) in operator.chars().enumerate() {
            match self.peek_at(i) {
                Some(TokenTree::Punct(p)) if p.as_char() == c => last = Some(p.spacing()),
                _ => return false,
            }
            if i + 1 < operator.len() && last != Some(Spacing::Joint) {
                return false;
            }
        }
        let longer = last == Some(Spacing::Joint)
            && matches!(self.peek_at(operator.len()), Some(TokenTree::Punct(p))
                if is_longer(operator, p.as_char()));
        !longer
    }

    /// Reads the operator if it is next.
    pub fn eat(&mut self, operator: &str) -> bool {
        let found = self.is(operator);
        if found {
            self.at += operator.len();
        }
        found
    }

    pub fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(TokenTree::Ident(i)) if i == word)
    }

    pub fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    pub fn is_group(&self, delimiter: Delimiter) -> bool {
        matches!(self.peek(), Some(TokenTree::Group(g)) if g.delimiter() == delimiter)
    }

    pub fn group(&mut self, delimiter: Delimiter) -> Option<Group> {
        match self.peek() {
            Some(TokenTree::Group(g)) if g.delimiter() == delimiter => {
                let group = g.clone();
                self.at += 1;
                Some(group)
            }
            _ => None,
        }
    }

    pub fn literal(&mut self) -> Option<Literal> {
        match self.peek() {
            Some(TokenTree::Literal(l)) => {
                let literal = l.clone();
                self.at += 1;
                Some(literal)
            }
            _ => None,
        }
    }

    /// A name that the user gives to something.
    pub fn new_name(&mut self, what: &str, example: &str) -> Parsed<Ident> {
        match self.peek() {
            Some(TokenTree::Ident(i)) if !is_keyword(&i.to_string()) => {
                let name = i.clone();
                self.at += 1;
                Ok(name)
            }
            Some(TokenTree::Ident(i)) => Err(self.diagnostics.report(
                Diagnosis::new(i.span(), format!("expected {what}, found the keyword `{i}`"))
                    .help(format!("write it as in `{example}`")),
            )),
            _ => Err(self.unexpected(what, format!("write it as in `{example}`"))),
        }
    }

    pub fn expect(&mut self, operator: &str, help: impl Into<String>) -> Parsed<()> {
        if self.eat(operator) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{operator}`"), help))
        }
    }

    /// Reports that something else was expected at the next token.
    pub fn unexpected(&self, expected: &str, help: impl Into<String>) -> Reported {
        self.diagnostics.report(
            Diagnosis::new(
                self.span(),
                format!("expected {expected}, found {}", self.found()),
            )
            .help(help),
        )
    }

    pub fn report(
        &self,
        at: impl Into<Extent>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Reported {
        self.diagnostics.report(Diagnosis::new(at, message).help(help))
    }

    /// How the next token is called in a message.
    pub fn found(&self) -> String {
        match self.peek() {
            None => format!("the end {}", self.closing),
            Some(TokenTree::Group(g)) => match g.delimiter() {
                Delimiter::Parenthesis => "`(…)`".into(),
                Delimiter::Brace => "`{…}`".into(),
                Delimiter::Bracket => "`[…]`".into(),
                Delimiter::None => "a macro's argument".into(),
            },
            Some(TokenTree::Punct(_)) => format!("`{}`", self.operator()),
            Some(TokenTree::Literal(l)) => format!("`{}`", shorten(&l.to_string())),
            Some(TokenTree::Ident(i)) => format!("`{i}`"),
        }
    }

    /// The operator at the cursor.
    fn operator(&self) -> String {
        const LONG: &[&str] = &[
            "..=", "...", "==", "!=", "<=", ">=", "&&", "||", "->", "=>", "::", "..", "<<", ">>", "+=", "-=",
            "*=", "/=",
        ];
        match (LONG.iter().find(|long| self.is(long)), self.peek()) {
            (Some(long), _) => (*long).to_string(),
            (None, Some(token)) => token.to_string(),
            (None, None) => String::new(),
        }
    }

    /// Goes on behind the next separator of this level; at its end if there is none.
    pub fn skip_past(&mut self, separator: char) {
        while let Some(token) = self.next() {
            if matches!(&token, TokenTree::Punct(p) if p.as_char() == separator) {
                return;
            }
        }
    }

    /// Goes one token back.
    pub fn back(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    /// Goes on behind the `>` that closes the `<` at the cursor, if there is one before a `;` or braces.
    pub fn skip_angles(&mut self) {
        let mut open = 0usize;
        let mut arrow = false;
        while let Some(token) = self.peek() {
            match token {
                TokenTree::Punct(p) if p.as_char() == '<' => open += 1,
                TokenTree::Punct(p) if p.as_char() == '>' && !arrow => open = open.saturating_sub(1),
                TokenTree::Punct(p) if p.as_char() == ';' => return,
                TokenTree::Group(g) if g.delimiter() == Delimiter::Brace => return,
                _ => {}
            }
            arrow =
                matches!(token, TokenTree::Punct(p) if p.as_char() == '-' && p.spacing() == Spacing::Joint);
            self.at += 1;
            if open == 0 {
                return;
            }
        }
    }
}

/// Literals may be as long as the user likes; messages may not.
fn shorten(text: &str) -> String {
    if text.chars().count() > 40 {
        text.chars().take(39).chain(['…']).collect()
    } else {
        text.to_string()
    }
}

/// Whether an operator goes on with this character.
fn is_longer(operator: &str, next: char) -> bool {
    matches!(
        (operator, next),
        ("=" | "!" | "<" | ">" | "+" | "-" | "*" | "/" | "%", '=')
            | ("=" | "-", '>')
            | ("&", '&')
            | ("|", '|')
            | ("<", '<')
            | (":", ':')
            | (".", '.')
            | ("..", '.' | '=')
    )
}

/// Words that Rust keeps for itself: they name nothing in a network.
pub fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "_" | "abstract"
            | "as"
            | "async"
            | "await"
            | "become"
            | "box"
            | "break"
            | "const"
            | "continue"
            | "crate"
            | "do"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "false"
            | "final"
            | "fn"
            | "for"
            | "gen"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "macro"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "override"
            | "priv"
            | "pub"
            | "ref"
            | "return"
            | "Self"
            | "self"
            | "static"
            | "struct"
            | "super"
            | "trait"
            | "true"
            | "try"
            | "type"
            | "typeof"
            | "unsafe"
            | "unsized"
            | "use"
            | "virtual"
            | "where"
            | "while"
            | "yield"
    )
}

/// A macro's fragment of one token is that token, an empty one (`$vis`) is nothing; a longer one stays a group, so
/// that `$a * 2` keeps its meaning.
pub fn flatten(tokens: TokenStream) -> Vec<TokenTree> {
    tokens
        .into_iter()
        .filter(|token| {
            !matches!(token, TokenTree::Group(g) if g.delimiter() == Delimiter::None && g.stream().is_empty())
        })
        .map(|mut token| {
            while let TokenTree::Group(group) = &token {
                if group.delimiter() != Delimiter::None {
                    break;
                }
                let mut inner = group.stream().into_iter();
                match (inner.next(), inner.next()) {
                    (Some(only), None) => token = only,
                    _ => break,
                }
            }
            token
        })
        .collect()
}
