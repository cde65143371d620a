//! Editors: what the block names, said again in Rust that only rust-analyzer sees.
//!
//! Before: any token stream, half-written ones above all. After: an item in which each layer, argument, word, constant
//! and binding is a path to something documented, under the token that the user wrote. So hovers, jumps to a definition
//! and completion work inside the block, while it does not parse yet as well: this reads tokens, not the tree. It comes
//! first in the expansion, so that its text stands where it stood while a name is typed, whatever faults come and go.
//!
//! `cfg(rust_analyzer)` keeps it from rustc, whose work it neither adds to nor spoils. What it refers to is
//! `nn_runtime::language`, which `reference/items.rs` writes from the compiler's own descriptions.

mod items;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

use crate::passes::parse::flatten;
use items::Item;
use walk::Walk;
#[cfg(test)]
pub use walk::words_module;

/// The names that the block itself defines.
#[derive(Default)]
pub struct Own {
    /// Blocks and formulas.
    pub layers: HashSet<String>,
    pub consts: HashSet<String>,
}

/// The item for editors; nothing for a block that names nothing.
pub fn editor(tokens: TokenStream) -> TokenStream {
    let tokens = flatten(tokens);
    let items = items::split(&tokens);
    let mut own = Own::default();
    for item in &items {
        match item {
            Item::Layer { name, .. } => own.layers.insert(name.to_string()),
            Item::Const(constant) => own.consts.insert(constant.name.to_string()),
            Item::Network { sizes, .. } => {
                own.consts.extend(sizes.iter().map(|s| s.name.to_string()));
                false
            }
            Item::Instance { .. } => false,
        };
    }
    let (layers, arguments) = definitions(&items);
    let mut code = TokenStream::new();
    for item in &items {
        code.extend(checked(item, &own));
    }
    if code.is_empty() {
        return code;
    }
    quote! {
        #[allow(unexpected_cfgs)]
        const _: () = {
            #[cfg(rust_analyzer)]
            #[allow(warnings)]
            fn editor() {
                use ::nn_runtime::language;
                mod layers {
                    pub use ::nn_runtime::language::layers::*;
                    use ::nn_runtime::language::kinds::*;
                    #layers
                }
                mod arguments {
                    pub use ::nn_runtime::language::arguments::*;
                    use ::nn_runtime::language::kinds::*;
                    #arguments
                }
                #code
            }
        };
    }
}

/// The block's own blocks and formulas as functions, their parameters as constants of a module each.
fn definitions(items: &[Item<'_>]) -> (TokenStream, TokenStream) {
    let (mut layers, mut arguments) = (TokenStream::new(), TokenStream::new());
    let mut seen = HashSet::new();
    for item in items {
        let Item::Layer {
            docs,
            name,
            parameters,
            ..
        } = item
        else {
            continue;
        };
        if !seen.insert(name.to_string()) {
            continue;
        }
        // The first is the tensor before the dot; what has a default need not be typed.
        let required = parameters
            .iter()
            .skip(1)
            .filter(|p| p.default.is_none())
            .map(|p| &p.name);
        layers.extend(quote!(#(#docs)* pub fn #name(#(#required: Argument),*) {}));
        let mut distinct = HashSet::new();
        let names = parameters
            .iter()
            .map(|p| &p.name)
            .filter(|n| distinct.insert(n.to_string()));
        arguments.extend(quote! {
            pub mod #name {
                use ::nn_runtime::language::kinds::*;
                #(pub const #names: Argument = Argument;)*
            }
        });
    }
    (layers, arguments)
}

/// The body of an item, as statements of a function.
fn checked(item: &Item<'_>, own: &Own) -> TokenStream {
    let mut walk = Walk::new(own);
    match item {
        Item::Network {
            attributes,
            sizes,
            inputs,
            header,
            body,
        } => {
            let mut distinct = HashSet::new();
            let sizes = sizes.iter().filter(|s| distinct.insert(s.name.to_string()));
            let sizes: TokenStream = sizes.map(|s| constant(s, &mut walk)).collect();
            for attribute in attributes {
                walk.attribute(attribute);
            }
            let mut names = walk.inputs(&flatten(inputs.clone()));
            walk.header(header);
            let parameters = bind(&mut walk, &mut names);
            walk.body(body);
            let code = walk.finish();
            quote!(fn network(#parameters) { #sizes #code })
        }
        Item::Layer { parameters, body, .. } => {
            for default in parameters.iter().filter_map(|p| p.default.as_ref()) {
                walk.expression(default);
            }
            let mut names = parameters.iter().map(|p| p.name.clone()).collect();
            let parameters = bind(&mut walk, &mut names);
            walk.body(body);
            let code = walk.finish();
            quote!(fn layer(#parameters) { #code })
        }
        Item::Const(item) => {
            let constant = constant(item, &mut walk);
            let code = walk.finish();
            quote! {
                #constant
                fn constant() { #code }
            }
        }
        Item::Instance { of, sizes } => {
            for size in items::pieces(sizes) {
                walk.expression(items::behind_equals(size));
            }
            let code = walk.finish();
            quote!(fn instance() { let _: #of; #code })
        }
    }
}

/// A constant, whose value is walked through.
fn constant(item: &items::Size<'_>, walk: &mut Walk<'_>) -> TokenStream {
    let items::Size { name, ty, value } = item;
    walk.expression(value);
    let value = match value {
        [TokenTree::Literal(literal)] => quote!(#literal),
        _ => quote!(language::kinds::any()),
    };
    quote!(const #name: #ty = #value;)
}

/// Binds the names, each once, and writes them as parameters.
fn bind(walk: &mut Walk<'_>, names: &mut Vec<Ident>) -> TokenStream {
    let mut distinct = HashSet::new();
    names.retain(|n| distinct.insert(n.to_string()));
    names.iter().for_each(|n| walk.bind(n));
    quote!(#(#names: language::types::Tensor),*)
}
