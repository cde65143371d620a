//! `cosine`: the angle between output and target.

use super::{Loss, LossSpec, Target};
use crate::diagnostics::Reported;
use crate::formula::{Formula, c, x};
use crate::ir::builder::{Builder, full, row, target};
use crate::ir::{Operand, Reduce, Shape, ValueId};
use crate::layers::Args;

pub static SPEC: LossSpec = LossSpec {
    name: "cosine",
    doc: "\
One minus the cosine of the angle between output and target, for embeddings.

`L = Σ (1 - y · t / (‖y‖ · ‖t‖)) / n`, products and norms over the last axis, norms at least 1e-8, `n` counting the rows
of all samples

# Target
Numbers, of the output's shape; their length does not matter.

# Gradient
`dy = (y · cos / ‖y‖² - t / (‖y‖ · ‖t‖)) / n`.

# Source
PyTorch `1 - cosine_similarity`, Keras `CosineSimilarity` plus 1.",
    args: &[],
    build,
};

/// The least norm that is divided by.
const EPS: f64 = 1e-8;

struct Cosine {
    shape: Shape,
}

fn build(args: &mut Args<'_>, output: &Shape) -> Result<Box<dyn Loss>, Reported> {
    if output.width() < 2 {
        return Err(args.fault_here(
            format!("`cosine` needs a last axis of at least 2, found {output}"),
            "a single number has no direction but its sign; `mean_squared_error` compares numbers",
        ));
    }
    Ok(Box::new(Cosine {
        shape: output.clone(),
    }))
}

/// The norm, from the sum of squares.
fn norm(squares: Formula) -> Formula {
    squares.max(EPS * EPS).sqrt()
}

impl Loss for Cosine {
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
        let (y, t) = (full(y), target(output));
        let mut sum = |name, x: Vec<Operand>, f| b.row_reduce(name, &self.shape, Reduce::Sum, x, f);
        let dot = sum("dot", vec![y, t], x(0) * x(1));
        let yy = sum("yy", vec![y], x(0).square());
        let tt = sum("tt", vec![t], x(0).square());
        let shape = b.shape(dot);
        // 1 / (‖y‖ · ‖t‖)
        let norms = 1.0 / (norm(x(0)) * norm(x(1)));
        let inverse = b.map("inverse", &shape, vec![full(yy), full(tt)], norms);
        let loss = scale * (1.0 - x(0) * x(1));
        let rows = b.map("rows", &shape, vec![full(dot), full(inverse)], loss);
        b.accumulate_loss(rows);
        gradient.then(|| {
            // cos / ‖y‖²; a norm below the least one does not depend on y.
            let ratio = c(EPS * EPS).if_ge(x(2), 0.0, x(0) * x(1) / x(2));
            let ratio = b.map("ratio", &shape, vec![full(dot), full(inverse), full(yy)], ratio);
            let slope = scale * (x(0) * x(2) - x(1) * x(3)) * x(4);
            let operands = vec![y, t, row(ratio), row(inverse), Operand::InverseBatch];
            b.map("gradient", &self.shape, operands, slope)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::interpret::TargetData;
    use crate::testing::{assert_all_close, assert_close, check_loss, loss, loss_of, shape, try_loss};

    #[test]
    fn depends_on_the_angle_alone() {
        let s = shape(&[2]);
        let cosine = loss("cosine", vec![], &s);
        for (y, expected) in [
            ([4.0, 3.0], 0.2),
            ([-4.0, 0.0], 2.0),
            ([0.0, 9.0], 1.0),
            ([0.0, 0.0], 1.0),
        ] {
            let target = TargetData::Values(vec![5.0, 0.0]);
            let (value, gradient) = loss_of(&*cosine, &s, &y, &target);
            assert_close(value, expected, || format!("the loss at {y:?}"));
            assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
        }
        let same = TargetData::Values(vec![2.0, -1.0]);
        assert_all_close(&loss_of(&*cosine, &s, &[4.0, -2.0], &same).1, &[0.0, 0.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for dims in [&[2][..], &[5], &[2, 3]] {
            let s = shape(dims);
            check_loss(&*loss("cosine", vec![], &s), &s, |r| r.uniform(-2.0, 2.0));
        }
    }

    #[test]
    fn refuses_a_single_number() {
        let found = try_loss("cosine", vec![], &shape(&[1])).err().expect("a fault");
        assert_eq!(found, ["`cosine` needs a last axis of at least 2, found 1"]);
    }
}
