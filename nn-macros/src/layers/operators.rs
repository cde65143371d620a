//! `+`, `-` and `*` of tensors of equal shape.

use super::elementwise::Elementwise;
use super::{Args, Call, Layer, LayerSpec};
use crate::diagnostics::Reported;
use crate::formula::{Formula, x};
use crate::ir::Shape;

pub static ADD: LayerSpec = LayerSpec {
    name: "+",
    call: Call::Operator,
    doc: "\
The sum of two tensors of equal shape, element by element.

`y = a + b`

# Shapes
Both alike; the output has the same. Nothing is broadcast.

# Gradient
`da = dy`, `db = dy`.",
    args: &[],
    build: |args, inputs| build(args, inputs, x(0) + x(1)),
};

pub static SUB: LayerSpec = LayerSpec {
    name: "-",
    call: Call::Operator,
    doc: "\
The difference of two tensors of equal shape, element by element.

`y = a - b`

# Shapes
Both alike; the output has the same. Nothing is broadcast.

# Gradient
`da = dy`, `db = -dy`.",
    args: &[],
    build: |args, inputs| build(args, inputs, x(0) - x(1)),
};

pub static MUL: LayerSpec = LayerSpec {
    name: "*",
    call: Call::Operator,
    doc: "\
The product of two tensors of equal shape, element by element.

`y = a · b`

# Shapes
Both alike; the output has the same. Nothing is broadcast.

# Gradient
`da = dy · b`, `db = dy · a`. The inputs are kept.",
    args: &[],
    build: |args, inputs| build(args, inputs, x(0) * x(1)),
};

fn build(args: &mut Args<'_>, inputs: &[Shape], f: Formula) -> Result<Box<dyn Layer>, Reported> {
    let (a, b) = (&inputs[0], &inputs[1]);
    if a != b {
        let message = format!(
            "`{}` needs equal shapes: {} is {a}, {} is {b}",
            args.layer,
            args.input_name(0),
            args.input_name(1)
        );
        let help = reduced(args, a, b).unwrap_or_else(|| mend(a, b));
        return Err(args.fault_here(message, help));
    }
    Ok(Box::new(Elementwise::new(a, &f, 2)))
}

/// Of two images, one a whole factor larger than the other: the larger was not reduced.
fn reduced(args: &Args<'_>, a: &Shape, b: &Shape) -> Option<String> {
    let (large, i, small) = if a.0.first() > b.0.first() {
        (a, 0, b)
    } else {
        (b, 1, a)
    };
    let (&[height, width, _], &[rows, columns, channels]) = (large.0.as_slice(), small.0.as_slice()) else {
        return None;
    };
    let stride = height.div_ceil(rows);
    let fits = |size: usize, reduced: usize| size.div_ceil(stride) == reduced;
    (stride > 1 && fits(height, rows) && fits(width, columns)).then(|| {
        format!(
            "{} was not reduced; a 1x1 `conv2d({channels}, kernel = 1, stride = {stride})` would match",
            args.input_name(i)
        )
    })
}

/// What was probably meant.
fn mend(a: &Shape, b: &Shape) -> String {
    if a.elems() == b.elems() {
        format!("they have equally many elements: `reshape` one of them to {a}")
    } else if a.0.len() == b.0.len() && a.0[..a.0.len() - 1] == b.0[..b.0.len() - 1] {
        format!(
            "`dense({})` on the second, or `dense({})` on the first, would match",
            a.width(),
            b.width()
        )
    } else {
        "nothing is broadcast; both sides must have the same sizes".to_string()
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::testing::{check_layer, forward, layer, shape, try_layer};

    #[test]
    fn element_by_element() {
        let s = shape(&[2]);
        let inputs = [(s.clone(), vec![1.0, 2.0]), (s.clone(), vec![3.0, -4.0])];
        for (name, expected) in [("+", [4.0, -2.0]), ("-", [-2.0, 6.0]), ("*", [3.0, -8.0])] {
            let operator = layer(name, vec![], &[s.clone(), s.clone()]);
            assert_eq!(forward(&*operator, &inputs, &[], Mode::Inference), [expected]);
        }
    }

    #[test]
    fn gradients_are_central_differences() {
        for name in ["+", "-", "*"] {
            for dims in [&[3][..], &[2, 3]] {
                let inputs = [shape(dims), shape(dims)];
                check_layer(&*layer(name, vec![], &inputs), &inputs);
            }
        }
    }

    #[test]
    fn refuses_unequal_shapes() {
        let found = try_layer("+", vec![], &[shape(&[16, 8]), shape(&[32, 8])])
            .err()
            .expect("a fault");
        assert_eq!(found, ["`+` needs equal shapes: `a` is 16 x 8, `b` is 32 x 8"]);
        assert!(super::mend(&shape(&[2, 3]), &shape(&[2, 5])).starts_with("`dense(3)`"));
        assert!(super::mend(&shape(&[2, 3]), &shape(&[6])).contains("`reshape` one of them to 2 x 3"));
    }
}
