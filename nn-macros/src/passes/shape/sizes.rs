//! Arguments that are sizes, lists of them, or words.

use super::Shaper;
use super::arguments::either;
use super::value::{Scope, Value, shorten};
use crate::ast::{Expr, ExprKind};
use crate::diagnostics::Reported;
use crate::layers::Arg;
use crate::suggest;

/// The largest size or tensor: products of two of them still fit in 64 bits.
pub const MAX_SIZE: u64 = 1 << 31;

impl Shaper<'_> {
    /// A whole number above zero.
    pub fn size(&mut self, what: &str, expr: &Expr, scope: &Scope) -> Result<usize, Reported> {
        let expected = "a whole number above 0";
        match self.value(expr, scope) {
            Value::Int(n) if n >= 1 && n as u64 <= MAX_SIZE => Ok(n as usize),
            Value::Int(n) if n >= 1 => Err(self.fault(
                expr.extent,
                format!("{what} is too large: {n}"),
                "sizes end at 2147483648",
            )),
            Value::Int(n) => {
                let help = match n {
                    -1 => "every size is written out, and the batch is left out",
                    _ => "the smallest size is 1",
                };
                Err(self.fault(expr.extent, format!("{what} must be {expected}, found {n}"), help))
            }
            Value::Float(x) if x.fract() == 0.0 && x.abs() < 1e15 => Err(self.fault(
                expr.extent,
                format!("{what} must be {expected}, found {x:?}"),
                format!("write it without a point: `{x:.0}`"),
            )),
            other => Err(self.wrong(
                what,
                expected,
                &other,
                expr,
                "a size is a number or a `const` of the block",
            )),
        }
    }

    /// A number, a list of numbers of some lengths, or a word.
    pub fn extents(
        &mut self,
        what: &str,
        (least, lengths, words): (usize, &'static [usize], &'static [&'static str]),
        expr: &Expr,
        scope: &Scope,
    ) -> Result<(Arg, String), Reported> {
        let is_word = match &expr.kind {
            ExprKind::Name(name) => {
                let name = name.to_string();
                let bound = scope.get(&name);
                !words.is_empty()
                    && matches!(bound, None | Some(Value::Word(_)))
                    && self.constant(&name).is_none()
            }
            ExprKind::Text(text) => words.contains(&text.as_str()),
            _ => false,
        };
        if is_word {
            let word = self.word(what, words, expr, scope)?;
            return Ok((Arg::Choice(word.clone()), word));
        }
        let lists: Vec<String> = lengths
            .iter()
            .filter(|n| **n > 1)
            .map(ToString::to_string)
            .collect();
        let mut expected = format!("a whole number of at least {least}");
        if !lists.is_empty() {
            expected = format!("{expected}, or a list of {}", lists.join(" or "));
        }
        if !words.is_empty() {
            expected = format!("{expected}, or {}", either(words));
        }
        let help = match lengths.iter().max() {
            Some(2) => "as in `3`, or `[3, 5]` for height and width",
            Some(4) => "as in `1`, or `[1, 1]`, or `[1, 1, 0, 0]` for each side",
            _ => "as in `3`",
        };
        let value = self.value(expr, scope);
        let items = match &value {
            Value::Int(_) => vec![value.clone()],
            Value::List(items) | Value::Tuple(items) if lengths.contains(&items.len()) => items.clone(),
            Value::List(items) if items.iter().any(Value::is_poison) => return Err(Reported),
            _ => return Err(self.wrong(what, &expected, &value, expr, help)),
        };
        let mut sizes = Vec::new();
        for item in &items {
            match item {
                Value::Int(n) if *n >= least as i64 && *n as u64 <= MAX_SIZE => sizes.push(*n as usize),
                other => return Err(self.wrong(what, &expected, other, expr, help)),
            }
        }
        let text: Vec<String> = sizes.iter().map(ToString::to_string).collect();
        let text = match &text[..] {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        Ok((Arg::Sizes(sizes), text))
    }

    pub fn numbers(&mut self, what: &str, expr: &Expr, scope: &Scope) -> Result<(Arg, String), Reported> {
        let expected = "a list of numbers";
        match self.value(expr, scope) {
            Value::List(items) if items.iter().all(|v| v.number().is_some()) => {
                let numbers: Vec<f64> = items.iter().filter_map(Value::number).collect();
                Ok((Arg::Numbers(numbers), shorten(&expr.to_string())))
            }
            Value::List(items) if items.iter().any(Value::is_poison) => Err(Reported),
            other => Err(self.wrong(what, expected, &other, expr, "as in `[1.0, 0.5]`")),
        }
    }

    /// A word, or a block's parameter that stands for one.
    pub fn word(
        &mut self,
        what: &str,
        words: &'static [&'static str],
        expr: &Expr,
        scope: &Scope,
    ) -> Result<String, Reported> {
        let expected = either(words);
        let bound = match &expr.kind {
            ExprKind::Name(name) => scope.get(&name.to_string()),
            _ => None,
        };
        let word = match (bound, &expr.kind) {
            (Some(Value::Word(word)), _) => word.to_string(),
            (None, ExprKind::Name(name)) => name.to_string(),
            (_, ExprKind::Text(text)) if words.contains(&text.as_str()) => {
                return Err(self.fault(
                    expr.extent,
                    format!("{what} must be {expected}, found the text {text:?}"),
                    format!("write it without quotes: `{text}`"),
                ));
            }
            _ => {
                let found = self.value(expr, scope);
                return Err(self.wrong(what, &expected, &found, expr, &format!("as in `{}`", words[0])));
            }
        };
        if words.contains(&word.as_str()) {
            return Ok(word);
        }
        let help = match suggest::nearest(&word, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("as in `{}`", words[0]),
        };
        Err(self.fault(
            expr.extent,
            format!("{what} must be {expected}, found `{word}`"),
            help,
        ))
    }
}
