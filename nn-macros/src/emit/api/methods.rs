//! The methods that a program on a host calls: prediction, the fused step, and a step in two halves.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::super::Planned;
use super::super::names::{self, ident};
use super::super::program::{offset, targets};
use super::{Api, tuple};
use crate::ir::Space;
use crate::passes::plan::Place;

impl Api<'_> {
    /// What the outputs of a program come back as: one typed slice of rows, or a tuple.
    fn rows_of_outputs(&self, planned: &Planned, n: &TokenStream) -> (TokenStream, TokenStream) {
        let t = self.t();
        let plan = names::constant(planned.name);
        let types = self.output_elems().iter().map(|e| quote!(&[[#t; #e]])).collect();
        let values = planned
            .program
            .outputs
            .iter()
            .map(|v| {
                let (offset, elems) = (offset(planned, *v), planned.program.shape(*v).elems());
                quote!(rt::rows_of::<#t, #elems>(self.model.buffer(&#plan, rt::Buf::new(#offset, #elems), #n)))
            })
            .collect();
        (tuple(types), tuple(values))
    }

    pub(super) fn inherent(&self) -> TokenStream {
        let (graph, t) = (self.graph, self.t());
        let name = &graph.name;
        let new_doc = format!(" A `{name}` whose parameters are initialised from `seed`.");
        let predict = self.predict();
        let train = self.train();
        let halves = self.halves();
        let trained = graph.weights.is_some().then(|| {
            let doc = format!(" A `{name}` with [`Self::WEIGHTS`].");
            quote! {
                #[doc = #doc]
                #[must_use]
                pub fn trained() -> Self {
                    let mut network = Self::new(0);
                    network.model.parameters_mut().copy_from_slice(Self::WEIGHTS);
                    network
                }
            }
        });
        quote! {
            impl #name {
                #[doc = #new_doc]
                #[must_use]
                pub fn new(seed: u64) -> Self {
                    Self { model: rt::Model::new::<Self>(seed) }
                }

                #trained

                /// A table of the layers, to be printed.
                #[must_use]
                pub fn summary() -> rt::Summary {
                    rt::Summary::of::<Self>()
                }

                /// All parameters and running statistics, flat, in the order of `PARAMETERS`.
                #[must_use]
                pub fn parameters(&self) -> &[#t] {
                    self.model.parameters()
                }

                /// The same, to change.
                pub fn parameters_mut(&mut self) -> &mut [#t] {
                    self.model.parameters_mut()
                }

                /// Gradients of the trainable parameters from the last backward pass; empty before the first.
                #[must_use]
                pub fn gradients(&self) -> &[#t] {
                    self.model.gradients()
                }

                #predict
                #train
                #halves
            }
        }
    }

    fn predict(&self) -> TokenStream {
        let t = self.t();
        let (names, elems) = (self.input_names(), self.input_elems());
        let arguments = names.iter().zip(&elems).map(|(n, e)| quote!(#n: &[#t; #e]));
        let entries = names.iter().zip(&elems).map(|(n, e)| quote!((#n.as_slice(), #e)));
        let types = tuple(self.output_elems().iter().map(|e| quote!(&[#t; #e])).collect());
        let values = tuple(
            self.programs
                .infer
                .program
                .outputs
                .iter()
                .map(|v| {
                    let (offset, elems) = (offset(&self.programs.infer, *v), self.programs.infer.program.shape(*v).elems());
                    quote!(rt::row_of::<#t, #elems>(self.model.buffer(&INFER, rt::Buf::new(#offset, #elems), 1)))
                })
                .collect(),
        );
        let (rows_type, rows) = self.rows_of_outputs(&self.programs.infer, &quote!(n));
        let generic = names
            .iter()
            .zip(&elems)
            .map(|(n, e)| quote!(#n: impl rt::IntoBatch<rt::Samples<'a, #t, #e>>));
        let into = names.iter().map(|n| quote!(let #n = #n.into_batch();));
        let inputs = tuple(names.iter().map(|n| quote!(#n)).collect());
        let (count, _) = self.count_inputs();
        quote! {
            /// Predicts one sample. Does not allocate once a prediction was made.
            pub fn predict(&mut self, #(#arguments),*) -> #types {
                let feed = rt::Feed { inputs: [#(#entries),*], values: [], labels: [], rows: rt::Rows::All, n: 1 };
                infer(&mut self.model, &feed);
                #values
            }

            /// Predicts a batch of any length. Does not allocate once one as long was predicted.
            ///
            /// # Errors
            /// `Length` where the data end inside a sample, `UnequalCount` where inputs hold different numbers of samples,
            /// `Empty` where there are none.
            pub fn predict_batch<'a>(&mut self, #(#generic),*) -> rt::Result<#rows_type> {
                #(#into)*
                #count
                let n = samples;
                rt::Network::predict_rows(self, #inputs, rt::Rows::All)?;
                Ok(#rows)
            }
        }
    }

    fn train(&self) -> TokenStream {
        if !self.graph.has_loss() {
            return TokenStream::new();
        }
        let t = self.t();
        let names = self.input_names();
        let target_names = self.target_names();
        let arguments: Vec<TokenStream> = names
            .iter()
            .zip(self.input_elems())
            .map(|(n, e)| quote!(#n: impl rt::IntoBatch<rt::Samples<'a, #t, #e>>))
            .chain(
                target_names
                    .iter()
                    .zip(targets(self.graph))
                    .enumerate()
                    .map(|(i, (n, target))| {
                        let ty = self.target_type(i, &target);
                        quote!(#n: impl rt::IntoBatch<#ty>)
                    }),
            )
            .collect();
        let inputs = tuple(names.iter().map(|n| quote!(#n.into_batch())).collect());
        let targets = tuple(target_names.iter().map(|n| quote!(#n.into_batch())).collect());
        quote! {
            /// The loss of a batch in inference mode: the mean over its samples.
            ///
            /// # Errors
            /// `Length`, `SampleCount`, `Label`, `Empty`: what is wrong with the data.
            pub fn loss<'a>(&mut self, #(#arguments),*) -> rt::Result<f64> {
                rt::Learn::loss_rows(self, #inputs, #targets, rt::Rows::All)
            }

            /// The loss of a batch in training mode; leaves its gradient in [`Self::gradients`]. Does not allocate once a
            /// batch as long was seen.
            ///
            /// # Errors
            /// As [`Self::loss`].
            pub fn gradient<'a>(&mut self, #(#arguments),*) -> rt::Result<f64> {
                rt::Learn::gradient_rows(self, #inputs, #targets, rt::Rows::All)
            }

            /// A whole training step: loss, gradient, update. Gives the loss before the update.
            ///
            /// # Errors
            /// As [`Self::loss`], and the optimizer's.
            pub fn train_step<'a>(
                &mut self,
                #(#arguments,)*
                optimizer: &mut impl rt::Optimizer<#t>,
            ) -> rt::Result<f64> {
                let loss = rt::Learn::gradient_rows(self, #inputs, #targets, rt::Rows::All)?;
                optimizer.step(self)?;
                Ok(loss)
            }
        }
    }

    fn halves(&self) -> TokenStream {
        let t = self.t();
        let names = self.input_names();
        let halves = &self.programs.halves;
        let (count, entries) = self.count_inputs();
        let arguments: Vec<TokenStream> = names
            .iter()
            .zip(self.input_elems())
            .map(|(n, e)| quote!(#n: impl rt::IntoBatch<rt::Samples<'a, #t, #e>>))
            .collect();
        let into = names.iter().map(|n| quote!(let #n = #n.into_batch();));
        let (rows_type, rows) = self.rows_of_outputs(halves, &quote!(n));
        let single = self.graph.outputs.len() == 1;
        let gradient_names: Vec<Ident> = (0..self.graph.outputs.len())
            .map(|i| {
                if single {
                    ident("output_gradient")
                } else {
                    format_ident!("output_{}_gradient", i + 1)
                }
            })
            .collect();
        let gradient_arguments: Vec<TokenStream> = gradient_names
            .iter()
            .zip(self.output_elems())
            .map(|(n, e)| quote!(#n: impl rt::IntoBatch<rt::Samples<'a, #t, #e>>))
            .collect();
        let copies: Vec<TokenStream> = gradient_names
            .iter()
            .zip(&halves.program.output_gradients)
            .map(|(n, v)| {
                let (offset, elems) = (offset(halves, *v), halves.program.shape(*v).elems());
                let text = n.to_string();
                let unused = halves.plan.places[v.0] == Place::Unused;
                let copy = if unused {
                    TokenStream::new()
                } else {
                    quote!(self.model.buffer_mut(&HALVES, rt::Buf::new(#offset, #elems), n).copy_from_slice(#n.data);)
                };
                quote! {
                    let #n = #n.into_batch();
                    rt::equal_count(n, #text, rt::count_samples(#text, #n.data.len(), #elems)?)?;
                    #copy
                }
            })
            .collect();
        let (input_types, input_values): (Vec<TokenStream>, Vec<TokenStream>) = halves
            .program
            .input_gradients
            .iter()
            .flatten()
            .map(|v| {
                let (offset, elems) = (offset(halves, *v), halves.program.shape(*v).elems());
                let value = quote!(rt::rows_of::<#t, #elems>(self.model.buffer(&HALVES, rt::Buf::new(#offset, #elems), n)));
                (quote!(&[[#t; #elems]]), value)
            })
            .unzip();
        let (input_types, input_values) = (tuple(input_types), tuple(input_values));
        debug_assert!(
            halves
                .program
                .outputs
                .iter()
                .all(|v| halves.program.values[v.0].space == Space::Sample)
        );
        quote! {
            /// The first half of a step written by hand: outputs in training mode, everything kept for
            /// [`Self::backward`]. Does not allocate once a batch as long was seen.
            ///
            /// # Errors
            /// As [`Self::predict_batch`].
            pub fn forward<'a>(&mut self, #(#arguments),*) -> rt::Result<#rows_type> {
                #(#into)*
                #count
                let n = rt::count_rows(&rt::Rows::All, samples)?;
                let feed = rt::Feed { inputs: [#(#entries),*], values: [], labels: [], rows: rt::Rows::All, n };
                halves_forward(&mut self.model, &feed);
                Ok(#rows)
            }

            /// The second half: from the gradient of a loss with respect to the outputs of the last
            /// [`Self::forward`], the gradients of all parameters, left in [`Self::gradients`].
            ///
            /// # Errors
            /// `NoForward` where none came before, `Length` and `UnequalCount` where the gradient is not of the outputs' size.
            pub fn backward<'a>(&mut self, #(#gradient_arguments),*) -> rt::Result<()> {
                let n = self.model.resume(false)?;
                #(#copies)*
                halves_backward(&mut self.model, n);
                Ok(())
            }

            /// As [`Self::backward`], and gives the gradients with respect to the inputs.
            ///
            /// # Errors
            /// As [`Self::backward`].
            pub fn backward_to_inputs<'a>(&mut self, #(#gradient_arguments),*) -> rt::Result<#input_types> {
                let n = self.model.resume(true)?;
                #(#copies)*
                halves_backward(&mut self.model, n);
                Ok(#input_values)
            }
        }
    }
}
