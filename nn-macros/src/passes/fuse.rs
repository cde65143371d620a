//! Fuse: fewer operations, fewer passes over memory.
//!
//! Before: one operation per formula, aliases for reshapes. After: no alias is left; an elementwise operation
//! whose result is used once has become part of its user (`Map` into `Map` or into a reduction) or of the
//! product before it (an epilogue, run while the result is in cache); in inference a pool has become part of the convolution
//! before it; two statistics of the batch are one pass; transposed weights come first; what nobody reads is gone.

use crate::formula::Formula;
use crate::ir::builder::Program;
use crate::ir::{
    Direction, Epilogue, NodeId, Op, OpKind, Operand, Pooled, Shape, Source, Space, Value, ValueId,
};

/// More operands than this in one formula cost registers rather than save memory.
const MAX_OPERANDS: usize = 8;

/// Runs all rewrites to a fixed point.
pub fn fuse(program: &mut Program) {
    clean(program);
    while fuse_map_into_user(program) {}
    while fuse_map_into_product(program) {}
    while pair_batch_reductions(program) {}
    while fuse_pool_into_convolution(program) {}
    eliminate_dead(program);
    hoist_weights(program);
}

/// Drops aliases and what nobody reads.
pub fn clean(program: &mut Program) {
    resolve_aliases(program);
    eliminate_dead(program);
}

/// Brings transposed weights to the front of the forward half: one segment before all tiles instead of a cut between
/// them.
fn hoist_weights(program: &mut Program) {
    let (mut shared, mut rest) = (Vec::new(), Vec::new());
    for mut op in std::mem::take(&mut program.ops) {
        if let OpKind::Permute {
            x: Source::Param(_), ..
        } = op.kind
        {
            op.direction = Direction::Forward;
            shared.push(op);
        } else {
            rest.push(op);
        }
    }
    shared.append(&mut rest);
    program.ops = shared;
}

/// Replaces every alias by the value it stands for. An output that is an alias, an input or named twice gets a copy,
/// since each output has a buffer of its own.
fn resolve_aliases(program: &mut Program) {
    let mut root: Vec<ValueId> = (0..program.values.len()).map(ValueId).collect();
    let mut kept = Vec::with_capacity(program.ops.len());
    for mut op in std::mem::take(&mut program.ops) {
        op.kind.map_reads(&mut |v| root[v.0]);
        if let OpKind::Alias { y, x } = op.kind {
            root[y.0] = x;
        } else {
            kept.push(op);
        }
    }
    program.ops = kept;
    let mut taken: Vec<ValueId> = program.inputs.clone();
    for i in 0..program.outputs.len() {
        program.outputs[i] = own_buffer(program, root[program.outputs[i].0], &mut taken);
    }
    for i in 0..program.input_gradients.len() {
        if let Some(v) = program.input_gradients[i] {
            program.input_gradients[i] = Some(own_buffer(program, root[v.0], &mut taken));
        }
    }
}

fn own_buffer(program: &mut Program, v: ValueId, taken: &mut Vec<ValueId>) -> ValueId {
    if !taken.contains(&v) {
        taken.push(v);
        return v;
    }
    let mut value = program.values[v.0].clone();
    value.name = format!("{}_copy_{}", value.name, program.values.len());
    let width = value.shape.width();
    program.values.push(value);
    let y = ValueId(program.values.len() - 1);
    let x = vec![Operand::Full(Source::Value(v))];
    // The copy belongs to whoever made the value, right after it. The gradient of an output that passes through to
    // an input is made by the caller, before the backward half.
    let made = program.ops.iter().position(|op| op.kind.writes().contains(&v));
    let (at, node, direction) = match made {
        Some(i) => (i + 1, program.ops[i].node, program.ops[i].direction),
        None if program.output_gradients.contains(&v) => {
            (program.ops.len(), NodeId(usize::MAX), Direction::Backward)
        }
        None => (0, NodeId(0), Direction::Forward),
    };
    program.ops.insert(
        at,
        Op {
            kind: OpKind::Map {
                y,
                x,
                f: Formula::Input(0),
                width,
            },
            node,
            direction,
        },
    );
    y
}

/// Drops operations none of whose results is read, again and again.
fn eliminate_dead(program: &mut Program) {
    let mut live = vec![false; program.values.len()];
    for v in program
        .outputs
        .iter()
        .chain(program.input_gradients.iter().flatten())
    {
        live[v.0] = true;
    }
    let mut keep = vec![false; program.ops.len()];
    for (i, op) in program.ops.iter().enumerate().rev() {
        if op.kind.has_effect() || op.kind.writes().iter().any(|w| live[w.0]) {
            keep[i] = true;
            for v in op.kind.reads() {
                live[v.0] = true;
            }
        }
    }
    let mut keep = keep.into_iter();
    program.ops.retain(|_| keep.next().unwrap_or(false));
}

/// Inlines one `Map` into the one elementwise or reducing operation that reads its result.
fn fuse_map_into_user(program: &mut Program) -> bool {
    for i in 0..program.ops.len() {
        let OpKind::Map { y, x, f, width } = program.ops[i].kind.clone() else {
            continue;
        };
        let Some(user) = program.only_user(y) else {
            continue;
        };
        if program.values[y.0].space == Space::Batch {
            continue;
        }
        let flat = x.iter().all(Operand::is_flat);
        let target = &mut program.ops[user].kind;
        let (user_x, user_f, user_width) = match target {
            OpKind::Map {
                x,
                f,
                width: user_width,
                ..
            } => {
                // A user that does not care about rows takes on the producer's.
                if !flat && x.iter().all(Operand::is_flat) {
                    *user_width = width;
                }
                (x, f, *user_width)
            }
            OpKind::RowReduce { x, f, width, .. } | OpKind::ParamReduce { x, f, width, .. } => (x, f, *width),
            OpKind::BatchReduce { sums, x, width, .. } if sums.len() == 1 => (x, &mut sums[0].1, *width),
            _ => continue,
        };
        let read_as_full = user_x
            .iter()
            .all(|o| o.value() != Some(y) || matches!(o, Operand::Full(_)));
        if !read_as_full || !(flat || user_width == width) {
            continue;
        }
        let Some((operands, formula)) = inline(user_x, user_f, y, &x, &f) else {
            continue;
        };
        *user_x = operands;
        *user_f = formula;
        program.ops.remove(i);
        return true;
    }
    false
}

/// Elements of a convolution's result that are computed before they are pooled: they stay in the first-level cache. Each
/// piece costs three calls of kernels: LeNet-5's prediction took 1.08, 1.02 and 1.01 times as long as unfused with 256, 1024
/// and 2048 (in a third less memory), that of the network `cnn` of the benches 0.99 times.
const POOLED_ELEMS: usize = 2048;

/// Makes one pool the tail of the convolution whose result only it reads, so that the whole result is never in memory. Not
/// where windows share rows, which would be computed twice, nor where gradients want the whole result.
fn fuse_pool_into_convolution(program: &mut Program) -> bool {
    if program.ops.iter().any(|op| op.kind.gradient_of().is_some()) {
        return false;
    }
    for i in 0..program.ops.len() {
        let OpKind::Conv2d {
            y: result,
            conv,
            pool: None,
            ..
        } = &program.ops[i].kind
        else {
            continue;
        };
        let (result, conv) = (*result, *conv);
        let Some(user) = program.only_user(result) else {
            continue;
        };
        let OpKind::Pool {
            y: pooled,
            index: None,
            window,
            how,
            ..
        } = program.ops[user].kind
        else {
            continue;
        };
        let line = window.row_pixels() * conv.outputs;
        let lines = POOLED_ELEMS.div_ceil(line);
        if !window.parts_rows() || lines >= window.output[0] {
            continue;
        }
        let rows = Value {
            name: format!("{}_rows", program.values[result.0].name),
            shape: Shape(vec![lines * window.kernel[0], window.input[1], conv.outputs]),
            space: Space::Sample,
            lanes: false,
        };
        program.values.push(rows);
        let rows = ValueId(program.values.len() - 1);
        if let OpKind::Conv2d { y, pool, .. } = &mut program.ops[i].kind {
            *y = pooled;
            *pool = Some(Pooled { window, how, rows });
        }
        program.ops.remove(user);
        return true;
    }
    false
}

/// Makes two statistics over the batch that follow each other one pass over their operands.
fn pair_batch_reductions(program: &mut Program) -> bool {
    for i in 1..program.ops.len() {
        let [first, second] = &program.ops[i - 1..=i] else {
            continue;
        };
        let (
            OpKind::BatchReduce { sums, how, x, width },
            OpKind::BatchReduce {
                sums: more,
                how: how_too,
                x: x_too,
                width: width_too,
            },
        ) = (&first.kind, &second.kind)
        else {
            continue;
        };
        let alike = how == how_too && width == width_too && rows_of(program, x) == rows_of(program, x_too);
        let apart = second.kind.reads().iter().all(|v| *v != sums[0].0);
        let plain = x.iter().chain(x_too).all(|o| !matches!(o, Operand::Row(_)));
        if sums.len() + more.len() > 2 || first.node != second.node || !(alike && apart && plain) {
            continue;
        }
        let mut x = x.clone();
        let places: Vec<Formula> = x_too
            .iter()
            .map(|o| {
                Formula::Input(x.iter().position(|p| p == o).unwrap_or_else(|| {
                    x.push(*o);
                    x.len() - 1
                }))
            })
            .collect();
        if x.len() > MAX_OPERANDS {
            continue;
        }
        let pair = vec![sums[0].clone(), (more[0].0, more[0].1.substitute(&places))];
        program.ops[i - 1].kind = OpKind::BatchReduce {
            sums: pair,
            how: *how,
            x,
            width: *width,
        };
        program.ops.remove(i);
        return true;
    }
    false
}

/// Elements per sample of the first operand that tells the rows.
fn rows_of(program: &Program, x: &[Operand]) -> Option<usize> {
    x.iter().find_map(|o| match o {
        Operand::Full(Source::Value(v)) => Some(program.shape(*v).elems()),
        _ => None,
    })
}

/// `user_f` with operand `y` replaced by `f(x…)`; `None` where that needs too many operands.
fn inline(
    user_x: &[Operand],
    user_f: &Formula,
    y: ValueId,
    x: &[Operand],
    f: &Formula,
) -> Option<(Vec<Operand>, Formula)> {
    let mut operands: Vec<Operand> = Vec::new();
    let mut place = |o: &Operand| {
        operands.iter().position(|p| p == o).unwrap_or_else(|| {
            operands.push(*o);
            operands.len() - 1
        })
    };
    let inner: Vec<Formula> = x.iter().map(|o| Formula::Input(place(o))).collect();
    let inner = f.substitute(&inner);
    let outer: Vec<Formula> = user_x
        .iter()
        .map(|o| {
            if o.value() == Some(y) {
                inner.clone()
            } else {
                Formula::Input(place(o))
            }
        })
        .collect();
    let formula = user_f.substitute(&outer).simplify();
    if operands.len() > MAX_OPERANDS {
        return None;
    }
    Some(prune(operands, formula))
}

/// Drops operands that simplification made unused.
fn prune(operands: Vec<Operand>, formula: Formula) -> (Vec<Operand>, Formula) {
    let used = formula.inputs();
    let mut renumbered = Vec::with_capacity(operands.len());
    let mut kept = Vec::new();
    for (i, operand) in operands.into_iter().enumerate() {
        renumbered.push(Formula::Input(kept.len()));
        if used.contains(&i) {
            kept.push(operand);
        }
    }
    let formula = formula.substitute(&renumbered);
    (kept, formula)
}

/// Makes one `Map` the epilogue of the product whose result only it reads.
fn fuse_map_into_product(program: &mut Program) -> bool {
    for i in 0..program.ops.len() {
        let (product, n) = match &program.ops[i].kind {
            OpKind::Dense {
                y, epilogue: None, n, ..
            } => (*y, *n),
            OpKind::DenseGradInput {
                dx,
                epilogue: None,
                k,
                ..
            } => (*dx, *k),
            OpKind::Conv2d {
                y,
                epilogue: None,
                conv,
                ..
            } => (*y, conv.outputs),
            OpKind::Conv2dGradInput {
                dx,
                epilogue: None,
                conv,
                ..
            } => (*dx, conv.inputs),
            _ => continue,
        };
        let Some(user) = program.only_user(product) else {
            continue;
        };
        let OpKind::Map { y, x, f, width } = program.ops[user].kind.clone() else {
            continue;
        };
        let flat = x.iter().all(Operand::is_flat);
        let read_as_full = x
            .iter()
            .all(|o| o.value() != Some(product) || matches!(o, Operand::Full(_)));
        if !read_as_full || !(flat || width == n) || x.len() > MAX_OPERANDS {
            continue;
        }
        let mut extra = Vec::new();
        let renumbered: Vec<Formula> = x
            .iter()
            .map(|o| {
                if o.value() == Some(product) {
                    Formula::Input(0)
                } else {
                    extra.push(*o);
                    Formula::Input(extra.len())
                }
            })
            .collect();
        let tail = Some(Epilogue {
            x: extra,
            f: f.substitute(&renumbered),
        });
        match &mut program.ops[i].kind {
            OpKind::Dense {
                y: result, epilogue, ..
            }
            | OpKind::DenseGradInput {
                dx: result, epilogue, ..
            }
            | OpKind::Conv2d {
                y: result, epilogue, ..
            }
            | OpKind::Conv2dGradInput {
                dx: result, epilogue, ..
            } => {
                *result = y;
                *epilogue = tail;
            }
            _ => unreachable!("matched above"),
        }
        // The product moves down to where all its epilogue's operands exist.
        let product = program.ops.remove(i);
        program.ops[user - 1] = product;
        return true;
    }
    false
}
