//! `max_pool1d`: the maximum of each window of a sequence.

use super::pooling::{build as pool, size, stride};
use super::windows::{Rank, padding};
use super::{Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::Shape;
use crate::ir::geometry::Pooling;

pub static SPEC: LayerSpec = LayerSpec {
    name: "max_pool1d",
    call: Call::Method,
    doc: "\
The maximum of each window of a sequence, channel by channel.

`y[i, c] = max over u of x[i · stride + u - before, c]`; what lies outside the sequence does not count.

# Shapes
`[length, channels]` gives `[⌊(length + before + after - size) / stride⌋ + 1, channels]`. What does not fill a window is left out.

# Gradient
`dy` goes to where the maximum was, the first of equals; that place is kept.

# Source
Keras `MaxPooling1D`, PyTorch `MaxPool1d`.",
    args: &[
        size(Rank::One),
        stride(Rank::One),
        padding(Rank::One),
        NAME,
    ],
    build,
};

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(pool(args, Rank::One, &inputs[0], Pooling::Max)?))
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{assert_all_close, check_layer, forward, layer, shape};

    #[test]
    fn takes_the_maximum() {
        let s = shape(&[5, 1]);
        let pool = layer(
            "max_pool1d",
            vec![("size", Arg::Sizes(vec![2]))],
            std::slice::from_ref(&s),
        );
        let x = vec![1.0, 3.0, -2.0, -1.0, 9.0];
        let y = forward(&*pool, &[(s, x)], &[], Mode::Inference);
        assert_all_close(&y[0], &[3.0, -1.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        let inputs = [shape(&[7, 2])];
        let given = vec![
            ("size", Arg::Sizes(vec![3])),
            ("stride", Arg::Sizes(vec![2])),
            ("padding", Arg::Sizes(vec![0, 1])),
        ];
        check_layer(&*layer("max_pool1d", given, &inputs), &inputs);
    }
}
