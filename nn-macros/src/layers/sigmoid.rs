//! `sigmoid`: the logistic function.

use super::elementwise::{Activation, Gradient};
use super::{Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "sigmoid",
    call: Call::Method,
    doc: "\
The logistic function.

`y = 1 / (1 + e^-x)`

Before `binary_cross_entropy` it is left out: that loss takes the logit.

# Shapes
Any; the output has the same.

# Gradient
`dx = dy · y · (1 - y)`. Only the output is kept.

# Source
PyTorch `Sigmoid`, Keras `sigmoid`.",
    args: &[NAME],
    build,
};

fn build(_: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(Activation {
        shape: inputs[0].clone(),
        forward: x(0).sigmoid(),
        backward: Gradient::OfOutput(x(0) * (x(1) * (1.0 - x(1)))),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{apply, assert_all_close, check_activation};

    #[test]
    fn is_symmetric_about_a_half() {
        let found = apply("sigmoid", vec![], &[-1000.0, 0.0, 2.0, -2.0, 1000.0]);
        assert_all_close(
            &found,
            &[0.0, 0.5, 0.880_797_077_977_882_3, 0.119_202_922_022_117_66, 1.0],
        );
    }

    #[test]
    fn gradients_are_central_differences() {
        check_activation("sigmoid", &vec![]);
    }
}
