//! `leaky_relu`: a rectified linear unit that lets a little of the negative side through.

use super::elementwise::{Activation, Gradient};
use super::{ArgKind, ArgSpec, Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "leaky_relu",
    call: Call::Method,
    doc: "\
A rectified linear unit that lets a little of the negative side through.

`y = x` where `x > 0`, else `slope · x`

# Shapes
Any; the output has the same.

# Gradient
`dx = dy` where `y > 0`, else `slope · dy`. Only the output is kept, which is why a slope below 0 is refused.

# Source
Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, 2013; PyTorch's slope of 0.01
(Keras: 0.3).",
    args: &[
        ArgSpec::at(0, "slope", ArgKind::Number, "0.01", "slope of the negative side"),
        NAME],
    build,
};

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let slope = args.at_least_zero("slope", 0.01, "0.01")?;
    Ok(Box::new(Activation {
        shape: inputs[0].clone(),
        forward: x(0).if_gt(0.0, x(0), slope * x(0)),
        backward: Gradient::OfOutput(x(1).if_gt(0.0, x(0), slope * x(0))),
    }))
}

#[cfg(test)]
mod tests {
    use crate::layers::Arg;
    use crate::testing::{apply, assert_all_close, check_activation, shape, try_layer};

    #[test]
    fn scales_what_is_negative() {
        assert_all_close(
            &apply("leaky_relu", vec![], &[-2.0, 0.0, 2.5]),
            &[-0.02, 0.0, 2.5],
        );
        let given = vec![("slope", Arg::Number(0.25))];
        assert_all_close(&apply("leaky_relu", given, &[-2.0, 3.0]), &[-0.5, 3.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for slope in [0.0, 0.01, 0.3, 1.5] {
            check_activation("leaky_relu", &vec![("slope", Arg::Number(slope))]);
        }
    }

    #[test]
    fn refuses_a_negative_slope() {
        let given = vec![("slope", Arg::Number(-0.1))];
        let found = try_layer("leaky_relu", given, &[shape(&[3])])
            .err()
            .expect("a fault");
        assert_eq!(found, ["`slope` of `leaky_relu` must be at least 0, found -0.1"]);
    }
}
