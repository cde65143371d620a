//! Collects every fault of a phase; emits them as `compile_error!` at their own spans.
//!
//! The house style of a message: lower case, no final period, code in backticks, expected and found with
//! shapes, then `help:` with the mend.

use std::cell::RefCell;

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// One fault: what is wrong, where, and how to mend it.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    pub span: Span,
    pub message: String,
    pub help: Vec<String>,
}

impl Diagnosis {
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: Vec::new(),
        }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

/// Marker: the fault was already put into the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported;

/// The collector. It panics when dropped with faults that nobody looked at, so none can be lost.
#[derive(Default)]
pub struct Diagnostics {
    found: RefCell<Vec<Diagnosis>>,
}

impl Diagnostics {
    pub fn report(&self, diagnosis: Diagnosis) -> Reported {
        self.found.borrow_mut().push(diagnosis);
        Reported
    }

    pub fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    pub fn take(&self) -> Vec<Diagnosis> {
        std::mem::take(&mut self.found.borrow_mut())
    }
}

impl Drop for Diagnostics {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(
                self.is_empty(),
                "internal error, please report: diagnoses were dropped unread"
            );
        }
    }
}

/// `compile_error!` calls, one per fault, in source order of reporting.
pub fn emit(found: &[Diagnosis]) -> TokenStream {
    found
        .iter()
        .map(|d| {
            let mut text = d.message.clone();
            for help in &d.help {
                text.push_str("\n\n  = help: ");
                text.push_str(help);
            }
            quote_spanned! { d.span => ::core::compile_error! { #text } }
        })
        .collect()
}
