//! `softplus`: a smooth rectified linear unit.

use super::elementwise::{Activation, Gradient};
use super::{ArgKind, ArgSpec, Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "softplus",
    call: Call::Method,
    doc: "\
A smooth rectified linear unit.

`y = ln(1 + e^(beta · x)) / beta`, computed so that nothing overflows

# Shapes
Any; the output has the same.

# Gradient
`dx = dy · σ(beta · x) = dy · (1 - e^(-beta · y))`. Only the output is kept.

# Source
Dugas et al., Incorporating second-order functional knowledge for better option pricing, 2000.",
    args: &[
        ArgSpec::named("beta", ArgKind::Number, "1.0", "how sharp the bend is"),
        NAME,
    ],
    build,
};

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let beta = args.positive("beta", 1.0, "1.0")?;
    Ok(Box::new(Activation {
        shape: inputs[0].clone(),
        forward: ((beta * x(0)).softplus() * (1.0 / beta)).simplify(),
        backward: Gradient::OfOutput((-x(0) * (-beta * x(1)).exp_m1()).simplify()),
    }))
}

#[cfg(test)]
mod tests {
    use crate::layers::Arg;
    use crate::testing::{apply, assert_all_close, check_activation, shape, try_layer};

    #[test]
    fn is_smooth_at_zero_and_straight_far_right() {
        let ln2 = std::f64::consts::LN_2;
        assert_all_close(
            &apply("softplus", vec![], &[-1000.0, 0.0, 1000.0]),
            &[0.0, ln2, 1000.0],
        );
        let given = vec![("beta", Arg::Number(2.0))];
        assert_all_close(&apply("softplus", given, &[0.0, 500.0]), &[0.5 * ln2, 500.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for beta in [1.0, 0.5, 3.0] {
            check_activation("softplus", &vec![("beta", Arg::Number(beta))]);
        }
    }

    #[test]
    fn refuses_a_beta_of_zero() {
        let given = vec![("beta", Arg::Number(0.0))];
        let found = try_layer("softplus", given, &[shape(&[3])])
            .err()
            .expect("a fault");
        assert_eq!(found, ["`beta` of `softplus` must be above 0, found 0"]);
    }
}
