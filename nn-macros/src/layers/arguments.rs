//! Typed access to a layer call's arguments, with the diagnoses that all layers share.
//!
//! `passes::shape` evaluates each argument to a [`Arg`] and checks the call against the layer's [`ArgSpec`]s
//! (unknown, missing, repeated, wrong kind) before `build` sees it; `build` reads by name and checks ranges.

use proc_macro2::Span;

use crate::diagnostics::{Diagnosis, Diagnostics, Extent, Reported};
use crate::ir::{Init, Shape};

/// What kind of thing an argument takes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ArgKind {
    /// A positive integer, known at compile time.
    Size,
    /// Several of them: `reshape(7, 7, 16)` (positional only, the rest of the positions).
    Sizes,
    /// One value for each side or axis: a list of so many integers, each at least `least`, known at compile time; a
    /// bare integer is a list of one; or one of these words. `kernel = 3`, `kernel = [3, 5]`, `padding = same`. Becomes
    /// `Arg::Sizes` or `Arg::Choice`.
    Extents {
        least: usize,
        /// The lengths that the list may have.
        lengths: &'static [usize],
        words: &'static [&'static str],
    },
    /// An integer that may be negative (`axis`).
    Integer,
    /// A real number.
    Number,
    /// A list of real numbers.
    Numbers,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An initialiser: `he_normal`, `zeros`, `uniform(-0.1, 0.1)`.
    Init,
    /// A string.
    Text,
}

/// One argument of a layer.
pub struct ArgSpec {
    pub name: &'static str,
    pub kind: ArgKind,
    /// Its place when given by position; `None`: by name only.
    pub position: Option<usize>,
    /// As it would be written; `None`: required. `Some("")`: optional without a default.
    pub default: Option<&'static str>,
    pub doc: &'static str,
}

impl ArgSpec {
    /// An argument given by name only.
    pub const fn named(name: &'static str, kind: ArgKind, default: &'static str, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            position: None,
            default: Some(default),
            doc,
        }
    }

    /// An optional argument that may be given by position.
    pub const fn at(
        position: usize,
        name: &'static str,
        kind: ArgKind,
        default: &'static str,
        doc: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            position: Some(position),
            default: Some(default),
            doc,
        }
    }

    /// An argument that must be given, by position or by name.
    pub const fn required(position: usize, name: &'static str, kind: ArgKind, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            position: Some(position),
            default: None,
            doc,
        }
    }
}

/// Every layer's name argument; `passes::shape` reads it.
pub const NAME: ArgSpec = ArgSpec::named(
    "name",
    ArgKind::Text,
    "",
    "the layer's name in files and summaries",
);

/// Of layers with weights.
pub const FROZEN: ArgSpec = ArgSpec::named(
    "frozen",
    ArgKind::Flag,
    "false",
    "keep the weights as they are in training",
);

/// An evaluated argument.
#[derive(Clone, PartialEq, Debug)]
pub enum Arg {
    Size(usize),
    Sizes(Vec<usize>),
    Integer(i64),
    Number(f64),
    Numbers(Vec<f64>),
    Flag(bool),
    Choice(String),
    Init(Init),
    Text(String),
}

/// The checked arguments of one call.
pub struct Args<'a> {
    pub diagnostics: &'a Diagnostics,
    /// The layer's name.
    pub layer: &'static str,
    /// Span of the layer's name.
    pub span: Span,
    /// How the call was written, for messages: `conv2d(16, kernel = 5)`.
    pub text: String,
    /// How each tensor input was written: `main`, `skip`.
    pub inputs: Vec<String>,
    /// Name, value, extent of the value; arguments left out are absent.
    pub given: Vec<(&'static str, Arg, Extent)>,
}

impl Args<'_> {
    fn get(&self, name: &str) -> Option<&Arg> {
        self.given.iter().find(|(n, _, _)| *n == name).map(|(_, a, _)| a)
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Where an argument's value stands, or the layer's name where it was left out.
    pub fn extent_of(&self, name: &str) -> Extent {
        self.given
            .iter()
            .find(|(n, _, _)| *n == name)
            .map_or(self.span.into(), |(_, _, e)| *e)
    }

    pub fn size(&self, name: &str) -> Option<usize> {
        match self.get(name) {
            Some(Arg::Size(n)) => Some(*n),
            _ => None,
        }
    }

    pub fn sizes(&self, name: &str) -> Option<Vec<usize>> {
        match self.get(name) {
            Some(Arg::Sizes(n)) => Some(n.clone()),
            _ => None,
        }
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(Arg::Integer(n)) => Some(*n),
            _ => None,
        }
    }

    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Some(Arg::Number(n)) => Some(*n),
            _ => None,
        }
    }

    pub fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        match self.get(name) {
            Some(Arg::Numbers(n)) => Some(n.clone()),
            _ => None,
        }
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name) {
            Some(Arg::Flag(b)) => Some(*b),
            _ => None,
        }
    }

    pub fn choice(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Arg::Choice(c)) => Some(c),
            _ => None,
        }
    }

    pub fn init(&self, name: &str) -> Option<Init> {
        match self.get(name) {
            Some(Arg::Init(i)) => Some(i.clone()),
            _ => None,
        }
    }

    /// A number that must be above 0 and finite.
    pub fn positive(&self, name: &str, default: f64, usual: &str) -> Result<f64, Reported> {
        let v = self.number(name).unwrap_or(default);
        if v > 0.0 && v.is_finite() {
            return Ok(v);
        }
        Err(self.fault(
            name,
            format!("`{name}` of `{}` must be above 0, found {v}", self.layer),
            format!("a usual value is `{name} = {usual}`"),
        ))
    }

    /// A number that must be at least 0 and finite.
    pub fn at_least_zero(&self, name: &str, default: f64, usual: &str) -> Result<f64, Reported> {
        let v = self.number(name).unwrap_or(default);
        if v >= 0.0 && v.is_finite() {
            return Ok(v);
        }
        Err(self.fault(
            name,
            format!("`{name}` of `{}` must be at least 0, found {v}", self.layer),
            format!("a usual value is `{name} = {usual}`"),
        ))
    }

    /// The axis that `axis` names, the last one where it is left out; a negative one counts from the end.
    pub fn axis(&self, shape: &Shape) -> Result<usize, Reported> {
        let rank = shape.0.len() as i64;
        let axis = self.integer("axis").unwrap_or(-1);
        if (-rank..rank).contains(&axis) {
            return Ok(axis.rem_euclid(rank) as usize);
        }
        Err(self.fault(
            "axis",
            format!(
                "`axis` of `{}` must be between {} and {}, found {axis}",
                self.layer,
                -rank,
                rank - 1
            ),
            format!("the axes of {shape} are counted from 0, without the batch"),
        ))
    }

    /// Tensor input `i` as it was written, in backticks.
    pub fn input_name(&self, i: usize) -> String {
        match self.inputs.get(i) {
            Some(name) => format!("`{name}`"),
            None => format!("input {}", i + 1),
        }
    }

    /// Reports a fault at an argument's value.
    pub fn fault(&self, name: &str, message: impl Into<String>, help: impl Into<String>) -> Reported {
        self.diagnostics
            .report(Diagnosis::new(self.extent_of(name), message).help(help))
    }

    /// Reports that an argument does not fit the input's shape.
    pub fn misfit(&self, name: &str, message: impl Into<String>, help: impl Into<String>) -> Reported {
        let diagnosis = Diagnosis::new(self.extent_of(name), message).help(help);
        self.diagnostics.report(diagnosis.about_shapes())
    }

    /// Reports, at the layer's name, that it does not take inputs of these shapes.
    pub fn fault_here(&self, message: impl Into<String>, help: impl Into<String>) -> Reported {
        let diagnosis = Diagnosis::new(self.span, message).help(help);
        self.diagnostics.report(diagnosis.about_shapes())
    }
}
