//! A planned program to functions: one per layer and direction, one per segment, one that runs the segments.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::Planned;
use super::formulas::Formulas;
use super::function::{Needs, Resource};
use super::kernel::{Context, target_ident};
use super::names::{self, ident};
use super::trace::look;
use crate::graph::Graph;
use crate::ir::{Direction, ValueId};
use crate::losses::Target;
use crate::passes::plan::{Group, Place, Segment};

/// Shared by all programs of a network: layer functions that turn out alike are emitted once.
pub struct Emitter<'a> {
    pub graph: &'a Graph,
    pub formulas: Formulas,
    /// Constant with the range, per parameter.
    pub params: Vec<Ident>,
    /// Layer functions by name; the text decides whether one may be shared.
    functions: HashMap<String, String>,
    pub items: Vec<TokenStream>,
}

impl<'a> Emitter<'a> {
    pub fn new(graph: &'a Graph) -> Self {
        let params = graph.params.iter().map(|p| names::constant(&p.name)).collect();
        Self {
            graph,
            formulas: Formulas::default(),
            params,
            functions: HashMap::new(),
            items: Vec::new(),
        }
    }

    fn scalar(&self) -> TokenStream {
        super::scalar(self.graph.scalar)
    }

    /// Emits all functions of a program; gives the calls that run its segments, first half and second half.
    pub fn program(&mut self, planned: &Planned) -> [TokenStream; 2] {
        let value_names = names::values(&planned.program);
        let mut halves = [TokenStream::new(), TokenStream::new()];
        for (i, segment) in planned.plan.segments.iter().enumerate() {
            let name = segment_name(planned, i);
            let call = if segment.whole {
                self.whole_segment(planned, segment, &value_names, &name)
            } else {
                let views = self.tile_segment(planned, segment, &value_names, &name);
                self.tiles(planned, i, &views)
            };
            halves[usize::from(segment.second_half)].extend(call);
        }
        halves
    }

    fn tile_segment(
        &mut self,
        planned: &Planned,
        segment: &Segment,
        names: &[Ident],
        name: &Ident,
    ) -> TokenStream {
        let t = self.scalar();
        let mut used = Needs::default();
        let body: Vec<TokenStream> = segment
            .groups
            .clone()
            .map(|g| {
                let group = &planned.plan.groups[g];
                let (function, needs) = self.function(planned, group, names);
                let call = self.tile_call(planned, group, &function, &needs, names);
                needs.resources.iter().for_each(|r| used.resource(*r));
                needs.reads.iter().for_each(|v| used.read(*v));
                needs.writes.iter().for_each(|v| used.write(*v));
                if group.inputs_only {
                    quote!(if step.input_gradients { #call })
                } else {
                    call
                }
            })
            .collect();
        let buffers = self.buffer_constants(planned, used.reads.iter().chain(&used.writes), Some(segment));
        let touched = |v: &ValueId| used.reads.contains(v) || used.writes.contains(v);
        let pattern = |name: &Ident, used: bool| if used { quote!(#name) } else { quote!(_) };
        let inputs: Vec<TokenStream> = if planned.call.halves {
            Vec::new()
        } else {
            planned
                .program
                .inputs
                .iter()
                .map(|v| {
                    pattern(
                        &names[v.0],
                        touched(v) && matches!(planned.plan.places[v.0], Place::Input(_)),
                    )
                })
                .collect()
        };
        let (mut values, mut labels) = (Vec::new(), Vec::new());
        if planned.has_targets() {
            for (i, target) in targets(self.graph).into_iter().enumerate() {
                match target {
                    Target::Values => values.push(pattern(
                        &target_ident(i, false),
                        used.resources.contains(&Resource::Values(i)),
                    )),
                    Target::Classes { .. } => {
                        labels.push(pattern(
                            &target_ident(i, true),
                            used.resources.contains(&Resource::Labels(i)),
                        ));
                    }
                }
            }
        }
        let reads: Vec<&Ident> = segment.reads.iter().map(|v| &names[v.0]).collect();
        let writes: Vec<&Ident> = segment.writes.iter().map(|v| &names[v.0]).collect();
        let (i, v, l, r, w) = (
            inputs.len(),
            values.len(),
            labels.len(),
            reads.len(),
            writes.len(),
        );
        let (generics, _) = look(planned);
        self.items.push(quote! {
            fn #name #generics(
                step: &rt::Step<'_, #t>,
                tile: &mut rt::Tile<'_, #t>,
                [#(#inputs),*]: [&[#t]; #i],
                [#(#values),*]: [&[#t]; #v],
                [#(#labels),*]: [&[u32]; #l],
                [#(#reads),*]: [&[#t]; #r],
                [#(#writes),*]: [&mut [#t]; #w],
            ) {
                #buffers
                #(#body)*
            }
        });
        let buf = |v: &ValueId| {
            let (offset, elems) = (offset(planned, *v), planned.program.shape(*v).elems());
            quote!(rt::Buf::new(#offset, #elems))
        };
        let (read_bufs, write_bufs) = (segment.reads.iter().map(buf), segment.writes.iter().map(buf));
        quote!(const { rt::Views::new([#(#read_bufs),*], [#(#write_bufs),*]) })
    }

    /// The call that sends all tiles through segment `i`.
    fn tiles(&mut self, planned: &Planned, i: usize, views: &TokenStream) -> TokenStream {
        let (name, (_, chosen)) = (segment_name(planned, i), look(planned));
        let Some(lanes) = &planned.lanes else {
            let plan = names::constant(planned.name);
            return quote!(model.tiles(&#plan, feed, #views, #name #chosen););
        };
        let (plan, in_lanes) = (names::constant(lanes.name), segment_name(lanes, i));
        let value_names = names::values(&lanes.program);
        self.tile_segment(lanes, &lanes.plan.segments[i], &value_names, &in_lanes);
        quote!(model.tiles_in_lanes(&#plan, feed, #views, #name #chosen, #in_lanes #chosen);)
    }

    fn whole_segment(
        &mut self,
        planned: &Planned,
        segment: &Segment,
        names: &[Ident],
        name: &Ident,
    ) -> TokenStream {
        let t = self.scalar();
        let mut touched = Vec::new();
        let mut body = TokenStream::new();
        for g in segment.groups.clone() {
            let group = &planned.plan.groups[g];
            let (function, needs) = self.function(planned, group, names);
            let call = self.whole_call(planned, group, &function, &needs, names);
            touched.extend(needs.reads.iter().chain(&needs.writes).copied());
            body.extend(if group.inputs_only {
                quote!(if whole.input_gradients { #call })
            } else {
                call
            });
        }
        let buffers = self.buffer_constants(planned, touched.iter(), None);
        let (generics, chosen) = look(planned);
        self.items.push(quote! {
            fn #name #generics(whole: &mut rt::Whole<'_, #t>) {
                #buffers
                #body
            }
        });
        let plan = names::constant(planned.name);
        quote!(model.whole(&#plan, feed.n, #name #chosen);)
    }

    /// `const DENSE_1: rt::Buf = rt::Buf::new(0, 128);` for every buffer that lies in an arena.
    fn buffer_constants<'v>(
        &self,
        planned: &Planned,
        touched: impl Iterator<Item = &'v ValueId>,
        tile_segment: Option<&Segment>,
    ) -> TokenStream {
        let mut seen = Vec::new();
        let mut constants = TokenStream::new();
        for v in touched {
            let in_arena = match planned.plan.places[v.0] {
                Place::Tile(_) => true,
                Place::Batch(_) => tile_segment.is_none(),
                Place::Stats(_) => true,
                Place::Input(_) | Place::Unused => false,
            };
            if !in_arena || seen.contains(v) {
                continue;
            }
            seen.push(*v);
            let name = constant_of(planned, *v);
            let (offset, elems) = (offset(planned, *v), planned.program.shape(*v).elems());
            constants.extend(quote!(const #name: rt::Buf = rt::Buf::new(#offset, #elems);));
        }
        constants
    }

    /// Emits the function of one group, or finds the one that is alike; gives its name and what it takes.
    fn function(&mut self, planned: &Planned, group: &Group, names: &[Ident]) -> (Ident, Needs) {
        let mut needs = Needs::default();
        let mut context = Context {
            program: &planned.program,
            plan: &planned.plan,
            names,
            params: &self.params,
            scalar: self.graph.scalar,
            whole: group.whole,
            formulas: &mut self.formulas,
            needs: &mut needs,
        };
        let body: Vec<TokenStream> = planned.program.ops[group.ops.clone()]
            .iter()
            .map(|op| context.statements(op))
            .collect();
        let parameters = self.signature(&needs, names);
        let text = quote!((#(#parameters),*) { #(#body)* }).to_string();
        let base = self.function_name(group);
        let mut n = 1;
        let name = loop {
            let name = if n == 1 {
                base.clone()
            } else {
                format!("{base}_{n}")
            };
            match self.functions.get(&name) {
                Some(known) if *known == text => break (name, false),
                Some(_) => n += 1,
                None => {
                    self.functions.insert(name.clone(), text.clone());
                    break (name, true);
                }
            }
        };
        let (name, new) = (ident(&name.0), name.1);
        if new {
            let doc = format!(" {}", self.describe(group));
            // Layer functions take what they touch, each by name; that can be many.
            self.items.push(quote! {
                #[doc = #doc]
                #[allow(clippy::too_many_arguments)]
                fn #name(#(#parameters),*) { #(#body)* }
            });
        }
        (name, needs)
    }

    fn function_name(&self, group: &Group) -> String {
        let direction = match group.direction {
            Direction::Forward => "forward",
            Direction::Loss => "loss",
            Direction::Backward => "backward",
        };
        match self.graph.nodes.get(group.node.0) {
            Some(node) => format!("{}_{direction}", names::free_ident(&node.name)),
            None if group.direction == Direction::Loss && self.graph.outputs.len() > 1 => {
                format!("loss_{}", group.node.0 - self.graph.nodes.len() + 1)
            }
            None if group.direction == Direction::Loss => "loss_of_output".to_string(),
            None => format!("inputs_{direction}"),
        }
    }

    fn describe(&self, group: &Group) -> String {
        match self.graph.nodes.get(group.node.0) {
            Some(node) => {
                let inputs: Vec<String> = node
                    .inputs
                    .iter()
                    .map(|p| self.graph.shape(*p).to_string())
                    .collect();
                let outputs: Vec<String> = node.outputs.iter().map(ToString::to_string).collect();
                let what = crate::layers::find(node.kind)
                    .and_then(|l| l.doc.lines().next())
                    .unwrap_or_default();
                format!(
                    "`{}`: {} to {}. {what}",
                    node.text,
                    inputs.join(", "),
                    outputs.join(", ")
                )
            }
            None => "Of the network as a whole.".to_string(),
        }
    }

    fn signature(&self, needs: &Needs, names: &[Ident]) -> Vec<TokenStream> {
        let t = self.scalar();
        let resources = needs.resources.iter().map(|r| match r {
            Resource::Samples => quote!(samples: usize),
            Resource::First => quote!(first: usize),
            Resource::InverseBatch => quote!(inverse_batch: #t),
            Resource::Key(_) => quote!(key: u64),
            Resource::Parameters => quote!(parameters: &[#t]),
            Resource::Values(i) => {
                let name = target_ident(*i, false);
                quote!(#name: &[#t])
            }
            Resource::Labels(i) => {
                let name = target_ident(*i, true);
                quote!(#name: &[u32])
            }
            Resource::Gradients => quote!(gradients: &mut [#t]),
            Resource::Accumulate => quote!(accumulate: bool),
            Resource::State => quote!(state: &mut [#t]),
            Resource::Loss => quote!(loss: &mut f64),
        });
        let reads = needs.reads.iter().map(|v| &names[v.0]).map(|n| quote!(#n: &[#t]));
        let writes = needs
            .writes
            .iter()
            .map(|v| &names[v.0])
            .map(|n| quote!(#n: &mut [#t]));
        resources.chain(reads).chain(writes).collect()
    }

    fn tile_call(
        &self,
        planned: &Planned,
        group: &Group,
        function: &Ident,
        needs: &Needs,
        names: &[Ident],
    ) -> TokenStream {
        let resources = needs.resources.iter().map(|r| match r {
            Resource::Samples => quote!(tile.n),
            Resource::First => quote!(tile.first),
            Resource::InverseBatch => quote!(step.inverse_batch),
            Resource::Key(stream) => {
                let stream = *stream as u64;
                quote!(step.key(#stream))
            }
            Resource::Parameters => quote!(step.parameters),
            Resource::Values(i) => {
                let name = target_ident(*i, false);
                quote!(#name)
            }
            Resource::Labels(i) => {
                let name = target_ident(*i, true);
                quote!(#name)
            }
            Resource::Gradients => quote!(tile.gradients),
            Resource::Accumulate => quote!(tile.accumulate),
            Resource::State => quote!(tile.state),
            Resource::Loss => quote!(tile.loss),
        });
        let buffers = needs
            .reads
            .iter()
            .chain(&needs.writes)
            .map(|v| match planned.plan.places[v.0] {
                Place::Stats(_) => {
                    let name = constant_of(planned, *v);
                    quote!(#name.of(step.stats))
                }
                _ => {
                    let name = &names[v.0];
                    quote!(#name)
                }
            });
        let arguments: Vec<TokenStream> = resources.chain(buffers).collect();
        let in_tile = |v: &&ValueId| matches!(planned.plan.places[v.0], Place::Tile(_));
        let views = views(planned, &quote!(tile.arena), needs, names, in_tile);
        let look = self.look_at(planned, group, needs, names, &quote!(tile.trace));
        if views.is_empty() {
            quote!(#function(#(#arguments),*); #look)
        } else {
            quote!({ #views #function(#(#arguments),*); #look })
        }
    }

    fn whole_call(
        &self,
        planned: &Planned,
        group: &Group,
        function: &Ident,
        needs: &Needs,
        names: &[Ident],
    ) -> TokenStream {
        let resources = needs.resources.iter().map(|r| match r {
            Resource::Samples => quote!(whole.n),
            Resource::InverseBatch => quote!(whole.inverse_batch),
            Resource::Parameters => quote!(whole.parameters),
            Resource::Gradients => quote!(whole.gradients),
            Resource::State => quote!(whole.state),
            Resource::First
            | Resource::Key(_)
            | Resource::Values(_)
            | Resource::Labels(_)
            | Resource::Accumulate
            | Resource::Loss => {
                unreachable!("internal error, please report: {r:?} in an operation over the whole batch")
            }
        });
        let buffers = needs
            .reads
            .iter()
            .chain(&needs.writes)
            .map(|v| &names[v.0])
            .map(|n| quote!(#n));
        let arguments: Vec<TokenStream> = resources.chain(buffers).collect();
        let is_stat = |v: &&ValueId| matches!(planned.plan.places[v.0], Place::Stats(_));
        let batch = views(planned, &quote!(whole.arena), needs, names, |v| !is_stat(v));
        let stats = views(planned, &quote!(whole.stats), needs, names, is_stat);
        let look = self.look_at(planned, group, needs, names, &quote!(whole.trace));
        quote!({ #batch #stats #function(#(#arguments),*); #look })
    }
}

impl Planned {
    /// Its functions take the targets.
    pub fn has_targets(&self) -> bool {
        matches!(self.name, "step" | "step_lanes" | "evaluate")
    }
}

/// `let ([a], [b]) = arena.views([A], [B]);` for the buffers that `filter` picks.
fn views(
    planned: &Planned,
    arena: &TokenStream,
    needs: &Needs,
    names: &[Ident],
    filter: impl Fn(&&ValueId) -> bool,
) -> TokenStream {
    let pick = |list: &[ValueId]| -> (Vec<TokenStream>, Vec<Ident>) {
        list.iter()
            .filter(&filter)
            .map(|v| {
                let name = &names[v.0];
                (quote!(#name), constant_of(planned, *v))
            })
            .unzip()
    };
    let (reads, read_bufs) = pick(&needs.reads);
    let (writes, write_bufs) = pick(&needs.writes);
    if reads.is_empty() && writes.is_empty() {
        return TokenStream::new();
    }
    quote!(let ([#(#reads),*], [#(#writes),*]) = #arena.views(const { rt::Views::new([#(#read_bufs),*], [#(#write_bufs),*]) });)
}

/// The buffer constant of a value; a value of a parameter's name would clash, so they end in `_BUF`.
fn constant_of(planned: &Planned, v: ValueId) -> Ident {
    format_ident!("{}_BUF", names::constant(&planned.program.values[v.0].name))
}

pub fn offset(planned: &Planned, v: ValueId) -> usize {
    match planned.plan.places[v.0] {
        Place::Tile(o) | Place::Batch(o) | Place::Stats(o) => o,
        Place::Input(_) | Place::Unused => 0,
    }
}

/// The function of a program's segment.
pub fn segment_name(planned: &Planned, segment: usize) -> Ident {
    if planned.plan.segments.len() == 1 {
        format_ident!("{}_segment", planned.name)
    } else {
        format_ident!("{}_{}_segment", planned.name, segment + 1)
    }
}

/// The target of every output of a network with losses.
pub fn targets(graph: &Graph) -> Vec<Target> {
    graph
        .outputs
        .iter()
        .filter_map(|o| o.loss.as_ref())
        .map(|(l, _)| l.target())
        .collect()
}
