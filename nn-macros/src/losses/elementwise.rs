//! What the elementwise losses share: one formula of output and target, and its slope.

use super::{Loss, Target};
use crate::formula::{Formula, x};
use crate::ir::builder::{Builder, full, target};
use crate::ir::{Operand, Reduce, Shape, ValueId};

/// The mean of `f(y, t)` over the elements of all samples.
pub struct ElementwiseLoss {
    pub shape: Shape,
    /// Of `x(0) = y`, `x(1) = t`.
    pub loss: Formula,
    /// Its derivative with respect to `y`.
    pub slope: Formula,
}

impl Loss for ElementwiseLoss {
    fn target(&self) -> Target {
        Target::Values
    }

    fn lower(
        &self,
        b: &mut Builder<'_>,
        y: ValueId,
        output: usize,
        weight: f64,
        gradient: bool,
    ) -> Option<ValueId> {
        let scale = weight / self.shape.elems() as f64;
        let loss = (scale * self.loss.clone()).simplify();
        let rows = b.row_reduce(
            "rows",
            &self.shape,
            Reduce::Sum,
            vec![full(y), target(output)],
            loss,
        );
        b.accumulate_loss(rows);
        gradient.then(|| {
            let slope = (scale * self.slope.clone() * x(2)).simplify();
            let operands = vec![full(y), target(output), Operand::InverseBatch];
            b.map("gradient", &self.shape, operands, slope)
        })
    }
}
