//! `batch_norm`: each feature to mean 0 and variance 1 over the batch.

use super::{ArgKind, ArgSpec, Args, Backward, Call, FROZEN, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::{c, x};
use crate::ir::builder::{Builder, col, full, param};
use crate::ir::{Init, Mode, Operand, ParamId, ParamKind, ParamSpec, Reduce, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "batch_norm",
    call: Call::Method,
    doc: "\
Each feature (the last axis) to mean 0 and variance 1 over the batch, then scaled and shifted.

`y = (x - μ) · r · w + b`, `r = 1 / √(σ² + eps)`

In training `μ` and `σ²` are the feature's mean and biased variance over all rows of all samples of the batch, and the
running statistics follow them: `running = (1 - momentum) · running + momentum · batch`, the variance unbiased, as
PyTorch has it. (Keras' `momentum` is 1 minus this one, its running variance the biased one, its `eps` 1e-3.) In
inference, and always with `frozen = true`, `μ` and `σ²` are the running statistics: `y = x · s + t` with `s = w · r` and
`t = b - μ · s`, which is folded into the product before it.

# Shapes
`[…, n]`; the output has the same. `w: [n]`, `b: [n]`, `running_mean: [n]`, `running_var: [n]`.

# Gradient
With `z = (x - μ) · r` and the means over all rows of the batch: `dx = w · r · (dy - mean dy - z · mean(dy · z))`,
`dw = Σ dy · z`, `db = Σ dy`. The input, `μ`, `r` and `w · r` are kept. Frozen: `dx = dy · s`, and
the factor alone is kept.

# Source
Ioffe and Szegedy, Batch normalization, 2015.",
    args: &[
        ArgSpec::named(
            "momentum",
            ArgKind::Number,
            "0.1",
            "the new batch's part in the running statistics",
        ),
        ArgSpec::named("eps", ArgKind::Number, "1e-5", "added to the variance"),
        ArgSpec::named("scale", ArgKind::Flag, "true", "whether to learn `w`"),
        ArgSpec::named("shift", ArgKind::Flag, "true", "whether to learn `b`"),
        FROZEN,
        NAME,
    ],
    build,
};

struct BatchNorm {
    shape: Shape,
    momentum: f64,
    eps: f64,
    scale: bool,
    shift: bool,
    frozen: bool,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let momentum = args.number("momentum").unwrap_or(0.1);
    if !(0.0..=1.0).contains(&momentum) {
        return Err(args.fault(
            "momentum",
            format!("`momentum` of `batch_norm` must be between 0 and 1, found {momentum}"),
            "it is the new batch's part in the running statistics, as in PyTorch: Keras' 0.99 is 0.01 here",
        ));
    }
    Ok(Box::new(BatchNorm {
        shape: inputs[0].clone(),
        momentum,
        eps: args.positive("eps", 1e-5, "1e-5")?,
        scale: args.flag("scale").unwrap_or(true),
        shift: args.flag("shift").unwrap_or(true),
        frozen: args.flag("frozen").unwrap_or(false),
    }))
}

impl BatchNorm {
    fn weight(&self, params: &[ParamId]) -> Option<ParamId> {
        self.scale.then(|| params[0])
    }

    fn bias(&self, params: &[ParamId]) -> Option<ParamId> {
        self.shift.then(|| params[usize::from(self.scale)])
    }

    /// Running mean and running variance: the last two parameters.
    fn running(&self, params: &[ParamId]) -> (ParamId, ParamId) {
        let at = usize::from(self.scale) + usize::from(self.shift);
        (params[at], params[at + 1])
    }

    fn features(&self) -> Shape {
        Shape(vec![self.shape.width()])
    }

    /// The batch's mean and `r`; the running statistics follow.
    fn batch_statistics(
        &self,
        b: &mut Builder<'_>,
        input: ValueId,
        params: &[ParamId],
    ) -> (ValueId, ValueId) {
        let (mean, var) = b.moments(input);
        let (running_mean, running_var) = self.running(params);
        b.update_state(running_mean, mean, self.momentum, None);
        b.update_state(running_var, var, self.momentum, Some(self.shape.rows()));
        let r = b.map_batch(
            "r",
            &self.features(),
            vec![col(var)],
            1.0 / (x(0) + self.eps).sqrt(),
        );
        (mean, r)
    }

    /// `w · r`: one multiplication for each element.
    fn scale(&self, b: &mut Builder<'_>, r: ValueId, params: &[ParamId]) -> ValueId {
        match self.weight(params) {
            Some(w) => b.map_batch("scale", &self.features(), vec![col(r), param(w)], x(0) * x(1)),
            None => r,
        }
    }

    /// Appends `y = (x - μ) · scale + b` from statistics of the batch.
    fn affine(
        &self,
        b: &mut Builder<'_>,
        input: Operand,
        (mean, scale): (ValueId, ValueId),
        params: &[ParamId],
    ) -> ValueId {
        let mut operands = vec![input, col(mean), col(scale)];
        let mut f = (x(0) - x(1)) * x(2);
        if let Some(bias) = self.bias(params) {
            operands.push(param(bias));
            f = f + x(3);
        }
        b.map("", &self.shape, operands, f)
    }

    /// `s = w · r` and `t = b - μ · s` of the running statistics: `y = x · s + t` becomes the epilogue of the product before
    /// it, and costs one fused multiply-add.
    fn folded(&self, b: &mut Builder<'_>, params: &[ParamId]) -> (ValueId, ValueId) {
        let (mean, var) = self.running(params);
        let mut operands = vec![param(var)];
        let mut f = 1.0 / (x(0) + self.eps).sqrt();
        if let Some(w) = self.weight(params) {
            f = x(1) * f;
            operands.push(param(w));
        }
        let scale = b.map_batch("scale", &self.features(), operands, f);
        let mut operands = vec![param(mean), col(scale)];
        let mut f = -(x(0) * x(1));
        if let Some(bias) = self.bias(params) {
            f = x(2) - x(0) * x(1);
            operands.push(param(bias));
        }
        (scale, b.map_batch("shift", &self.features(), operands, f))
    }
}

impl Layer for BatchNorm {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape.clone()]
    }

    fn params(&self) -> Vec<ParamSpec> {
        let n = self.shape.width();
        let spec = |suffix, init, kind| ParamSpec {
            suffix,
            shape: Shape(vec![n]),
            init,
            fan_in: n,
            fan_out: n,
            l2: 0.0,
            kind,
            file_axes: vec![0],
        };
        let kind = ParamKind::of(self.frozen);
        let weight = self.scale.then(|| spec("weight", Init::Ones, kind));
        let bias = self.shift.then(|| spec("bias", Init::Zeros, kind));
        let running = [
            spec("running_mean", Init::Zeros, ParamKind::State),
            spec("running_var", Init::Ones, ParamKind::State),
        ];
        weight.into_iter().chain(bias).chain(running).collect()
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], params: &[ParamId]) -> Forward {
        let input = full(inputs[0]);
        if b.mode == Mode::Training && !self.frozen {
            let (mean, r) = self.batch_statistics(b, inputs[0], params);
            let scale = self.scale(b, r, params);
            return Forward {
                outputs: vec![self.affine(b, input, (mean, scale), params)],
                saved: vec![mean, r, scale],
            };
        }
        let (scale, shift) = self.folded(b, params);
        Forward {
            outputs: vec![b.map(
                "",
                &self.shape,
                vec![input, col(scale), col(shift)],
                x(0) * x(1) + x(2),
            )],
            saved: vec![scale],
        }
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let dy = full(io.dy[0]);
        if self.frozen {
            let operands = vec![dy, col(io.saved[0])];
            return vec![io.needs[0].then(|| b.map("x", &self.shape, operands, x(0) * x(1)))];
        }
        let (mean, r, scale) = (col(io.saved[0]), col(io.saved[1]), col(io.saved[2]));
        // Σ dy and Σ dy · (x - μ): all that the batch has to say, in one pass.
        let from_mean = vec![dy, full(io.x[0]), mean];
        let sum = b.batch_reduce("sum", &self.shape, Reduce::Sum, vec![dy], x(0));
        let sum_x = b.batch_reduce(
            "sum_x",
            &self.shape,
            Reduce::Sum,
            from_mean.clone(),
            x(0) * (x(1) - x(2)),
        );
        let features = self.features();
        if let Some(weight) = self.weight(io.params)
            && io.needs_params[0]
        {
            b.param_reduce(weight, &features, vec![full(sum_x), r], x(0) * x(1));
        }
        if let Some(bias) = self.bias(io.params)
            && io.needs_params[usize::from(self.scale)]
        {
            b.param_reduce(bias, &features, vec![full(sum)], x(0));
        }
        vec![io.needs[0].then(|| {
            // dx = w · r · dy - mean_dy - (x - μ) · mean_x, the factors of both means taken in.
            let rows = c(1.0 / self.shape.rows() as f64);
            let operands = vec![col(sum), scale, Operand::InverseBatch];
            let f = x(0) * x(1) * x(2) * rows.clone();
            let mean_dy = b.map_batch("mean", &features, operands, f.simplify());
            let operands = vec![col(sum_x), scale, r, Operand::InverseBatch];
            let f = x(0) * x(1) * x(2).square() * x(3) * rows;
            let mean_x = b.map_batch("mean_x", &features, operands, f.simplify());
            let operands = [&from_mean[..], &[scale, col(mean_dy), col(mean_x)]].concat();
            let f = x(0) * x(3) - x(4) - (x(1) - x(2)) * x(5);
            b.map("x", &self.shape, operands, f)
        })]
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{assert_all_close, check_layer, forward, layer, run_forward, shape, try_layer};

    fn params() -> [Vec<f64>; 4] {
        [vec![1.0, 2.0], vec![0.0, -1.0], vec![0.5, 0.0], vec![4.0, 1.0]]
    }

    #[test]
    fn training_follows_the_batch() {
        // Two samples of two rows each: four rows of two features.
        let s = shape(&[2, 2]);
        let x = vec![1.0, 0.0, 2.0, 0.0, 3.0, 4.0, 6.0, 4.0];
        let norm = layer("batch_norm", vec![], std::slice::from_ref(&s));
        let (run, y) = run_forward(&*norm, &[(s, x)], &params(), Mode::Training);
        let (r0, r1) = (1.0 / (3.5f64 + 1e-5).sqrt(), 1.0 / (4.0f64 + 1e-5).sqrt());
        let expected = [
            -2.0 * r0,
            -4.0 * r1 - 1.0,
            -r0,
            -4.0 * r1 - 1.0,
            0.0,
            4.0 * r1 - 1.0,
            3.0 * r0,
            4.0 * r1 - 1.0,
        ];
        assert_all_close(&run.values[y[0].0], &expected);
        assert_all_close(&run.params[2], &[0.9 * 0.5 + 0.1 * 3.0, 0.1 * 2.0]);
        // The unbiased variances: 14 / 3 and 16 / 3.
        assert_all_close(
            &run.params[3],
            &[0.9 * 4.0 + 0.1 * 14.0 / 3.0, 0.9 + 0.1 * 16.0 / 3.0],
        );
    }

    #[test]
    fn inference_follows_the_running_statistics() {
        let s = shape(&[2]);
        for (frozen, mode) in [(false, Mode::Inference), (true, Mode::Training)] {
            let given = vec![("frozen", Arg::Flag(frozen))];
            let norm = layer("batch_norm", given, std::slice::from_ref(&s));
            let y = forward(&*norm, &[(s.clone(), vec![2.5, 3.0])], &params(), mode).remove(0);
            let (r0, r1) = (1.0 / (4.0f64 + 1e-5).sqrt(), 1.0 / (1.0f64 + 1e-5).sqrt());
            assert_all_close(&y, &[2.0 * r0, 6.0 * r1 - 1.0]);
        }
    }

    #[test]
    fn gradients_are_central_differences() {
        for dims in [&[4][..], &[3, 2], &[2, 2, 1]] {
            let inputs = [shape(dims)];
            for (scale, shift) in [(true, true), (true, false), (false, true), (false, false)] {
                for frozen in [false, true] {
                    let given = vec![
                        ("scale", Arg::Flag(scale)),
                        ("shift", Arg::Flag(shift)),
                        ("frozen", Arg::Flag(frozen)),
                        ("eps", Arg::Number(1e-2)),
                    ];
                    check_layer(&*layer("batch_norm", given, &inputs), &inputs);
                }
            }
        }
    }

    #[test]
    fn refuses_a_momentum_above_one() {
        let given = vec![("momentum", Arg::Number(1.5))];
        let found = try_layer("batch_norm", given, &[shape(&[3])])
            .err()
            .expect("a fault");
        assert_eq!(
            found,
            ["`momentum` of `batch_norm` must be between 0 and 1, found 1.5"]
        );
    }
}
