//! `hard_sigmoid`: the sigmoid in three straight pieces.

use super::elementwise::{Activation, Gradient};
use super::{Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::{c, x};
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "hard_sigmoid",
    call: Call::Method,
    doc: "\
The sigmoid in three straight pieces.

`y = min(1, max(0, x / 6 + 1/2))`

This is PyTorch's and Keras 3's; older versions of Keras had a slope of 1/5.

# Shapes
Any; the output has the same.

# Gradient
`dx = dy / 6` where `0 < y < 1`, else 0. Only the output is kept.

# Source
Howard et al., Searching for MobileNetV3, 2019, section 5.2.",
    args: &[NAME],
    build,
};

fn build(_: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(Activation {
        shape: inputs[0].clone(),
        forward: c(1.0).min(c(0.0).max(x(0) * (1.0 / 6.0) + 0.5)),
        backward: Gradient::OfOutput(x(1).if_gt(0.0, c(1.0).if_gt(x(1), x(0) * (1.0 / 6.0), 0.0), 0.0)),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{apply, assert_all_close, check_layer_in, layer, shape};

    #[test]
    fn saturates_at_three() {
        let found = apply("hard_sigmoid", vec![], &[-4.0, -3.0, 0.0, 1.5, 3.0, 4.0]);
        assert_all_close(&found, &[0.0, 0.0, 0.5, 0.75, 1.0, 1.0]);
        assert!(apply("hard_sigmoid", vec![], &[f64::NAN])[0].is_nan());
    }

    #[test]
    fn gradients_are_central_differences() {
        let inputs = [shape(&[4, 6])];
        check_layer_in(&*layer("hard_sigmoid", vec![], &inputs), &inputs, -5.0, 5.0);
    }
}
