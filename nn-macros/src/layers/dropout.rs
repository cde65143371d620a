//! `dropout`: zeroes elements at random in training.

use super::{ArgKind, ArgSpec, Args, Backward, Call, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::{Mode, ParamId, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "dropout",
    call: Call::Method,
    doc: "\
Zeroes elements at random in training, and scales the others up so that the mean stays.

`y = x · m / (1 - rate)` in training, `m` 1 with probability `1 - rate`, else 0; `y = x` in inference

The mask is a function of the network's seed, the step, the sample and the element: nothing is stored, and the number
of threads changes nothing.

With `channels = true` one draw is made for each channel (the last axis) of a sample: neighbouring pixels tell the same, and
zeroing some of them would take nothing away.

# Shapes
Any; the output has the same.

# Gradient
`dx = dy · m / (1 - rate)`, with the mask computed again.

# Source
Srivastava et al., Dropout, 2014; scaled in training, as Keras and PyTorch; by channels as
Keras `SpatialDropout2D` and PyTorch `Dropout2d`, after Tompson et al., 2015.",
    args: &[
        ArgSpec::required(0, "rate", ArgKind::Number, "the part of the elements that is zeroed"),
        ArgSpec::named(
            "channels",
            ArgKind::Flag,
            "false",
            "zero whole channels of a sample (spatial dropout)",
        ),
        NAME,
    ],
    build,
};

struct Dropout {
    shape: Shape,
    rate: f64,
    channels: bool,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let rate = args.number("rate").unwrap_or(0.0);
    if !(0.0..1.0).contains(&rate) {
        return Err(args.fault(
            "rate",
            format!("`rate` of `dropout` must be at least 0 and below 1, found {rate}"),
            "it is the part of the elements that is zeroed: `dropout(0.5)` zeroes half of them",
        ));
    }
    Ok(Box::new(Dropout {
        shape: inputs[0].clone(),
        rate,
        channels: args.flag("channels").unwrap_or(false),
    }))
}

impl Dropout {
    fn apply(&self, b: &mut Builder<'_>, x: ValueId) -> ValueId {
        if b.mode == Mode::Inference || self.rate == 0.0 {
            return b.reshape(x, &self.shape);
        }
        let stream = b.node().0;
        b.dropout(x, self.rate, stream, self.channels)
    }
}

impl Layer for Dropout {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        self.apply(b, inputs[0]).into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        vec![io.needs[0].then(|| self.apply(b, io.dy[0]))]
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{apply, check_activation, forward, layer, shape, try_layer};

    #[test]
    fn keeps_or_scales() {
        let s = shape(&[1000]);
        let given = vec![("rate", Arg::Number(0.2))];
        let dropout = layer("dropout", given.clone(), std::slice::from_ref(&s));
        let y = forward(&*dropout, &[(s, vec![2.0; 1000])], &[], Mode::Training).remove(0);
        assert!(y.iter().all(|y| *y == 0.0 || *y == 2.5));
        let zeroed = y.iter().filter(|y| **y == 0.0).count();
        assert!((140..260).contains(&zeroed), "{zeroed} of 1000 at a rate of 0.2");
        assert_eq!(
            apply("dropout", given, &[1.0, -2.0]),
            [1.0, -2.0],
            "inference changes nothing"
        );
    }

    #[test]
    fn gradients_are_central_differences() {
        for rate in [0.0, 0.3, 0.9] {
            let rate = ("rate", Arg::Number(rate));
            check_activation("dropout", &vec![rate.clone()]);
            check_activation("dropout", &vec![rate, ("channels", Arg::Flag(true))]);
        }
    }

    #[test]
    fn whole_channels() {
        let s = shape(&[4, 5, 50]);
        let given = vec![("rate", Arg::Number(0.5)), ("channels", Arg::Flag(true))];
        let dropout = layer("dropout", given, std::slice::from_ref(&s));
        let y = forward(&*dropout, &[(s, vec![1.0; 2 * 1000])], &[], Mode::Training).remove(0);
        for (i, y_i) in y.iter().enumerate() {
            assert_eq!(
                *y_i,
                y[i / 1000 * 1000 + i % 50],
                "element {i} is alone in its channel"
            );
        }
        let zeroed = y[..50].iter().filter(|y| **y == 0.0).count();
        assert!((10..40).contains(&zeroed), "{zeroed} of 50 at a rate of 0.5");
        assert_ne!(y[..50], y[1000..1050], "each sample draws its own");
    }

    #[test]
    fn refuses_a_rate_of_one() {
        for rate in [1.0, -0.1, f64::NAN] {
            let given = vec![("rate", Arg::Number(rate))];
            let found = try_layer("dropout", given, &[shape(&[3])])
                .err()
                .expect("a fault");
            let message = format!("`rate` of `dropout` must be at least 0 and below 1, found {rate}");
            assert_eq!(found, [message]);
        }
    }
}
