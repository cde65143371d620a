//! The `static` of trained weights: one byte string in memory's order, beside an `include_bytes!` of the file, which
//! makes the build depend on it.
//!
//! The file itself cannot be the `static`: it holds PyTorch's `[out, in]` after a header of any length. Turning it in a
//! constant function would take the compiler's interpreter seconds for each megabyte; a byte string is one token.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::layout::Layout;
use crate::graph::{Graph, Scalar};
use crate::weights::{Weights, in_memory_order};

/// All parameters as they lie flat, padding included.
fn flat(graph: &Graph, layout: &Layout, weights: &Weights) -> Vec<u8> {
    let size = graph.scalar.bytes();
    let mut flat = vec![0; layout.len * size];
    for ((param, offset), tensor) in graph.params.iter().zip(&layout.offsets).zip(&weights.tensors) {
        let spec = &param.spec;
        let numbers = in_memory_order(tensor, &spec.shape.0, &spec.file_axes, size);
        flat[offset * size..][..numbers.len()].copy_from_slice(&numbers);
    }
    flat
}

/// The items that hold the weights; nothing for a network without.
pub fn items(graph: &Graph, layout: &Layout) -> TokenStream {
    let Some(weights) = &graph.weights else {
        return TokenStream::new();
    };
    let bytes = Literal::byte_string(&flat(graph, layout, weights));
    let len = Literal::usize_unsuffixed(layout.len);
    let (t, bake) = match graph.scalar {
        Scalar::F32 => (quote!(f32), quote!(rt::bake_f32)),
        Scalar::F64 => (quote!(f64), quote!(rt::bake_f64)),
    };
    let tracked = tracked(weights);
    quote! {
        #tracked
        static WEIGHTS: rt::Baked<#t, #len> = #bake(#bytes);
    }
}

/// What makes the build depend on the file.
pub fn tracked(weights: &Weights) -> Option<TokenStream> {
    weights.path.as_ref().map(|path| {
        let path = if std::path::Path::new(path).is_absolute() {
            quote!(#path)
        } else {
            quote!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #path))
        };
        quote! {
            // The file is an input of the build.
            const _: &[u8] = ::core::include_bytes!(#path);
        }
    })
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenTree;

    use super::super::layout::layout;
    use super::*;
    use crate::emit::tests::mlp;

    fn count(tokens: TokenStream) -> usize {
        let one = |tree| match tree {
            TokenTree::Group(group) => 1 + count(group.stream()),
            _ => 1,
        };
        tokens.into_iter().map(one).sum()
    }

    /// What a dense network with weights becomes.
    fn baked(width: usize) -> TokenStream {
        let mut graph = mlp("Baked", &[width, width]);
        let tensors = graph.params.iter().map(|p| vec![0; p.spec.shape.elems() * 4]);
        let tensors = tensors.collect();
        let path = Some("weights.safetensors".into());
        graph.weights = Some(Weights { path, tensors });
        items(&graph, &layout(&graph))
    }

    #[test]
    fn ten_megabytes_are_as_many_tokens_as_ten_numbers() {
        let (small, large) = (baked(3), baked(1600));
        assert!(large.to_string().len() > 10_000_000);
        assert_eq!(count(large), count(small));
    }

    #[test]
    fn the_build_depends_on_the_file() {
        let text = baked(3).to_string().replace(' ', "");
        let file = r#"include_bytes!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"),"/","weights.safetensors"))"#;
        assert!(text.contains(file), "{text}");
    }
}
