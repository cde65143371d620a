//! Training without a heap: gradients and a step of gradient descent in memory that the caller gives.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::literal;
use super::super::names;
use super::super::program::{segment_name, targets};
use super::Api;
use crate::ir::{OpKind, ParamKind};
use crate::losses::Target;

impl Api<'_> {
    /// `gradient_of`, `sgd_step` and what they take.
    pub(super) fn training(&self) -> TokenStream {
        let Some(planned) = self.programs.step.as_ref().filter(|p| p.goes_one_by_one()) else {
            return TokenStream::new();
        };
        let t = self.t();
        let (graph, trainable) = (self.graph, self.layout.trainable);
        let (inputs, target_names) = (self.input_names(), self.target_names());
        let targets = targets(graph);
        let types = targets
            .iter()
            .zip(&graph.outputs)
            .map(|(target, output)| match target {
                Target::Values => {
                    let elems = output.shape.elems();
                    quote!([#t; #elems])
                }
                Target::Classes { rows: 1, .. } => quote!(u32),
                Target::Classes { rows, .. } => quote!([u32; #rows]),
            });
        let types = self
            .input_elems()
            .into_iter()
            .map(|e| quote!([#t; #e]))
            .chain(types);
        let types: Vec<TokenStream> = types.collect();
        let names: Vec<_> = inputs.iter().chain(&target_names).collect();
        let given = |wrap: fn(&TokenStream) -> TokenStream| -> Vec<TokenStream> {
            let each = names.iter().zip(&types);
            each.map(|(name, ty)| (name, wrap(ty)))
                .map(|(name, ty)| quote!(#name: &#ty))
                .collect()
        };
        let samples = given(TokenStream::clone);
        let batches = given(|ty| quote!([#ty; BATCH]));
        let (mut values, mut labels) = (Vec::new(), Vec::new());
        for (target, name) in targets.iter().zip(&target_names) {
            match target {
                Target::Values => values.push(quote!(#name)),
                Target::Classes { rows: 1, .. } => labels.push(quote!(core::slice::from_ref(#name))),
                Target::Classes { .. } => labels.push(quote!(#name)),
            }
        }
        let random = planned
            .program
            .ops
            .iter()
            .any(|op| matches!(op.kind, OpKind::Dropout { .. }));
        let (seed, given_seed) = if random {
            (quote!(seed), quote!(seed: u64,))
        } else {
            (quote!(0), TokenStream::new())
        };
        let passed_seed = random.then(|| quote!(seed,));
        let seed_doc = random.then(
            || quote!(#[doc = ""] #[doc = " `seed` decides what is dropped: a new one for every step."]),
        );
        let last = planned.plan.segments.len() - 1;
        let arranged = (0..last).map(|s| {
            let segment = segment_name(planned, s);
            quote! {
                #segment::<false>(&mut rt::Whole {
                    n: 1,
                    input_gradients: false,
                    arena: rt::Arena::new(&mut [], 1),
                    stats: rt::Arena::new(&mut arena[STEP.tile_elems..], 1),
                    parameters,
                    state: &mut [],
                    gradients,
                    inverse_batch,
                    trace: None,
                });
            }
        });
        let arrange = quote!(#(#arranged)*);
        let segment = segment_name(planned, last);
        let ranges: Vec<_> = graph.params.iter().map(|p| names::constant(&p.name)).collect();
        let penalties = graph
            .params
            .iter()
            .zip(&ranges)
            .filter(|(p, _)| p.spec.l2 > 0.0)
            .map(|(p, name)| {
                let l2 = literal(p.spec.l2, crate::graph::Scalar::F64);
                let gradients =
                    (p.spec.kind == ParamKind::Trainable).then(|| quote!(Some(&mut gradients[#name])));
                let gradients = gradients.unwrap_or(quote!(None));
                quote!(loss += rt::penalty(#l2, &parameters[#name], #gradients);)
            });
        quote! {
            /// Numbers that training changes: the first of the flat parameters, and as many gradients.
            pub const TRAINABLE: usize = #trainable;
            /// Working memory of [`Self::gradient_of`], in numbers, for a batch of any length.
            pub const TRAINING_ARENA: usize = STEP.tile_elems + STEP.stats_elems;

            /// The loss of a batch in training mode, and its gradients, in memory that the caller gives: no heap, no threads, no
            /// `std`. The samples go through one after the other; loss and gradients are those of a batch on the host (of 16 samples and more,
            /// where a convolution has few channels: up to rounding).
            #seed_doc
            ///
            /// A class that the network does not have makes the loss a NaN.
            #[allow(clippy::too_many_arguments)]
            pub fn gradient_of<const BATCH: usize>(
                parameters: &[#t; Self::FLAT],
                #(#batches,)*
                #given_seed
                arena: &mut [#t; Self::TRAINING_ARENA],
                gradients: &mut [#t; Self::TRAINABLE],
            ) -> f64 {
                const { assert!(BATCH > 0, "a batch of no samples") };
                let inverse_batch = rt::inverse(BATCH);
                #arrange
                let mut loss = 0.0;
                for i in 0..BATCH {
                    Self::gradient_of_one(
                        parameters,
                        #(&#names[i],)*
                        #passed_seed
                        i,
                        inverse_batch,
                        arena,
                        gradients,
                        &mut loss,
                    );
                }
                loss /= BATCH as f64;
                #(#penalties)*
                loss
            }

            /// Adds one sample's share. Out of line, so that a batch's loop is not unrolled into copies of it, and in terms of
            /// sizes that are known.
            #[inline(never)]
            #[allow(clippy::too_many_arguments)]
            fn gradient_of_one(
                parameters: &[#t; Self::FLAT],
                #(#samples,)*
                #given_seed
                i: usize,
                inverse_batch: #t,
                arena: &mut [#t; Self::TRAINING_ARENA],
                gradients: &mut [#t; Self::TRAINABLE],
                loss: &mut f64,
            ) {
                let (arena, stats) = arena.split_at_mut(STEP.tile_elems);
                let step = rt::Step {
                    parameters,
                    stats,
                    batch: 1,
                    inverse_batch,
                    seed: #seed,
                    input_gradients: false,
                };
                let mut tile = rt::Tile {
                    n: 1,
                    first: i,
                    accumulate: i > 0,
                    arena: rt::Arena::new(arena, 1),
                    gradients,
                    loss,
                    trace: None,
                };
                #segment::<false>(&step, &mut tile, [#(#inputs),*], [#(#values),*], [#(#labels),*], [], []);
            }

            /// A step of stochastic gradient descent, `w -= rate · dw`, as [`Self::gradient_of`]; gives the loss before it. Where
            /// that is no number, the parameters stay as they are.
            #seed_doc
            #[allow(clippy::too_many_arguments)]
            pub fn sgd_step<const BATCH: usize>(
                parameters: &mut [#t; Self::FLAT],
                #(#batches,)*
                #given_seed
                rate: #t,
                arena: &mut [#t; Self::TRAINING_ARENA],
                gradients: &mut [#t; Self::TRAINABLE],
            ) -> f64 {
                let loss = Self::gradient_of(parameters, #(#names,)* #passed_seed arena, gradients);
                if !loss.is_nan() {
                    let (trainable, _) = parameters.split_at_mut(Self::TRAINABLE);
                    rt::ops::axpy(-rate, &*gradients, trainable);
                }
                loss
            }
        }
    }
}
