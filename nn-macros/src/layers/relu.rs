//! `relu`: a rectified linear unit.

use super::elementwise::{Activation, Gradient};
use super::{Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::{c, x};
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "relu",
    call: Call::Method,
    doc: "\
A rectified linear unit.

`y = max(0, x)`

# Shapes
Any; the output has the same.

# Gradient
`dx = dy` where `y > 0`, else 0 (0 at 0, as PyTorch). Only the output is kept.

# Source
Nair and Hinton, Rectified linear units improve restricted Boltzmann machines, 2010.",
    args: &[NAME],
    build,
};

fn build(_: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(Activation {
        shape: inputs[0].clone(),
        forward: c(0.0).max(x(0)),
        backward: Gradient::OfOutput(x(1).if_gt(0.0, x(0), 0.0)),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{apply, check_activation};

    #[test]
    fn keeps_what_is_positive() {
        assert_eq!(apply("relu", vec![], &[-1.5, 0.0, 2.5]), [0.0, 0.0, 2.5]);
        assert!(
            apply("relu", vec![], &[f64::NAN])[0].is_nan(),
            "a fault must stay visible"
        );
    }

    #[test]
    fn gradients_are_central_differences() {
        check_activation("relu", &vec![]);
    }
}
