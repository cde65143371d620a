//! What a network takes where memory is short: one sample at a time, in memory that the caller gives.

use super::layout::{Layout, layout};
use super::{Planned, Programs};
use crate::graph::Graph;
use crate::losses::Target;

/// Where baked weights start and end on a device, in bytes.
const BAKED_ALIGNMENT: u64 = 16;

/// Bytes.
pub struct Memory {
    /// Of a prediction: arena, inputs, outputs.
    pub ram: u64,
    /// Of the parameters as they lie, padding included.
    pub flash: u64,
    /// Of a training step: arena, inputs, targets, parameters, gradients; `None` where no loss says what to learn.
    pub training_ram: Option<u64>,
    /// Of a prediction in int8 and of its parameters; `None` where the network is not quantised.
    pub int8: Option<(u64, u64)>,
    /// Per layer of the graph.
    pub layers: Vec<LayerMemory>,
}

/// Bytes.
#[derive(Clone, Copy, Default)]
pub struct LayerMemory {
    /// In use while it predicts: all that it or a later layer still reads, the network's inputs and outputs included. 0 for a
    /// layer that became part of another.
    pub live: u64,
    /// The same while it trains, parameters and gradients included.
    pub training_live: u64,
    /// Its parameters.
    pub params: u64,
    /// As `live` and `params`, in int8.
    pub int8_live: u64,
    pub int8_params: u64,
}

pub fn memory(graph: &Graph, programs: &Programs) -> Memory {
    let Layout { len, trainable, .. } = layout(graph);
    let scalar = graph.scalar.bytes() as u64;
    let bytes = |elems: usize| elems as u64 * scalar;
    let inputs: u64 = graph.inputs.iter().map(|i| bytes(i.shape.elems())).sum();
    let outputs: u64 = graph.outputs.iter().map(|o| bytes(o.shape.elems())).sum();
    let targets = super::program::targets(graph);
    let targets = targets
        .iter()
        .zip(&graph.outputs)
        .map(|(target, output)| match target {
            Target::Values => bytes(output.shape.elems()),
            Target::Classes { rows, .. } => *rows as u64 * 4,
        });
    // Beside the arena.
    let predicting = inputs + outputs;
    let training = inputs + targets.sum::<u64>() + bytes(len) + bytes(trainable);
    let mut layers: Vec<LayerMemory> = graph
        .nodes
        .iter()
        .map(|node| LayerMemory {
            params: node
                .params
                .iter()
                .map(|p| bytes(graph.params[p.0].spec.shape.elems()))
                .sum(),
            ..LayerMemory::default()
        })
        .collect();
    for (i, live) in live(&programs.infer) {
        if let Some(layer) = layers.get_mut(i) {
            layer.live = layer.live.max(bytes(live) + predicting);
        }
    }
    for (i, live) in programs.step.iter().flat_map(live) {
        if let Some(layer) = layers.get_mut(i) {
            layer.training_live = layer.training_live.max(bytes(live) + training);
        }
    }
    let int8 = programs.int8.as_ref().map(|quantized| &quantized.int8);
    if let Some(int8) = int8 {
        for (op, live) in int8.ops.iter().zip(int8.live()) {
            if let Some(layer) = layers.get_mut(op.node.0) {
                layer.int8_live = layer.int8_live.max((live + int8.callers()) as u64);
                layer.int8_params += op.params as u64;
            }
        }
    }
    let arena = |planned: &Planned| {
        let plan = &planned.plan;
        bytes(plan.tile_elems + plan.batch_elems + plan.stats_elems)
    };
    Memory {
        // The batch arena of a prediction is its outputs.
        ram: arena(&programs.infer) + inputs,
        flash: bytes(len).next_multiple_of(BAKED_ALIGNMENT),
        training_ram: programs.step.as_ref().map(|step| arena(step) + training),
        int8: int8.map(|int8| (int8.ram() as u64, int8.flash() as u64)),
        layers,
    }
}

/// The layer of each function, by its place in the graph, and the numbers that are live while it runs.
fn live(planned: &Planned) -> impl Iterator<Item = (usize, usize)> {
    let plan = &planned.plan;
    let groups = plan.groups.iter().zip(&plan.live_elems);
    groups.map(move |(group, live)| (group.node.0, live + plan.stats_elems))
}
