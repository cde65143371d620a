//! `docs/layers.md`, the reference of layers, losses, initialisers and functions, is what stands here in the compiler; this test
//! keeps it so. `NN_WRITE_REFERENCE=1 cargo test -p nn-macros reference` writes it anew.

mod items;

use std::fmt::Write as _;

use crate::formula::FUNCTIONS;
use crate::layers::{self, ArgSpec, Call};
use crate::losses;
use crate::passes::shape::INITS;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/layers.md");

fn reference() -> String {
    let mut text = "\
# Layers, losses, initialisers and functions

Written from the compiler's own descriptions by a test of nn-macros. Shapes leave out the batch.

## Layers
"
    .to_string();
    for layer in layers::ALL {
        let call = match layer.call {
            Call::Method => format!("x.{}({})", layer.name, signature(layer.args)),
            Call::Function => format!("{}(a, b, {})", layer.name, signature(layer.args)),
            Call::Operator => format!("a {} b", layer.name),
        };
        entry(&mut text, &call, layer.doc, layer.args);
    }
    text.push_str("\n## Losses\n");
    for loss in losses::ALL {
        let arguments = signature(loss.args);
        let call = if arguments.is_empty() {
            format!("#[loss({})]", loss.name)
        } else {
            format!("#[loss({}({arguments}))]", loss.name)
        };
        entry(&mut text, &call, loss.doc, loss.args);
    }
    text.push_str("\n## Initialisers\n\nAs in `x.dense(8, init = he_normal)`.\n\n");
    for init in INITS {
        let numbers = init.numbers.iter().map(|(name, default)| match default {
            Some(default) => format!("{name} = {default:?}"),
            None => (*name).to_string(),
        });
        let numbers = match numbers.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => none,
            some => format!("({some})"),
        };
        writeln!(text, "- `{}{numbers}`: {}", init.name, init.doc).expect("writing to a string");
    }
    text.push_str("\n## Functions of formulas\n\n");
    for function in FUNCTIONS {
        let arguments = ["x", "a, b"][function.arity - 1];
        writeln!(text, "- `{}({arguments})`: {}", function.name, function.doc).expect("writing to a string");
    }
    text
}

/// `units, bias = true`; an argument without a default to show is left to the list below it.
fn signature(args: &[ArgSpec]) -> String {
    let all: Vec<String> = args
        .iter()
        .filter_map(|a| match a.default {
            None => Some(a.name.to_string()),
            Some("") => None,
            Some(default) => Some(format!("{} = {default}", a.name)),
        })
        .collect();
    all.join(", ")
}

fn entry(text: &mut String, call: &str, doc: &str, args: &[ArgSpec]) {
    write!(text, "\n### `{call}`\n\n").expect("writing to a string");
    for line in doc.lines() {
        match line.strip_prefix("# ") {
            Some(heading) => writeln!(text, "*{heading}*\n"),
            None => writeln!(text, "{line}"),
        }
        .expect("writing to a string");
    }
    if !args.is_empty() {
        text.push_str("\n*Arguments*\n\n");
    }
    for a in args {
        writeln!(text, "- `{}`: {}", a.name, a.doc).expect("writing to a string");
    }
}

#[test]
fn the_reference_says_what_the_compiler_says() {
    let now = reference();
    if std::env::var_os("NN_WRITE_REFERENCE").is_some() {
        std::fs::write(PATH, &now).expect("docs/layers.md can be written");
    }
    let written = std::fs::read_to_string(PATH).expect("docs/layers.md can be read");
    assert!(
        written.replace("\r\n", "\n") == now,
        "docs/layers.md is not what the compiler says; write it by `NN_WRITE_REFERENCE=1 cargo test -p nn-macros reference`"
    );
}

#[test]
fn every_layer_and_loss_is_described() {
    let layers = layers::ALL.iter().map(|l| (l.name, l.doc, l.args));
    for (name, doc, args) in layers.chain(losses::ALL.iter().map(|l| (l.name, l.doc, l.args))) {
        assert!(doc.contains("# Gradient"), "`{name}` does not say its gradient");
        assert!(
            args.iter().all(|a| !a.doc.is_empty()),
            "an argument of `{name}` is not described"
        );
    }
}
