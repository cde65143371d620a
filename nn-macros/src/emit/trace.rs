//! What each value of a step is to a user: for a step that looks for the first one that is not finite.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::Planned;
use super::function::Needs;
use super::program::Emitter;
use crate::graph::Graph;
use crate::ir::builder::Program;
use crate::ir::{Direction, NodeId, Op, OpKind, ValueId};
use crate::passes::plan::Group;

/// What a value is, told from the program before fusion, where each value is one layer's.
pub struct Origin {
    node: NodeId,
    direction: Direction,
    /// Layers before it that hand it theirs unstored, in one pass.
    fused: Vec<NodeId>,
}

/// The origin of every value that `after`, which is `before` fused, stores.
pub fn origins(before: &Program, after: &Program) -> Vec<Option<Origin>> {
    let mut stored = vec![false; after.values.len()];
    let written = after.ops.iter().flat_map(|op| op.kind.writes());
    for v in written.chain(after.inputs.iter().copied()) {
        stored[v.0] = true;
    }
    let mut makers: Vec<Option<&Op>> = vec![None; after.values.len()];
    for op in &before.ops {
        for v in op.kind.writes() {
            makers[v.0] = Some(op);
        }
    }
    let origin = |(v, op): (usize, &Option<&Op>)| {
        let op = op.filter(|_| stored[v])?;
        Some(Origin {
            node: op.node,
            direction: op.direction,
            fused: fused(op, &stored, &makers),
        })
    };
    makers.iter().enumerate().map(origin).collect()
}

/// The other layers of what an operation reads and nobody stores, in order.
fn fused(op: &Op, stored: &[bool], makers: &[Option<&Op>]) -> Vec<NodeId> {
    let mut layers = Vec::new();
    let mut next: Vec<ValueId> = op.kind.reads();
    while let Some(v) = next.pop() {
        let Some(maker) = makers[v.0].filter(|_| !stored[v.0]) else {
            continue;
        };
        let moves = matches!(maker.kind, OpKind::Alias { .. });
        if !moves && maker.node != op.node && !layers.contains(&maker.node) {
            layers.push(maker.node);
        }
        next.extend(maker.kind.reads());
    }
    layers.sort_unstable();
    layers
}

impl Origin {
    /// As the runtime has it.
    pub fn tokens(&self, graph: &Graph) -> TokenStream {
        let Some(layer) = graph.nodes.get(self.node.0).map(|node| &node.name) else {
            return quote!(rt::Origin::Loss);
        };
        match self.direction {
            Direction::Forward => {
                let fused = self.fused.iter().map(|node| &graph.nodes[node.0].name);
                quote!(rt::Origin::Output { layer: #layer, fused: &[#(#fused),*] })
            }
            Direction::Loss => quote!(rt::Origin::Loss),
            Direction::Backward => quote!(rt::Origin::InputGradient { layer: #layer }),
        }
    }
}

impl Emitter<'_> {
    /// Statements that look at what a layer function wrote, where somebody asks. Of the values that lie in one buffer, the
    /// last is there.
    pub fn look_at(
        &self,
        planned: &Planned,
        group: &Group,
        needs: &Needs,
        names: &[Ident],
        trace: &TokenStream,
    ) -> TokenStream {
        let plan = &planned.plan;
        let ops = &planned.program.ops[group.ops.clone()];
        let written: Vec<ValueId> = ops.iter().flat_map(|op| op.kind.writes()).collect();
        let look = written.iter().enumerate().filter_map(|(i, v)| {
            let root = plan.buffer[v.0];
            let overwritten = written[i + 1..].iter().any(|w| plan.buffer[w.0] == root);
            if overwritten || !needs.writes.contains(&root) {
                return None;
            }
            let origin = planned.origins.get(v.0)?.as_ref()?.tokens(self.graph);
            let name = &names[root.0];
            Some(if plan.shared[root.0] {
                let elems = planned.program.shape(root).elems();
                quote!(rt::see(&mut #trace, #origin, &#name[..#elems]);)
            } else {
                quote!(rt::see(&mut #trace, #origin, #name);)
            })
        });
        let look: Vec<TokenStream> = look.collect();
        if look.is_empty() {
            TokenStream::new()
        } else {
            quote!(if TRACE { #(#look)* })
        }
    }
}

/// A segment whose values can be looked at is generic over whether they are: its parameter, and what stands for it in
/// the function that runs the segments.
pub fn look(planned: &Planned) -> (TokenStream, TokenStream) {
    if planned.origins.is_empty() {
        (TokenStream::new(), TokenStream::new())
    } else {
        (quote!(<const TRACE: bool>), quote!(::<TRACE>))
    }
}
