//! The compiler behind `nn_runtime::network!`.
//!
//! Users never depend on this crate directly: `nn-runtime` re-exports the macro and the expansion names
//! `::nn_runtime`. ARCHITECTURE.md, at the repository's root, is the map of the passes.
#![forbid(unsafe_code)]

mod ast;
mod budget;
mod diagnostics;
mod editor;
mod emit;
mod formula;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod golden;
mod graph;
mod ir;
mod layers;
mod losses;
mod passes;
mod pipeline;
#[cfg(test)]
mod reference;
mod stub;
mod suggest;
#[cfg(test)]
mod testing;
mod weights;

/// Compiles a block of networks; `docs/language.md` is the reference.
#[cfg(any(proc_macro, test))]
#[proc_macro]
pub fn network(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    pipeline::compile(input.into()).into()
}

/// The same, where this crate is an ordinary library: `fuzz/` builds it so.
#[cfg(not(any(proc_macro, test)))]
pub fn compile(input: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    pipeline::compile(input)
}
