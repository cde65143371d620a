//! `softmax`: scores to probabilities.

use super::{Args, Backward, Call, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::builder::{Builder, full, row};
use crate::ir::{ParamId, Reduce, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "softmax",
    call: Call::Method,
    doc: "\
Scores to probabilities along the last axis.

`y[i] = e^x[i] / Σ e^x[j]`, computed on `x - max x`, so that nothing overflows

Before `softmax_cross_entropy` it is left out: that loss takes the scores.

# Shapes
`[…, classes]`; the output has the same, each row adding up to 1.

# Gradient
`dx = y · (dy - Σ dy · y)`, the sum over the row. Only the output is kept.

# Source
Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990.",
    args: &[NAME],
    build,
};

struct Softmax {
    shape: Shape,
}

fn build(_: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(Softmax {
        shape: inputs[0].clone(),
    }))
}

impl Layer for Softmax {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        b.softmax(inputs[0], false).into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let (y, dy) = (io.y[0], io.dy[0]);
        vec![io.needs[0].then(|| {
            let dot = b.row_reduce(
                "dot",
                &self.shape,
                Reduce::Sum,
                vec![full(dy), full(y)],
                x(0) * x(1),
            );
            b.map(
                "x",
                &self.shape,
                vec![full(dy), full(y), row(dot)],
                x(1) * (x(0) - x(2)),
            )
        })]
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{apply, assert_all_close, check_activation};

    #[test]
    fn rows_add_up_to_one() {
        let e = std::f64::consts::E;
        assert_all_close(
            &apply("softmax", vec![], &[1000.0, 1001.0]),
            &[1.0 / (1.0 + e), e / (1.0 + e)],
        );
        let found = apply("softmax", vec![], &[0.3, -2.0, 5.0, 1.0]);
        assert_all_close(&[found.iter().sum()], &[1.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        check_activation("softmax", &vec![]);
    }
}
