//! The type, and what its parts have in common; the parts are in the files beside this.

mod device;
mod everywhere;
mod methods;
mod traits;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::layout::{Layout, layout};
use super::names::{self, ident};
use super::program::{Emitter, targets};
use super::{Planned, Programs, Quantized, scalar};
use crate::graph::Graph;
use crate::ir::ParamKind;
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
    let int8 = programs.int8.as_ref().map(|int8| int8.items(&mut emitter));
    let constants = api.constants(&emitter.params);
    let (formulas, functions) = (&emitter.formulas.items, &emitter.items);
    let (everywhere, network, learn, inherent) =
        (api.everywhere(), api.network(), api.learn(), api.inherent());
    let (attributes, visibility, name) = (&graph.passed_attributes, &graph.visibility, &graph.name);
    let (table, t) = (api.summary_table(), scalar(graph.scalar));
    let int8_methods = programs
        .int8
        .as_ref()
        .map(|int8| int8.everywhere(graph, &api.input_names(), &int8.output_names()));
    let int8_host = programs.int8.as_ref().map(|int8| int8.host(graph));
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
        weights: {
            let mut statics = super::weights::items(graph, &layout);
            statics.extend(programs.int8.as_ref().map(Quantized::statics));
            statics
        },
        constants: plain(quote! {
            #constants
            #(#formulas)*
            #int8
        }),
        functions: plain(quote!(#(#functions)*)),
        everywhere: plain(quote!(#everywhere #int8_methods)),
        host: plain(quote! {
            #runs
            #network
            #learn
            #inherent
            #int8_host
        }),
    }
}

/// The expansion of one network, by where its parts are needed.
pub struct Expansion {
    host_type: TokenStream,
    device_type: TokenStream,
    /// Apart, since they are many and are nothing to read.
    weights: TokenStream,
    constants: TokenStream,
    /// Of layers and segments.
    functions: TokenStream,
    everywhere: TokenStream,
    host: TokenStream,
}

impl Expansion {
    /// As the macro gives it: what needs `std` is kept where `nn-runtime` has it.
    pub fn tokens(&self) -> TokenStream {
        let Self {
            host_type,
            device_type,
            weights,
            constants,
            functions,
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

                #weights
                #constants
                rt::functions! { #functions }
                #everywhere
                rt::host! { #host }
            };
        }
    }

    /// As it reads with `std`.
    pub fn on_host(&self) -> TokenStream {
        let Self {
            host_type,
            constants,
            functions,
            everywhere,
            host,
            ..
        } = self;
        quote! {
            #host_type
            const _: () = {
                use ::nn_runtime::expansion as rt;

                #constants
                #functions
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
        self.graph.params_of(&self.graph.nodes[node])
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
        for planned in self.programs.plans() {
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
        let plan = names::constant(planned.lanes.as_ref().map_or(planned.name, |lanes| lanes.name));
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
                let generics = training.then(|| quote!(<const TRACE: bool>));
                quote! {
                    fn #name #generics(model: &mut rt::Model<#t>, feed: &rt::Feed<'_, #t, #inputs, #values, #labels>) -> f64 {
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
                quote!(rt::equal_count(samples, #text, rt::count_samples(#text, #name.data.len(), #elems)?)?;),
            );
        }
        let entries = names
            .iter()
            .zip(&elems)
            .map(|(n, e)| quote!((#n.data, #e)))
            .collect();
        (count, entries)
    }
}

/// `a`, or `(a, b)`.
fn tuple(parts: Vec<TokenStream>) -> TokenStream {
    match parts.as_slice() {
        [one] => one.clone(),
        many => quote!((#(#many),*)),
    }
}
