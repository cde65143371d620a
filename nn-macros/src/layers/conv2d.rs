//! `conv2d`: a convolution over images.

use super::convolution::{
    BIAS, FILTERS, FROZEN_WEIGHTS, GROUPS, INIT, L2, LAYER_NAME, build as convolution, dilation, kernel,
    stride,
};
use super::windows::{Rank, padding};
use super::{Args, Call, Layer, LayerSpec};
use crate::diagnostics::Reported;
use crate::ir::Shape;

pub static SPEC: LayerSpec = LayerSpec {
    name: "conv2d",
    call: Call::Method,
    doc: "\
A convolution over images.

`y[i, j, o] = b[o] + Σ over u, v, c of x[i · stride + u · dilation - top, j · stride + v · dilation - left, c] · w[u, v, c, o]`

What lies outside the image is 0. `padding = same` gives `⌈size / stride⌉`; an odd row or column goes to the end, as in
Keras. `padding = [top, bottom, left, right]` writes out any other, PyTorch's included.

# Shapes
`[height, width, channels]` gives `[⌊(height + top + bottom - dilation · (kernel - 1) - 1) / stride⌋ + 1, …, filters]`;
`w: [kernel, kernel, channels / groups, filters]` (in files `[filters, channels / groups, kernel, kernel]`, as
PyTorch), `b: [filters]`.

# Gradient
`dx` is the convolution run backwards, `dw[u, v, c, o] = Σ over pixels of x · dy` under that tap, `db = Σ dy`; the input is
kept.

# Source
LeCun et al., Gradient-based learning applied to document recognition, 1998; Keras `Conv2D`, PyTorch `Conv2d`.",
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
    Ok(Box::new(convolution(args, &image, filters, groups, false)?))
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{Given, assert_all_close, check_layer, forward, layer, shape, try_layer};

    fn given(filters: usize, kernel: &[usize]) -> Given {
        vec![
            ("filters", Arg::Size(filters)),
            ("kernel", Arg::Sizes(kernel.to_vec())),
        ]
    }

    fn with(mut given: Given, more: &[(&'static str, Arg)]) -> Given {
        given.extend(more.iter().cloned());
        given
    }

    fn sizes(s: &[usize]) -> Arg {
        Arg::Sizes(s.to_vec())
    }

    #[test]
    fn sums_what_lies_under_the_window() {
        let s = shape(&[2, 3, 1]);
        let x: Vec<f64> = (1..=6).map(f64::from).collect();
        let conv = layer("conv2d", given(1, &[2]), std::slice::from_ref(&s));
        let params = [vec![1.0, 10.0, 100.0, 1000.0], vec![0.5]];
        let y = forward(&*conv, &[(s.clone(), x.clone())], &params, Mode::Inference);
        assert_all_close(&y[0], &[5421.5, 6532.5]);
        // An odd row and column go to the end.
        let same = with(given(1, &[2]), &[("padding", Arg::Choice("same".into()))]);
        let conv = layer("conv2d", same, std::slice::from_ref(&s));
        let y = forward(&*conv, &[(s, x)], &params, Mode::Inference);
        assert_all_close(&y[0], &[5421.5, 6532.5, 603.5, 54.5, 65.5, 6.5]);
    }

    #[test]
    fn shapes() {
        let image = shape(&[28, 28, 4]);
        let out = |given| {
            layer("conv2d", given, std::slice::from_ref(&image))
                .outputs()
                .remove(0)
        };
        assert_eq!(out(given(6, &[5])), shape(&[24, 24, 6]));
        let strided = with(
            given(6, &[3, 5]),
            &[("stride", sizes(&[2, 3])), ("padding", sizes(&[1, 2]))],
        );
        assert_eq!(out(strided), shape(&[14, 10, 6]));
        let sides = with(
            given(2, &[3]),
            &[("padding", sizes(&[0, 1, 2, 3])), ("dilation", sizes(&[2]))],
        );
        assert_eq!(out(sides), shape(&[25, 29, 2]));
        let grouped = with(given(6, &[3]), &[("groups", Arg::Size(2))]);
        let conv = layer("conv2d", grouped, std::slice::from_ref(&image));
        assert_eq!(conv.params()[0].shape, shape(&[3, 3, 2, 6]));
        assert_eq!(conv.macs(), 26 * 26 * 3 * 3 * 2 * 6);
    }

    #[test]
    fn gradients_are_central_differences() {
        let same = ("padding", Arg::Choice("same".into()));
        let cases: Vec<(&[usize], Given)> = vec![
            (&[4, 5, 2], given(3, &[3, 2])),
            (&[3, 3, 2], with(given(2, &[3]), std::slice::from_ref(&same))),
            (
                &[5, 4, 1],
                with(given(2, &[2]), &[("stride", sizes(&[3, 2])), same.clone()]),
            ),
            (
                &[6, 5, 1],
                with(
                    given(1, &[2]),
                    &[("dilation", sizes(&[3, 2])), ("stride", sizes(&[2]))],
                ),
            ),
            (&[1, 1, 3], with(given(2, &[3]), &[("padding", sizes(&[1]))])),
            (&[3, 4, 2], given(3, &[1])),
            (&[4, 4, 2], with(given(2, &[1]), &[("stride", sizes(&[2]))])),
            (&[3, 3, 4], with(given(6, &[2]), &[("groups", Arg::Size(2))])),
            (
                &[3, 4, 3],
                with(given(3, &[3]), &[("groups", Arg::Size(3)), same.clone()]),
            ),
            (
                &[4, 3, 2],
                with(
                    given(2, &[2]),
                    &[("padding", sizes(&[1, 0, 2, 1])), ("bias", Arg::Flag(false))],
                ),
            ),
            (&[3, 3, 1], with(given(1, &[2]), &[("frozen", Arg::Flag(true))])),
        ];
        for (dims, given) in cases {
            let inputs = [shape(dims)];
            check_layer(&*layer("conv2d", given, &inputs), &inputs);
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let fault =
            |given, dims: &[usize]| try_layer("conv2d", given, &[shape(dims)]).err().expect("a fault");
        assert_eq!(
            fault(given(16, &[5]), &[4, 4, 6]),
            ["`conv2d(…)` needs an input of at least 5 x 5, found 4 x 4 x 6"]
        );
        assert_eq!(
            fault(
                with(
                    given(16, &[5, 3]),
                    &[("padding", sizes(&[1, 0])), ("dilation", sizes(&[2]))]
                ),
                &[6, 9, 6]
            ),
            ["`conv2d(…)` needs an input of at least 7 x 5, found 6 x 9 x 6"]
        );
        assert_eq!(
            fault(given(16, &[5]), &[10]),
            ["`conv2d` needs an input of height x width x channels, found 10"]
        );
        assert_eq!(
            fault(with(given(6, &[1]), &[("groups", Arg::Size(4))]), &[4, 4, 8]),
            ["`groups` of `conv2d` must divide the input's 8 channels and the 6 filters, found 4"]
        );
        assert_eq!(
            fault(with(given(6, &[1]), &[("l2", Arg::Number(-1.0))]), &[4, 4, 8]),
            ["`l2` of `conv2d` must be at least 0, found -1"]
        );
    }
}
