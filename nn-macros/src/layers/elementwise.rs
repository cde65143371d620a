//! What the elementwise layers share: a formula forward, and one for each gradient.

use super::{Backward, Forward, Layer};
use crate::formula::{Formula, x};
use crate::ir::builder::{Builder, full};
use crate::ir::{Operand, ParamId, Shape, ValueId};

/// The gradient of an activation, from `x(0) = dy` and one more value, kept from the forward pass.
pub enum Gradient {
    /// `x(1)` is the output `y`: the input need not be kept.
    OfOutput(Formula),
    /// `x(1)` is the input `x`.
    OfInput(Formula),
}

/// An elementwise layer of one input.
pub struct Activation {
    pub shape: Shape,
    /// Of `x(0)`.
    pub forward: Formula,
    pub backward: Gradient,
}

impl Layer for Activation {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        b.map("", &self.shape, vec![full(inputs[0])], self.forward.clone())
            .into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let (kept, f) = match &self.backward {
            Gradient::OfOutput(f) => (io.y[0], f),
            Gradient::OfInput(f) => (io.x[0], f),
        };
        vec![io.needs[0].then(|| map_needed(b, "x", &self.shape, &[full(io.dy[0]), full(kept)], f))]
    }
}

/// An elementwise layer of any number of inputs of equal shape, whose gradients are derived from its formula.
pub struct Elementwise {
    pub shape: Shape,
    /// Of `x(0)`, `x(1)`, …: the inputs.
    pub forward: Formula,
    /// `dy/dx(i)`, of the inputs.
    pub slopes: Vec<Formula>,
}

impl Elementwise {
    pub fn new(shape: &Shape, forward: &Formula, inputs: usize) -> Self {
        Self {
            shape: shape.clone(),
            forward: forward.simplify(),
            slopes: (0..inputs).map(|i| forward.derivative(i)).collect(),
        }
    }
}

impl Layer for Elementwise {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        let operands: Vec<Operand> = inputs.iter().map(|&v| full(v)).collect();
        map_needed(b, "", &self.shape, &operands, &self.forward).into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let dy = io.dy[0];
        // Operand 0 is dy, the inputs follow.
        let operands: Vec<Operand> = std::iter::once(dy)
            .chain(io.x.iter().copied())
            .map(full)
            .collect();
        let shifted: Vec<usize> = (1..=io.x.len()).collect();
        self.slopes
            .iter()
            .zip(io.needs)
            .map(|(slope, needed)| {
                needed.then(|| match slope {
                    Formula::Const(1.0) => dy,
                    _ => {
                        let f = (x(0) * slope.renumber(&shifted)).simplify();
                        map_needed(b, "x", &self.shape, &operands, &f)
                    }
                })
            })
            .collect()
    }
}

/// `f` over those of the operands that it reads, so that no other value is kept for it.
pub fn map_needed(
    b: &mut Builder<'_>,
    suffix: &str,
    shape: &Shape,
    operands: &[Operand],
    f: &Formula,
) -> ValueId {
    let used: Vec<usize> = f.inputs().into_iter().collect();
    let mut to = vec![0; operands.len()];
    for (new, &old) in used.iter().enumerate() {
        to[old] = new;
    }
    let needed = used.iter().map(|&i| operands[i]).collect();
    b.map(suffix, shape, needed, f.renumber(&to))
}
