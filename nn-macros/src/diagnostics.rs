//! Collects every fault of a phase; emits them as `compile_error!` at their own spans.
//!
//! The house style of a message: lower case, no final period, code in backticks, expected and found with
//! shapes, then `help:` with the mend.

use std::cell::RefCell;

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// From the first token of a piece of source to its last. Two spans, because joining them is not stable; the
/// compiler joins them itself when the first and the last token of a `compile_error!` carry them.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    pub start: Span,
    pub end: Span,
}

impl Extent {
    pub fn new(start: Span, end: Span) -> Self {
        Self { start, end }
    }

    /// From the start of `self` to the end of `other`.
    #[must_use]
    pub fn to(self, other: impl Into<Extent>) -> Self {
        Self::new(self.start, other.into().end)
    }
}

impl From<Span> for Extent {
    fn from(span: Span) -> Self {
        Self::new(span, span)
    }
}

/// One fault: what is wrong, where, and how to mend it.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    pub extent: Extent,
    pub message: String,
    /// What leads there, when the fault's own place does not show it: the `block` call around it.
    pub notes: Vec<String>,
    pub help: Vec<String>,
    /// The shape of a layer's input is at fault, or what it was asked to fit: how it came about is worth a note.
    pub about_shapes: bool,
}

impl Diagnosis {
    pub fn new(at: impl Into<Extent>, message: impl Into<String>) -> Self {
        Self {
            extent: at.into(),
            message: message.into(),
            notes: Vec::new(),
            help: Vec::new(),
            about_shapes: false,
        }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    #[must_use]
    pub fn about_shapes(mut self) -> Self {
        self.about_shapes = true;
        self
    }

    /// The message with its notes and helps, one a line.
    pub fn text(&self) -> String {
        let mut text = self.message.clone();
        for (word, lines) in [("note", &self.notes), ("help", &self.help)] {
            for line in lines {
                text.push_str(&format!("\n{word}: {line}"));
            }
        }
        text
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

    /// Number of faults so far: a mark for [`Self::note_since`].
    pub fn count(&self) -> usize {
        self.found.borrow().len()
    }

    /// Adds a note to every fault reported since the mark.
    pub fn note_since(&self, mark: usize, note: &str) {
        for diagnosis in self.found.borrow_mut().iter_mut().skip(mark) {
            diagnosis.notes.push(note.to_string());
        }
    }

    /// Adds a note to those that are about shapes.
    pub fn note_shapes_since(&self, mark: usize, note: &str) {
        let mut found = self.found.borrow_mut();
        for diagnosis in found.iter_mut().skip(mark).filter(|d| d.about_shapes) {
            diagnosis.notes.push(note.to_string());
        }
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
    found.iter().flat_map(compile_error).collect()
}

/// `::core::compile_error! { "…" }` whose first token lies at the fault's start and whose last at its end.
fn compile_error(diagnosis: &Diagnosis) -> Vec<TokenTree> {
    let Extent { start, end } = diagnosis.extent;
    let punct = |c, spacing| {
        let mut punct = Punct::new(c, spacing);
        punct.set_span(start);
        TokenTree::Punct(punct)
    };
    let ident = |name| TokenTree::Ident(Ident::new(name, start));
    let mut text = Literal::string(&diagnosis.text());
    text.set_span(end);
    let mut message = Group::new(Delimiter::Brace, TokenTree::Literal(text).into());
    message.set_span(end);
    vec![
        punct(':', Spacing::Joint),
        punct(':', Spacing::Alone),
        ident("core"),
        punct(':', Spacing::Joint),
        punct(':', Spacing::Alone),
        ident("compile_error"),
        punct('!', Spacing::Alone),
        TokenTree::Group(message),
    ]
}
