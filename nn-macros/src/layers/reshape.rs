//! `reshape`: the same elements under other axes.

use super::{ArgKind, ArgSpec, Args, Backward, Call, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::{ParamId, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "reshape",
    call: Call::Method,
    doc: "\
The same elements under other axes, in the same order (the last axis running fastest); costs nothing.

# Shapes
Any gives `[sizes…]`, of equally many elements.

# Gradient
`dx` is `dy` in the input's shape.

# Source
Keras `Reshape`, PyTorch `Unflatten`.",
    args: &[
        ArgSpec::required(0, "sizes", ArgKind::Sizes, "the new axes, without the batch"),
        NAME,
    ],
    build,
};

struct Reshape {
    input: Shape,
    output: Shape,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let input = inputs[0].clone();
    let output = Shape(args.sizes("sizes").unwrap_or_default());
    // In u128, because the sizes are the user's and their product may not fit.
    let elems: u128 = output.0.iter().map(|&d| d as u128).product();
    if elems != input.elems() as u128 {
        return Err(args.misfit(
            "sizes",
            format!(
                "`reshape` to {output} needs {elems} elements, its input of {input} has {}",
                input.elems()
            ),
            mend(&output, input.elems()),
        ));
    }
    Ok(Box::new(Reshape { input, output }))
}

/// What the last size would have to be, if it can be mended there.
fn mend(output: &Shape, elems: usize) -> String {
    let rows = output
        .0
        .iter()
        .rev()
        .skip(1)
        .try_fold(1usize, |n, &d| n.checked_mul(d));
    match rows {
        Some(rows) if rows > 0 && elems.is_multiple_of(rows) => {
            let mut fitting = output.clone();
            if let Some(last) = fitting.0.last_mut() {
                *last = elems / rows;
            }
            format!("{fitting} would fit")
        }
        _ => format!("the sizes must multiply to {elems}"),
    }
}

impl Layer for Reshape {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.output.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        b.reshape(inputs[0], &self.output).into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        vec![io.needs[0].then(|| b.reshape(io.dy[0], &self.input))]
    }
}

#[cfg(test)]
mod tests {
    use crate::layers::Arg;
    use crate::testing::{check_layer, layer, shape, try_layer};

    #[test]
    fn gradients_are_central_differences() {
        let inputs = [shape(&[2, 6])];
        let reshape = layer("reshape", vec![("sizes", Arg::Sizes(vec![3, 2, 2]))], &inputs);
        assert_eq!(reshape.outputs(), [shape(&[3, 2, 2])]);
        check_layer(&*reshape, &inputs);
    }

    #[test]
    fn refuses_another_number_of_elements() {
        for sizes in [vec![3, 5], vec![], vec![usize::MAX, 2]] {
            let given = vec![("sizes", Arg::Sizes(sizes))];
            let found = try_layer("reshape", given, &[shape(&[2, 6])])
                .err()
                .expect("a fault");
            assert!(found[0].contains("its input of 2 x 6 has 12"), "{found:?}");
        }
        assert_eq!(super::mend(&shape(&[3, 5]), 12), "3 x 4 would fit");
        assert_eq!(super::mend(&shape(&[5, 3]), 12), "the sizes must multiply to 12");
    }
}
