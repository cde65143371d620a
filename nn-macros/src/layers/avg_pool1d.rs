//! `avg_pool1d`: the mean of each window of a sequence.

use super::pooling::{build as pool, size, stride};
use super::windows::{Rank, padding};
use super::{ArgKind, ArgSpec, Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::Shape;
use crate::ir::geometry::Pooling;

pub static SPEC: LayerSpec = LayerSpec {
    name: "avg_pool1d",
    call: Call::Method,
    doc: "\
The mean of each window of a sequence, channel by channel.

`y[i, c] = mean over u of x[i · stride + u - before, c]`; what lies outside the sequence does not count, or as zeros with
`edge = zeros`.

# Shapes
`[length, channels]` gives `[⌊(length + before + after - size) / stride⌋ + 1, channels]`. What does not fill a window is left out.

# Gradient
Each element of a window gets an equal share of its `dy`.

# Source
Keras `AveragePooling1D`, PyTorch `AvgPool1d`.",
    args: &[
        size(Rank::One),
        stride(Rank::One),
        padding(Rank::One),
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
    Ok(Box::new(pool(args, Rank::One, &inputs[0], Pooling::Mean)?))
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{assert_all_close, check_layer, forward, layer, shape};

    #[test]
    fn takes_the_mean() {
        let s = shape(&[5, 1]);
        let given = vec![("size", Arg::Sizes(vec![2]))];
        let pool = layer("avg_pool1d", given, std::slice::from_ref(&s));
        let y = forward(
            &*pool,
            &[(s, vec![1.0, 3.0, -2.0, -1.0, 9.0])],
            &[],
            Mode::Inference,
        );
        assert_all_close(&y[0], &[2.0, -1.5]);
    }

    #[test]
    fn gradients_are_central_differences() {
        let inputs = [shape(&[7, 2])];
        for edge in ["skip", "zeros"] {
            let given = vec![
                ("size", Arg::Sizes(vec![3])),
                ("stride", Arg::Sizes(vec![2])),
                ("padding", Arg::Sizes(vec![1])),
                ("edge", Arg::Choice(edge.into())),
            ];
            check_layer(&*layer("avg_pool1d", given, &inputs), &inputs);
        }
    }
}
