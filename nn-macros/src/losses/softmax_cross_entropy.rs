//! `softmax_cross_entropy`: for one of several classes, on scores.

use super::{Loss, LossSpec, Target};
use crate::diagnostics::Reported;
use crate::formula::{Formula, x};
use crate::ir::builder::{Builder, full, row, target};
use crate::ir::{Operand, Reduce, Shape, ValueId};
use crate::layers::{ArgKind, ArgSpec, Args};

pub static SPEC: LossSpec = LossSpec {
    name: "softmax_cross_entropy",
    doc: "\
The cross-entropy of one class among several, on scores: the network's last layer is not a `softmax`.

`L = -Σ q · ln softmax(y) / n` along the last axis, `n` counting the rows of all samples; `q` is 1 at the target class
and 0 elsewhere, or the target distribution, and with `label_smoothing = s` becomes `(1 - s) · q + s / classes`. With
`class_weights` a row counts as much as its class' weight; the sum is still divided by `n`, as in Keras (PyTorch
divides by the sum of the weights).

# Target
A class index for each row (`u32`); with `target = distribution`, probabilities of the output's shape.

# Gradient
`dy = w · (softmax(y) - q) / n`, in one pass with the loss.

# Source
PyTorch `CrossEntropyLoss`, Keras `SparseCategoricalCrossentropy(from_logits=True)`; Szegedy et al., Rethinking the
Inception architecture, 2016, section 7, for the smoothing.",
    args: &[
        ArgSpec::named(
            "target",
            ArgKind::Choice(&["class", "distribution"]),
            "class",
            "what a target is: a class index, or a probability for each class",
        ),
        ArgSpec::named(
            "label_smoothing",
            ArgKind::Number,
            "0.0",
            "the part of the target that is spread over all classes",
        ),
        ArgSpec::named(
            "class_weights",
            ArgKind::Numbers,
            "",
            "how much each class counts; all the same where left out",
        ),
    ],
    build,
};

struct SoftmaxCrossEntropy {
    shape: Shape,
    smoothing: f64,
    /// Empty: all the same.
    class_weights: Vec<f64>,
    distribution: bool,
}

fn build(args: &mut Args<'_>, output: &Shape) -> Result<Box<dyn Loss>, Reported> {
    let classes = output.width();
    if classes < 2 {
        return Err(args.fault_here(
            format!("`softmax_cross_entropy` needs at least 2 classes along the last axis, found {output}"),
            "`binary_cross_entropy` takes one logit for yes or no",
        ));
    }
    let smoothing = args.number("label_smoothing").unwrap_or(0.0);
    if !(0.0..1.0).contains(&smoothing) {
        return Err(args.fault(
            "label_smoothing",
            format!("`label_smoothing` must be at least 0 and below 1, found {smoothing}"),
            "a usual value is `label_smoothing = 0.1`",
        ));
    }
    let distribution = args.choice("target") == Some("distribution");
    let class_weights = args.numbers("class_weights").unwrap_or_default();
    if args.has("class_weights") {
        check_weights(args, &class_weights, classes, distribution)?;
    }
    Ok(Box::new(SoftmaxCrossEntropy {
        shape: output.clone(),
        smoothing,
        class_weights,
        distribution,
    }))
}

fn check_weights(
    args: &Args<'_>,
    weights: &[f64],
    classes: usize,
    distribution: bool,
) -> Result<(), Reported> {
    if distribution {
        return Err(args.fault(
            "class_weights",
            "`class_weights` needs targets that are class indices, found `target = distribution`",
            "multiply the targets by the weights instead",
        ));
    }
    if weights.len() != classes {
        return Err(args.fault(
            "class_weights",
            format!(
                "`class_weights` needs a number for each of {classes} classes, found {}",
                weights.len()
            ),
            "the output's last axis holds the classes",
        ));
    }
    if let Some(w) = weights.iter().find(|w| !(**w >= 0.0 && w.is_finite())) {
        return Err(args.fault(
            "class_weights",
            format!("a weight in `class_weights` must be at least 0, found {w}"),
            "a class of weight 0 is ignored",
        ));
    }
    Ok(())
}

impl SoftmaxCrossEntropy {
    /// The target distribution, of `x(at)`.
    fn smoothed(&self, at: usize) -> Formula {
        let uniform = self.smoothing / self.shape.width() as f64;
        ((1.0 - self.smoothing) * x(at) + uniform).simplify()
    }
}

impl Loss for SoftmaxCrossEntropy {
    fn target(&self) -> Target {
        if self.distribution {
            return Target::Values;
        }
        Target::Classes {
            rows: self.shape.rows(),
            classes: self.shape.width(),
        }
    }

    fn lower(
        &self,
        b: &mut Builder<'_>,
        y: ValueId,
        output: usize,
        weight: f64,
        gradient: bool,
    ) -> Option<ValueId> {
        let scale = weight / self.shape.rows() as f64;
        if !self.distribution {
            let weights = self.class_weights.clone();
            let (rows, dy) = b.softmax_cross_entropy(y, output, self.smoothing, weights, scale, gradient);
            b.accumulate_loss(rows);
            return dy;
        }
        let log_p = b.softmax(y, true);
        let t = target(output);
        let loss = -scale * (self.smoothed(1) * x(0));
        let rows = b.row_reduce("rows", &self.shape, Reduce::Sum, vec![full(log_p), t], loss);
        b.accumulate_loss(rows);
        gradient.then(|| {
            // Targets that do not add up to 1 have this gradient too.
            let sum = b.row_reduce("sum", &self.shape, Reduce::Sum, vec![t], self.smoothed(0));
            let operands = vec![full(log_p), t, row(sum), Operand::InverseBatch];
            let slope = scale * (x(0).exp() * x(2) - self.smoothed(1)) * x(3);
            b.map("gradient", &self.shape, operands, slope)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::interpret::TargetData;
    use crate::layers::Arg;
    use crate::testing::{Given, assert_all_close, assert_close, check_loss, loss, loss_of, shape, try_loss};

    fn smoothing(s: f64) -> (&'static str, Arg) {
        ("label_smoothing", Arg::Number(s))
    }

    fn distribution() -> (&'static str, Arg) {
        ("target", Arg::Choice("distribution".to_string()))
    }

    #[test]
    fn a_class_is_a_distribution() {
        let s = shape(&[2, 3]);
        let y = [1.0, 2.0, 3.0, 0.0, -1.0, 500.0];
        for smooth in [0.0, 0.1] {
            let (value, gradient) = loss_of(
                &*loss("softmax_cross_entropy", vec![smoothing(smooth)], &s),
                &s,
                &y,
                &TargetData::Classes(vec![0, 2]),
            );
            let (same, same_gradient) = loss_of(
                &*loss(
                    "softmax_cross_entropy",
                    vec![smoothing(smooth), distribution()],
                    &s,
                ),
                &s,
                &y,
                &TargetData::Values(vec![1.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
            );
            assert_close(value, same, || "the loss".to_string());
            assert_all_close(&gradient, &same_gradient);
        }
        let plain = loss("softmax_cross_entropy", vec![], &s);
        let (value, _) = loss_of(&*plain, &s, &y, &TargetData::Classes(vec![0, 2]));
        assert_close(value, 2.407_605_964_444_38 / 2.0, || "the loss".to_string());
    }

    #[test]
    fn weights_are_divided_by_the_number_of_rows() {
        let s = shape(&[2]);
        let weighted = vec![("class_weights", Arg::Numbers(vec![3.0, 0.0]))];
        let target = TargetData::Classes(vec![0, 1]);
        let weighted = loss("softmax_cross_entropy", weighted, &s);
        let (value, gradient) = loss_of(&*weighted, &s, &[0.0; 4], &target);
        assert_close(value, 3.0 * std::f64::consts::LN_2 / 2.0, || {
            "the loss".to_string()
        });
        assert_all_close(&gradient, &[-0.75, 0.75, 0.0, 0.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for dims in [&[2][..], &[5], &[2, 3]] {
            let s = shape(dims);
            let weights: Vec<f64> = (0..s.width()).map(|i| 0.5 + i as f64).collect();
            let options: [Given; 5] = [
                vec![],
                vec![smoothing(0.2)],
                vec![smoothing(0.2), ("class_weights", Arg::Numbers(weights))],
                vec![distribution()],
                vec![distribution(), smoothing(0.2)],
            ];
            for given in options {
                let loss = loss("softmax_cross_entropy", given, &s);
                check_loss(&*loss, &s, |r| r.uniform(0.0, 1.0));
            }
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let fault = |given, dims: &[usize]| {
            try_loss("softmax_cross_entropy", given, &shape(dims))
                .err()
                .expect("a fault")
        };
        let weights = |w: &[f64]| ("class_weights", Arg::Numbers(w.to_vec()));
        assert_eq!(
            fault(vec![], &[1]),
            ["`softmax_cross_entropy` needs at least 2 classes along the last axis, found 1"]
        );
        assert_eq!(
            fault(vec![smoothing(1.0)], &[3]),
            ["`label_smoothing` must be at least 0 and below 1, found 1"]
        );
        assert_eq!(
            fault(vec![weights(&[1.0, 2.0])], &[3]),
            ["`class_weights` needs a number for each of 3 classes, found 2"]
        );
        assert_eq!(
            fault(vec![weights(&[1.0, -2.0])], &[2]),
            ["a weight in `class_weights` must be at least 0, found -2"]
        );
        assert_eq!(
            fault(vec![weights(&[1.0, 2.0]), distribution()], &[2]),
            ["`class_weights` needs targets that are class indices, found `target = distribution`"]
        );
    }
}
