//! The compiler's table of contents: the passes in order, and what holds between them.

use proc_macro2::TokenStream;

use crate::diagnostics::{self, Diagnostics};
use crate::{emit, passes};

/// Compiles a block; faults come out as `compile_error!` beside stubs of the types.
pub fn compile(tokens: TokenStream) -> TokenStream {
    let diagnostics = Diagnostics::default();
    let source = passes::parse::parse(tokens, &diagnostics);
    // Every span is kept; nothing is resolved.
    let graphs = passes::shape::shape(&source, &diagnostics);
    // Every shape is known, every layer has accepted its inputs.
    let mut tokens = diagnostics::emit(&diagnostics.take());
    for graph in &graphs {
        let programs = emit::programs(graph);
        // Every value has a place, no two that live at once overlap.
        let code = emit::emit(graph, &programs);
        if !graph.print.is_empty() {
            eprintln!("{}", emit::print::print(graph, &programs, &code.on_host()));
        }
        tokens.extend(code.tokens());
    }
    tokens
}
