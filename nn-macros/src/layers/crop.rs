//! `crop`: an image without its border.

use super::windows::Rank;
use super::{ArgSpec, Args, Backward, Call, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::{ParamId, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "crop",
    call: Call::Method,
    doc: "\
An image or a sequence without its border.

`crop(1)`, `crop([vertical, horizontal])`, `crop([top, bottom, left, right])`; of a sequence `crop([before, after])`

# Shapes
`[height, width, channels]` gives `[height - top - bottom, width - left - right, channels]`; `[length, channels]` gives
`[length - before - after, channels]`.

# Gradient
`dx` is `dy` with zeros for the border.

# Source
Keras `Cropping2D`.",
    args: &[
        ArgSpec::required(
            0,
            "sides",
            Rank::Two.sides(&[]),
            "one number for all sides, one for each axis, or one for each side",
        ),
        NAME,
    ],
    build,
};

/// A box out of a larger one.
struct Crop {
    input: Shape,
    output: Shape,
    /// The shapes as three axes, and where the input's first element lies in the output.
    from: [usize; 3],
    to: [usize; 3],
    at: [isize; 3],
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let input = &inputs[0];
    let sequence = input.0.len() == 2;
    let rank = if sequence { Rank::One } else { Rank::Two };
    let image = rank.image(args, input)?;
    if sequence && args.sizes("sides").is_some_and(|s| s.len() > 2) {
        return Err(args.fault(
            "sides",
            format!("`crop` of a sequence has 2 sides, found 4 for {input}"),
            "they are `crop([before, after])`",
        ));
    }
    let [top, bottom, left, right] = image.sides(args, "sides");
    let [height, width] = image.size;
    if top + bottom >= height || left + right >= width {
        return Err(args.misfit(
            "sides",
            format!("`{}` leaves nothing of {input}", args.text),
            "what is cut off at two opposite sides must be less than the size between them",
        ));
    }
    let size = [height - top - bottom, width - left - right];
    Ok(Box::new(Crop {
        input: input.clone(),
        output: image.with(size, image.channels),
        from: [height, width, image.channels],
        to: [size[0], size[1], image.channels],
        at: [-(top as isize), -(left as isize), 0],
    }))
}

impl Layer for Crop {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.output.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        b.copy_box("", inputs[0], self.from, self.to, self.at, 0.0, &self.output)
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
    fn takes_the_border_off() {
        let s = shape(&[2, 3, 1]);
        let crop = layer("crop", vec![sides(&[1, 0, 0, 1])], std::slice::from_ref(&s));
        let x = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let y = forward(&*crop, &[(s, x)], &[], Mode::Inference);
        assert_all_close(&y[0], &[4.0, 5.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for (dims, given) in [
            (&[3, 4, 2][..], sides(&[1])),
            (&[3, 3, 1], sides(&[0, 1, 2, 0])),
            (&[5, 2], sides(&[2, 1])),
        ] {
            let inputs = [shape(dims)];
            check_layer(&*layer("crop", vec![given], &inputs), &inputs);
        }
    }

    #[test]
    fn refuses_to_leave_nothing() {
        let found = try_layer("crop", vec![sides(&[2, 0])], &[shape(&[4, 9, 1])])
            .err()
            .expect("a fault");
        assert_eq!(found, ["`crop(…)` leaves nothing of 4 x 9 x 1"]);
    }
}
