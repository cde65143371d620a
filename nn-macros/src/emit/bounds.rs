//! How near the plans come to what no plan can go below, on networks of real size.

use std::collections::BTreeMap;

use super::{Planned, Programs, programs};
use crate::diagnostics::Diagnostics;
use crate::graph::Graph;
use crate::ir::{Direction, ValueId};
use crate::passes::plan::Place;
use crate::passes::quantize;
use crate::testing::graph::compiled;

/// The graph of the one `network!` block in a file of `models`.
fn model(file: &str) -> Graph {
    let (_, block) = file.split_once("network! {").expect("a block");
    let (block, _) = block.rsplit_once('}').expect("its end");
    compiled(block)
}

/// The four of MLPerf Tiny.
fn graphs() -> [(&'static str, Graph); 4] {
    [
        ("autoencoder", include_str!("../../../models/src/autoencoder.rs")),
        ("ds_cnn", include_str!("../../../models/src/ds_cnn.rs")),
        ("mobilenet", include_str!("../../../models/src/mobilenet.rs")),
        ("resnet8", include_str!("../../../models/src/resnet8.rs")),
    ]
    .map(|(name, file)| (name, model(file)))
}

fn models() -> [(&'static str, Programs); 4] {
    graphs().map(|(name, graph)| (name, programs(&graph)))
}

/// Within 5 % in int8: the arena holds at each operation what it reads, what it writes, and what is read later.
/// The caller's input and output are not in it.
#[test]
fn plans_in_int8_are_near_the_largest_live_set() {
    for (name, graph) in graphs() {
        let diagnostics = Diagnostics::default();
        let int8 = quantize::quantize(&graph, &diagnostics);
        assert!(diagnostics.take().is_empty(), "{name}");
        let int8 = int8.expect("a network in int8");
        let bound = int8.live().into_iter().max().unwrap_or(0);
        assert!(
            int8.arena as f64 <= 1.05 * bound as f64,
            "{name}: the arena takes {} bytes, {bound} are live at once",
            int8.arena
        );
    }
}

/// Numbers per sample that are live at once in one arena, at most. Values lie from the time of the first operation that touches
/// them to that of the last, `at` says when an operation is; values that share a buffer count once.
fn largest_live_set(planned: &Planned, arena: fn(Place) -> bool, at: impl Fn(usize) -> usize) -> usize {
    let (program, plan) = (&planned.program, &planned.plan);
    let mut lives: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    let mut touch = |v: ValueId, t: usize| {
        let life = lives.entry(plan.buffer[v.0].0).or_insert((t, t));
        *life = (life.0.min(t), life.1.max(t));
    };
    for (i, op) in program.ops.iter().enumerate() {
        let touched = op.kind.reads().into_iter().chain(op.kind.writes());
        touched.for_each(|v| touch(v, at(i)));
    }
    let last = at(program.ops.len() - 1);
    // Whoever calls a program in two halves reads the outputs between them.
    let between = program
        .ops
        .iter()
        .rposition(|op| op.direction == Direction::Forward);
    let read = between.filter(|_| planned.call.halves).map_or(last, &at);
    program.outputs.iter().for_each(|v| touch(*v, read));
    lives.retain(|v, _| arena(plan.places[*v]));
    let live_at = |t: usize| -> usize {
        let live = lives.iter().filter(|(_, life)| life.0 <= t && t <= life.1);
        live.map(|(v, _)| program.shape(ValueId(*v)).elems()).sum()
    };
    (0..=last).map(live_at).max().unwrap_or(0)
}

/// Within 5 %: what is left are buffers that start on a vector's boundary. Each arena is held against its own bound, since the
/// one has room for a tile's samples and the other for the batch's.
#[test]
fn plans_are_near_the_largest_live_set() {
    for (name, programs) in models() {
        for planned in programs.plans() {
            let plan = &planned.plan;
            let function = |op: usize| plan.groups.partition_point(|g| g.ops.end <= op);
            let segment = |op: usize| plan.segments.partition_point(|s| s.groups.end <= function(op));
            let tile = |p: Place| matches!(p, Place::Tile(_));
            let batch = |p: Place| matches!(p, Place::Batch(_));
            // Within a segment a tile's values live as long as functions need them. Those of the batch arena stay for the
            // whole segment: one tile may read what another has done with.
            for (arena, planned_elems, bound) in [
                ("tile", plan.tile_elems, largest_live_set(planned, tile, function)),
                (
                    "batch",
                    plan.batch_elems,
                    largest_live_set(planned, batch, segment),
                ),
            ] {
                assert!(
                    planned_elems as f64 <= 1.05 * bound as f64 + 4.0,
                    "{name}, `{}`: the {arena} arena takes {planned_elems}, {bound} are live at once",
                    planned.name
                );
            }
            // What counting in functions costs beside counting in operations: nothing here.
            assert_eq!(
                largest_live_set(planned, tile, function),
                largest_live_set(planned, tile, |op| op),
                "{name}, `{}`",
                planned.name
            );
        }
    }
}

/// A chain takes what its largest layer reads and writes, and no more: the rest of the arena are factors of normalisations.
#[test]
fn a_chain_takes_its_largest_input_and_output() {
    let [_, _, (_, mobilenet), _] = models();
    let (widest, factors) = (48 * 48 * 8 + 48 * 48 * 16, 2 * 16);
    assert_eq!(mobilenet.infer.plan.tile_elems, widest + factors);
}
