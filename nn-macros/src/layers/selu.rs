//! `selu`: a self-normalising exponential linear unit.

use super::elementwise::{Activation, Gradient};
use super::{Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "selu",
    call: Call::Method,
    doc: "\
A self-normalising exponential linear unit.

`y = s · x` where `x > 0`, else `s · a · (e^x - 1)`, with `a` = 1.6732632423543772, `s` = 1.0507009873554805; to be used
with `init = lecun_normal`

# Shapes
Any; the output has the same.

# Gradient
`dx = s · dy` where `y > 0`, else `dy · (y + s · a)`. Only the output is kept.

# Source
Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks, 2017, equation 2.",
    args: &[NAME],
    build,
};

const ALPHA: f64 = 1.673_263_242_354_377_2;
const SCALE: f64 = 1.050_700_987_355_480_5;

fn build(_: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(Activation {
        shape: inputs[0].clone(),
        forward: x(0).if_gt(0.0, SCALE * x(0), SCALE * ALPHA * x(0).exp_m1()),
        backward: Gradient::OfOutput(x(1).if_gt(0.0, SCALE * x(0), x(0) * (x(1) + SCALE * ALPHA))),
    }))
}

#[cfg(test)]
mod tests {
    use super::{ALPHA, SCALE};
    use crate::testing::{apply, assert_all_close, check_activation};

    #[test]
    fn has_its_limits() {
        let found = apply("selu", vec![], &[-1e6, 0.0, 1.0]);
        assert_all_close(&found, &[-SCALE * ALPHA, 0.0, SCALE]);
    }

    #[test]
    fn gradients_are_central_differences() {
        check_activation("selu", &vec![]);
    }
}
