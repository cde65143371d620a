//! `max_pool2d`: the maximum of each window of an image.

use super::pooling::{build as pool, size, stride};
use super::windows::{Rank, padding};
use super::{Args, Call, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::Shape;
use crate::ir::geometry::Pooling;

pub static SPEC: LayerSpec = LayerSpec {
    name: "max_pool2d",
    call: Call::Method,
    doc: "\
The maximum of each window of an image, channel by channel.

`y[i, j, c] = max over u, v of x[i · stride + u - top, j · stride + v - left, c]`; what lies outside the image does not count.

# Shapes
`[height, width, channels]` gives `[⌊(height + top + bottom - size) / stride⌋ + 1, …, channels]`. What does not fill a window is left out.

# Gradient
`dy` goes to where the maximum was, the first of equals; that place is kept.

# Source
Keras `MaxPooling2D`, PyTorch `MaxPool2d`.",
    args: &[
        size(Rank::Two),
        stride(Rank::Two),
        padding(Rank::Two),
        NAME,
    ],
    build,
};

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    Ok(Box::new(pool(args, Rank::Two, &inputs[0], Pooling::Max)?))
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{Given, assert_all_close, check_layer, forward, layer, shape, try_layer};

    fn given(size: &[usize], more: &[(&'static str, Arg)]) -> Given {
        let mut given = vec![("size", Arg::Sizes(size.to_vec()))];
        given.extend(more.iter().cloned());
        given
    }

    #[test]
    fn takes_the_maximum() {
        let s = shape(&[3, 3, 1]);
        let x = vec![-1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0, -8.0, -9.0];
        let run = |given| {
            let pool = layer("max_pool2d", given, std::slice::from_ref(&s));
            forward(&*pool, &[(s.clone(), x.clone())], &[], Mode::Inference).remove(0)
        };
        assert_all_close(&run(given(&[2], &[])), &[-1.0]);
        assert_all_close(
            &run(given(&[2, 1], &[("stride", Arg::Sizes(vec![1]))])),
            &[-1.0, -2.0, -3.0, -4.0, -5.0, -6.0],
        );
        // What lies outside is no zero.
        let same = ("padding", Arg::Choice("same".into()));
        assert_all_close(&run(given(&[2], &[same])), &[-1.0, -3.0, -7.0, -9.0]);
        let one = ("padding", Arg::Sizes(vec![1]));
        assert_all_close(&run(given(&[2], &[one])), &[-1.0, -2.0, -4.0, -5.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        let same = ("padding", Arg::Choice("same".into()));
        for (dims, given) in [
            (&[4, 5, 2][..], given(&[2], &[])),
            (
                &[5, 5, 1],
                given(&[3], &[("stride", Arg::Sizes(vec![2, 1])), same]),
            ),
            (
                &[4, 4, 3],
                given(&[3, 2], &[("padding", Arg::Sizes(vec![1, 2, 0, 1]))]),
            ),
        ] {
            let inputs = [shape(dims)];
            check_layer(&*layer("max_pool2d", given, &inputs), &inputs);
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let fault = |given, dims: &[usize]| {
            try_layer("max_pool2d", given, &[shape(dims)])
                .err()
                .expect("a fault")
        };
        assert_eq!(
            fault(given(&[5], &[]), &[4, 4, 6]),
            ["`max_pool2d(…)` needs an input of at least 5 x 5, found 4 x 4 x 6"]
        );
        assert_eq!(
            fault(
                given(&[2, 3], &[("padding", Arg::Sizes(vec![1, 1, 3, 0]))]),
                &[4, 4, 6]
            ),
            ["`padding` of `max_pool2d(…)` must be smaller than its window, found 3 for 2 x 3"]
        );
        assert_eq!(
            fault(given(&[2], &[]), &[8, 8]),
            ["`max_pool2d` needs an input of height x width x channels, found 8 x 8"]
        );
    }
}
