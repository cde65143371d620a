//! `depthwise_conv2d`: a convolution of each channel by itself.

use super::convolution::{
    BIAS, FROZEN_WEIGHTS, INIT, L2, LAYER_NAME, build as convolution, dilation, kernel, stride,
};
use super::windows::{Rank, padding};
use super::{ArgKind, ArgSpec, Args, Call, Layer, LayerSpec};
use crate::diagnostics::Reported;
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "depthwise_conv2d",
    call: Call::Method,
    doc: "\
A convolution of each channel of an image by itself.

`y[i, j, c · m + k] = b[c · m + k] + Σ over u, v of x[i · stride + u · dilation - top, j · stride + v · dilation - left, c] · w[u, v, 0, c · m + k]`

with `m` filters for each channel. Followed by `conv2d(filters, kernel = 1)` it is a depthwise separable convolution.

# Shapes
`[height, width, channels]` gives `[…, …, m · channels]`, sized as by `conv2d`; `w: [kernel, kernel, 1, m · channels]` (in
files `[m · channels, 1, kernel, kernel]`, as PyTorch with as many groups as channels), `b: [m · channels]`.

# Gradient
As `conv2d`'s with as many groups as channels; the input is kept.

# Source
Howard et al., MobileNets, 2017; Keras `DepthwiseConv2D`.",
    args: &[
        ArgSpec::at(
            0,
            "multiplier",
            ArgKind::Size,
            "1",
            "filters for each channel",
        ),
        kernel(Rank::Two),
        stride(Rank::Two),
        padding(Rank::Two),
        dilation(Rank::Two),
        BIAS,
        INIT,
        L2,
        FROZEN_WEIGHTS,
        LAYER_NAME,
    ],
    build,
};

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let image = Rank::Two.image(args, &inputs[0])?;
    let filters = image.channels * args.size("multiplier").unwrap_or(1);
    Ok(Box::new(convolution(
        args,
        &image,
        filters,
        image.channels,
        false,
    )?))
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{Given, assert_all_close, check_layer, forward, layer, shape, try_layer};

    fn given(kernel: usize, more: &[(&'static str, Arg)]) -> Given {
        let mut given = vec![("kernel", Arg::Sizes(vec![kernel]))];
        given.extend(more.iter().cloned());
        given
    }

    #[test]
    fn keeps_channels_apart() {
        let s = shape(&[1, 2, 2]);
        let x = vec![1.0, 2.0, 3.0, 4.0];
        let conv = layer(
            "depthwise_conv2d",
            vec![("kernel", Arg::Sizes(vec![1, 2])), ("multiplier", Arg::Size(2))],
            std::slice::from_ref(&s),
        );
        assert_eq!(conv.params()[0].shape, shape(&[1, 2, 1, 4]));
        let w = vec![1.0, 10.0, 1.0, 10.0, 2.0, 20.0, 3.0, 30.0];
        let y = forward(&*conv, &[(s, x)], &[w, vec![0.0; 4]], Mode::Inference);
        assert_all_close(&y[0], &[7.0, 70.0, 14.0, 140.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        let same = ("padding", Arg::Choice("same".into()));
        let stride = ("stride", Arg::Sizes(vec![2]));
        for (dims, given) in [
            (&[4, 5, 2][..], given(3, &[])),
            (&[4, 3, 3], given(3, &[same.clone(), stride.clone()])),
            (&[3, 3, 2], given(2, &[("multiplier", Arg::Size(3)), same])),
            (
                &[5, 5, 1],
                given(2, &[("dilation", Arg::Sizes(vec![2, 3])), stride]),
            ),
        ] {
            let inputs = [shape(dims)];
            check_layer(&*layer("depthwise_conv2d", given, &inputs), &inputs);
        }
    }

    #[test]
    fn refuses_a_sequence() {
        let found = try_layer("depthwise_conv2d", given(3, &[]), &[shape(&[9, 4])])
            .err()
            .expect("a fault");
        assert_eq!(
            found,
            ["`depthwise_conv2d` needs an input of height x width x channels, found 9 x 4"]
        );
    }
}
