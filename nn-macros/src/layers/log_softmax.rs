//! `log_softmax`: scores to the logarithms of probabilities.

use super::{Args, Backward, Call, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::builder::{Builder, full, row};
use crate::ir::{ParamId, Reduce, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "log_softmax",
    call: Call::Method,
    doc: "\
Scores to the logarithms of probabilities along the last axis.

`y[i] = x[i] - ln Σ e^x[j]`, computed on `x - max x`, so that nothing overflows

# Shapes
`[…, classes]`; the output has the same.

# Gradient
`dx = dy - e^y · Σ dy`, the sum over the row. Only the output is kept.

# Source
PyTorch `LogSoftmax`.",
    args: &[NAME],
    build,
};

struct LogSoftmax {
    shape: Shape,
}

fn build(_: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(LogSoftmax {
        shape: inputs[0].clone(),
    }))
}

impl Layer for LogSoftmax {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        b.softmax(inputs[0], true).into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let (y, dy) = (io.y[0], io.dy[0]);
        vec![io.needs[0].then(|| {
            let sum = b.row_reduce("sum", &self.shape, Reduce::Sum, vec![full(dy)], x(0));
            b.map(
                "x",
                &self.shape,
                vec![full(dy), full(y), row(sum)],
                x(0) - x(1).exp() * x(2),
            )
        })]
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{apply, assert_all_close, check_activation};

    #[test]
    fn exponentials_add_up_to_one() {
        let found = apply("log_softmax", vec![], &[0.3, -2.0, 5.0, 1.0]);
        assert_all_close(&[found.iter().map(|y| y.exp()).sum()], &[1.0]);
        assert_all_close(&apply("log_softmax", vec![], &[-1000.0, 1000.0]), &[-2000.0, 0.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        check_activation("log_softmax", &vec![]);
    }
}
