//! `conv_transpose2d`: a convolution run backwards, from few pixels to many.

use super::convolution::{
    BIAS, FILTERS, FROZEN_WEIGHTS, GROUPS, INIT, L2, LAYER_NAME, build as convolution, dilation, kernel,
    stride,
};
use super::windows::{Rank, padding};
use super::{Args, Call, Layer, LayerSpec};
use crate::diagnostics::Reported;
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "conv_transpose2d",
    call: Call::Method,
    doc: "\
A convolution run backwards: each pixel of the input adds a window to the output.

`y[i · stride + u · dilation - top, j · stride + v · dilation - left, o] += Σ over c of x[i, j, c] · w[u, v, o, c]`, from `b[o]` on

`padding` is cut off the result: `same` gives `size · stride`. PyTorch's `output_padding` is a smaller padding at the end:
its `padding = 1, output_padding = 1` is `padding = [1, 0, 1, 0]`.

# Shapes
`[height, width, channels]` gives `[(height - 1) · stride + dilation · (kernel - 1) + 1 - top - bottom, …, filters]`;
`w: [kernel, kernel, filters / groups, channels]` (in files `[channels, filters / groups, kernel, kernel]`, as PyTorch),
`b: [filters]`.

# Gradient
`dx` is the convolution of `dy`, `dw[u, v, o, c] = Σ over pixels of dy · x` under that tap, `db = Σ dy`; the input is kept.

# Source
Zeiler et al., Deconvolutional networks, 2010; PyTorch `ConvTranspose2d`, Keras `Conv2DTranspose` (which gives `size · stride`
where the kernel is smaller than the stride, too).",
    args: &[
        FILTERS,
        kernel(Rank::Two),
        stride(Rank::Two),
        padding(Rank::Two),
        dilation(Rank::Two),
        GROUPS,
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
    let filters = args.size("filters").unwrap_or(1);
    let groups = args.size("groups").unwrap_or(1);
    Ok(Box::new(convolution(args, &image, filters, groups, true)?))
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

    fn stride(n: usize) -> (&'static str, Arg) {
        ("stride", Arg::Sizes(vec![n]))
    }

    #[test]
    fn adds_windows() {
        let s = shape(&[1, 2, 1]);
        let conv = layer(
            "conv_transpose2d",
            vec![
                ("filters", Arg::Size(1)),
                ("kernel", Arg::Sizes(vec![1, 3])),
                ("stride", Arg::Sizes(vec![1, 2])),
            ],
            std::slice::from_ref(&s),
        );
        let y = forward(
            &*conv,
            &[(s, vec![1.0, 2.0])],
            &[vec![1.0, 10.0, 100.0], vec![0.5]],
            Mode::Inference,
        );
        assert_all_close(&y[0], &[1.5, 10.5, 102.5, 20.5, 200.5]);
    }

    #[test]
    fn shapes() {
        let image = shape(&[5, 5, 4]);
        let out = |given| {
            layer("conv_transpose2d", given, std::slice::from_ref(&image))
                .outputs()
                .remove(0)
        };
        assert_eq!(out(given(2, 3, &[stride(2)])), shape(&[11, 11, 2]));
        let same = ("padding", Arg::Choice("same".into()));
        assert_eq!(out(given(2, 3, &[stride(2), same])), shape(&[10, 10, 2]));
        let sides = ("padding", Arg::Sizes(vec![1, 0, 1, 0]));
        assert_eq!(out(given(2, 3, &[stride(2), sides])), shape(&[10, 10, 2]));
    }

    #[test]
    fn gradients_are_central_differences() {
        let same = ("padding", Arg::Choice("same".into()));
        for (dims, given) in [
            (&[3, 2, 2][..], given(3, 2, &[])),
            (&[2, 3, 2], given(2, 3, &[stride(2), same])),
            (&[2, 2, 4], given(2, 3, &[stride(2), ("groups", Arg::Size(2))])),
            (&[2, 2, 2], given(2, 3, &[("groups", Arg::Size(2))])),
            (
                &[2, 2, 1],
                given(1, 2, &[stride(3), ("dilation", Arg::Sizes(vec![2]))]),
            ),
            (
                &[3, 3, 1],
                given(
                    2,
                    3,
                    &[("padding", Arg::Sizes(vec![1])), ("bias", Arg::Flag(false))],
                ),
            ),
            (&[2, 2, 3], given(2, 1, &[])),
        ] {
            let inputs = [shape(dims)];
            check_layer(&*layer("conv_transpose2d", given, &inputs), &inputs);
        }
    }

    #[test]
    fn refuses_a_padding_over_all() {
        let given = given(2, 2, &[("padding", Arg::Sizes(vec![2]))]);
        let found = try_layer("conv_transpose2d", given, &[shape(&[2, 2, 1])])
            .err()
            .expect("a fault");
        assert_eq!(
            found,
            ["`padding` of `conv_transpose2d(…)` leaves nothing of the output"]
        );
    }
}
