//! `layer_norm`: each row to mean 0 and variance 1.

use super::{ArgKind, ArgSpec, Args, Backward, Call, FROZEN, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::{Formula, x};
use crate::ir::builder::{Builder, full, param, row};
use crate::ir::{Init, Operand, ParamId, ParamKind, ParamSpec, Reduce, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "layer_norm",
    call: Call::Method,
    doc: "\
Each row to mean 0 and variance 1 over the last axis, then scaled and shifted per column.

`y = (x - μ) · r · w + b`, `r = 1 / √(σ² + eps)`, with `μ` and `σ²` the row's mean and (biased) variance

# Shapes
`[…, n]`; the output has the same. `w: [n]`, `b: [n]`.

# Gradient
With `z = (x - μ) · r` and `g = dy · w`: `dx = r · (g - mean g - z · mean(g · z))`, the means over the row;
`dw = Σ dy · z`, `db = Σ dy`. The input, `μ` and `r` are kept.

# Source
Ba, Kiros and Hinton, Layer normalization, 2016; PyTorch's `eps` of 1e-5 (Keras: 1e-3).",
    args: &[
        ArgSpec::named("eps", ArgKind::Number, "1e-5", "added to the variance"),
        ArgSpec::named("scale", ArgKind::Flag, "true", "whether to learn `w`"),
        ArgSpec::named("shift", ArgKind::Flag, "true", "whether to learn `b`"),
        FROZEN,
        NAME,
    ],
    build,
};

struct LayerNorm {
    shape: Shape,
    eps: f64,
    scale: bool,
    shift: bool,
    frozen: bool,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let shape = inputs[0].clone();
    let eps = args.positive("eps", 1e-5, "1e-5")?;
    if shape.width() < 2 {
        return Err(args.fault_here(
            format!("`layer_norm` needs a last axis of at least 2, found {shape}"),
            "a single number minus its mean is always 0",
        ));
    }
    Ok(Box::new(LayerNorm {
        shape,
        eps,
        scale: args.flag("scale").unwrap_or(true),
        shift: args.flag("shift").unwrap_or(true),
        frozen: args.flag("frozen").unwrap_or(false),
    }))
}

impl LayerNorm {
    fn weight(&self, params: &[ParamId]) -> Option<ParamId> {
        self.scale.then(|| params[0])
    }

    fn bias(&self, params: &[ParamId]) -> Option<ParamId> {
        self.shift.then(|| params[usize::from(self.scale)])
    }
}

/// `(x(0) - x(1)) · x(2)`: the normalised input, from the input, the mean and `r`.
fn normalised() -> Formula {
    (x(0) - x(1)) * x(2)
}

impl Layer for LayerNorm {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape.clone()]
    }

    fn params(&self) -> Vec<ParamSpec> {
        let n = self.shape.width();
        let spec = |suffix, init| ParamSpec {
            suffix,
            shape: Shape(vec![n]),
            init,
            fan_in: n,
            fan_out: n,
            l2: 0.0,
            kind: ParamKind::of(self.frozen),
            file_axes: vec![0],
        };
        let weight = self.scale.then(|| spec("weight", Init::Ones));
        let bias = self.shift.then(|| spec("bias", Init::Zeros));
        weight.into_iter().chain(bias).collect()
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], params: &[ParamId]) -> Forward {
        let input = full(inputs[0]);
        let mean = b.row_reduce("mean", &self.shape, Reduce::Mean, vec![input], x(0));
        let square = (x(0) - x(1)).square();
        let var = b.row_reduce("var", &self.shape, Reduce::Mean, vec![input, row(mean)], square);
        let rows = b.shape(var);
        let r = b.map("r", &rows, vec![full(var)], 1.0 / (x(0) + self.eps).sqrt());
        let mut operands = vec![input, row(mean), row(r)];
        let mut f = normalised();
        if let Some(w) = self.weight(params) {
            f = f * x(operands.len());
            operands.push(param(w));
        }
        if let Some(bias) = self.bias(params) {
            f = f + x(operands.len());
            operands.push(param(bias));
        }
        Forward {
            outputs: vec![b.map("", &self.shape, operands, f)],
            saved: vec![mean, r],
        }
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let dy = full(io.dy[0]);
        let z = [full(io.x[0]), row(io.saved[0]), row(io.saved[1])];
        let weight = self.weight(io.params);
        if let Some(w) = weight
            && io.needs_params[0]
        {
            let operands = [&z[..], &[dy]].concat();
            b.param_reduce(w, &self.shape, operands, normalised() * x(3));
        }
        if let Some(bias) = self.bias(io.params)
            && io.needs_params[usize::from(self.scale)]
        {
            b.param_reduce(bias, &self.shape, vec![dy], x(0));
        }
        if !io.needs[0] {
            return vec![None];
        }
        // `g` of `dy` at `at` and, behind it, `w`.
        let weighted = |at: usize| {
            if weight.is_some() {
                x(at) * x(at + 1)
            } else {
                x(at)
            }
        };
        let g: Vec<Operand> = std::iter::once(dy).chain(weight.map(param)).collect();
        let mean_g = b.row_reduce("mean", &self.shape, Reduce::Mean, g.clone(), weighted(0));
        let mean_gz = b.row_reduce(
            "mean_z",
            &self.shape,
            Reduce::Mean,
            [&z[..], &g].concat(),
            normalised() * weighted(3),
        );
        let means = [row(mean_g), row(mean_gz)];
        let at = 3 + g.len();
        let dx = b.map(
            "x",
            &self.shape,
            [&z[..], &g, &means].concat(),
            x(2) * (weighted(3) - x(at) - normalised() * x(at + 1)),
        );
        vec![Some(dx)]
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{assert_all_close, check_layer, forward, layer, shape, try_layer};

    #[test]
    fn rows_are_normalised() {
        let s = shape(&[2, 3]);
        let norm = layer("layer_norm", vec![], std::slice::from_ref(&s));
        let params = [vec![1.0, 1.0, 2.0], vec![0.0, 0.5, 0.0]];
        let x = vec![1.0, 2.0, 3.0, -10.0, 0.0, 10.0];
        let y = forward(&*norm, &[(s, x)], &params, Mode::Inference).remove(0);
        let (a, b) = (
            1.0 / (2.0f64 / 3.0 + 1e-5).sqrt(),
            10.0 / (200.0f64 / 3.0 + 1e-5).sqrt(),
        );
        assert_all_close(&y, &[-a, 0.5, 2.0 * a, -b, 0.5, 2.0 * b]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for dims in [&[5][..], &[3, 4], &[2, 2, 3]] {
            let inputs = [shape(dims)];
            for (scale, shift) in [(true, true), (true, false), (false, true), (false, false)] {
                let given = vec![
                    ("scale", Arg::Flag(scale)),
                    ("shift", Arg::Flag(shift)),
                    ("eps", Arg::Number(1e-3)),
                ];
                check_layer(&*layer("layer_norm", given, &inputs), &inputs);
            }
            let frozen = vec![("frozen", Arg::Flag(true))];
            check_layer(&*layer("layer_norm", frozen, &inputs), &inputs);
        }
    }

    #[test]
    fn refuses_an_axis_of_one() {
        let found = try_layer("layer_norm", vec![], &[shape(&[4, 1])])
            .err()
            .expect("a fault");
        assert_eq!(
            found,
            ["`layer_norm` needs a last axis of at least 2, found 4 x 1"]
        );
    }
}
