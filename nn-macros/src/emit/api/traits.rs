//! The type's side of the runtime's traits: `Network`, and `Learn` where every output has a loss.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::names::ident;
use super::super::program::targets;
use super::{Api, tuple};
use crate::losses::Target;

impl Api<'_> {
    pub(super) fn network(&self) -> TokenStream {
        let t = self.t();
        let name = &self.graph.name;
        let text = name.to_string();
        let inputs_type = self.inputs_type();
        let names = tuple(self.input_names().iter().map(|n| quote!(#n)).collect());
        let (count, entries) = self.count_inputs();
        let outputs: usize = self.output_elems().iter().sum();
        quote! {
            impl rt::Network for #name {
                type Scalar = #t;
                type Inputs<'a> = #inputs_type;

                const NAME: &'static str = #text;
                const PARAMS: usize = Self::PARAMS;
                const MACS: u64 = Self::MACS;
                const INPUTS: &'static [&'static [usize]] = Self::INPUTS;
                const OUTPUTS: &'static [&'static [usize]] = Self::OUTPUTS;
                const LAYERS: &'static [rt::LayerInfo] = Self::LAYERS;
                const PARAMETERS: &'static [rt::ParameterInfo] = Self::PARAMETERS;

                fn parameters(&self) -> &[#t] {
                    self.model.parameters()
                }

                fn parameters_mut(&mut self) -> &mut [#t] {
                    self.model.parameters_mut()
                }

                fn gradients(&self) -> &[#t] {
                    self.model.gradients()
                }

                fn update_parts(&mut self) -> (&mut [#t], &mut [#t]) {
                    self.model.update_parts()
                }

                fn predict_rows(&mut self, #names: Self::Inputs<'_>, rows: rt::Rows<'_>) -> rt::Result<&[#t]> {
                    #count
                    let n = rt::count_rows(&rows, samples)?;
                    infer(&mut self.model, &rt::Feed { inputs: [#(#entries),*], values: [], labels: [], rows, n });
                    Ok(self.model.buffer(&INFER, rt::Buf::new(0, #outputs), n))
                }
            }
        }
    }

    pub(super) fn learn(&self) -> TokenStream {
        if !self.graph.has_loss() {
            return TokenStream::new();
        }
        let name = &self.graph.name;
        let targets = targets(self.graph);
        let targets_type = tuple(
            targets
                .iter()
                .enumerate()
                .map(|(i, t)| self.target_type(i, t))
                .collect(),
        );
        let inputs = tuple(self.input_names().iter().map(|n| quote!(#n)).collect());
        let target_names = self.target_names();
        let target_pattern = tuple(target_names.iter().map(|n| quote!(#n)).collect());
        let (count, entries) = self.count_inputs();
        let mut checks = TokenStream::new();
        let (mut values, mut labels) = (Vec::new(), Vec::new());
        for (i, (target, name)) in targets.iter().zip(&target_names).enumerate() {
            let text = name.to_string();
            let per = match target {
                Target::Values => self.graph.outputs[i].shape.elems(),
                Target::Classes { rows, .. } => *rows,
            };
            checks
                .extend(quote!(rt::same_count(samples, rt::count_samples(#text, #name.data.len(), #per)?)?;));
            match target {
                Target::Values => values.push(quote!((#name.data, #per))),
                Target::Classes { classes, .. } => {
                    labels.push((quote!((#name.data, #per)), name, per, *classes))
                }
            }
        }
        let label_checks: TokenStream = labels
            .iter()
            .map(|(_, name, per, classes)| quote!(rt::check_labels(#name.data, #per, #classes, &rows)?;))
            .collect();
        let labels: Vec<&TokenStream> = labels.iter().map(|l| &l.0).collect();
        let method = |method: &str, result: TokenStream, run: TokenStream| {
            let method = ident(method);
            quote! {
                fn #method(
                    &mut self,
                    #inputs: Self::Inputs<'_>,
                    #target_pattern: Self::Targets<'_>,
                    rows: rt::Rows<'_>,
                ) -> rt::Result<#result> {
                    #count
                    #checks
                    let n = rt::count_rows(&rows, samples)?;
                    #label_checks
                    let feed = rt::Feed { inputs: [#(#entries),*], values: [#(#values),*], labels: [#(#labels),*], rows, n };
                    #run
                }
            }
        };
        let loss = method(
            "loss_rows",
            quote!(f64),
            quote!(Ok(evaluate(&mut self.model, &feed))),
        );
        let gradient = method(
            "gradient_rows",
            quote!(f64),
            quote!(Ok(step::<false>(&mut self.model, &feed))),
        );
        let input_texts = self.input_names().into_iter().map(|n| n.to_string());
        let value_texts = targets
            .iter()
            .zip(&target_names)
            .filter(|(target, _)| **target == Target::Values)
            .map(|(_, name)| name.to_string());
        let trace = method(
            "trace_rows",
            quote!(core::option::Option<rt::Origin>),
            quote! {
                self.model.start_trace();
                step::<true>(&mut self.model, &feed);
                Ok(self.model.end_trace(&feed, [#(#input_texts),*], [#(#value_texts),*]))
            },
        );
        quote! {
            impl rt::Learn for #name {
                type Targets<'a> = #targets_type;

                #loss
                #gradient
                #trace
            }
        }
    }
}
