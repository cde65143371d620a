//! `concat`: tensors side by side.

use super::{ArgKind, ArgSpec, Args, Backward, Call, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::{ParamId, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "concat",
    call: Call::Function,
    doc: "\
Two or more tensors side by side along an axis.

`concat(a, b, …, axis = -1)`

# Shapes
All sizes but the axis' are equal; the axis' sizes add up. A negative axis counts from the last one.

# Gradient
Each input's is its part of `dy`.

# Source
Keras `Concatenate`, PyTorch `cat`.",
    args: &[
        ArgSpec::named(
            "axis",
            ArgKind::Integer,
            "-1",
            "the axis along which they are joined",
        ),
        NAME,
    ],
    build,
};

struct Concat {
    inputs: Vec<Shape>,
    output: Shape,
    axis: usize,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let first = &inputs[0];
    if inputs.len() < 2 {
        return Err(args.fault_here(
            "`concat` needs at least 2 tensors, found 1",
            "it is written `concat(a, b, axis = -1)`",
        ));
    }
    let axis = args.axis(first)?;
    for (i, shape) in inputs.iter().enumerate().skip(1) {
        let fits = shape.0.len() == first.0.len()
            && (0..first.0.len()).all(|d| d == axis || shape.0[d] == first.0[d]);
        if !fits {
            let message = format!(
                "`concat` along axis {axis} needs shapes that differ in that axis alone: {} is {first}, {} is {shape}",
                args.input_name(0),
                args.input_name(i),
            );
            let help = match differing(first, shape)[..] {
                [other] => format!("they can be joined with `axis = {other}`"),
                _ => "`reshape` or `dense` can make them fit".to_string(),
            };
            return Err(args.fault_here(message, help));
        }
    }
    let mut output = first.clone();
    output.0[axis] = inputs.iter().map(|s| s.0[axis]).sum();
    Ok(Box::new(Concat {
        inputs: inputs.to_vec(),
        output,
        axis,
    }))
}

/// The axes in which two shapes of one rank differ.
fn differing(a: &Shape, b: &Shape) -> Vec<usize> {
    if a.0.len() != b.0.len() {
        return Vec::new();
    }
    (0..a.0.len()).filter(|&d| a.0[d] != b.0[d]).collect()
}

impl Concat {
    /// Elements from one step of the axes before `axis` to the next: the rows of the operations.
    fn width(&self, shape: &Shape) -> usize {
        shape.0[self.axis..].iter().product()
    }
}

impl Layer for Concat {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.output.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        let parts = inputs
            .iter()
            .zip(&self.inputs)
            .map(|(&v, shape)| (v, self.width(shape)))
            .collect();
        b.concat(parts, self.output.clone()).into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let whole = self.width(&self.output);
        let mut at = 0;
        self.inputs
            .iter()
            .zip(io.needs)
            .map(|(shape, needed)| {
                let width = self.width(shape);
                let dx = needed.then(|| b.slice("x", io.dy[0], whole, at, width, shape.clone()));
                at += width;
                dx
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{check_layer, forward, layer, shape, try_layer};

    fn axis(axis: i64) -> Vec<(&'static str, Arg)> {
        vec![("axis", Arg::Integer(axis))]
    }

    #[test]
    fn joins_along_an_axis() {
        let shapes = [shape(&[1, 2]), shape(&[2, 2])];
        let inputs = [
            (shapes[0].clone(), vec![1.0, 2.0]),
            (shapes[1].clone(), vec![3.0, 4.0, 5.0, 6.0]),
        ];
        let y = forward(&*layer("concat", axis(0), &shapes), &inputs, &[], Mode::Inference);
        assert_eq!(y, [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]);
        let shapes = [shape(&[2, 1]), shape(&[2, 2])];
        let inputs = [
            (shapes[0].clone(), vec![1.0, 2.0]),
            (shapes[1].clone(), vec![3.0, 4.0, 5.0, 6.0]),
        ];
        let y = forward(&*layer("concat", vec![], &shapes), &inputs, &[], Mode::Inference);
        assert_eq!(y, [[1.0, 3.0, 4.0, 2.0, 5.0, 6.0]]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for a in [0, 1, 2, -1, -3] {
            let mut shapes = vec![shape(&[2, 3, 2]); 3];
            shapes[1].0[((a + 3) % 3) as usize] = 1;
            let concat = layer("concat", axis(a), &shapes);
            assert_eq!(
                concat.outputs()[0].elems(),
                shapes.iter().map(|s| s.elems()).sum::<usize>()
            );
            check_layer(&*concat, &shapes);
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let fault = |given, shapes: &[_]| try_layer("concat", given, shapes).err().expect("a fault");
        assert_eq!(
            fault(axis(-1), &[shape(&[2, 3]), shape(&[4, 3])]),
            ["`concat` along axis 1 needs shapes that differ in that axis alone: `a` is 2 x 3, `b` is 4 x 3"]
        );
        assert_eq!(
            fault(axis(2), &[shape(&[2, 3]), shape(&[2, 3])]),
            ["`axis` of `concat` must be between -2 and 1, found 2"]
        );
        assert_eq!(
            fault(axis(0), &[shape(&[2])]),
            ["`concat` needs at least 2 tensors, found 1"]
        );
    }
}
