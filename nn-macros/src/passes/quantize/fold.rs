//! What goes into the operation before it: normalisations and clamps.

use super::{Clamp, Product};
use crate::formula::{Binary, Compare, Formula, c};
use crate::ir::builder::Program;
use crate::ir::{OpKind, Operand, ParamId, Source, Space, ValueId};

/// `y = x · factor + term` for each channel, from parameters alone.
pub struct Normalize {
    pub factor: (Vec<Operand>, Formula),
    pub term: (Vec<Operand>, Formula),
}

/// Which operations have become part of another.
pub struct Folder<'a> {
    program: &'a Program,
    taken: Vec<bool>,
}

const OPEN: Clamp = [f64::NEG_INFINITY, f64::INFINITY];

impl<'a> Folder<'a> {
    pub fn new(program: &'a Program) -> Self {
        Self {
            program,
            taken: vec![false; program.ops.len()],
        }
    }

    pub fn is_taken(&self, op: usize) -> bool {
        self.taken[op]
    }

    /// Computed from parameters alone.
    pub fn is_batch(&self, v: ValueId) -> bool {
        self.program.values[v.0].space == Space::Batch
    }

    /// A product that gives `y`, with what follows it: a normalisation, then a clamp. Gives what is then computed.
    pub fn product(&mut self, y: ValueId, w: ParamId, b: Option<ParamId>) -> (ValueId, Product) {
        let (y, normalize) = match self.normalization(y) {
            None => (y, None),
            Some((op, z, normalize)) => {
                self.taken[op] = true;
                (z, Some(normalize))
            }
        };
        let (y, clamp) = self.clamp(y);
        let product = Product {
            w,
            b,
            normalize,
            clamp,
        };
        (y, product)
    }

    /// Takes the clamp that follows, if one does.
    pub fn clamp(&mut self, y: ValueId) -> (ValueId, Clamp) {
        let Some((op, z, x, f)) = self.next_map(y) else {
            return (y, OPEN);
        };
        match bounds(f) {
            Some(clamp) if x.len() == 1 => {
                self.taken[op] = true;
                (z, clamp)
            }
            _ => (y, OPEN),
        }
    }

    /// The map that alone reads a value.
    fn next_map(&self, y: ValueId) -> Option<(usize, ValueId, &'a [Operand], &'a Formula)> {
        let i = self.program.only_user(y)?;
        match &self.program.ops[i].kind {
            OpKind::Map { y, x, f, .. } => Some((i, *y, x, f)),
            _ => None,
        }
    }

    fn normalization(&self, y: ValueId) -> Option<(usize, ValueId, Normalize)> {
        let (op, z, x, f) = self.next_map(y)?;
        let (mut operands, mut places) = (Vec::new(), Vec::new());
        let mut of_y = None;
        for operand in x {
            let f = if *operand == Operand::Full(Source::Value(y)) {
                let place = *of_y.get_or_insert_with(|| {
                    operands.push(*operand);
                    operands.len() - 1
                });
                Formula::Input(place)
            } else {
                self.inlined(operand, &mut operands)?
            };
            places.push(f);
        }
        let (f, of_y) = (f.substitute(&places).simplify(), of_y?);
        let factor = f.derivative(of_y);
        if factor.inputs().contains(&of_y) || bounds(&f).is_some() {
            return None;
        }
        let mut at_zero: Vec<Formula> = (0..operands.len()).map(Formula::Input).collect();
        at_zero[of_y] = c(0.0);
        let term = f.substitute(&at_zero).simplify();
        let normalize = Normalize {
            factor: prune(&operands, &factor),
            term: prune(&operands, &term),
        };
        Some((op, z, normalize))
    }

    /// An operand as a formula over parameters, one number for each channel.
    fn inlined(&self, operand: &Operand, operands: &mut Vec<Operand>) -> Option<Formula> {
        match operand {
            Operand::Col(Source::Value(v)) => {
                let made = self.program.ops.iter().find(|op| op.kind.writes().contains(v))?;
                let OpKind::Map { x, f, .. } = &made.kind else {
                    return None;
                };
                let inner: Option<Vec<Formula>> = x.iter().map(|o| self.inlined(o, operands)).collect();
                Some(f.substitute(&inner?))
            }
            Operand::Col(Source::Param(_)) | Operand::Scalar(Source::Param(_)) => {
                let place = operands.iter().position(|o| o == operand).unwrap_or_else(|| {
                    operands.push(*operand);
                    operands.len() - 1
                });
                Some(Formula::Input(place))
            }
            _ => None,
        }
    }
}

/// The operands that a formula reads, and the formula over them.
fn prune(operands: &[Operand], f: &Formula) -> (Vec<Operand>, Formula) {
    let used = f.inputs();
    let mut to = vec![0; operands.len()];
    for (place, i) in used.iter().enumerate() {
        to[*i] = place;
    }
    (used.iter().map(|i| operands[*i]).collect(), f.renumber(&to))
}

/// The bounds of a formula of one operand that only clamps: `max(x, 0)`, `min(max(x, 0), 6)`, `if x > 0 { x } else { 0 }`.
fn bounds(f: &Formula) -> Option<Clamp> {
    match f {
        Formula::Binary(Binary::Max, a, b) => {
            let [low, high] = inner(a, b)?;
            let bound = constant(a).or_else(|| constant(b))?;
            (bound < high).then_some([low.max(bound), high])
        }
        Formula::Binary(Binary::Min, a, b) => {
            let [low, high] = inner(a, b)?;
            let bound = constant(a).or_else(|| constant(b))?;
            (low < bound).then_some([low, high.min(bound)])
        }
        Formula::Select {
            cmp: Compare::Gt | Compare::Ge,
            a,
            b,
            then,
            otherwise,
        } if a.is_identity() && then.is_identity() && b == otherwise => Some([constant(b)?, f64::INFINITY]),
        _ => None,
    }
}

/// The bounds of the operand beside the constant.
fn inner(a: &Formula, b: &Formula) -> Option<Clamp> {
    let x = if constant(a).is_some() { b } else { a };
    if x.is_identity() { Some(OPEN) } else { bounds(x) }
}

fn constant(f: &Formula) -> Option<f64> {
    match f {
        Formula::Const(c) => Some(*c),
        _ => None,
    }
}
