//! `nn_runtime::language`, what editors show and complete inside a block, is what stands here in the compiler; this test keeps
//! it so. `NN_WRITE_REFERENCE=1 cargo test -p nn-macros reference` writes it anew.

use std::fmt::Write as _;

use super::signature;
use crate::editor::words_module;
use crate::formula::FUNCTIONS;
use crate::layers::{self, ArgKind, ArgSpec, Call};
use crate::losses;
use crate::passes::shape::INITS;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../nn-runtime/src/language/");

const HEADER: &str =
    "Written from the compiler's own descriptions by a test of nn-macros, in one file however long.";

/// The files of the module, by their names.
fn files() -> Vec<(&'static str, String)> {
    let specs: Vec<_> = layers::ALL.iter().filter(|l| l.call != Call::Operator).collect();
    let mut all = start("The layers, called as `x.dense(8)` and `concat(a, b)`.", true);
    for layer in &specs {
        let call = match layer.call {
            Call::Function => format!("{}(a, b, {})", layer.name, signature(layer.args)),
            _ => format!("x.{}({})", layer.name, signature(layer.args)),
        };
        function(&mut all, &call, layer.name, layer.doc, layer.args);
    }
    let mut arguments = start("The arguments of the layers, a module each.", false);
    for layer in &specs {
        let mut args: Vec<&ArgSpec> = layer.args.iter().collect();
        if layer.args.iter().all(|a| a.name != "name") {
            args.push(&layers::NAME);
        }
        module(&mut arguments, layer.name, &args);
    }
    let mut losses = start("The losses, given as `#[loss(mean_squared_error)]`.", false);
    let mut loss_arguments = start("The arguments of the losses, a module each.", false);
    for loss in losses::ALL {
        let call = match signature(loss.args) {
            none if none.is_empty() => format!("#[loss({})]", loss.name),
            some => format!("#[loss({}({some}))]", loss.name),
        };
        function(&mut losses, &call, loss.name, loss.doc, loss.args);
        module(
            &mut loss_arguments,
            loss.name,
            &loss.args.iter().collect::<Vec<_>>(),
        );
    }
    vec![
        ("layers.rs", all),
        ("arguments.rs", arguments),
        ("losses.rs", losses),
        ("loss_arguments.rs", loss_arguments),
        ("initialisers.rs", initialisers()),
        ("functions.rs", functions()),
        ("words.rs", words()),
    ]
}

fn start(title: &str, kinds: bool) -> String {
    let mut text = format!("//! {title} {HEADER}\n");
    if kinds {
        text.push_str("\nuse super::kinds::*;\n");
    }
    text
}

fn doc(text: &mut String, doc: &str, indent: &str) {
    for line in doc.lines() {
        let line = format!("{indent}/// {line}");
        writeln!(text, "{}", line.trim_end()).expect("writing to a string");
    }
}

/// A layer or a loss: how it is called, what it is, what it takes.
fn function(text: &mut String, call: &str, name: &str, about: &str, args: &[ArgSpec]) {
    let (first, rest) = about.split_once('\n').unwrap_or((about, ""));
    text.push('\n');
    doc(text, &format!("`{call}`: {}\n{rest}", lower_first(first)), "");
    if !args.is_empty() {
        text.push_str("///\n/// # Arguments\n");
        for a in args {
            doc(text, &format!("- `{}`: {}", a.name, a.doc), "");
        }
    }
    let required: Vec<String> = args
        .iter()
        .filter(|a| a.default.is_none())
        .map(|a| format!("{}: {}", a.name, kind(a.kind)))
        .collect();
    writeln!(text, "pub fn {name}({}) {{}}", required.join(", ")).expect("writing to a string");
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        // An abbreviation stays one.
        (Some(a), Some(b)) if !b.is_uppercase() => a.to_lowercase().chain([b]).chain(chars).collect(),
        _ => text.to_string(),
    }
}

/// A constant for each argument.
fn module(text: &mut String, name: &str, args: &[&ArgSpec]) {
    if args.is_empty() {
        return write!(text, "\n/// Of `{name}`.\npub mod {name} {{}}\n").expect("writing to a string");
    }
    write!(
        text,
        "\n/// Of `{name}`.\npub mod {name} {{\n    use super::super::kinds::*;\n"
    )
    .expect("writing to a string");
    for a in args {
        let given = match a.default {
            None => "; must be given".to_string(),
            Some("") => String::new(),
            Some(default) => format!("; `{default}` if left out"),
        };
        text.push('\n');
        doc(text, &format!("{}{given}.", a.doc), "    ");
        let kind = kind(a.kind);
        writeln!(text, "    pub const {}: {kind} = {kind};", a.name).expect("writing to a string");
    }
    text.push_str("}\n");
}

fn initialisers() -> String {
    let mut text = start("The initialisers, given as `init = he_normal`.", true);
    for init in INITS {
        let numbers: Vec<String> = init.numbers.iter().map(|(n, _)| format!("{n}: Number")).collect();
        text.push('\n');
        doc(&mut text, &format!("{}.", init.doc), "");
        // With numbers it is called, without it is a word.
        match &numbers[..] {
            [] => writeln!(text, "pub const {}: Initialiser = Initialiser;", init.name),
            some => writeln!(text, "pub fn {}({}) {{}}", init.name, some.join(", ")),
        }
        .expect("writing to a string");
    }
    text
}

fn functions() -> String {
    let mut text = start("The functions of formulas.", true);
    for f in FUNCTIONS {
        text.push('\n');
        doc(&mut text, &format!("{}.", f.doc), "");
        let numbers = ["x: Number", "a: Number, b: Number"][f.arity - 1];
        writeln!(text, "pub fn {}({numbers}) {{}}", f.name).expect("writing to a string");
    }
    text.push_str("\n/// `x` to a whole constant power.\npub fn pow(x: Number, n: Size) {}\n");
    text
}

/// A module for each list of words that some argument takes.
fn words() -> String {
    let mut text = start("The words that arguments take.", false);
    let mut lists: Vec<&[&str]> = layers::ALL
        .iter()
        .flat_map(|l| l.args)
        .chain(losses::ALL.iter().flat_map(|l| l.args))
        .filter_map(|a| match a.kind {
            ArgKind::Choice(words) | ArgKind::Extents { words, .. } if !words.is_empty() => Some(words),
            _ => None,
        })
        .collect();
    lists.sort_unstable();
    lists.dedup();
    for list in lists {
        let module = words_module(list);
        let quoted: Vec<String> = list.iter().map(|w| format!("`{w}`")).collect();
        let either = quoted.join(" or ");
        write!(
            text,
            "\n/// {either}.\npub mod {module} {{\n    use super::super::kinds::*;\n"
        )
        .expect("writing to a string");
        for word in list {
            write!(text, "\n    /// {either}.\n    pub const {word}: Word = Word;\n")
                .expect("writing to a string");
        }
        text.push_str("}\n");
    }
    text
}

/// The type in `kinds` that stands for it.
fn kind(kind: ArgKind) -> &'static str {
    match kind {
        ArgKind::Size => "Size",
        ArgKind::Sizes => "Sizes",
        ArgKind::Extents { .. } => "Extents",
        ArgKind::Integer => "Integer",
        ArgKind::Number => "Number",
        ArgKind::Numbers => "Numbers",
        ArgKind::Flag => "Flag",
        ArgKind::Choice(_) => "Word",
        ArgKind::Init => "Initialiser",
        ArgKind::Text => "Text",
    }
}

#[test]
fn editors_say_what_the_compiler_says() {
    for (name, now) in files() {
        let path = format!("{FOLDER}{name}");
        if std::env::var_os("NN_WRITE_REFERENCE").is_some() {
            std::fs::write(&path, &now).expect("the file can be written");
        }
        let written = std::fs::read_to_string(&path).expect("the file can be read");
        assert!(
            written.replace("\r\n", "\n") == now,
            "nn-runtime/src/language/{name} is not what the compiler says; write it by \
             `NN_WRITE_REFERENCE=1 cargo test -p nn-macros reference`"
        );
    }
}

#[test]
fn every_attribute_is_described() {
    let path = format!("{FOLDER}../language.rs");
    let text = std::fs::read_to_string(path).expect("the module can be read");
    for name in crate::passes::parse::OURS {
        assert!(
            text.contains(&format!("pub const {name}: Attribute")),
            "`#[{name}]` is not described"
        );
    }
}
