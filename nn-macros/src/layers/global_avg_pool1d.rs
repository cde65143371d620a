//! `global_avg_pool1d`: the mean of each channel of a sequence.

use super::pooling::global;
use super::windows::Rank;
use super::{Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::Shape;
use crate::ir::geometry::Pooling;

pub static SPEC: LayerSpec = LayerSpec {
    name: "global_avg_pool1d",
    call: Call::Method,
    doc: "\
The mean of each channel of a sequence.

`y[c] = mean over i of x[i, c]`

# Shapes
`[length, channels]` gives `[channels]`.

# Gradient
Each element of a channel gets an equal share of its `dy`.

# Source
Lin, Chen and Yan, Network in network, 2014; Keras `GlobalAveragePooling1D`.",
    args: &[NAME],
    build,
};

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(global(args, Rank::One, &inputs[0], Pooling::Mean)?))
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::testing::{assert_all_close, check_layer, forward, layer, shape, try_layer};

    #[test]
    fn one_number_for_each_channel() {
        let s = shape(&[3, 2]);
        let pool = layer("global_avg_pool1d", vec![], std::slice::from_ref(&s));
        let x = vec![1.0, 4.0, 1.0, -2.0, 4.0, 1.0];
        let y = forward(&*pool, &[(s, x)], &[], Mode::Inference);
        assert_all_close(&y[0], &[2.0, 1.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        let inputs = [shape(&[5, 3])];
        check_layer(&*layer("global_avg_pool1d", vec![], &inputs), &inputs);
    }

    #[test]
    fn refuses_what_is_no_sequence() {
        let found = try_layer("global_avg_pool1d", vec![], &[shape(&[4, 3, 2])])
            .err()
            .expect("a fault");
        assert_eq!(
            found,
            ["`global_avg_pool1d` needs an input of length x channels, found 4 x 3 x 2"]
        );
    }
}
