//! What the type has with and without `std`: its constants, and prediction in memory that the caller gives.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::super::literal;
use super::super::names::{self, ident};
use super::Api;
use crate::ir::{Init, ParamKind};

impl Api<'_> {
    /// What needs neither heap nor threads: constants, and prediction in memory that the caller gives.
    pub(super) fn everywhere(&self) -> TokenStream {
        let graph = self.graph;
        let name = &graph.name;
        let (params, macs) = (self.total_params(), self.macs());
        let dims = |s: &crate::ir::Shape| {
            let d = &s.0;
            quote!(&[#(#d),*])
        };
        let input_shapes = graph.inputs.iter().map(|i| dims(&i.shape));
        let output_shapes = graph.outputs.iter().map(|o| dims(&o.shape));
        let memory = super::super::memory::memory(graph, self.programs);
        let layers = graph.nodes.iter().enumerate().map(|(i, node)| {
            let (name, text, params, macs) = (&node.name, &node.text, self.node_params(i), node.layer.macs());
            let output = dims(&node.outputs[0]);
            let (live, bytes) = (memory.layers[i].live, memory.layers[i].params);
            let (live, bytes) = (Literal::u64_unsuffixed(live), Literal::u64_unsuffixed(bytes));
            quote! {
                rt::LayerInfo {
                    name: #name,
                    text: #text,
                    output: #output,
                    params: #params,
                    macs: #macs,
                    live_bytes: #live,
                    param_bytes: #bytes,
                }
            }
        });
        let parameters = self.layout.order.iter().map(|id| {
            let param = &graph.params[id.0];
            let (name, offset) = (&param.name, self.layout.offsets[id.0]);
            let (shape, axes) = (dims(&param.spec.shape), &param.spec.file_axes);
            let init = init(&param.spec.init);
            let (fan_in, fan_out, l2) = (param.spec.fan_in, param.spec.fan_out, param.spec.l2);
            let kind = match param.spec.kind {
                ParamKind::Trainable => quote!(rt::ParameterKind::Trainable),
                ParamKind::Frozen => quote!(rt::ParameterKind::Frozen),
                ParamKind::State => quote!(rt::ParameterKind::State),
            };
            quote! {
                rt::ParameterInfo {
                    name: #name,
                    shape: #shape,
                    file_axes: &[#(#axes),*],
                    offset: #offset,
                    init: #init,
                    fan_in: #fan_in,
                    fan_out: #fan_out,
                    l2: #l2,
                    kind: #kind,
                }
            }
        });
        let bytes = graph.scalar.bytes();
        let (trainable, flat) = (self.layout.trainable, self.layout.len);
        let training = names::constant(self.programs.training().name);
        let (ram, flash) = (
            Literal::u64_unsuffixed(memory.ram),
            Literal::u64_unsuffixed(memory.flash),
        );
        let training_ram = memory.training_ram.map(|bytes| {
            let bytes = Literal::u64_unsuffixed(bytes);
            quote! {
                /// Memory of a training step of one sample without a heap, in bytes: arena, input and target, all parameters
                /// and their gradients. The stack of the calls comes on top.
                pub const TRAINING_RAM_BYTES: usize = #bytes;
            }
        });
        let infer = self.infer();
        let step = self.training();
        let weights = self.weights();
        quote! {
            impl #name {
                /// Numbers that training can change, frozen ones included, running statistics not.
                pub const PARAMS: usize = #params;
                /// Length of the flat parameters: running statistics and padding between tensors included.
                pub const FLAT: usize = #flat;
                /// Multiply-accumulates per sample.
                pub const MACS: u64 = #macs;
                /// Shapes of the inputs, without the batch.
                pub const INPUTS: &'static [&'static [usize]] = &[#(#input_shapes),*];
                /// Shapes of the outputs, without the batch.
                pub const OUTPUTS: &'static [&'static [usize]] = &[#(#output_shapes),*];
                /// Every layer, in order.
                pub const LAYERS: &'static [rt::LayerInfo] = &[#(#layers),*];
                /// Every parameter tensor, in the order in which they lie in the flat parameters.
                pub const PARAMETERS: &'static [rt::ParameterInfo] = &[#(#parameters),*];
                /// Working memory of one prediction, in numbers: what [`Self::infer`] takes.
                pub const ARENA: usize = INFER.tile_elems;
                /// Working memory of one prediction, in bytes, the output included, the parameters not.
                pub const INFERENCE_BYTES: usize = INFER.bytes(1, #bytes, 0);
                /// Memory of a prediction without a heap, in bytes: arena, input and output. The stack of the calls comes on
                /// top, some hundred bytes; parameters may stay in flash.
                pub const RAM_BYTES: usize = #ram;
                /// The parameters in bytes, as they lie in flash: running statistics and padding included. The
                /// program comes on top.
                pub const FLASH_BYTES: usize = #flash;
                #training_ram
                /// Working memory of a training step of one tile of samples on one thread, in bytes, the gradients
                /// included, the parameters and an optimizer's state not.
                pub const TRAINING_BYTES: usize = Self::training_bytes(#training.tile);

                /// Working memory of a training step for a batch that is worked on in one piece, in bytes, as
                /// [`Self::TRAINING_BYTES`]; a batch large enough to be spread over threads takes an arena and gradients a
                /// piece.
                #[must_use]
                pub const fn training_bytes(batch: usize) -> usize {
                    #training.bytes(batch, #bytes, #trainable)
                }

                #weights
                #infer
                #step
            }
        }
    }

    /// The trained weights, where the network has them.
    fn weights(&self) -> TokenStream {
        let Some(weights) = &self.graph.weights else {
            return TokenStream::new();
        };
        let t = self.t();
        let doc = format!(
            " The weights of `{}`, which are part of the program.",
            weights.path.as_deref().unwrap_or("a file")
        );
        quote! {
            #[doc = #doc]
            pub const WEIGHTS: &'static [#t; Self::FLAT] = &WEIGHTS.0;
        }
    }

    /// Prediction without a heap.
    fn infer(&self) -> TokenStream {
        let t = self.t();
        let planned = &self.programs.infer;
        let (inputs, elems) = (self.input_names(), self.input_elems());
        let arguments = inputs.iter().zip(&elems).map(|(n, e)| quote!(#n: &[#t; #e]));
        let single = self.graph.outputs.len() == 1;
        let outputs: Vec<Ident> = (0..self.graph.outputs.len())
            .map(|i| {
                if single {
                    ident("output")
                } else {
                    format_ident!("output_{}", i + 1)
                }
            })
            .collect();
        let output_arguments = outputs
            .iter()
            .zip(self.output_elems())
            .map(|(n, e)| quote!(#n: &mut [#t; #e]));
        let [segment] = planned.plan.segments.as_slice() else {
            return TokenStream::new();
        };
        let writes: Vec<&Ident> = segment
            .writes
            .iter()
            .filter_map(|v| {
                planned
                    .program
                    .outputs
                    .iter()
                    .position(|o| o == v)
                    .map(|i| &outputs[i])
            })
            .collect();
        if writes.len() != segment.writes.len() || !segment.reads.is_empty() || segment.whole {
            return TokenStream::new();
        }
        let one = literal(1.0, self.graph.scalar);
        let trained = self.graph.weights.is_some().then(|| {
            let (arguments, outputs_again) = (arguments.clone(), output_arguments.clone());
            quote! {
                /// Predicts one sample with [`Self::WEIGHTS`], as [`Self::infer`].
                pub fn infer_trained(#(#arguments,)* arena: &mut [#t; Self::ARENA], #(#outputs_again),*) {
                    Self::infer(Self::WEIGHTS, #(#inputs,)* arena, #(#outputs),*);
                }
            }
        });
        quote! {
            #trained

            /// Predicts one sample from parameters that may lie anywhere, in working memory that the caller gives: no heap,
            /// no threads, no `std`.
            pub fn infer(
                parameters: &[#t; Self::FLAT],
                #(#arguments,)*
                arena: &mut [#t; Self::ARENA],
                #(#output_arguments),*
            ) {
                let step = rt::Step { parameters, stats: &[], batch: 1, inverse_batch: #one, seed: 0, input_gradients: false };
                let mut tile = rt::Tile {
                    n: 1,
                    first: 0,
                    accumulate: false,
                    arena: rt::Arena::new(arena, 1),
                    gradients: &mut [],
                    loss: &mut 0.0,
                    trace: None,
                };
                infer_segment(&step, &mut tile, [#(#inputs),*], [], [], [], [#(#writes),*]);
            }
        }
    }
}

fn init(init: &Init) -> TokenStream {
    let f = |x: &f64| literal(*x, crate::graph::Scalar::F64);
    match init {
        Init::Zeros => quote!(rt::Init::Zeros),
        Init::Ones => quote!(rt::Init::Ones),
        Init::Constant(c) => {
            let c = f(c);
            quote!(rt::Init::Constant(#c))
        }
        Init::Uniform { low, high } => {
            let (low, high) = (f(low), f(high));
            quote!(rt::Init::Uniform { low: #low, high: #high })
        }
        Init::Normal { mean, std } => {
            let (mean, std) = (f(mean), f(std));
            quote!(rt::Init::Normal { mean: #mean, std: #std })
        }
        Init::TruncatedNormal { mean, std } => {
            let (mean, std) = (f(mean), f(std));
            quote!(rt::Init::TruncatedNormal { mean: #mean, std: #std })
        }
        Init::GlorotUniform => quote!(rt::Init::GlorotUniform),
        Init::GlorotNormal => quote!(rt::Init::GlorotNormal),
        Init::HeUniform => quote!(rt::Init::HeUniform),
        Init::HeNormal => quote!(rt::Init::HeNormal),
        Init::LecunUniform => quote!(rt::Init::LecunUniform),
        Init::LecunNormal => quote!(rt::Init::LecunNormal),
        Init::Orthogonal { gain } => {
            let gain = f(gain);
            quote!(rt::Init::Orthogonal { gain: #gain })
        }
    }
}
