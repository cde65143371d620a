//! `global_max_pool2d`: the maximum of each channel of an image.

use super::pooling::global;
use super::windows::Rank;
use super::{Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::Shape;
use crate::ir::geometry::Pooling;

pub static SPEC: LayerSpec = LayerSpec {
    name: "global_max_pool2d",
    call: Call::Method,
    doc: "\
The maximum of each channel of an image.

`y[c] = max over i, j of x[i, j, c]`

# Shapes
`[height, width, channels]` gives `[channels]`.

# Gradient
`dy` goes to where the maximum was, the first of equals; that place is kept.

# Source
Keras `GlobalMaxPooling2D`.",
    args: &[NAME],
    build,
};

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(global(args, Rank::Two, &inputs[0], Pooling::Max)?))
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::testing::{assert_all_close, check_layer, forward, layer, shape, try_layer};

    #[test]
    fn one_number_for_each_channel() {
        let s = shape(&[1, 3, 2]);
        let pool = layer("global_max_pool2d", vec![], std::slice::from_ref(&s));
        let x = vec![1.0, 4.0, 1.0, -2.0, 4.0, 1.0];
        let y = forward(&*pool, &[(s, x)], &[], Mode::Inference);
        assert_all_close(&y[0], &[4.0, 4.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        let inputs = [shape(&[3, 2, 3])];
        check_layer(&*layer("global_max_pool2d", vec![], &inputs), &inputs);
    }

    #[test]
    fn refuses_what_is_no_image() {
        let found = try_layer("global_max_pool2d", vec![], &[shape(&[4, 3])])
            .err()
            .expect("a fault");
        assert_eq!(
            found,
            ["`global_max_pool2d` needs an input of height x width x channels, found 4 x 3"]
        );
    }
}
