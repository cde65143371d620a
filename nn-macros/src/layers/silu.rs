//! `silu`: the sigmoid-weighted linear unit, also called swish.

use super::elementwise::{Activation, Gradient};
use super::{Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "silu",
    call: Call::Method,
    doc: "\
The sigmoid-weighted linear unit, also called swish.

`y = x · σ(x)`, `σ(x) = 1 / (1 + e^-x)`

# Shapes
Any; the output has the same.

# Gradient
`dx = dy · σ(x) · (1 + x · (1 - σ(x)))`. The input is kept.

# Source
Hendrycks and Gimpel, Gaussian error linear units, 2016; Ramachandran, Zoph and Le, Searching for activation functions, 2017.",
    args: &[NAME],
    build,
};

fn build(_: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(Activation {
        shape: inputs[0].clone(),
        forward: x(0) * x(0).sigmoid(),
        backward: Gradient::OfInput(x(0) * (x(1).sigmoid() * (1.0 + x(1) * (1.0 - x(1).sigmoid())))),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{apply, assert_all_close, check_activation};

    #[test]
    fn is_the_input_far_right_and_zero_far_left() {
        assert_all_close(
            &apply("silu", vec![], &[-1000.0, 0.0, 1000.0]),
            &[0.0, 0.0, 1000.0],
        );
        assert_all_close(&apply("silu", vec![], &[1.0]), &[0.731_058_578_630_004_9]);
    }

    #[test]
    fn gradients_are_central_differences() {
        check_activation("silu", &vec![]);
    }
}
