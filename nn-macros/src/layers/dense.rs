//! `dense`: a fully connected layer.

use super::{ArgKind, ArgSpec, Args, Backward, Call, Forward, Layer, LayerSpec};
use crate::diagnostics::Reported;
use crate::formula::Formula;
use crate::ir::builder::{Builder, full};
use crate::ir::{Init, ParamId, ParamKind, ParamSpec, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "dense",
    call: Call::Method,
    doc: "A fully connected layer over the last axis.\n\n\
          `y = x · w + b`\n\n\
          # Shapes\n`[…, k]` gives `[…, units]`; `w: [k, units]` (in files `[units, k]`, as PyTorch), `b: [units]`.\n\n\
          # Gradient\n`dx = dy · wᵀ`, `dw = xᵀ · dy`, `db = Σ dy`, summed over rows and samples.\n\n\
          # Source\nKeras `Dense`, PyTorch `Linear`.",
    args: &[
        ArgSpec {
            name: "units",
            kind: ArgKind::Size,
            position: Some(0),
            default: None,
            doc: "number of outputs",
        },
        ArgSpec {
            name: "bias",
            kind: ArgKind::Flag,
            position: None,
            default: Some("true"),
            doc: "whether to add `b`",
        },
        ArgSpec {
            name: "init",
            kind: ArgKind::Init,
            position: None,
            default: Some("glorot_uniform"),
            doc: "how `w` starts; `b` starts at zero",
        },
        ArgSpec {
            name: "l2",
            kind: ArgKind::Number,
            position: None,
            default: Some("0.0"),
            doc: "adds `l2 · Σ w²` to the loss",
        },
        ArgSpec {
            name: "frozen",
            kind: ArgKind::Flag,
            position: None,
            default: Some("false"),
            doc: "keep the weights as they are in training",
        },
        ArgSpec {
            name: "name",
            kind: ArgKind::Text,
            position: None,
            default: Some(""),
            doc: "the layer's name in files and summaries",
        },
    ],
    build,
};

struct Dense {
    input: Shape,
    units: usize,
    bias: bool,
    init: Init,
    l2: f64,
    frozen: bool,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let input = inputs[0].clone();
    let units = args.size("units").unwrap_or(1);
    let l2 = args.number("l2").unwrap_or(0.0);
    if !(l2 >= 0.0 && l2.is_finite()) {
        return Err(args.fault(
            "l2",
            format!("`l2` must be at least 0, found {l2}"),
            "a usual value is `l2 = 1e-4`",
        ));
    }
    Ok(Box::new(Dense {
        input,
        units,
        bias: args.flag("bias").unwrap_or(true),
        init: args.init("init").unwrap_or(Init::GlorotUniform),
        l2,
        frozen: args.flag("frozen").unwrap_or(false),
    }))
}

impl Dense {
    fn k(&self) -> usize {
        self.input.width()
    }
}

impl Layer for Dense {
    fn outputs(&self) -> Vec<Shape> {
        let mut shape = self.input.clone();
        match shape.0.last_mut() {
            Some(last) => *last = self.units,
            None => shape.0.push(self.units),
        }
        vec![shape]
    }

    fn params(&self) -> Vec<ParamSpec> {
        let kind = if self.frozen {
            ParamKind::Frozen
        } else {
            ParamKind::Trainable
        };
        let (k, n) = (self.k(), self.units);
        let mut params = vec![ParamSpec {
            suffix: "weight",
            shape: Shape(vec![k, n]),
            init: self.init.clone(),
            fan_in: k,
            fan_out: n,
            l2: self.l2,
            kind,
            file_axes: vec![1, 0],
        }];
        if self.bias {
            params.push(ParamSpec {
                suffix: "bias",
                shape: Shape(vec![n]),
                init: Init::Zeros,
                fan_in: k,
                fan_out: n,
                l2: 0.0,
                kind,
                file_axes: vec![0],
            });
        }
        params
    }

    fn macs(&self) -> u64 {
        (self.input.elems() * self.units) as u64
    }

    fn forward(&self, b: &mut Builder<'_>, x: &[ValueId], params: &[ParamId]) -> Forward {
        b.dense(x[0], params[0], params.get(1).copied(), self.k(), self.units)
            .into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let (k, n) = (self.k(), self.units);
        let dy = io.dy[0];
        if io.needs_params[0] {
            b.dense_grad_weight(io.params[0], io.x[0], dy, k, n);
        }
        if self.bias && io.needs_params[1] {
            let shape = b.shape(dy);
            b.param_reduce(io.params[1], &shape, vec![full(dy)], Formula::Input(0));
        }
        vec![io.needs[0].then(|| b.dense_grad_input(dy, io.params[0], k, n, None))]
    }
}

#[cfg(test)]
mod tests {
    use crate::layers::Arg;
    use crate::testing::{check_layer, layer, shape, try_layer};

    #[test]
    fn gradients_are_central_differences() {
        for (dims, units) in [(&[4][..], 3), (&[2, 3], 5), (&[1], 1)] {
            let inputs = [shape(dims)];
            check_layer(
                &*layer("dense", vec![("units", Arg::Size(units))], &inputs),
                &inputs,
            );
            let bare = vec![("units", Arg::Size(units)), ("bias", Arg::Flag(false))];
            check_layer(&*layer("dense", bare, &inputs), &inputs);
            let frozen = vec![("units", Arg::Size(units)), ("frozen", Arg::Flag(true))];
            check_layer(&*layer("dense", frozen, &inputs), &inputs);
        }
    }

    #[test]
    fn refuses_a_negative_l2() {
        let given = vec![("units", Arg::Size(2)), ("l2", Arg::Number(-0.5))];
        let found = try_layer("dense", given, &[shape(&[3])]).err().expect("a fault");
        assert_eq!(found, ["`l2` must be at least 0, found -0.5"]);
    }
}
