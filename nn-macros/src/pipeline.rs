//! The compiler's table of contents: the passes in order, and what holds between them.

use proc_macro2::TokenStream;

use crate::ast::Source;
use crate::diagnostics::{self, Diagnosis, Diagnostics};
use crate::emit::{Programs, Quantized};
use crate::graph::Graph;
use crate::{budget, editor, emit, passes, stub};

/// Compiles a block; faults come out as `compile_error!` beside stubs of the types.
pub fn compile(tokens: TokenStream) -> TokenStream {
    let diagnostics = Diagnostics::default();
    let editor = editor::editor(tokens.clone());
    // What editors read, from the text alone.
    let source = passes::parse::parse(tokens, &diagnostics);
    // Every span is kept; nothing is resolved.
    let graphs = passes::shape::shape(&source, &diagnostics);
    // Every shape is known, every layer has accepted its inputs.
    let mut sound = Vec::with_capacity(graphs.len());
    for graph in graphs {
        let mut programs = emit::programs(&graph);
        // Every value has a place, no two that live at once overlap.
        let mark = diagnostics.count();
        programs.int8 = int8(&graph, &diagnostics);
        // What is to run in int8 has a form in it.
        let memory = emit::memory::memory(&graph, &programs);
        budget::check(&graph, &memory, &diagnostics);
        if diagnostics.count() == mark {
            sound.push((graph, programs));
        }
    }
    // What it takes is within what it may take.
    let found = diagnostics.take();
    let mut tokens = editor;
    tokens.extend(diagnostics::emit(&found));
    if !found.is_empty() {
        tokens.extend(stubs(&source, sound.iter().map(|(graph, _)| &graph.name)));
    }
    for (graph, programs) in &sound {
        tokens.extend(expand(graph, programs));
    }
    // What the macro cannot know, the compiler of its expansion does.
    let agreements = passes::shape::agreements(&source);
    tokens.extend(agreements.iter().map(emit::agreement));
    tokens
}

/// The program in int8, where the network asks for one, with the file that it names.
fn int8(graph: &Graph, diagnostics: &Diagnostics) -> Option<Quantized> {
    let asked = graph.quantize.as_ref()?;
    let int8 = passes::quantize::quantize(graph, diagnostics)?;
    let weights = match &asked.weights {
        None => None,
        Some((path, extent)) => match Quantized::read(graph, &int8, path) {
            Ok(weights) => Some(weights),
            Err(faults) => {
                for (message, help) in faults {
                    diagnostics.report(Diagnosis::new(*extent, message).help(help));
                }
                return None;
            }
        },
    };
    Some(Quantized { int8, weights })
}

/// Everything behind the plans.
fn expand(graph: &Graph, programs: &Programs) -> TokenStream {
    let code = emit::emit(graph, programs);
    if !graph.print.is_empty() {
        eprintln!("{}", emit::print::print(graph, programs, &code.on_host()));
    }
    code.tokens()
}

/// What stands for the networks that have a fault: types with all their methods.
fn stubs<'a>(source: &'a Source, sound: impl Iterator<Item = &'a syn::Ident>) -> TokenStream {
    let mut tokens = TokenStream::new();
    let mut done: Vec<&syn::Ident> = sound.collect();
    for (def, header) in source.networks.iter().zip(passes::shape::headers(source)) {
        if !done.contains(&&def.name) {
            done.push(&def.name);
            let stub = stub::stub(def, header);
            let mut programs = emit::programs(&stub);
            let unread = Diagnostics::default();
            programs.int8 = int8(&stub, &unread);
            tokens.extend(expand(&stub, &programs));
        }
    }
    tokens
}
