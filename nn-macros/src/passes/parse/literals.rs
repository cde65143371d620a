//! Literals: numbers, with a unit where memory is spoken of, and texts.

use proc_macro2::{Literal, Span, TokenTree};
use syn::Lit;

use super::cursor::{Cursor, Parsed};
use crate::ast::ExprKind;
use crate::diagnostics::Diagnosis;

pub fn number_or_text(c: &mut Cursor<'_>, literal: Literal) -> Parsed<ExprKind> {
    let span = literal.span();
    let wrong = |c: &Cursor<'_>, what: &str, help: &str| {
        Err(c.report(span, format!("{what} is not part of the language"), help))
    };
    match Lit::new(literal) {
        Lit::Int(int) => {
            let value = match int.suffix() {
                "f32" | "f64" => return float(c, span, int.base10_digits(), ""),
                "" | "usize" | "u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64" | "isize" => {
                    int.base10_parse::<u64>()
                }
                suffix => {
                    return Err(c.report(
                        span,
                        format!("unknown ending `{suffix}` of a number"),
                        "write the number alone; arithmetic has its operators: `4 * WIDTH`",
                    ));
                }
            };
            let Ok(value) = value else {
                return Err(c.report(
                    span,
                    format!("the number {int} does not fit in 64 bits"),
                    "sizes are far smaller; a real number is written with a point, `1.0e20`",
                ));
            };
            unit(c, value, span)
        }
        Lit::Float(number) => float(c, span, number.base10_digits(), number.suffix()),
        Lit::Str(text) => Ok(ExprKind::Text(text.value())),
        Lit::Bool(flag) => Ok(ExprKind::Bool(flag.value)),
        Lit::Char(_) | Lit::Byte(_) => wrong(c, "a character", "a text stands in double quotes: `\"stem\"`"),
        _ => wrong(
            c,
            "this literal",
            "numbers, `true`, `false` and texts in double quotes are",
        ),
    }
}

fn float(c: &Cursor<'_>, span: Span, digits: &str, suffix: &str) -> Parsed<ExprKind> {
    match (digits.parse::<f64>(), suffix) {
        (Ok(value), "" | "f32" | "f64") if value.is_finite() => Ok(ExprKind::Float(value)),
        (_, "" | "f32" | "f64") => Err(c.report(
            span,
            format!("the number {digits} is too large"),
            "the largest is about 1.8e308",
        )),
        _ => Err(c.report(
            span,
            format!("unknown ending `{suffix}` of a number"),
            "write the number alone: `0.5`",
        )),
    }
}

/// `48 KiB`, where memory is spoken of.
fn unit(c: &mut Cursor<'_>, value: u64, number: Span) -> Parsed<ExprKind> {
    let factor = match c.peek() {
        Some(TokenTree::Ident(unit)) if c.units => match unit.to_string().as_str() {
            "B" => 1,
            "kB" => 1000,
            "MB" => 1_000_000,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            other => {
                let message = format!("unknown unit `{other}`");
                return Err(c.report(
                    c.span(),
                    message,
                    "units are `B`, `kB`, `MB`, `KiB`, `MiB` and `GiB`",
                ));
            }
        },
        _ => return Ok(ExprKind::Int(value)),
    };
    c.next();
    match value.checked_mul(factor) {
        Some(bytes) => Ok(ExprKind::Int(bytes)),
        None => Err(c.diagnostics.report(
            Diagnosis::new(c.extent_from(number), "more bytes than 64 bits can count")
                .help("microcontrollers have some hundred KiB"),
        )),
    }
}
