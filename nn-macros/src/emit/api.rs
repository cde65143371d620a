//! The type, its methods, and its side of the runtime's traits.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::layout::{Layout, layout};
use super::names::{self, ident};
use super::program::{Emitter, offset, targets};
use super::{Planned, Programs, literal, scalar};
use crate::graph::Graph;
use crate::ir::{Init, ParamKind, Space};
use crate::losses::Target;
use crate::passes::plan::Place;

pub fn emit(graph: &Graph, programs: &Programs) -> Expansion {
    let layout = layout(graph);
    let mut emitter = Emitter::new(graph);
    let api = Api {
        graph,
        layout: &layout,
        programs,
    };
    let runs: TokenStream = programs.all().map(|p| api.run(p, &mut emitter)).collect();
    let constants = api.constants(&emitter.params);
    let (formulas, functions) = (&emitter.formulas.items, &emitter.items);
    let (everywhere, network, learn, inherent) =
        (api.everywhere(), api.network(), api.learn(), api.inherent());
    let (attributes, visibility, name) = (&graph.passed_attributes, &graph.visibility, &graph.name);
    let (table, t) = (api.summary_table(), scalar(graph.scalar));
    let attributes = quote!(#(#attributes)* #(#[doc = #table])*);
    let plain = super::plain_numbers;
    Expansion {
        host_type: plain(quote! {
            #attributes
            #[derive(Clone, Debug)]
            #visibility struct #name {
                model: ::nn_runtime::expansion::Model<#t>,
            }
        }),
        device_type: plain(quote! {
            #attributes
            #[derive(Clone, Copy, Debug)]
            #visibility struct #name;
        }),
        everywhere: plain(quote! {
            #constants
            #(#formulas)*
            #(#functions)*
            #everywhere
        }),
        host: plain(quote! {
            #runs
            #network
            #learn
            #inherent
        }),
    }
}

/// The expansion of one network, by where its parts are needed.
pub struct Expansion {
    host_type: TokenStream,
    device_type: TokenStream,
    everywhere: TokenStream,
    host: TokenStream,
}

impl Expansion {
    /// As the macro gives it: what needs `std` is kept where `nn-runtime` has it.
    pub fn tokens(&self) -> TokenStream {
        let Self {
            host_type,
            device_type,
            everywhere,
            host,
        } = self;
        quote! {
            ::nn_runtime::expansion::host! { #host_type }
            ::nn_runtime::expansion::device! { #device_type }
            // Where nothing trains, the functions of the backward pass are not called. Numbers of formulas are what they
            // are: a derivative may well hold 2/sqrt(pi).
            #[allow(dead_code, clippy::approx_constant)]
            const _: () = {
                use ::nn_runtime::expansion as rt;

                #everywhere
                rt::host! { #host }
            };
        }
    }

    /// As it reads with `std`.
    pub fn on_host(&self) -> TokenStream {
        let Self {
            host_type,
            everywhere,
            host,
            ..
        } = self;
        quote! {
            #host_type
            const _: () = {
                use ::nn_runtime::expansion as rt;

                #everywhere
                #host
            };
        }
    }
}

struct Api<'a> {
    graph: &'a Graph,
    layout: &'a Layout,
    programs: &'a Programs,
}

impl Api<'_> {
    fn t(&self) -> TokenStream {
        scalar(self.graph.scalar)
    }

    fn input_names(&self) -> Vec<Ident> {
        self.graph
            .inputs
            .iter()
            .map(|i| ident(&names::free_ident(&i.name.to_string())))
            .collect()
    }

    fn input_elems(&self) -> Vec<usize> {
        self.graph.inputs.iter().map(|i| i.shape.elems()).collect()
    }

    fn output_elems(&self) -> Vec<usize> {
        self.graph.outputs.iter().map(|o| o.shape.elems()).collect()
    }

    fn macs(&self) -> u64 {
        self.graph.nodes.iter().map(|n| n.layer.macs()).sum()
    }

    fn node_params(&self, node: usize) -> usize {
        self.graph.nodes[node]
            .params
            .iter()
            .map(|p| &self.graph.params[p.0].spec)
            .filter(|s| s.kind != ParamKind::State)
            .map(|s| s.shape.elems())
            .sum()
    }

    fn total_params(&self) -> usize {
        (0..self.graph.nodes.len()).map(|i| self.node_params(i)).sum()
    }

    /// The layers, as a table in Markdown, line by line.
    fn summary_table(&self) -> Vec<String> {
        let mut table = vec![String::new()];
        table.push(" | layer | | output | parameters | multiply-accumulates |".to_string());
        table.push(" |---|---|---|--:|--:|".to_string());
        for (i, node) in self.graph.nodes.iter().enumerate() {
            let outputs: Vec<String> = node.outputs.iter().map(ToString::to_string).collect();
            let (params, macs) = (self.node_params(i), node.layer.macs());
            let text = node.text.replace('|', "\\|");
            table.push(format!(
                " | {} | `{text}` | {} | {params} | {macs} |",
                node.name,
                outputs.join(", ")
            ));
        }
        table.push(format!(
            " | **total** | | | **{}** | **{}** |",
            self.total_params(),
            self.macs()
        ));
        table
    }

    fn constants(&self, params: &[Ident]) -> TokenStream {
        let mut items = TokenStream::new();
        for id in &self.layout.order {
            let (param, name) = (&self.graph.params[id.0], &params[id.0]);
            let start = self.layout.offsets[id.0];
            let end = start + param.spec.shape.elems();
            if param.spec.kind == ParamKind::State {
                let relative = format_ident!("{name}_STATE");
                let (from, to) = (start - self.layout.state, end - self.layout.state);
                items.extend(quote! {
                    #[allow(dead_code)]
                    const #relative: core::ops::Range<usize> = #from..#to;
                });
            }
            items.extend(quote! {
                const #name: core::ops::Range<usize> = #start..#end;
            });
        }
        for planned in self.programs.all() {
            items.extend(self.plan_constant(planned));
        }
        items
    }

    fn plan_constant(&self, planned: &Planned) -> TokenStream {
        let name = names::constant(planned.name);
        let plan = &planned.plan;
        let (tile, tile_elems, batch_elems, stats_elems) =
            (plan.tile, plan.tile_elems, plan.batch_elems, plan.stats_elems);
        let gradients = planned
            .program
            .ops
            .iter()
            .any(|op| op.kind.gradient_of().is_some());
        let macs = self.macs() * if gradients { 3 } else { 1 };
        let mut ranges: Vec<(usize, usize)> = plan
            .groups
            .iter()
            .filter(|g| !g.whole)
            .flat_map(|g| &planned.program.ops[g.ops.clone()])
            .filter_map(|op| op.kind.gradient_of())
            .map(|p| {
                (
                    self.layout.offsets[p.0],
                    self.layout.offsets[p.0] + self.graph.params[p.0].spec.shape.elems(),
                )
            })
            .collect();
        ranges.sort_unstable();
        let ranges = ranges.iter().map(|(from, to)| quote!(#from..#to));
        let halves = planned.call.halves;
        let copied = planned
            .program
            .inputs
            .iter()
            .enumerate()
            .filter_map(|(i, v)| match plan.places[v.0] {
                Place::Batch(offset) => {
                    let elems = planned.program.shape(*v).elems();
                    Some(quote!((#i, rt::Buf::new(#offset, #elems))))
                }
                _ => None,
            });
        let doc = format!(" The plan of `{}`.", planned.name);
        quote! {
            #[doc = #doc]
            const #name: rt::Program = rt::Program {
                tile: #tile,
                tile_elems: #tile_elems,
                batch_elems: #batch_elems,
                stats_elems: #stats_elems,
                tile_gradients: &[#(#ranges),*],
                gradients: #gradients,
                macs: #macs,
                copied_inputs: &[#(#copied),*],
                halves: #halves,
            };
        }
    }

    /// The function that runs a program's segments.
    fn run(&self, planned: &Planned, emitter: &mut Emitter<'_>) -> TokenStream {
        let t = self.t();
        let name = ident(planned.name);
        let plan = names::constant(planned.name);
        let network = &self.graph.name;
        let inputs = self.graph.inputs.len();
        let [first, second] = emitter.program(planned);
        match planned.name {
            "infer" => quote! {
                fn #name(model: &mut rt::Model<#t>, feed: &rt::Feed<'_, #t, #inputs, 0, 0>) {
                    model.begin(&#plan, feed, false);
                    #first
                }
            },
            "halves" => quote! {
                fn halves_forward(model: &mut rt::Model<#t>, inputs: &rt::Feed<'_, #t, #inputs, 0, 0>) {
                    model.begin(&#plan, inputs, true);
                    let feed = &rt::Feed::<'_, #t, 0, 0, 0>::of(inputs.n);
                    #first
                }

                fn halves_backward(model: &mut rt::Model<#t>, samples: usize) {
                    let feed = &rt::Feed::<'_, #t, 0, 0, 0>::of(samples);
                    #second
                    model.finish::<#network>(&#plan, feed.n);
                }
            },
            _ => {
                let training = planned.call.training;
                let (values, labels) = self.target_counts();
                quote! {
                    fn #name(model: &mut rt::Model<#t>, feed: &rt::Feed<'_, #t, #inputs, #values, #labels>) -> f64 {
                        model.begin(&#plan, feed, #training);
                        #first
                        model.finish::<#network>(&#plan, feed.n)
                    }
                }
            }
        }
    }

    fn target_counts(&self) -> (usize, usize) {
        let targets = targets(self.graph);
        let values = targets.iter().filter(|t| **t == Target::Values).count();
        (values, targets.len() - values)
    }

    fn inputs_type(&self) -> TokenStream {
        let t = self.t();
        let elems = self.input_elems();
        tuple(elems.iter().map(|e| quote!(rt::Samples<'a, #t, #e>)).collect())
    }

    fn target_type(&self, i: usize, target: &Target) -> TokenStream {
        let t = self.t();
        match target {
            Target::Values => {
                let elems = self.graph.outputs[i].shape.elems();
                quote!(rt::Samples<'a, #t, #elems>)
            }
            Target::Classes { rows, classes } => quote!(rt::Classes<'a, #rows, #classes>),
        }
    }

    fn target_names(&self) -> Vec<Ident> {
        let n = self.graph.outputs.len();
        (0..n)
            .map(|i| {
                ident(&if n == 1 {
                    "target".to_string()
                } else {
                    format!("target_{}", i + 1)
                })
            })
            .collect()
    }

    /// `samples`, the number of samples in all inputs, and their feed entries.
    fn count_inputs(&self) -> (TokenStream, Vec<TokenStream>) {
        let (names, elems) = (self.input_names(), self.input_elems());
        let first_name = &names[0];
        let (first, text) = (elems[0], first_name.to_string());
        let mut count = quote!(let samples = rt::count_samples(#text, #first_name.data.len(), #first)?;);
        for (name, elems) in names.iter().zip(&elems).skip(1) {
            let text = name.to_string();
            count.extend(
                quote!(rt::same_count(samples, rt::count_samples(#text, #name.data.len(), #elems)?)?;),
            );
        }
        let entries = names
            .iter()
            .zip(&elems)
            .map(|(n, e)| quote!((#n.data, #e)))
            .collect();
        (count, entries)
    }

    fn network(&self) -> TokenStream {
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

    fn learn(&self) -> TokenStream {
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
        let method = |method: &str, program: &str| {
            let (method, program) = (ident(method), ident(program));
            quote! {
                fn #method(
                    &mut self,
                    #inputs: Self::Inputs<'_>,
                    #target_pattern: Self::Targets<'_>,
                    rows: rt::Rows<'_>,
                ) -> rt::Result<f64> {
                    #count
                    #checks
                    let n = rt::count_rows(&rows, samples)?;
                    #label_checks
                    let feed = rt::Feed { inputs: [#(#entries),*], values: [#(#values),*], labels: [#(#labels),*], rows, n };
                    Ok(#program(&mut self.model, &feed))
                }
            }
        };
        let (loss, gradient) = (method("loss_rows", "evaluate"), method("gradient_rows", "step"));
        quote! {
            impl rt::Learn for #name {
                type Targets<'a> = #targets_type;

                #loss
                #gradient
            }
        }
    }

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

    fn inherent(&self) -> TokenStream {
        let (graph, t) = (self.graph, self.t());
        let name = &graph.name;
        let new_doc = format!(" A `{name}` whose parameters are initialised from `seed`.");
        let predict = self.predict();
        let train = self.train();
        let halves = self.halves();
        let view_doc =
            " A parameter tensor by its name, `layer.weight`; its shape is in [`rt::Network::PARAMETERS`].";
        let _ = view_doc;
        quote! {
            impl #name {
                #[doc = #new_doc]
                #[must_use]
                pub fn new(seed: u64) -> Self {
                    Self { model: rt::Model::new::<Self>(seed) }
                }

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

    /// What needs neither heap nor threads: constants, and prediction in memory that the caller gives.
    fn everywhere(&self) -> TokenStream {
        let graph = self.graph;
        let name = &graph.name;
        let (params, macs) = (self.total_params(), self.macs());
        let dims = |s: &crate::ir::Shape| {
            let d = &s.0;
            quote!(&[#(#d),*])
        };
        let input_shapes = graph.inputs.iter().map(|i| dims(&i.shape));
        let output_shapes = graph.outputs.iter().map(|o| dims(&o.shape));
        let layers = graph.nodes.iter().enumerate().map(|(i, node)| {
            let (name, text, params, macs) = (&node.name, &node.text, self.node_params(i), node.layer.macs());
            let output = dims(&node.outputs[0]);
            quote!(rt::LayerInfo { name: #name, text: #text, output: #output, params: #params, macs: #macs })
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
        let training = names::constant(self.programs.step.as_ref().unwrap_or(&self.programs.halves).name);
        let infer = self.infer();
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

                #infer
            }
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
        quote! {
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
                };
                infer_segment(&step, &mut tile, [#(#inputs),*], [], [], [], [#(#writes),*]);
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
            .map(|(n, e)| quote!(#n: impl Into<rt::Samples<'a, #t, #e>>));
        let into = names.iter().map(|n| quote!(let #n = #n.into();));
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
            /// `Length` where the data end inside a sample, `SampleCount` where inputs hold different numbers of samples,
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
            .map(|(n, e)| quote!(#n: impl Into<rt::Samples<'a, #t, #e>>))
            .chain(
                target_names
                    .iter()
                    .zip(targets(self.graph))
                    .enumerate()
                    .map(|(i, (n, target))| {
                        let ty = self.target_type(i, &target);
                        quote!(#n: impl Into<#ty>)
                    }),
            )
            .collect();
        let inputs = tuple(names.iter().map(|n| quote!(#n.into())).collect());
        let targets = tuple(target_names.iter().map(|n| quote!(#n.into())).collect());
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
            .map(|(n, e)| quote!(#n: impl Into<rt::Samples<'a, #t, #e>>))
            .collect();
        let into = names.iter().map(|n| quote!(let #n = #n.into();));
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
            .map(|(n, e)| quote!(#n: impl Into<rt::Samples<'a, #t, #e>>))
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
                    let #n = #n.into();
                    rt::same_count(n, rt::count_samples(#text, #n.data.len(), #elems)?)?;
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
            /// `NoForward` where none came before, `Length` and `SampleCount` where the gradient is not of the outputs' size.
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

/// `a`, or `(a, b)`.
fn tuple(parts: Vec<TokenStream>) -> TokenStream {
    match parts.as_slice() {
        [one] => one.clone(),
        many => quote!((#(#many),*)),
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
