//! `rms_norm`: each row to a root mean square of 1.

use super::{ArgKind, ArgSpec, Args, Backward, Call, FROZEN, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::builder::{Builder, full, param, row};
use crate::ir::{Init, ParamId, ParamKind, ParamSpec, Reduce, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "rms_norm",
    call: Call::Method,
    doc: "\
Each row to a root mean square of 1 over the last axis, then scaled per column.

`y = x · r · w`, `r = 1 / √(mean x² + eps)`, the mean over the row

# Shapes
`[…, n]`; the output has the same. `w: [n]`.

# Gradient
With `g = dy · w`: `dx = r · (g - x · r² · mean(g · x))`, the mean over the row; `dw = Σ dy · x · r`. The input and `r`
are kept.

# Source
Zhang and Sennrich, Root mean square layer normalization, 2019, equation 4; `eps` of 1e-6, as Keras.",
    args: &[
        ArgSpec::named("eps", ArgKind::Number, "1e-6", "added to the mean square"),
        FROZEN,
        NAME,
    ],
    build,
};

struct RmsNorm {
    shape: Shape,
    eps: f64,
    frozen: bool,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(RmsNorm {
        shape: inputs[0].clone(),
        eps: args.positive("eps", 1e-6, "1e-6")?,
        frozen: args.flag("frozen").unwrap_or(false),
    }))
}

impl Layer for RmsNorm {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape.clone()]
    }

    fn params(&self) -> Vec<ParamSpec> {
        let n = self.shape.width();
        vec![ParamSpec {
            suffix: "weight",
            shape: Shape(vec![n]),
            init: Init::Ones,
            fan_in: n,
            fan_out: n,
            l2: 0.0,
            kind: ParamKind::of(self.frozen),
            file_axes: vec![0],
        }]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], params: &[ParamId]) -> Forward {
        let input = full(inputs[0]);
        let mean = b.row_reduce("mean", &self.shape, Reduce::Mean, vec![input], x(0).square());
        let rows = b.shape(mean);
        let r = b.map("r", &rows, vec![full(mean)], 1.0 / (x(0) + self.eps).sqrt());
        let operands = vec![input, row(r), param(params[0])];
        Forward {
            outputs: vec![b.map("", &self.shape, operands, x(0) * x(1) * x(2))],
            saved: vec![r],
        }
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let (input, dy, r) = (full(io.x[0]), full(io.dy[0]), row(io.saved[0]));
        let w = param(io.params[0]);
        if io.needs_params[0] {
            let f = x(0) * (x(1) * x(2));
            b.param_reduce(io.params[0], &self.shape, vec![dy, input, r], f);
        }
        vec![io.needs[0].then(|| {
            let f = x(0) * x(1) * x(2);
            let mean = b.row_reduce("mean", &self.shape, Reduce::Mean, vec![dy, w, input], f);
            let f = x(3) * (x(0) * x(1) - x(2) * (x(3).square() * x(4)));
            b.map("x", &self.shape, vec![dy, w, input, r, row(mean)], f)
        })]
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{assert_all_close, check_layer, forward, layer, shape};

    #[test]
    fn rows_have_a_mean_square_of_one() {
        let s = shape(&[2]);
        let norm = layer("rms_norm", vec![], std::slice::from_ref(&s));
        let y = forward(
            &*norm,
            &[(s, vec![3.0, -4.0])],
            &[vec![1.0, 0.5]],
            Mode::Inference,
        )
        .remove(0);
        let r = 1.0 / (12.5f64 + 1e-6).sqrt();
        assert_all_close(&y, &[3.0 * r, -2.0 * r]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for dims in [&[5][..], &[3, 4], &[2, 2, 3], &[1]] {
            let inputs = [shape(dims)];
            for frozen in [false, true] {
                let given = vec![("eps", Arg::Number(1e-2)), ("frozen", Arg::Flag(frozen))];
                check_layer(&*layer("rms_norm", given, &inputs), &inputs);
            }
        }
    }
}
