//! Text as a `network!` block: the compiler answers, with errors or code that is Rust, in bounded time and memory.
//!
//! `cargo +nightly fuzz run compile -- -timeout=60 -rss_limit_mb=2048 -max_len=8192`, with a corpus of the blocks of
//! `tests/ui` and `models/src`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proc_macro2::TokenStream;

fuzz_target!(|text: &str| {
    // What rustc's lexer would refuse never reaches the macro.
    let Ok(tokens) = text.parse::<TokenStream>() else {
        return;
    };
    let answer = nn_compiler::compile(tokens);
    if let Err(error) = syn::parse2::<syn::File>(answer) {
        panic!("the answer is no Rust: {error}");
    }
});
