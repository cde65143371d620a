//! Plan: when each operation runs, and where each value lives.
//!
//! Before: a fused program. After: operations are grouped into functions (one per layer and direction), functions
//! into segments; a value has a place in one of the arenas, and no two values that are live at once overlap.
//!
//! **Segments.** A tile of samples goes through all functions of a tile segment on one thread, in cache, before the
//! next tile starts. An operation that needs the whole batch (a batch statistic), or whose weights are too large for
//! every tile to stream (`WIDE_WEIGHTS`), is a segment of its own, spread over threads from the inside.
//!
//! **Arenas.** Offsets are in elements per sample: a buffer of `e` elements at `o` lies at `o · n .. (o + e) · n` for `n`
//! samples. The tile arena holds what lives inside one tile segment, the batch arena what crosses segments, the
//! statistics arena what exists once per batch.

use std::ops::Range;

use crate::ir::builder::Program;
use crate::ir::{Direction, NodeId, OpKind, Operand, Source, Space, ValueId};

pub mod pack;

/// From this many weights on, training runs a dense layer over the whole batch at once: each tile streaming them
/// three times, and a gradient of its own per slot, would cost more than the sync point.
const WIDE_WEIGHTS: usize = 256 * 1024;

/// What a tile's working set may take, in elements: half of a common second-level cache at four bytes.
const TILE_BUDGET_ELEMS: usize = 128 * 1024;
const MAX_TILE: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Nobody reads or writes it any more.
    Unused,
    /// The caller's data: network input `i`.
    Input(usize),
    /// Offset in the tile arena.
    Tile(usize),
    /// Offset in the batch arena.
    Batch(usize),
    /// Offset in the statistics arena (elements, not per sample).
    Stats(usize),
}

/// Consecutive operations of one layer and direction: one emitted function.
#[derive(Clone, Debug)]
pub struct Group {
    pub node: NodeId,
    pub direction: Direction,
    pub ops: Range<usize>,
    /// Runs once for the whole batch.
    pub whole: bool,
    /// Only the inputs' gradients need it.
    pub inputs_only: bool,
}

#[derive(Clone, Debug)]
pub struct Segment {
    pub groups: Range<usize>,
    pub whole: bool,
    /// Values of the batch arena that its tiles read and write (tile segments only).
    pub reads: Vec<ValueId>,
    pub writes: Vec<ValueId>,
    /// It belongs to the backward call of a program that is run in two halves.
    pub second_half: bool,
}

#[derive(Debug)]
pub struct Plan {
    pub groups: Vec<Group>,
    pub segments: Vec<Segment>,
    /// Per value.
    pub places: Vec<Place>,
    /// Per value: the value whose buffer it shares; itself if none.
    pub buffer: Vec<ValueId>,
    /// Per value: one for the whole batch that each tile computes for itself, since it takes parameters alone. Its
    /// buffer has room for one per sample, of which the first is used.
    pub shared: Vec<bool>,
    /// Samples per tile.
    pub tile: usize,
    /// Sizes of the arenas, in elements per sample (statistics: elements).
    pub tile_elems: usize,
    pub batch_elems: usize,
    pub stats_elems: usize,
    /// Per group: elements per sample of both arenas that are live while it runs, without the outputs of a prediction.
    pub live_elems: Vec<usize>,
    /// Largest sum of live elements at any time in the tile arena: no plan can be smaller.
    pub tile_lower_bound: usize,
}

/// How the program will be called.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// In two halves (`forward`, then `backward`): values that cross must survive, inputs are copied in.
    pub halves: bool,
    pub training: bool,
}

/// Plans a program.
pub fn plan(program: &Program, call: Call) -> Plan {
    let inputs_only = inputs_only(program);
    let shared = shared(program);
    let groups = group(program, call, &inputs_only, &shared);
    let first_backward = groups
        .iter()
        .position(|g| g.direction == Direction::Backward)
        .unwrap_or(groups.len());
    let segment_of = cut(&groups, call, first_backward);
    let life = lifetimes(program, &groups, call, first_backward);
    let crossing = crossing(program, &groups, &segment_of, &life, &shared, call);
    let buffer = share(program, &life, &crossing);
    let mut plan = Plan {
        segments: segments(&segment_of, &groups, call, first_backward),
        live_elems: vec![0; groups.len()],
        groups,
        places: vec![Place::Unused; program.values.len()],
        buffer,
        shared,
        tile: 1,
        tile_elems: 0,
        batch_elems: 0,
        stats_elems: 0,
        tile_lower_bound: 0,
    };
    assign(program, call, &mut plan, &life, &crossing, &segment_of);
    collect_batch_values(program, &mut plan);
    let per_sample = plan.tile_elems
        + program
            .inputs
            .iter()
            .map(|v| program.shape(*v).elems())
            .sum::<usize>();
    let fits = TILE_BUDGET_ELEMS / per_sample.max(1);
    plan.tile = if fits <= 1 {
        1
    } else {
        (1 << fits.ilog2()).min(MAX_TILE)
    };
    plan
}

/// Per operation: nothing but the inputs' gradients depends on it.
fn inputs_only(program: &Program) -> Vec<bool> {
    let mut live = vec![false; program.values.len()];
    for v in &program.outputs {
        live[v.0] = true;
    }
    // What was hoisted to the forward half runs there, before anyone says which gradients are wanted.
    let mut only: Vec<bool> = program
        .ops
        .iter()
        .map(|op| op.direction != Direction::Forward)
        .collect();
    for (i, op) in program.ops.iter().enumerate().rev() {
        if op.kind.has_effect() || op.kind.writes().iter().any(|w| live[w.0]) {
            only[i] = false;
            op.kind.reads().iter().for_each(|v| live[v.0] = true);
        }
    }
    only
}

/// Per value: elementwise from parameters alone (a normalisation's factors in inference). So little work that each tile
/// may do it again, rather than wait for it.
fn shared(program: &Program) -> Vec<bool> {
    let mut shared = vec![false; program.values.len()];
    for op in &program.ops {
        if let OpKind::Map { y, x, .. } = &op.kind {
            shared[y.0] = program.values[y.0].space == Space::Batch
                && x.iter().all(|o| match o.source() {
                    Some(Source::Param(_)) | None => true,
                    Some(Source::Value(v)) => shared[v.0],
                    Some(Source::Target(_)) => false,
                });
        }
    }
    shared
}

fn runs_whole(program: &Program, kind: &OpKind, call: Call, shared: &[bool]) -> bool {
    match kind {
        OpKind::BatchReduce { .. } | OpKind::Moments { .. } | OpKind::UpdateState { .. } => true,
        // From statistics of the batch, once.
        OpKind::ParamReduce { x, .. } => x.iter().any(
            |o| matches!(o, Operand::Full(Source::Value(v)) if program.values[v.0].space == Space::Batch),
        ),
        OpKind::Map { y, .. } | OpKind::Permute { y, .. } => {
            program.values[y.0].space == Space::Batch && !shared[y.0]
        }
        OpKind::Conv2d { conv, .. }
        | OpKind::Conv2dGradInput { conv, .. }
        | OpKind::Conv2dGradWeight { conv, .. } => call.training && conv.weights() >= WIDE_WEIGHTS,
        OpKind::Dense { k, n, .. }
        | OpKind::DenseGradInput { k, n, .. }
        | OpKind::DenseGradWeight { k, n, .. } => call.training && k * n >= WIDE_WEIGHTS,
        _ => false,
    }
}

fn group(program: &Program, call: Call, inputs_only: &[bool], shared: &[bool]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (i, op) in program.ops.iter().enumerate() {
        let whole = runs_whole(program, &op.kind, call, shared);
        match groups.last_mut() {
            Some(g)
                if g.node == op.node
                    && g.direction == op.direction
                    && g.whole == whole
                    && g.inputs_only == inputs_only[i] =>
            {
                g.ops.end = i + 1;
            }
            _ => groups.push(Group {
                node: op.node,
                direction: op.direction,
                ops: i..i + 1,
                whole,
                inputs_only: inputs_only[i],
            }),
        }
    }
    groups
}

/// Segment number of each group.
fn cut(groups: &[Group], call: Call, first_backward: usize) -> Vec<usize> {
    let mut numbers = Vec::with_capacity(groups.len());
    let mut current = 0;
    for (i, g) in groups.iter().enumerate() {
        let boundary = i > 0 && (g.whole != groups[i - 1].whole || (call.halves && i == first_backward));
        current += usize::from(boundary);
        numbers.push(current);
    }
    numbers
}

fn segments(segment_of: &[usize], groups: &[Group], call: Call, first_backward: usize) -> Vec<Segment> {
    let count = segment_of.last().map_or(0, |s| s + 1);
    (0..count)
        .map(|s| {
            let start = segment_of.partition_point(|&x| x < s);
            let end = segment_of.partition_point(|&x| x <= s);
            Segment {
                groups: start..end,
                whole: groups[start].whole,
                reads: Vec::new(),
                writes: Vec::new(),
                second_half: call.halves && start >= first_backward,
            }
        })
        .collect()
}

/// First and last group that touches a value; time is counted in groups, since a function borrows all its buffers
/// at once.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    pub from: usize,
    pub to: usize,
}

fn lifetimes(program: &Program, groups: &[Group], call: Call, first_backward: usize) -> Vec<Option<Life>> {
    let mut life: Vec<Option<Life>> = vec![None; program.values.len()];
    let mut touch = |v: ValueId, t: usize| {
        let l = life[v.0].get_or_insert(Life { from: t, to: t });
        l.from = l.from.min(t);
        l.to = l.to.max(t);
    };
    for (t, g) in groups.iter().enumerate() {
        for op in &program.ops[g.ops.clone()] {
            op.kind
                .reads()
                .into_iter()
                .chain(op.kind.writes())
                .for_each(|v| touch(v, t));
        }
    }
    let end = groups.len().saturating_sub(1);
    // Between the halves the caller reads the outputs, and cannot any more once the second has begun.
    let read = if call.halves {
        first_backward.saturating_sub(1)
    } else {
        end
    };
    program.outputs.iter().for_each(|&v| touch(v, read));
    program
        .input_gradients
        .iter()
        .flatten()
        .for_each(|&v| touch(v, end));
    if call.halves {
        program.inputs.iter().for_each(|&v| touch(v, 0));
        program
            .output_gradients
            .iter()
            .for_each(|&v| touch(v, first_backward.min(end)));
    }
    life
}

/// Values that must outlive a segment: they live in the batch arena.
fn crossing(
    program: &Program,
    groups: &[Group],
    segment_of: &[usize],
    life: &[Option<Life>],
    shared: &[bool],
    call: Call,
) -> Vec<bool> {
    let mut crossing: Vec<bool> = life
        .iter()
        .map(|l| l.is_some_and(|l| segment_of.get(l.from) != segment_of.get(l.to)))
        .collect();
    for &v in program
        .outputs
        .iter()
        .chain(program.input_gradients.iter().flatten())
        .chain(&program.output_gradients)
    {
        crossing[v.0] = true;
    }
    for g in groups.iter().filter(|g| g.whole) {
        for op in &program.ops[g.ops.clone()] {
            op.kind
                .reads()
                .into_iter()
                .chain(op.kind.writes())
                .for_each(|v| crossing[v.0] = true);
        }
    }
    for v in &program.inputs {
        // An input is read again from the caller's data in each segment, unless the whole batch is needed at once.
        let whole = groups.iter().filter(|g| g.whole).any(|g| {
            program.ops[g.ops.clone()]
                .iter()
                .any(|op| op.kind.reads().contains(v))
        });
        crossing[v.0] = whole || call.halves;
    }
    for (v, value) in program.values.iter().enumerate() {
        if value.space == Space::Batch && !shared[v] {
            crossing[v] = false;
        }
    }
    crossing
}

/// Lets an operation write over an operand that nobody reads again.
fn share(program: &Program, life: &[Option<Life>], crossing: &[bool]) -> Vec<ValueId> {
    let mut buffer: Vec<ValueId> = (0..program.values.len()).map(ValueId).collect();
    let pinned = |v: ValueId| {
        program.inputs.contains(&v)
            || program.outputs.contains(&v)
            || program.output_gradients.contains(&v)
            || program.input_gradients.contains(&Some(v))
            || program.values[v.0].space == Space::Batch
    };
    for (i, op) in program.ops.iter().enumerate() {
        let (y, candidates): (ValueId, Vec<ValueId>) = match &op.kind {
            OpKind::Map { y, x, .. } => (
                *y,
                x.iter()
                    .filter_map(|o| match o {
                        Operand::Full(Source::Value(v)) => Some(*v),
                        _ => None,
                    })
                    .filter(|v| {
                        x.iter()
                            .all(|o| o.value() != Some(*v) || matches!(o, Operand::Full(_)))
                    })
                    .collect(),
            ),
            OpKind::Dropout { y, x, .. } | OpKind::Softmax { y, x, .. } => (*y, vec![*x]),
            OpKind::SoftmaxCrossEntropy { x, dx: Some(dx), .. } => (*dx, vec![*x]),
            _ => continue,
        };
        let chosen = candidates.into_iter().find(|&v| {
            let read_later = program.ops[i + 1..].iter().any(|op| op.kind.reads().contains(&v));
            !pinned(v)
                && !pinned(y)
                && !read_later
                && life[v.0].is_some()
                && crossing[v.0] == crossing[y.0]
                && program.shape(v).elems() == program.shape(y).elems()
        });
        if let Some(v) = chosen {
            buffer[y.0] = buffer[v.0];
        }
    }
    buffer
}

fn assign(
    program: &Program,
    call: Call,
    plan: &mut Plan,
    life: &[Option<Life>],
    crossing: &[bool],
    segment_of: &[usize],
) {
    // A shared buffer lives as long as all who share it.
    let mut buffers: Vec<Option<Life>> = vec![None; program.values.len()];
    for (v, l) in life.iter().enumerate() {
        if let Some(l) = l {
            let b = buffers[plan.buffer[v].0].get_or_insert(*l);
            b.from = b.from.min(l.from);
            b.to = b.to.max(l.to);
        }
    }
    let mut fixed = 0;
    let mut batch_items = Vec::new();
    let mut tile_items: Vec<Vec<pack::Item>> = vec![Vec::new(); plan.segments.len()];
    // A prediction gives all outputs as one slice.
    for &v in program.outputs.iter().filter(|_| !call.halves) {
        plan.places[v.0] = Place::Batch(fixed);
        fixed += program.shape(v).elems();
    }
    for (v, l) in buffers.iter().enumerate() {
        let (Some(l), Place::Unused) = (l, plan.places[v]) else {
            continue;
        };
        let id = ValueId(v);
        let elems = program.shape(id).elems();
        if program.values[v].space == Space::Batch && !plan.shared[v] {
            plan.places[v] = Place::Stats(plan.stats_elems);
            plan.stats_elems += pack::align(elems);
        } else if let (Some(i), false) = (program.inputs.iter().position(|x| *x == id), crossing[v]) {
            plan.places[v] = Place::Input(i);
        } else {
            let item = pack::Item {
                value: id,
                elems,
                from: l.from,
                to: l.to,
            };
            let live = &mut plan.live_elems[l.from..=l.to];
            live.iter_mut().for_each(|live| *live += pack::align(elems));
            if crossing[v] {
                // Tiles of a segment run at once: what one still reads, another may already have done with.
                let from = plan.segments[segment_of[l.from]].groups.start;
                let to = plan.segments[segment_of[l.to]].groups.end - 1;
                batch_items.push(pack::Item { from, to, ..item });
            } else {
                tile_items[segment_of[l.from]].push(item);
            }
        }
    }
    let packed = pack::pack(&batch_items);
    let base = if batch_items.is_empty() {
        fixed
    } else {
        pack::align(fixed)
    };
    plan.batch_elems = base + packed.elems;
    for (v, offset) in packed.offsets {
        plan.places[v.0] = Place::Batch(base + offset);
    }
    for items in tile_items {
        let packed = pack::pack(&items);
        plan.tile_elems = plan.tile_elems.max(packed.elems);
        plan.tile_lower_bound = plan.tile_lower_bound.max(pack::lower_bound(&items));
        for (v, offset) in packed.offsets {
            plan.places[v.0] = Place::Tile(offset);
        }
    }
    for (v, l) in life.iter().enumerate() {
        if l.is_some() && plan.places[v] == Place::Unused {
            plan.places[v] = plan.places[plan.buffer[v].0];
        }
    }
}

/// Fills each tile segment's list of batch values.
fn collect_batch_values(program: &Program, plan: &mut Plan) {
    for s in 0..plan.segments.len() {
        if plan.segments[s].whole {
            continue;
        }
        let mut reads = Vec::new();
        let mut writes = Vec::new();
        for g in plan.segments[s].groups.clone() {
            for op in &program.ops[plan.groups[g].ops.clone()] {
                for (list, values) in [(&mut reads, op.kind.reads()), (&mut writes, op.kind.writes())] {
                    for v in values {
                        let root = plan.buffer[v.0];
                        if matches!(plan.places[root.0], Place::Batch(_)) && !list.contains(&root) {
                            list.push(root);
                        }
                    }
                }
            }
        }
        reads.retain(|v| !writes.contains(v));
        plan.segments[s].reads = reads;
        plan.segments[s].writes = writes;
    }
}
