//! `pad`: a border of constant numbers.

use super::windows::Rank;
use super::{ArgKind, ArgSpec, Args, Backward, Call, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::{ParamId, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "pad",
    call: Call::Method,
    doc: "\
A border of constant numbers around an image or a sequence.

`pad(1)`, `pad([vertical, horizontal])`, `pad([top, bottom, left, right])`; of a sequence `pad([before, after])`

# Shapes
`[height, width, channels]` gives `[height + top + bottom, width + left + right, channels]`; `[length, channels]` gives
`[length + before + after, channels]`.

# Gradient
`dx` is `dy` without the border.

# Source
Keras `ZeroPadding2D`, PyTorch `ConstantPad2d`.",
    args: &[
        ArgSpec::required(
            0,
            "sides",
            Rank::Two.sides(&[]),
            "one number for all sides, one for each axis, or one for each side",
        ),
        ArgSpec::named("value", ArgKind::Number, "0.0", "the border's numbers"),
        NAME,
    ],
    build,
};

/// A box put into a larger one.
struct Pad {
    input: Shape,
    output: Shape,
    /// The shapes as three axes, and where the input lies.
    from: [usize; 3],
    to: [usize; 3],
    at: [isize; 3],
    value: f64,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let input = &inputs[0];
    let sequence = input.0.len() == 2;
    let rank = if sequence { Rank::One } else { Rank::Two };
    let image = rank.image(args, input)?;
    if sequence && args.sizes("sides").is_some_and(|s| s.len() > 2) {
        return Err(args.fault(
            "sides",
            format!("`pad` of a sequence has 2 sides, found 4 for {input}"),
            "they are `pad([before, after])`",
        ));
    }
    let value = args.number("value").unwrap_or(0.0);
    if !value.is_finite() {
        return Err(args.fault(
            "value",
            format!("`value` of `pad` must be finite, found {value}"),
            "a usual value is `value = 0.0`",
        ));
    }
    let [top, bottom, left, right] = image.sides(args, "sides");
    let [height, width] = image.size;
    let size = [height + top + bottom, width + left + right];
    Ok(Box::new(Pad {
        input: input.clone(),
        output: image.with(size, image.channels),
        from: [height, width, image.channels],
        to: [size[0], size[1], image.channels],
        at: [top as isize, left as isize, 0],
        value,
    }))
}

impl Layer for Pad {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.output.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        b.copy_box(
            "",
            inputs[0],
            self.from,
            self.to,
            self.at,
            self.value,
            &self.output,
        )
        .into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let at = self.at.map(|a| -a);
        vec![io.needs[0].then(|| b.copy_box("x", io.dy[0], self.to, self.from, at, 0.0, &self.input))]
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{assert_all_close, check_layer, forward, layer, shape, try_layer};

    fn sides(sides: &[usize]) -> (&'static str, Arg) {
        ("sides", Arg::Sizes(sides.to_vec()))
    }

    #[test]
    fn puts_a_border_around() {
        let s = shape(&[1, 2, 1]);
        let given = vec![sides(&[1, 0, 0, 2]), ("value", Arg::Number(0.5))];
        let pad = layer("pad", given, std::slice::from_ref(&s));
        let y = forward(&*pad, &[(s, vec![1.0, 2.0])], &[], Mode::Inference);
        assert_all_close(&y[0], &[0.5, 0.5, 0.5, 0.5, 1.0, 2.0, 0.5, 0.5]);
        let s = shape(&[2, 1]);
        let pad = layer("pad", vec![sides(&[0, 1])], std::slice::from_ref(&s));
        let y = forward(&*pad, &[(s, vec![1.0, 2.0])], &[], Mode::Inference);
        assert_all_close(&y[0], &[1.0, 2.0, 0.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for (dims, given) in [
            (&[2, 3, 2][..], sides(&[1])),
            (&[2, 3, 1], sides(&[0, 2])),
            (&[1, 2, 2], sides(&[1, 2, 3, 0])),
            (&[3, 2], sides(&[2, 1])),
        ] {
            let inputs = [shape(dims)];
            check_layer(&*layer("pad", vec![given], &inputs), &inputs);
        }
    }

    #[test]
    fn refuses_four_sides_of_a_sequence() {
        let found = try_layer("pad", vec![sides(&[1, 2, 3, 4])], &[shape(&[9, 4])])
            .err()
            .expect("a fault");
        assert_eq!(found, ["`pad` of a sequence has 2 sides, found 4 for 9 x 4"]);
        let found = try_layer("pad", vec![sides(&[1])], &[shape(&[9])])
            .err()
            .expect("a fault");
        assert_eq!(
            found,
            ["`pad` needs an input of height x width x channels, found 9"]
        );
    }
}
