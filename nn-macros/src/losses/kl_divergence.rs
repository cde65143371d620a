//! `kl_divergence`: how far a predicted distribution is from a given one.

use super::{Loss, LossSpec, Target};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::builder::{Builder, full, row, target};
use crate::ir::{Operand, Reduce, Shape, ValueId};
use crate::layers::{ArgKind, ArgSpec, Args};

pub static SPEC: LossSpec = LossSpec {
    name: "kl_divergence",
    doc: "\
How far a predicted distribution is from a given one: the Kullback-Leibler divergence.

`L = Σ t · (ln t - y) / n`, `y` being the logarithms of the predicted probabilities (a network that ends with
`log_softmax()`), a target of 0 adding 0, `n` counting the rows of all samples; with `logits = true` `y` is scores, and
the `log_softmax` is fused into the loss

# Target
Probabilities along the last axis, of the output's shape.

# Gradient
`dy = -t / n`; with `logits = true`, `dy = (softmax(y) · Σ t - t) / n`.

# Source
Kullback and Leibler, On information and sufficiency, 1951; PyTorch `KLDivLoss(reduction=\"batchmean\")`, which it equals
for outputs of one axis.",
    args: &[ArgSpec::named(
        "logits",
        ArgKind::Flag,
        "false",
        "the output is scores, not logarithms of probabilities",
    )],
    build,
};

struct KlDivergence {
    shape: Shape,
    logits: bool,
}

fn build(args: &mut Args<'_>, output: &Shape) -> Result<Box<dyn Loss>, Reported> {
    if output.width() < 2 {
        return Err(args.fault_here(
            format!("`kl_divergence` needs at least 2 classes along the last axis, found {output}"),
            "`binary_cross_entropy` takes one logit for yes or no",
        ));
    }
    Ok(Box::new(KlDivergence {
        shape: output.clone(),
        logits: args.flag("logits").unwrap_or(false),
    }))
}

impl Loss for KlDivergence {
    fn target(&self) -> Target {
        Target::Values
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
        let t = target(output);
        let log_p = if self.logits { b.softmax(y, true) } else { y };
        let divergence = x(1).if_gt(0.0, scale * x(1) * (x(1).ln() - x(0)), 0.0);
        let rows = b.row_reduce("rows", &self.shape, Reduce::Sum, vec![full(log_p), t], divergence);
        b.accumulate_loss(rows);
        gradient.then(|| {
            if !self.logits {
                let operands = vec![t, Operand::InverseBatch];
                return b.map("gradient", &self.shape, operands, -scale * x(0) * x(1));
            }
            let sum = b.row_reduce("sum", &self.shape, Reduce::Sum, vec![t], x(0));
            let operands = vec![full(log_p), t, row(sum), Operand::InverseBatch];
            let slope = scale * (x(0).exp() * x(2) - x(1)) * x(3);
            b.map("gradient", &self.shape, operands, slope)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::interpret::TargetData;
    use crate::layers::Arg;
    use crate::testing::{assert_close, check_loss, loss, loss_of, shape, try_loss};

    #[test]
    fn is_zero_for_equal_distributions() {
        let s = shape(&[3]);
        let p = [0.2f64, 0.5, 0.3];
        let target = TargetData::Values(p.to_vec());
        let kl = loss("kl_divergence", vec![], &s);
        assert_close(loss_of(&*kl, &s, &p.map(f64::ln), &target).0, 0.0, || {
            "the loss".to_string()
        });
        let logits = loss("kl_divergence", vec![("logits", Arg::Flag(true))], &s);
        let scores = p.map(|p| p.ln() + 7.0);
        let (value, gradient) = loss_of(&*logits, &s, &scores, &target);
        assert_close(value, 0.0, || "the loss".to_string());
        assert!(gradient.iter().all(|g| g.abs() < 1e-12), "{gradient:?}");
        // Against a certain answer it is that answer's -ln p.
        let certain = TargetData::Values(vec![0.0, 1.0, 0.0]);
        assert_close(loss_of(&*kl, &s, &p.map(f64::ln), &certain).0, -p[1].ln(), || {
            "the loss".to_string()
        });
    }

    #[test]
    fn gradients_are_central_differences() {
        for logits in [false, true] {
            for dims in [&[2][..], &[5], &[2, 3]] {
                let s = shape(dims);
                let kl = loss("kl_divergence", vec![("logits", Arg::Flag(logits))], &s);
                check_loss(&*kl, &s, |r| r.uniform(-0.2, 1.0).max(0.0));
            }
        }
    }

    #[test]
    fn refuses_a_single_class() {
        let found = try_loss("kl_divergence", vec![], &shape(&[4, 1]))
            .err()
            .expect("a fault");
        assert_eq!(
            found,
            ["`kl_divergence` needs at least 2 classes along the last axis, found 4 x 1"]
        );
    }
}
