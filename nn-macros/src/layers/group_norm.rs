//! `group_norm`: each group of channels of a sample to mean 0 and variance 1.

use super::{ArgKind, ArgSpec, Args, Backward, Call, FROZEN, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::{Formula, c, x};
use crate::ir::builder::{Builder, full, param, row};
use crate::ir::{Init, Operand, ParamId, ParamKind, ParamSpec, Reduce, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "group_norm",
    call: Call::Method,
    doc: "\
Each group of channels of a sample to mean 0 and variance 1, then each channel scaled and shifted.

`y = (x - μ) · r · w + b`, `r = 1 / √(σ² + eps)`, `μ` and `σ²` the mean and the biased variance of the group's channels over all
pixels of the sample. One group is a layer norm over the whole sample; as many groups as channels an instance norm.

# Shapes
`[…, channels]`; the output has the same. `w: [channels]`, `b: [channels]`.

# Gradient
With `z = (x - μ) · r`, `g = dy · w` and the means over the group: `dx = r · (g - mean g - z · mean(g · z))`, `dw = Σ dy · z`,
`db = Σ dy`. `z` and `r` are kept.

# Source
Wu and He, Group normalization, 2018; PyTorch `GroupNorm`, Keras `GroupNormalization` (whose `eps` is 1e-3).",
    args: &[
        ArgSpec::required(0, "groups", ArgKind::Size, "number of groups of channels"),
        ArgSpec::named("eps", ArgKind::Number, "1e-5", "added to the variance"),
        ArgSpec::named("scale", ArgKind::Flag, "true", "whether to learn `w`"),
        ArgSpec::named("shift", ArgKind::Flag, "true", "whether to learn `b`"),
        FROZEN,
        NAME,
    ],
    build,
};

struct GroupNorm {
    shape: Shape,
    groups: usize,
    eps: f64,
    scale: bool,
    shift: bool,
    frozen: bool,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let shape = inputs[0].clone();
    let groups = args.size("groups").unwrap_or(1);
    let channels = shape.width();
    if !channels.is_multiple_of(groups) {
        let divisors: Vec<String> = (1..=channels.min(64))
            .filter(|d| channels.is_multiple_of(*d))
            .map(|d| d.to_string())
            .collect();
        return Err(args.misfit(
            "groups",
            format!(
                "`groups` of `group_norm` must divide the {channels} channels of {shape}, found {groups}"
            ),
            format!("{channels} can be divided by {}", divisors.join(", ")),
        ));
    }
    if shape.elems() == groups {
        return Err(args.fault_here(
            format!("`group_norm` needs groups of at least 2 numbers, found {groups} groups of {shape}"),
            "a single number minus its mean is always 0",
        ));
    }
    Ok(Box::new(GroupNorm {
        shape,
        groups,
        eps: args.positive("eps", 1e-5, "1e-5")?,
        scale: args.flag("scale").unwrap_or(true),
        shift: args.flag("shift").unwrap_or(true),
        frozen: args.flag("frozen").unwrap_or(false),
    }))
}

impl GroupNorm {
    fn weight(&self, params: &[ParamId]) -> Option<ParamId> {
        self.scale.then(|| params[0])
    }

    fn bias(&self, params: &[ParamId]) -> Option<ParamId> {
        self.shift.then(|| params[usize::from(self.scale)])
    }

    /// A group a row.
    fn rows(&self) -> Shape {
        Shape(vec![self.groups, self.shape.elems() / self.groups])
    }

    /// A single pixel or a single group already lies so that a group is a row.
    fn is_in_rows(&self) -> bool {
        self.groups == 1 || self.shape.rows() == 1
    }

    /// The sample as rows of groups.
    fn to_rows(&self, b: &mut Builder<'_>, suffix: &str, v: ValueId) -> ValueId {
        let rows = self.rows();
        if self.is_in_rows() {
            return b.reshape(v, &rows);
        }
        let dims = [
            1,
            self.shape.rows(),
            self.groups,
            self.shape.width() / self.groups,
        ];
        b.permute(suffix, v, dims, [0, 2, 1, 3], &rows)
    }

    /// Rows of groups as the sample.
    fn of_rows(&self, b: &mut Builder<'_>, suffix: &str, v: ValueId) -> ValueId {
        if self.is_in_rows() {
            return b.reshape(v, &self.shape);
        }
        let dims = [
            1,
            self.groups,
            self.shape.rows(),
            self.shape.width() / self.groups,
        ];
        b.permute(suffix, v, dims, [0, 2, 1, 3], &self.shape)
    }
}

impl Layer for GroupNorm {
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
        let rows = self.rows();
        let input = self.to_rows(b, "groups", inputs[0]);
        let mean = b.row_reduce("mean", &rows, Reduce::Mean, vec![full(input)], x(0));
        let square = (x(0) - x(1)).square();
        let var = b.row_reduce("var", &rows, Reduce::Mean, vec![full(input), row(mean)], square);
        let one = b.shape(var);
        let r = b.map("r", &one, vec![full(var)], 1.0 / (x(0) + self.eps).sqrt());
        let z = b.map(
            "z_groups",
            &rows,
            vec![full(input), row(mean), row(r)],
            (x(0) - x(1)) * x(2),
        );
        let z = self.of_rows(b, "z", z);
        let mut operands = vec![full(z)];
        let mut f = x(0);
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
            saved: vec![z, r],
        }
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let dy = full(io.dy[0]);
        let (z, r) = (io.saved[0], io.saved[1]);
        let weight = self.weight(io.params);
        if let Some(w) = weight
            && io.needs_params[0]
        {
            b.param_reduce(w, &self.shape, vec![dy, full(z)], x(0) * x(1));
        }
        if let Some(bias) = self.bias(io.params)
            && io.needs_params[usize::from(self.scale)]
        {
            b.param_reduce(bias, &self.shape, vec![dy], x(0));
        }
        vec![io.needs[0].then(|| {
            let operands: Vec<Operand> = std::iter::once(dy).chain(weight.map(param)).collect();
            let w: Formula = if self.scale { x(1) } else { c(1.0) };
            let g = b.map("g", &self.shape, operands, (x(0) * w).simplify());
            let rows = self.rows();
            let g = self.to_rows(b, "g_groups", g);
            let z = self.to_rows(b, "z_groups", z);
            let mean = b.row_reduce("mean", &rows, Reduce::Mean, vec![full(g)], x(0));
            let mean_z = b.row_reduce("mean_z", &rows, Reduce::Mean, vec![full(g), full(z)], x(0) * x(1));
            let operands = vec![full(g), full(z), row(r), row(mean), row(mean_z)];
            let dx = b.map("x_groups", &rows, operands, x(2) * (x(0) - x(3) - x(1) * x(4)));
            self.of_rows(b, "x", dx)
        })]
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{Given, assert_all_close, check_layer, forward, layer, shape, try_layer};

    fn groups(n: usize) -> Given {
        vec![("groups", Arg::Size(n))]
    }

    #[test]
    fn normalises_each_group() {
        // Two pixels of two groups of one channel: -1, 1 and 10, 30.
        let s = shape(&[1, 2, 2]);
        let norm = layer("group_norm", groups(2), std::slice::from_ref(&s));
        let params = [vec![1.0, 2.0], vec![0.0, 5.0]];
        let y = forward(
            &*norm,
            &[(s, vec![-1.0, 10.0, 1.0, 30.0])],
            &params,
            Mode::Inference,
        );
        let (r0, r1) = (1.0 / (1.0f64 + 1e-5).sqrt(), 1.0 / (100.0f64 + 1e-5).sqrt());
        assert_all_close(&y[0], &[-r0, 5.0 - 20.0 * r1, r0, 5.0 + 20.0 * r1]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for (dims, n) in [
            (&[2, 2, 4][..], 2),
            (&[3, 2], 1),
            (&[3, 2], 2),
            (&[6], 3),
            (&[2, 1, 3], 3),
        ] {
            let inputs = [shape(dims)];
            for (scale, shift) in [(true, true), (true, false), (false, true), (false, false)] {
                let mut given = groups(n);
                given.extend([
                    ("scale", Arg::Flag(scale)),
                    ("shift", Arg::Flag(shift)),
                    ("eps", Arg::Number(1e-2)),
                ]);
                check_layer(&*layer("group_norm", given, &inputs), &inputs);
            }
        }
    }

    #[test]
    fn refuses_groups_that_do_not_divide() {
        let fault = |n, dims: &[usize]| {
            try_layer("group_norm", groups(n), &[shape(dims)])
                .err()
                .expect("a fault")
        };
        assert_eq!(
            fault(4, &[2, 6]),
            ["`groups` of `group_norm` must divide the 6 channels of 2 x 6, found 4"]
        );
        assert_eq!(
            fault(6, &[6]),
            ["`group_norm` needs groups of at least 2 numbers, found 6 groups of 6"]
        );
    }
}
