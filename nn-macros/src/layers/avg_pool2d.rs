//! `avg_pool2d`: the mean of each window of an image.

use super::pooling::{build as pool, size, stride};
use super::windows::{Rank, padding};
use super::{ArgKind, ArgSpec, Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::Shape;
use crate::ir::geometry::Pooling;

pub static SPEC: LayerSpec = LayerSpec {
    name: "avg_pool2d",
    call: Call::Method,
    doc: "\
The mean of each window of an image, channel by channel.

`y[i, j, c] = mean over u, v of x[i · stride + u - top, j · stride + v - left, c]`; what lies outside the image does not count, or as
zeros with `edge = zeros`.

# Shapes
`[height, width, channels]` gives `[⌊(height + top + bottom - size) / stride⌋ + 1, …, channels]`. What does not fill a window is left out.

# Gradient
Each element of a window gets an equal share of its `dy`.

# Source
Keras `AveragePooling2D`, PyTorch `AvgPool2d`.",
    args: &[
        size(Rank::Two),
        stride(Rank::Two),
        padding(Rank::Two),
        ArgSpec::named(
            "edge",
            ArgKind::Choice(&["skip", "zeros"]),
            "skip",
            "what lies outside: not counted, as in Keras, or counted as zeros, as PyTorch's default",
        ),
        NAME,
    ],
    build,
};

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(pool(args, Rank::Two, &inputs[0], Pooling::Mean)?))
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{Given, assert_all_close, check_layer, forward, layer, shape};

    fn given(size: &[usize], more: &[(&'static str, Arg)]) -> Given {
        let mut given = vec![("size", Arg::Sizes(size.to_vec()))];
        given.extend(more.iter().cloned());
        given
    }

    #[test]
    fn counts_the_edge_or_not() {
        let s = shape(&[1, 3, 1]);
        let run = |edge: &str| {
            let given = given(
                &[1, 2],
                &[
                    ("padding", Arg::Choice("same".into())),
                    ("edge", Arg::Choice(edge.into())),
                ],
            );
            let pool = layer("avg_pool2d", given, std::slice::from_ref(&s));
            forward(&*pool, &[(s.clone(), vec![2.0, 4.0, 6.0])], &[], Mode::Inference).remove(0)
        };
        assert_all_close(&run("skip"), &[3.0, 6.0]);
        assert_all_close(&run("zeros"), &[3.0, 3.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        let one = ("padding", Arg::Sizes(vec![1]));
        for (dims, given) in [
            (&[4, 5, 2][..], given(&[2], &[])),
            (
                &[5, 4, 1],
                given(&[3], &[("stride", Arg::Sizes(vec![1, 2])), one.clone()]),
            ),
            (
                &[4, 4, 2],
                given(&[3, 2], &[one, ("edge", Arg::Choice("zeros".into()))]),
            ),
        ] {
            let inputs = [shape(dims)];
            check_layer(&*layer("avg_pool2d", given, &inputs), &inputs);
        }
    }
}
