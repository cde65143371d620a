//! `slice`: a range of an axis.

use super::{ArgKind, ArgSpec, Args, Backward, Call, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::{ParamId, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "slice",
    call: Call::Method,
    doc: "\
The elements `start .. end` of an axis.

`x.slice(0, 3)`, `x.slice(-2, 8, axis = 0)`; negative numbers count from the end

# Shapes
The axis' size becomes `end - start`; the others stay.

# Gradient
`dx` is `dy` with zeros around.

# Source
NumPy's and PyTorch's slices.",
    args: &[
        ArgSpec::required(0, "start", ArgKind::Integer, "the first element taken"),
        ArgSpec::required(1, "end", ArgKind::Integer, "the element after the last one taken"),
        ArgSpec::named("axis", ArgKind::Integer, "-1", "the axis that is cut"),
        NAME,
    ],
    build,
};

struct Slice {
    input: Shape,
    output: Shape,
    axis: usize,
    start: usize,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let input = inputs[0].clone();
    let axis = args.axis(&input)?;
    let size = input.0[axis] as i64;
    let place = |name: &str, default: i64| {
        let n = args.integer(name).unwrap_or(default);
        let at = if n < 0 { n + size } else { n };
        if (0..=size).contains(&at) {
            return Ok(at as usize);
        }
        Err(args.misfit(
            name,
            format!(
                "`{name}` of `slice` must be between {} and {size} along axis {axis} of {input}, found {n}",
                -size
            ),
            "the elements `start .. end` are taken, counted from 0; negative numbers count from the end",
        ))
    };
    let (start, end) = (place("start", 0)?, place("end", size)?);
    if start >= end {
        return Err(args.misfit(
            "end",
            format!("`slice` from {start} to {end} takes nothing of axis {axis} of {input}"),
            "`end` is the element after the last one taken",
        ));
    }
    let mut output = input.clone();
    output.0[axis] = end - start;
    Ok(Box::new(Slice {
        input,
        output,
        axis,
        start,
    }))
}

impl Slice {
    /// Elements behind one step of the axis.
    fn step(&self) -> usize {
        self.input.0[self.axis + 1..].iter().product()
    }

    /// A shape as the axes before, the axis, and those behind it.
    fn three(&self, shape: &Shape) -> [usize; 3] {
        let before = shape.0[..self.axis].iter().product();
        [before, shape.0[self.axis], self.step()]
    }
}

impl Layer for Slice {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.output.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        let step = self.step();
        let (whole, part) = (self.input.0[self.axis] * step, self.output.0[self.axis] * step);
        b.slice("", inputs[0], whole, self.start * step, part, self.output.clone())
            .into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        vec![io.needs[0].then(|| {
            let (from, to) = (self.three(&self.output), self.three(&self.input));
            b.copy_box(
                "x",
                io.dy[0],
                from,
                to,
                [0, self.start as isize, 0],
                0.0,
                &self.input,
            )
        })]
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{Given, assert_all_close, check_layer, forward, layer, shape, try_layer};

    fn given(start: i64, end: i64, axis: i64) -> Given {
        vec![
            ("start", Arg::Integer(start)),
            ("end", Arg::Integer(end)),
            ("axis", Arg::Integer(axis)),
        ]
    }

    #[test]
    fn takes_a_range() {
        let s = shape(&[2, 3]);
        let run = |given| {
            let slice = layer("slice", given, std::slice::from_ref(&s));
            let x = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
            forward(&*slice, &[(s.clone(), x)], &[], Mode::Inference).remove(0)
        };
        assert_all_close(&run(given(1, 3, -1)), &[2.0, 3.0, 5.0, 6.0]);
        assert_all_close(&run(given(-1, 2, 0)), &[4.0, 5.0, 6.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for (start, end, axis) in [(1, 3, 1), (0, 1, 0), (-3, -1, 2), (0, 4, -1)] {
            let inputs = [shape(&[2, 3, 4])];
            check_layer(&*layer("slice", given(start, end, axis), &inputs), &inputs);
        }
    }

    #[test]
    fn refuses_what_lies_outside() {
        let fault = |given| {
            try_layer("slice", given, &[shape(&[2, 6])])
                .err()
                .expect("a fault")
        };
        assert_eq!(
            fault(given(0, 7, -1)),
            ["`end` of `slice` must be between -6 and 6 along axis 1 of 2 x 6, found 7"]
        );
        assert_eq!(
            fault(given(3, 3, -1)),
            ["`slice` from 3 to 3 takes nothing of axis 1 of 2 x 6"]
        );
    }
}
