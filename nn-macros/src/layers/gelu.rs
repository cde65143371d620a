//! `gelu`: the Gaussian error linear unit.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use super::elementwise::{Activation, Gradient};
use super::{ArgKind, ArgSpec, Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::{Formula, x};
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "gelu",
    call: Call::Method,
    doc: "\
The Gaussian error linear unit.

`y = x · Φ(x)`, `Φ(x) = (1 + erf(x / √2)) / 2`; with `approximate = tanh`,
`y = x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2`

# Shapes
Any; the output has the same.

# Gradient
`dx = dy · (Φ(x) + x · φ(x))`, `φ(x) = e^(-x²/2) / √(2π)`; for the approximation, with `t` the tanh and `u` what is
inside it, `dx = dy · ((1 + t) + x · (1 - t²) · u') / 2`. The input is kept.

# Source
Hendrycks and Gimpel, Gaussian error linear units, 2016.",
    args: &[
        ArgSpec::named(
            "approximate",
            ArgKind::Choice(&["none", "tanh"]),
            "none",
            "`tanh`: the approximation that GPT-2 was trained with",
        ),
        NAME,
    ],
    build,
};

const CUBIC: f64 = 0.044_715;

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let (forward, backward) = match args.choice("approximate") {
        Some("tanh") => approximate(),
        _ => exact(),
    };
    Ok(Box::new(Activation {
        shape: inputs[0].clone(),
        forward,
        backward: Gradient::OfInput(backward),
    }))
}

fn exact() -> (Formula, Formula) {
    let cdf = |x: Formula| 0.5 * (1.0 + (x * FRAC_1_SQRT_2).erf());
    // 1 / √(2π)
    let factor = 0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
    let pdf = factor * (-0.5 * x(1).square()).exp();
    (x(0) * cdf(x(0)), x(0) * (x(1) * pdf + cdf(x(1))))
}

fn approximate() -> (Formula, Formula) {
    // √(2/π)
    let k = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
    let tanh = |x: Formula| (x.clone() * (x.square() * (k * CUBIC) + k)).tanh();
    let t = tanh(x(1));
    let slope = x(1).square() * (3.0 * k * CUBIC) + k;
    (
        0.5 * x(0) * (1.0 + tanh(x(0))),
        0.5 * x(0) * (x(1) * ((1.0 - t.clone().square()) * slope) + (1.0 + t)),
    )
}

#[cfg(test)]
mod tests {
    use crate::layers::Arg;
    use crate::testing::{apply, assert_all_close, check_activation};

    fn approximate() -> Vec<(&'static str, Arg)> {
        vec![("approximate", Arg::Choice("tanh".to_string()))]
    }

    #[test]
    fn weighs_by_the_normal_distribution() {
        let exact = [-0.158_655_253_931_457_05, 0.0, 0.841_344_746_068_542_9, 20.0];
        assert_all_close(&apply("gelu", vec![], &[-1.0, 0.0, 1.0, 20.0]), &exact);
        let found = apply("gelu", approximate(), &[-1.0, 0.0, 1.0, 20.0]);
        for (found, exact) in found.iter().zip(exact) {
            assert!((found - exact).abs() < 2e-4, "{found} is not near {exact}");
        }
        assert_all_close(&found[2..3], &[0.841_191_990_608_275_9]);
    }

    #[test]
    fn gradients_are_central_differences() {
        check_activation("gelu", &vec![]);
        check_activation("gelu", &approximate());
    }
}
