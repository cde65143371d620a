//! `hard_swish`: swish in three pieces, without an exponential.

use super::elementwise::{Activation, Gradient};
use super::{Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::{c, x};
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "hard_swish",
    call: Call::Method,
    doc: "\
Swish in three pieces, without an exponential.

`y = x · min(1, max(0, x / 6 + 1/2))`

# Shapes
Any; the output has the same.

# Gradient
`dx = dy · (x / 3 + 1/2)` where `-3 < x < 3`, 0 below, `dy` above. The input is kept.

# Source
Howard et al., Searching for MobileNetV3, 2019, section 5.2.",
    args: &[NAME],
    build,
};

fn build(_: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(Activation {
        shape: inputs[0].clone(),
        forward: x(0) * c(1.0).min(c(0.0).max(x(0) * (1.0 / 6.0) + 0.5)),
        backward: Gradient::OfInput(x(1).if_ge(
            3.0,
            x(0),
            x(1).if_gt(-3.0, x(0) * (x(1) * (1.0 / 3.0) + 0.5), 0.0),
        )),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{apply, assert_all_close, check_layer_in, layer, shape};

    #[test]
    fn saturates_at_three() {
        let found = apply("hard_swish", vec![], &[-4.0, -3.0, -1.5, 0.0, 1.5, 3.0, 4.0]);
        assert_all_close(&found, &[0.0, 0.0, -0.375, 0.0, 1.125, 3.0, 4.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        let inputs = [shape(&[4, 6])];
        check_layer_in(&*layer("hard_swish", vec![], &inputs), &inputs, -5.0, 5.0);
    }
}
