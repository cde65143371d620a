//! Lanes: where channels are few, samples lie side by side.
//!
//! Before: a fused training step. After: the same step for tiles of whole groups of 16 samples, in which convolutions of few
//! channels, and what stands between them, work on values whose last axis is the sample; one operation turns a value where
//! it comes to others.

use std::collections::HashMap;

use crate::ir::builder::Program;
use crate::ir::geometry::Conv;
use crate::ir::{Direction, Epilogue, NodeId, Op, OpKind, Operand, ParamId, Source, Space, Value, ValueId};

/// Samples side by side.
pub const SAMPLES: usize = 16;
/// Taps of the largest window: the kernel keeps the sums of all of them on its stack.
const MAX_TAPS: usize = 49;

/// The step with samples side by side; `None` where no convolution gains by it.
pub fn lanes(program: &Program) -> Option<Program> {
    let mut chosen = Chosen::of(program);
    let ops: Vec<bool> = program.ops.iter().map(|op| chosen.takes(program, op)).collect();
    if chosen.weights.is_empty() {
        return None;
    }
    let mut turned = Program {
        ops: Vec::with_capacity(program.ops.len()),
        ..program.clone()
    };
    let mut twins: HashMap<ValueId, ValueId> = HashMap::new();
    for (op, lanes) in program.ops.iter().zip(ops) {
        let mut op = op.clone();
        for v in op.kind.reads() {
            let value = &turned.values[v.0];
            if value.space == Space::Sample && value.lanes != lanes && !twins.contains_key(&v) {
                let twin = Value {
                    name: format!("{}_{}", value.name, if lanes { "in_lanes" } else { "in_rows" }),
                    lanes,
                    ..value.clone()
                };
                turned.values.push(twin);
                let y = ValueId(turned.values.len() - 1);
                twins.insert(v, y);
                turned.ops.push(Op {
                    kind: OpKind::Turn { y, x: v },
                    ..op
                });
            }
        }
        let values = &turned.values;
        op.kind.map_reads(&mut |v| match twins.get(&v) {
            Some(twin) if values[v.0].space == Space::Sample && values[v.0].lanes != lanes => *twin,
            _ => v,
        });
        for v in op.kind.writes() {
            turned.values[v.0].lanes = lanes;
        }
        turned.ops.push(op);
    }
    Some(turned)
}

/// What works on samples side by side, found in the order of the operations.
struct Chosen {
    /// Per value.
    values: Vec<bool>,
    /// Weights of its convolutions.
    weights: Vec<ParamId>,
    /// Its pools.
    pools: Vec<NodeId>,
    /// The parameter that a value is, transposed.
    transposed: HashMap<ValueId, ParamId>,
}

impl Chosen {
    fn of(program: &Program) -> Self {
        let transposed = program.ops.iter().filter_map(|op| match op.kind {
            OpKind::Permute {
                y,
                x: Source::Param(p),
                ..
            } => Some((y, p)),
            _ => None,
        });
        Self {
            values: vec![false; program.values.len()],
            weights: Vec::new(),
            pools: Vec::new(),
            transposed: transposed.collect(),
        }
    }

    fn takes(&mut self, program: &Program, op: &Op) -> bool {
        let takes = self.suits(program, op);
        if takes {
            op.kind.writes().iter().for_each(|v| self.values[v.0] = true);
            match op.kind {
                OpKind::Conv2d { w, .. } => self.weights.push(w),
                OpKind::Pool { .. } => self.pools.push(op.node),
                _ => {}
            }
        }
        takes
    }

    fn suits(&self, program: &Program, op: &Op) -> bool {
        let reads_one = || op.kind.reads().iter().any(|v| self.values[v.0]);
        match &op.kind {
            OpKind::Conv2d {
                x,
                conv,
                epilogue,
                pool: None,
                ..
            } => has_kernel(conv) && self.gains(*x, conv) && plain_tail(program, epilogue),
            OpKind::Conv2dGradInput {
                w, conv, epilogue, ..
            } => {
                let param = match w {
                    Source::Value(v) => self.transposed.get(v),
                    Source::Param(p) => Some(p),
                    Source::Target(_) => None,
                };
                op.direction == Direction::Backward
                    && param.is_some_and(|p| self.weights.contains(p))
                    && has_kernel(conv)
                    && plain_tail(program, epilogue)
            }
            OpKind::Conv2dGradWeight { w, .. } => self.weights.contains(w),
            OpKind::Map { x, .. } | OpKind::ParamReduce { x, .. } => plain(program, x) && reads_one(),
            OpKind::Pool { .. } => reads_one(),
            OpKind::PoolGrad { .. } => self.pools.contains(&op.node),
            _ => false,
        }
    }

    /// Vectors of its output channels would be part empty; or its input lies in lanes, and those of the input's gradient
    /// would be.
    fn gains(&self, x: ValueId, conv: &Conv) -> bool {
        conv.outputs < SAMPLES || (self.values[x.0] && conv.inputs < SAMPLES)
    }
}

fn has_kernel(conv: &Conv) -> bool {
    let [height, width] = conv.window.kernel;
    conv.groups == 1 && conv.window.stride == [1, 1] && height * width <= MAX_TAPS
}

fn plain_tail(program: &Program, epilogue: &Option<Epilogue>) -> bool {
    epilogue.as_ref().is_none_or(|e| plain(program, &e.x))
}

/// Operands that mean the same however the elements are ordered.
fn plain(program: &Program, x: &[Operand]) -> bool {
    x.iter().all(|o| match o {
        Operand::Full(Source::Value(v)) => program.values[v.0].space == Space::Sample,
        Operand::Scalar(_) | Operand::InverseBatch => true,
        _ => false,
    })
}
