//! `prelu`: a leaky rectified linear unit whose slope is learned.

use super::{ArgKind, ArgSpec, Args, Backward, Call, FROZEN, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::builder::{Builder, full, param, scalar};
use crate::ir::{Init, Operand, ParamId, ParamKind, ParamSpec, Reduce, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "prelu",
    call: Call::Method,
    doc: "\
A leaky rectified linear unit whose slope `a` is learned.

`y = x` where `x > 0`, else `a · x`

# Shapes
Any; the output has the same. `a: [1]`, or `[channels]` with `per_channel = true`, the channels being the last axis.

# Gradient
`dx = dy` where `x > 0`, else `a · dy`; `da = Σ x · dy` over the elements where `x` is not above 0. The input is kept.

# Source
He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015; one slope, of 0.25, as PyTorch (Keras: 0, one for
each element).",
    args: &[
        ArgSpec::named(
            "per_channel",
            ArgKind::Flag,
            "false",
            "a slope for each channel (the last axis) instead of one for all",
        ),
        ArgSpec::named("init", ArgKind::Init, "constant(0.25)", "how the slope starts"),
        FROZEN,
        NAME,
    ],
    build,
};

struct Prelu {
    shape: Shape,
    per_channel: bool,
    init: Init,
    frozen: bool,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(Prelu {
        shape: inputs[0].clone(),
        per_channel: args.flag("per_channel").unwrap_or(false),
        init: args.init("init").unwrap_or(Init::Constant(0.25)),
        frozen: args.flag("frozen").unwrap_or(false),
    }))
}

impl Prelu {
    fn slope(&self, p: ParamId) -> Operand {
        if self.per_channel { param(p) } else { scalar(p) }
    }
}

impl Layer for Prelu {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape.clone()]
    }

    fn params(&self) -> Vec<ParamSpec> {
        let n = if self.per_channel { self.shape.width() } else { 1 };
        vec![ParamSpec {
            suffix: "weight",
            shape: Shape(vec![n]),
            init: self.init.clone(),
            fan_in: 1,
            fan_out: 1,
            l2: 0.0,
            kind: ParamKind::of(self.frozen),
            file_axes: vec![0],
        }]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], params: &[ParamId]) -> Forward {
        let operands = vec![full(inputs[0]), self.slope(params[0])];
        let f = x(0).if_gt(0.0, x(0), x(1) * x(0));
        b.map("", &self.shape, operands, f).into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let (input, dy) = (full(io.x[0]), full(io.dy[0]));
        if io.needs_params[0] {
            let f = x(0).if_gt(0.0, 0.0, x(0) * x(1));
            if self.per_channel {
                b.param_reduce(io.params[0], &self.shape, vec![input, dy], f);
            } else {
                let rows = b.row_reduce("weight", &self.shape, Reduce::Sum, vec![input, dy], f);
                let shape = b.shape(rows);
                b.param_reduce(io.params[0], &shape, vec![full(rows)], x(0));
            }
        }
        vec![io.needs[0].then(|| {
            let operands = vec![input, dy, self.slope(io.params[0])];
            b.map("x", &self.shape, operands, x(0).if_gt(0.0, x(1), x(2) * x(1)))
        })]
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{assert_all_close, check_activation, forward, layer, shape};

    #[test]
    fn one_slope_or_one_for_each_channel() {
        let s = shape(&[2, 2]);
        let x = vec![-1.0, 2.0, -3.0, -4.0];
        let shared = layer("prelu", vec![], std::slice::from_ref(&s));
        let y = forward(&*shared, &[(s.clone(), x.clone())], &[vec![0.5]], Mode::Inference);
        assert_all_close(&y[0], &[-0.5, 2.0, -1.5, -2.0]);
        let own = layer(
            "prelu",
            vec![("per_channel", Arg::Flag(true))],
            std::slice::from_ref(&s),
        );
        let y = forward(&*own, &[(s, x)], &[vec![0.5, -1.0]], Mode::Inference);
        assert_all_close(&y[0], &[-0.5, 2.0, -1.5, 4.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        check_activation("prelu", &vec![]);
        check_activation("prelu", &vec![("per_channel", Arg::Flag(true))]);
        check_activation("prelu", &vec![("frozen", Arg::Flag(true))]);
    }
}
