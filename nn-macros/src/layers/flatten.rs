//! `flatten`: all elements of a sample in one row.

use super::{Args, Backward, Call, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::{ParamId, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "flatten",
    call: Call::Method,
    doc: "\
All elements of a sample in one row, the last axis running fastest; costs nothing.

# Shapes
`[d0, …, dk]` gives `[d0 · … · dk]`.

# Gradient
`dx` is `dy` in the input's shape.

# Source
Keras `Flatten`, PyTorch `Flatten`.",
    args: &[NAME],
    build,
};

struct Flatten {
    input: Shape,
}

fn build(_: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(Flatten {
        input: inputs[0].clone(),
    }))
}

impl Layer for Flatten {
    fn outputs(&self) -> Vec<Shape> {
        vec![Shape(vec![self.input.elems()])]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        b.reshape(inputs[0], &Shape(vec![self.input.elems()])).into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        vec![io.needs[0].then(|| b.reshape(io.dy[0], &self.input))]
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_activation, layer, shape};

    #[test]
    fn joins_every_axis() {
        assert_eq!(
            layer("flatten", vec![], &[shape(&[2, 3, 4])]).outputs(),
            [shape(&[24])]
        );
        assert_eq!(layer("flatten", vec![], &[shape(&[5])]).outputs(), [shape(&[5])]);
    }

    #[test]
    fn gradients_are_central_differences() {
        check_activation("flatten", &vec![]);
    }
}
