//! The elementwise formulas of a network, each emitted once as a type that the kernels are generic over.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::names::ident;
use crate::formula::Formula;

#[derive(Default)]
pub struct Formulas {
    by_key: HashMap<(Vec<u64>, usize), Ident>,
    /// Definitions, in order of first use.
    pub items: Vec<TokenStream>,
}

impl Formulas {
    /// The expression that stands for `formula` of `arity` operands.
    pub fn name(&mut self, formula: &Formula, arity: usize) -> TokenStream {
        if arity == 1 && formula.is_identity() {
            return quote!(rt::Identity);
        }
        let next = ident(&format!("Formula{}", self.items.len() + 1));
        let name = self
            .by_key
            .entry((formula.key(), arity))
            .or_insert(next.clone())
            .clone();
        if name == next {
            let doc = format!(" `{formula}`");
            let inputs: Vec<Ident> = (0..arity)
                .map(|i| {
                    if formula.inputs().contains(&i) {
                        format_ident!("x{i}")
                    } else {
                        format_ident!("_x{i}")
                    }
                })
                .collect();
            let body = formula.expand();
            self.items.push(quote! {
                #[doc = #doc]
                #[derive(Clone, Copy)]
                struct #name;

                impl rt::Formula<#arity> for #name {
                    #[inline(always)]
                    fn eval<T: rt::Scalar, S: rt::Simd<T>>(self, s: S, [#(#inputs),*]: [S::V; #arity]) -> S::V {
                        #body
                    }
                }
            });
        }
        quote!(#name)
    }
}
