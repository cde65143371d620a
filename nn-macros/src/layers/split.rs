//! `split`: a tensor in equal parts.

use super::{ArgKind, ArgSpec, Args, Backward, Call, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::{ParamId, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "split",
    call: Call::Method,
    doc: "\
A tensor in equal parts along an axis.

`let (a, b) = x.split(2, axis = -1);`

# Shapes
The axis' size is divided by `parts`; the others stay.

# Gradient
`dx` is the parts' gradients side by side.

# Source
PyTorch `chunk`, Keras `ops.split`.",
    args: &[
        ArgSpec::required(0, "parts", ArgKind::Size, "the number of parts"),
        ArgSpec::named("axis", ArgKind::Integer, "-1", "the axis that is divided"),
        NAME,
    ],
    build,
};

struct Split {
    input: Shape,
    part: Shape,
    parts: usize,
    axis: usize,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let input = inputs[0].clone();
    let parts = args.size("parts").unwrap_or(1);
    let axis = args.axis(&input)?;
    let size = input.0[axis];
    if !size.is_multiple_of(parts) {
        return Err(args.misfit(
            "parts",
            format!("`split` in {parts} parts needs axis {axis} to be a multiple of {parts}, found {input}"),
            format!("{size} can be divided by {}", divisors(size)),
        ));
    }
    let mut part = input.clone();
    part.0[axis] = size / parts;
    Ok(Box::new(Split {
        input,
        part,
        parts,
        axis,
    }))
}

fn divisors(n: usize) -> String {
    let all: Vec<String> = (1..=n.min(64))
        .filter(|d| n.is_multiple_of(*d))
        .map(|d| d.to_string())
        .collect();
    all.join(", ")
}

impl Split {
    fn width(&self, shape: &Shape) -> usize {
        shape.0[self.axis..].iter().product()
    }
}

impl Layer for Split {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.part.clone(); self.parts]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        let (whole, width) = (self.width(&self.input), self.width(&self.part));
        let outputs = (0..self.parts)
            .map(|i| {
                let suffix = format!("part{i}");
                b.slice(&suffix, inputs[0], whole, i * width, width, self.part.clone())
            })
            .collect();
        Forward {
            outputs,
            saved: Vec::new(),
        }
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let width = self.width(&self.part);
        vec![io.needs[0].then(|| {
            let parts = io.dy.iter().map(|&dy| (dy, width)).collect();
            b.concat(parts, self.input.clone())
        })]
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{check_layer, forward, layer, shape, try_layer};

    fn given(parts: usize, axis: i64) -> Vec<(&'static str, Arg)> {
        vec![("parts", Arg::Size(parts)), ("axis", Arg::Integer(axis))]
    }

    #[test]
    fn divides_an_axis() {
        let s = shape(&[2, 2]);
        let x = vec![1.0, 2.0, 3.0, 4.0];
        let columns = layer("split", given(2, -1), std::slice::from_ref(&s));
        let y = forward(&*columns, &[(s.clone(), x.clone())], &[], Mode::Inference);
        assert_eq!(y, [[1.0, 3.0], [2.0, 4.0]]);
        let rows = layer("split", given(2, 0), std::slice::from_ref(&s));
        assert_eq!(
            forward(&*rows, &[(s, x)], &[], Mode::Inference),
            [[1.0, 2.0], [3.0, 4.0]]
        );
    }

    #[test]
    fn gradients_are_central_differences() {
        for (parts, axis) in [(3, 1), (2, 0), (2, -1), (1, 1)] {
            let inputs = [shape(&[2, 3, 4])];
            check_layer(&*layer("split", given(parts, axis), &inputs), &inputs);
        }
    }

    #[test]
    fn refuses_unequal_parts() {
        let found = try_layer("split", given(4, -1), &[shape(&[2, 6])])
            .err()
            .expect("a fault");
        assert_eq!(
            found,
            ["`split` in 4 parts needs axis 1 to be a multiple of 4, found 2 x 6"]
        );
    }
}
