//! `conv1d`: a convolution over sequences.

use super::convolution::{
    BIAS, FILTERS, FROZEN_WEIGHTS, GROUPS, INIT, L2, LAYER_NAME, build as convolution, dilation, kernel,
    stride,
};
use super::windows::{Rank, padding};
use super::{Args, Backward, Call, Forward, Layer, LayerSpec};
use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::{ParamId, ParamSpec, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "conv1d",
    call: Call::Method,
    doc: "\
A convolution over sequences.

`y[i, o] = b[o] + Σ over u, c of x[i · stride + u · dilation - before, c] · w[u, c, o]`

What lies outside the sequence is 0. `padding = same` gives `⌈length / stride⌉`; an odd step goes to the end, as in Keras.
`padding = [before, after]` writes out any other: `[kernel - 1, 0]` looks at the past alone.

# Shapes
`[length, channels]` gives `[⌊(length + before + after - dilation · (kernel - 1) - 1) / stride⌋ + 1, filters]`;
`w: [kernel, channels / groups, filters]` (in files `[filters, channels / groups, kernel]`, as PyTorch), `b: [filters]`.

# Gradient
`dx` is the convolution run backwards, `dw[u, c, o] = Σ over steps of x · dy` under that tap, `db = Σ dy`; the input is kept.

# Source
Keras `Conv1D`, PyTorch `Conv1d`.",
    args: &[
        FILTERS,
        kernel(Rank::One),
        stride(Rank::One),
        padding(Rank::One),
        dilation(Rank::One),
        GROUPS,
        BIAS,
        INIT,
        L2,
        FROZEN_WEIGHTS,
        LAYER_NAME,
    ],
    build,
};

/// A convolution of height 1, whose weights have one axis less.
struct Conv1d(super::convolution::Convolution);

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let image = Rank::One.image(args, &inputs[0])?;
    let filters = args.size("filters").unwrap_or(1);
    let groups = args.size("groups").unwrap_or(1);
    Ok(Box::new(Conv1d(convolution(
        args, &image, filters, groups, false,
    )?)))
}

impl Layer for Conv1d {
    fn outputs(&self) -> Vec<Shape> {
        self.0.outputs()
    }

    fn params(&self) -> Vec<ParamSpec> {
        let mut params = self.0.params();
        params[0].shape.0.remove(0);
        params[0].file_axes = vec![2, 1, 0];
        params
    }

    fn macs(&self) -> u64 {
        self.0.macs()
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], params: &[ParamId]) -> Forward {
        self.0.forward(b, inputs, params)
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        self.0.backward(b, io)
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{Given, assert_all_close, check_layer, forward, layer, shape, try_layer};

    fn given(filters: usize, kernel: usize, more: &[(&'static str, Arg)]) -> Given {
        let mut given = vec![
            ("filters", Arg::Size(filters)),
            ("kernel", Arg::Sizes(vec![kernel])),
        ];
        given.extend(more.iter().cloned());
        given
    }

    #[test]
    fn sums_what_lies_under_the_window() {
        let s = shape(&[4, 1]);
        let past = given(1, 2, &[("padding", Arg::Sizes(vec![1, 0]))]);
        let conv = layer("conv1d", past, std::slice::from_ref(&s));
        let params = [vec![10.0, 1.0], vec![0.0]];
        let y = forward(&*conv, &[(s, vec![1.0, 2.0, 3.0, 4.0])], &params, Mode::Inference);
        assert_all_close(&y[0], &[1.0, 12.0, 23.0, 34.0]);
    }

    #[test]
    fn weights_have_one_axis_less() {
        let conv = layer("conv1d", given(6, 3, &[]), &[shape(&[9, 4])]);
        let weight = conv.params().remove(0);
        assert_eq!(
            (weight.shape, weight.file_axes),
            (shape(&[3, 4, 6]), vec![2, 1, 0])
        );
        assert_eq!(conv.outputs(), [shape(&[7, 6])]);
    }

    #[test]
    fn gradients_are_central_differences() {
        let same = ("padding", Arg::Choice("same".into()));
        let (stride, dilation) = (("stride", Arg::Sizes(vec![2])), ("dilation", Arg::Sizes(vec![3])));
        for (dims, given) in [
            (&[5, 2][..], given(3, 3, &[])),
            (&[6, 2], given(2, 2, &[same.clone(), stride.clone()])),
            (&[8, 1], given(2, 2, &[dilation, stride])),
            (&[5, 4], given(2, 3, &[same, ("groups", Arg::Size(2))])),
            (&[5, 2], given(2, 1, &[])),
        ] {
            let inputs = [shape(dims)];
            check_layer(&*layer("conv1d", given, &inputs), &inputs);
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let fault = |dims: &[usize]| {
            try_layer("conv1d", given(2, 5, &[]), &[shape(dims)])
                .err()
                .expect("a fault")
        };
        assert_eq!(
            fault(&[4, 6]),
            ["`conv1d(…)` needs an input of at least 5, found 4 x 6"]
        );
        assert_eq!(
            fault(&[4, 6, 3]),
            ["`conv1d` needs an input of length x channels, found 4 x 6 x 3"]
        );
    }
}
