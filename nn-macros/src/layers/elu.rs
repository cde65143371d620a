//! `elu`: an exponential linear unit.

use super::elementwise::{Activation, Gradient};
use super::{ArgKind, ArgSpec, Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "elu",
    call: Call::Method,
    doc: "\
An exponential linear unit.

`y = x` where `x > 0`, else `alpha · (e^x - 1)`

# Shapes
Any; the output has the same.

# Gradient
`dx = dy` where `y > 0`, else `dy · (y + alpha)`. Only the output is kept, which is why `alpha` must be above 0.

# Source
Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by exponential linear units, 2016.",
    args: &[
        ArgSpec::at(0, "alpha", ArgKind::Number, "1.0", "`-alpha` is the limit on the negative side"),
        NAME],
    build,
};

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let alpha = args.positive("alpha", 1.0, "1.0")?;
    Ok(Box::new(Activation {
        shape: inputs[0].clone(),
        forward: x(0).if_gt(0.0, x(0), alpha * x(0).exp_m1()).simplify(),
        backward: Gradient::OfOutput(x(1).if_gt(0.0, x(0), x(0) * (x(1) + alpha))),
    }))
}

#[cfg(test)]
mod tests {
    use crate::layers::Arg;
    use crate::testing::{apply, assert_all_close, check_activation, shape, try_layer};

    #[test]
    fn bends_below_zero() {
        let e = (-1.0f64).exp() - 1.0;
        assert_all_close(&apply("elu", vec![], &[-1.0, 0.0, 2.0]), &[e, 0.0, 2.0]);
        let given = vec![("alpha", Arg::Number(0.5))];
        assert_all_close(&apply("elu", given, &[-1.0, 2.0]), &[0.5 * e, 2.0]);
        assert_eq!(apply("elu", vec![], &[-1e6, 1e6]), [-1.0, 1e6]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for alpha in [1.0, 0.3, 2.0] {
            check_activation("elu", &vec![("alpha", Arg::Number(alpha))]);
        }
    }

    #[test]
    fn refuses_an_alpha_of_zero() {
        let given = vec![("alpha", Arg::Number(0.0))];
        let found = try_layer("elu", given, &[shape(&[3])]).err().expect("a fault");
        assert_eq!(found, ["`alpha` of `elu` must be above 0, found 0"]);
    }
}
