//! Places of the parameters in the flat block: trainable first, then frozen, running statistics last.

use crate::graph::Graph;
use crate::ir::{ParamId, ParamKind};

/// Tensors from this size on start on a cache line; smaller ones are packed.
const ALIGNED_FROM: usize = 64;
const LINE_ELEMS: usize = 16;

pub struct Layout {
    /// Parameters in the order of their offsets.
    pub order: Vec<ParamId>,
    /// Per parameter.
    pub offsets: Vec<usize>,
    /// Where running statistics start.
    pub state: usize,
    /// End of the trainable ones.
    pub trainable: usize,
    /// End of all.
    pub len: usize,
}

pub fn layout(graph: &Graph) -> Layout {
    let mut order = Vec::with_capacity(graph.params.len());
    let mut offsets = vec![0; graph.params.len()];
    let mut end = 0;
    let mut ends = [0; 2];
    for (k, kind) in [ParamKind::Trainable, ParamKind::Frozen, ParamKind::State]
        .into_iter()
        .enumerate()
    {
        for (i, param) in graph
            .params
            .iter()
            .enumerate()
            .filter(|(_, p)| p.spec.kind == kind)
        {
            let elems = param.spec.shape.elems();
            if elems >= ALIGNED_FROM {
                end = usize::next_multiple_of(end, LINE_ELEMS);
            }
            offsets[i] = end;
            end += elems;
            order.push(ParamId(i));
        }
        if k < 2 {
            ends[k] = end;
        }
    }
    Layout {
        order,
        offsets,
        trainable: ends[0],
        state: ends[1],
        len: end,
    }
}
