//! Parse: tokens to the surface tree.
//!
//! Before: any token stream. After: an `ast::Source` with every span kept; every syntax fault reported.
//!
//! A hand-written recursive descent. A fault is reported where it is met and its reader returns `Reported`; whoever
//! reads a list of things (items, statements, arguments) then goes on behind the next separator, so that all
//! faults come at once.

mod attributes;
mod body;
mod calls;
mod cursor;
mod expressions;
mod instances;
mod items;
mod literals;
mod networks;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

#[cfg(test)]
use crate::ast::Expr;
use crate::ast::Source;
use crate::diagnostics::Diagnostics;
#[cfg(test)]
use crate::diagnostics::Reported;
#[cfg(test)]
pub use attributes::OURS;
pub use attributes::is_passed as is_passed_attribute;
pub use cursor::{MAX_DEPTH, flatten, is_keyword};

/// Reads a whole block, recovering after a fault so that all are reported at once.
pub fn parse(tokens: TokenStream, diagnostics: &Diagnostics) -> Source {
    let mut cursor = cursor::Cursor::new(tokens, diagnostics);
    let mut source = Source::default();
    while !cursor.is_empty() {
        items::item(&mut cursor, &mut source);
    }
    instances::expand(&mut source, diagnostics);
    source
}

/// Reads one expression.
#[cfg(test)]
fn parse_expression(tokens: TokenStream, diagnostics: &Diagnostics) -> Result<Expr, Reported> {
    let mut cursor = cursor::Cursor::new(tokens, diagnostics);
    let expr = expressions::expression(&mut cursor)?;
    if cursor.is_empty() {
        Ok(expr)
    } else {
        Err(cursor.unexpected("one expression", "remove the rest"))
    }
}
