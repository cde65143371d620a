//! Shape: the surface tree to shaped graphs.
//!
//! Before: names and sizes are text. After: every name is resolved, every `block`, `repeat` and `if` expanded,
//! every layer has accepted its inputs' shapes, the declared outputs equal the computed ones.
//!
//! Expressions are evaluated: a chain of layers to a tensor, whose node was appended to the graph, a size to a number.
//! What a fault makes unknown is `Value::Poison`, and silent from there on.

mod agreements;
mod arguments;
mod attributes;
mod blocks;
mod budget;
mod calls;
mod constants;
mod evaluate;
mod formula_calls;
mod formulas;
mod inits;
mod names;
mod network;
mod quantize;
mod sizes;
mod story;
#[cfg(test)]
mod tests;
mod unknown;
mod unused;
mod value;
mod weights;

use std::collections::{HashMap, HashSet};

use syn::Ident;

use crate::ast::{BlockDef, FormulaDef, Source};
use crate::diagnostics::{Diagnosis, Diagnostics};
use crate::formula::Formula;
use crate::graph::{Graph, Input, Node, Param};
pub use agreements::{Agreement, agreements};
pub use inits::INITS;
pub use network::Header;
use value::{Scope, Value};

/// Shapes every network of the block; a network with a fault is left out (its stub is the pipeline's business).
pub fn shape(source: &Source, diagnostics: &Diagnostics) -> Vec<Graph> {
    let mut shaper = Shaper::new(source, diagnostics);
    shaper.check_names();
    // Each name means one thing.
    for def in &source.consts {
        shaper.constant(&def.name.to_string());
    }
    for def in &source.formulas {
        shaper.formula(&def.name.to_string());
    }
    // Constants are numbers, formulas are formulas.
    let mut graphs = Vec::new();
    for (i, def) in source.networks.iter().enumerate() {
        let again = source.networks[..i].iter().any(|n| n.name == def.name);
        if again {
            continue;
        }
        let mark = diagnostics.count();
        match &def.instance {
            None => graphs.extend(shaper.network(def)),
            // What is wrong with the network itself was said there.
            Some((of, _)) if graphs.iter().all(|g: &Graph| g.name != *of) => {}
            Some((_, written)) => {
                graphs.extend(shaper.network(def));
                diagnostics.note_since(mark, &format!("in the instance `{written}`"));
            }
        }
    }
    for block in &source.blocks {
        let (name, mark) = (block.name.to_string(), diagnostics.count());
        if !shaper.called.contains(&name) {
            shaper.check_uncalled(block);
        }
        if diagnostics.count() == mark && !shaper.faulty_blocks.contains(&name) {
            unused::in_body(&block.body, diagnostics);
        }
    }
    graphs
}

/// The headers of the networks, in order, for their stubs. Faults are left to [`shape`].
pub fn headers(source: &Source) -> Vec<Header> {
    let quiet = Diagnostics::default();
    let headers = {
        let mut shaper = Shaper::new(source, &quiet);
        source.networks.iter().map(|def| shaper.header(def)).collect()
    };
    quiet.take();
    headers
}

/// Something worked out when it is first needed.
enum Pending<T> {
    /// Being worked out: to need it now is to go round.
    Busy,
    Done(T),
}

struct Shaper<'a> {
    source: &'a Source,
    diagnostics: &'a Diagnostics,
    consts: HashMap<String, Pending<Value>>,
    formulas: HashMap<String, Pending<Option<Formula>>>,
    /// Blocks whose faults were reported, by one of their calls.
    faulty_blocks: HashSet<String>,
    /// Blocks that some network calls.
    called: HashSet<String>,
    /// That blocks lie too deep inside each other was reported.
    too_deep: bool,
    /// Levels of expressions at hand.
    depth: usize,

    // Of the network at hand.
    /// Its own constants.
    sizes: Scope,
    inputs: Vec<Input>,
    nodes: Vec<Node>,
    params: Vec<Param>,
    names: names::Names,
    /// The blocks being called, outermost first.
    stack: Vec<String>,
    block_calls: usize,
}

impl<'a> Shaper<'a> {
    fn new(source: &'a Source, diagnostics: &'a Diagnostics) -> Self {
        Self {
            source,
            diagnostics,
            consts: HashMap::new(),
            formulas: HashMap::new(),
            faulty_blocks: HashSet::new(),
            called: HashSet::new(),
            too_deep: false,
            depth: 0,
            sizes: Scope::default(),
            inputs: Vec::new(),
            nodes: Vec::new(),
            params: Vec::new(),
            names: names::Names::default(),
            stack: Vec::new(),
            block_calls: 0,
        }
    }

    fn block(&self, name: &str) -> Option<&'a BlockDef> {
        self.source.blocks.iter().find(|b| b.name == name)
    }

    fn formula_def(&self, name: &str) -> Option<&'a FormulaDef> {
        self.source.formulas.iter().find(|f| f.name == name)
    }

    /// Networks, constants, and blocks with formulas: no name twice.
    fn check_names(&self) {
        let source = self.source;
        self.check_distinct("network", source.networks.iter().map(|n| &n.name));
        self.check_distinct("constant", source.consts.iter().map(|c| &c.name));
        let layers = source
            .blocks
            .iter()
            .map(|b| &b.name)
            .chain(source.formulas.iter().map(|f| &f.name));
        self.check_distinct("block or formula", layers);
        for network in &source.networks {
            self.check_distinct("input", network.inputs.iter().map(|i| &i.name));
        }
        for repeat in source
            .blocks
            .iter()
            .map(|b| &b.name)
            .chain(source.formulas.iter().map(|f| &f.name))
        {
            if repeat == "repeat" {
                self.report(
                    repeat.span(),
                    "`repeat` is a word of the language",
                    "give the block or formula another name",
                );
            }
        }
    }

    fn check_distinct<'n>(&self, what: &str, names: impl Iterator<Item = &'n Ident>) {
        let mut seen = HashSet::new();
        for name in names {
            if !seen.insert(name.to_string()) {
                self.diagnostics.report(
                    Diagnosis::new(name.span(), format!("a second {what} `{name}`"))
                        .help("give it another name"),
                );
            }
        }
    }

    /// The constant of that name; faults are reported when it is first needed.
    fn constant(&mut self, name: &str) -> Option<Value> {
        let def = self.source.consts.iter().find(|c| c.name == name)?;
        match self.consts.get(name) {
            Some(Pending::Done(value)) => return Some(value.clone()),
            Some(Pending::Busy) => {
                return Some(self.report(
                    def.name.span(),
                    format!("constant `{name}` is computed from itself"),
                    "give it a number",
                ));
            }
            None => {}
        }
        self.consts.insert(name.to_string(), Pending::Busy);
        let value = match agreements::repeated(def) {
            Some((value, _)) => self.value(value, &Scope::default()),
            None => self.value(&def.value, &Scope::default()),
        };
        let value = self.check_type(def, value);
        self.consts.insert(name.to_string(), Pending::Done(value.clone()));
        Some(value)
    }

    /// A constant's value against its type, as Rust would have it.
    fn check_type(&self, def: &crate::ast::ConstDef, value: Value) -> Value {
        let ty = def.ty.to_string();
        let help = match (ty.as_str(), &value) {
            (_, Value::Poison) => return Value::Poison,
            ("usize" | "u8" | "u16" | "u32" | "u64", Value::Int(n)) if *n >= 0 => return value,
            ("isize" | "i8" | "i16" | "i32" | "i64", Value::Int(_))
            | ("f32" | "f64", Value::Float(_))
            | ("bool", Value::Bool(_)) => return value,
            ("f32" | "f64", Value::Int(n)) => format!("write `{n}.0`"),
            ("usize" | "u8" | "u16" | "u32" | "u64", Value::Float(_)) => {
                "declare it `f64`, or give a whole number".into()
            }
            (
                "usize" | "u8" | "u16" | "u32" | "u64" | "isize" | "i8" | "i16" | "i32" | "i64" | "f32"
                | "f64" | "bool",
                _,
            ) => "change the type or the value".into(),
            _ => {
                return self.report(
                    def.ty.span(),
                    format!("a constant of type `{ty}`"),
                    "constants of a network are `usize`, `i64`, `f64` or `bool`",
                );
            }
        };
        self.report(
            def.value.extent,
            format!(
                "constant `{}` is declared `{ty}`, found {}",
                def.name,
                value.describe()
            ),
            help,
        )
    }
}
