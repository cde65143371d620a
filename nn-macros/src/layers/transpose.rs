//! `transpose`: the axes in another order.

use super::{ArgKind, ArgSpec, Args, Backward, Call, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::{ParamId, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "transpose",
    call: Call::Method,
    doc: "\
The axes in another order.

Axis `i` of the output is axis `axes[i]` of the input: `x.transpose([2, 0, 1])` puts the channels of an image first, as
PyTorch has them. The batch is no axis.

# Shapes
At most 4 axes; the sizes move with them.

# Gradient
`dx` is `dy` with the axes back in their places.

# Source
NumPy `transpose`, PyTorch `permute`, Keras `Permute` (which counts from 1).",
    args: &[
        ArgSpec::required(
            0,
            "axes",
            ArgKind::Extents {
                least: 0,
                lengths: &[1, 2, 3, 4],
                words: &[],
            },
            "every axis of the input once, counted from 0",
        ),
        NAME,
    ],
    build,
};

struct Transpose {
    input: Shape,
    output: Shape,
    /// Both shapes with leading axes of 1, to have four.
    dims: [usize; 4],
    axes: [usize; 4],
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let input = inputs[0].clone();
    let rank = input.0.len();
    let given = args.sizes("axes").unwrap_or_default();
    let mut sorted = given.clone();
    sorted.sort_unstable();
    if rank > 4 {
        return Err(args.fault_here(
            format!("`transpose` takes at most 4 axes, found {input}"),
            "`reshape` can join neighbouring axes that stay together",
        ));
    }
    if !sorted.iter().copied().eq(0..rank) {
        let order: Vec<String> = (0..rank).rev().map(|a| a.to_string()).collect();
        return Err(args.misfit(
            "axes",
            format!(
                "`axes` of `transpose` must name each of the {rank} axes of {input} once, found {given:?}"
            ),
            format!(
                "axes are counted from 0, without the batch: `[{}]`",
                order.join(", ")
            ),
        ));
    }
    let lead = 4 - rank;
    let (mut dims, mut axes) = ([1; 4], [0, 1, 2, 3]);
    for (i, axis) in given.iter().enumerate() {
        dims[lead + i] = input.0[i];
        axes[lead + i] = lead + axis;
    }
    Ok(Box::new(Transpose {
        output: Shape(given.iter().map(|a| input.0[*a]).collect()),
        input,
        dims,
        axes,
    }))
}

impl Layer for Transpose {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.output.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        b.permute("", inputs[0], self.dims, self.axes, &self.output)
            .into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let mut back = [0; 4];
        for (i, axis) in self.axes.iter().enumerate() {
            back[*axis] = i;
        }
        let dims = self.axes.map(|a| self.dims[a]);
        vec![io.needs[0].then(|| b.permute("x", io.dy[0], dims, back, &self.input))]
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{assert_all_close, check_layer, forward, layer, shape, try_layer};

    fn axes(axes: &[usize]) -> Vec<(&'static str, Arg)> {
        vec![("axes", Arg::Sizes(axes.to_vec()))]
    }

    #[test]
    fn moves_the_axes() {
        let s = shape(&[2, 3]);
        let transpose = layer("transpose", axes(&[1, 0]), std::slice::from_ref(&s));
        assert_eq!(transpose.outputs(), [shape(&[3, 2])]);
        let x = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let y = forward(&*transpose, &[(s, x)], &[], Mode::Inference);
        assert_all_close(&y[0], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for order in [&[2, 0, 1][..], &[1, 2, 0], &[0, 2, 1]] {
            let inputs = [shape(&[2, 3, 4])];
            check_layer(&*layer("transpose", axes(order), &inputs), &inputs);
        }
        let inputs = [shape(&[2, 1, 3, 2])];
        check_layer(&*layer("transpose", axes(&[3, 1, 0, 2]), &inputs), &inputs);
    }

    #[test]
    fn refuses_an_axis_twice() {
        for wrong in [&[0, 0][..], &[0], &[0, 2], &[0, 1, 2]] {
            let found = try_layer("transpose", axes(wrong), &[shape(&[2, 6])])
                .err()
                .expect("a fault");
            let message =
                format!("`axes` of `transpose` must name each of the 2 axes of 2 x 6 once, found {wrong:?}");
            assert_eq!(found, [message]);
        }
    }
}
