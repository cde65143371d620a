//! `tanh`: the hyperbolic tangent.

use super::elementwise::{Activation, Gradient};
use super::{Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "tanh",
    call: Call::Method,
    doc: "\
The hyperbolic tangent.

`y = tanh(x)`

# Shapes
Any; the output has the same.

# Gradient
`dx = dy · (1 - y²)`. Only the output is kept.

# Source
LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998, section 4.4.",
    args: &[NAME],
    build,
};

fn build(_: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(Activation {
        shape: inputs[0].clone(),
        forward: x(0).tanh(),
        backward: Gradient::OfOutput(x(0) * (1.0 - x(1).square())),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{apply, assert_all_close, check_activation};

    #[test]
    fn is_odd_and_bounded() {
        let found = apply("tanh", vec![], &[-1000.0, -1.0, 0.0, 1.0, 1000.0]);
        assert_all_close(
            &found,
            &[-1.0, -0.761_594_155_955_764_9, 0.0, 0.761_594_155_955_764_9, 1.0],
        );
    }

    #[test]
    fn gradients_are_central_differences() {
        check_activation("tanh", &vec![]);
    }
}
