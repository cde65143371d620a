//! The pass, on networks as they are written.

use std::str::FromStr;

use proc_macro2::TokenStream;

use super::{Int8, Kind, Place, quantize};
use crate::diagnostics::Diagnostics;
use crate::passes::{parse, shape};

/// The network in int8, or the faults.
fn compile(text: &str) -> Result<Int8, Vec<String>> {
    let diagnostics = Diagnostics::default();
    let source = parse::parse(TokenStream::from_str(text).expect("tokens"), &diagnostics);
    let graphs = shape::shape(&source, &diagnostics);
    let int8 = graphs.first().and_then(|graph| quantize(graph, &diagnostics));
    let faults: Vec<String> = diagnostics.take().iter().map(|d| d.text()).collect();
    if faults.is_empty() {
        Ok(int8.expect("a network without faults"))
    } else {
        Err(faults)
    }
}

fn int8(text: &str) -> Int8 {
    compile(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"))
}

/// `y = word(x, …)` a line.
fn ops(int8: &Int8) -> Vec<String> {
    let name = |v: usize| int8.values[v].name.as_str();
    let line = |op: &super::Op| {
        let x: Vec<&str> = op.x.iter().map(|v| name(*v)).collect();
        let (word, product) = match &op.kind {
            Kind::Dense { product, .. } => ("dense", Some(product)),
            Kind::Conv { product, .. } => ("conv", Some(product)),
            Kind::Add { .. } => ("add", None),
            Kind::Mul { .. } => ("mul", None),
            Kind::Map { .. } => ("map", None),
            Kind::Softmax { .. } => ("softmax", None),
            Kind::Average { .. } => ("average", None),
            Kind::Max { .. } => ("max", None),
            Kind::Columns { .. } => ("columns", None),
            Kind::Permute { .. } => ("permute", None),
            Kind::CopyBox { .. } => ("box", None),
        };
        let folded = product
            .and_then(|p| p.normalize.as_ref())
            .map_or("", |_| " normalised");
        format!("{} = {word}({}){folded}", name(op.y), x.join(", "))
    };
    int8.ops.iter().map(line).collect()
}

#[test]
fn normalisations_and_clamps_are_folded() {
    let int8 = int8(
        "N(x: Tensor<8, 8, 3>) -> Tensor<10> {
            x.conv2d(4, kernel = 3, bias = false).batch_norm().cut().max_pool2d(2).flatten().dense(10)
        }
        fn cut(x) = min(max(x, 0.0), 6.0);",
    );
    assert_eq!(
        ops(&int8),
        [
            "cut_1 = conv(x) normalised",
            "max_pool2d_1 = max(cut_1)",
            "dense_1 = dense(max_pool2d_1)",
        ]
    );
    let Kind::Conv { product, .. } = &int8.ops[0].kind else {
        panic!("a convolution");
    };
    assert_eq!(product.clamp, [0.0, 6.0]);
    // Pooling moves numbers: one scale.
    let scales: Vec<usize> = int8.values.iter().map(|v| v.scale).collect();
    assert_eq!((scales, int8.scales), (vec![0, 1, 1, 2], 3));
}

#[test]
fn a_product_of_two_values_takes_the_relu_behind_it() {
    let int8 = int8("N(x: Tensor<8>) -> Tensor<8> { (x.dense(8).sigmoid() * x).relu() }");
    assert_eq!(
        ops(&int8),
        [
            "dense_1 = dense(x)",
            "sigmoid_1 = map(dense_1)",
            "relu_1 = mul(sigmoid_1, x)"
        ]
    );
    let Kind::Mul { clamp } = int8.ops[2].kind else {
        panic!("a product");
    };
    assert_eq!((clamp, int8.arena), ([0.0, f64::INFINITY], 0));
}

#[test]
fn what_is_read_twice_is_not_fused() {
    let int8 = int8("N(x: Tensor<8>) -> Tensor<8> { let y = x.dense(8); y.relu() + y }");
    assert_eq!(
        ops(&int8),
        [
            "dense_1 = dense(x)",
            "relu_1 = map(dense_1)",
            "add_1 = add(relu_1, dense_1)"
        ]
    );
}

#[test]
fn values_that_are_moved_share_a_scale() {
    let int8 = int8(
        "N(x: Tensor<4, 4, 2>, y: Tensor<4, 4, 2>) -> Tensor<4, 4, 4> {
            concat(x.dense(2), y, axis = -1).tanh()
        }",
    );
    assert_eq!(
        ops(&int8),
        [
            "dense_1 = dense(x)",
            "concat_1 = columns(dense_1)",
            "concat_1 = columns(y)",
            "tanh_1 = map(concat_1)"
        ]
    );
    let scale = |name: &str| int8.values.iter().find(|v| v.name == name).map(|v| v.scale);
    assert_eq!(scale("dense_1"), scale("y"));
    assert_ne!(scale("x"), scale("y"));
    assert_eq!(int8.fixed, [(scale("tanh_1").expect("a value"), 1.0 / 128.0, 0)]);
}

#[test]
fn places_do_not_overlap() {
    let int8 = int8(
        "N(x: Tensor<8, 8, 4>) -> Tensor<8, 8, 4> {
            let a = x.conv2d(4, kernel = 3, padding = same).relu();
            let b = a.conv2d(4, kernel = 3, padding = same).relu().conv2d(4, kernel = 1);
            (a + b).relu()
        }",
    );
    // A convolution's input and output beside the skip connection; input and output are the caller's. The sum is written
    // over `a`, which nothing reads later, so `a` lies in the output from the start.
    assert_eq!(int8.arena, 2 * 256);
    let buffer = int8.share();
    let used = |v: usize| {
        int8.ops
            .iter()
            .position(|op| op.y == v || op.x.contains(&v))
            .zip(int8.ops.iter().rposition(|op| op.y == v || op.x.contains(&v)))
    };
    let count = int8.values.len();
    for (a, b) in (0..count).flat_map(|a| (0..a).map(move |b| (a, b))) {
        let (Place::Arena(at), Place::Arena(other)) = (int8.values[a].place, int8.values[b].place) else {
            continue;
        };
        let ((from, to), (from_b, to_b)) = (used(a).expect("used"), used(b).expect("used"));
        let at_once = from <= to_b && from_b <= to;
        let apart = at + int8.values[a].elems <= other || other + int8.values[b].elems <= at;
        assert!(
            apart || !at_once || buffer[a] == buffer[b],
            "{} and {}",
            int8.values[a].name,
            int8.values[b].name
        );
    }
}

/// `name @ place` of every value.
fn placed(int8: &Int8) -> Vec<String> {
    let line = |v: &super::Value| format!("{} @ {:?}", v.name, v.place);
    int8.values.iter().map(line).collect()
}

#[test]
fn what_goes_number_by_number_writes_over_its_input() {
    let int8 = int8(
        "N(x: Tensor<16>) -> Tensor<16> {
            let a = x.dense(16);
            (a.gelu() + x).tanh().dense(16).softmax()
        }",
    );
    // The network's input is not written to. What becomes the output lies there from the start.
    assert_eq!(
        placed(&int8),
        [
            "x @ Input(0)",
            "dense_1 @ Arena(0)",
            "gelu_1 @ Arena(0)",
            "add_1 @ Arena(0)",
            "tanh_1 @ Arena(0)",
            "dense_2 @ Output(0)",
            "softmax_1 @ Output(0)",
        ]
    );
    assert_eq!(int8.arena, 16);
}

#[test]
fn what_is_read_later_is_not_written_over() {
    let int8 = int8(
        "N(x: Tensor<16>) -> (Tensor<16>, Tensor<16>) {
            let a = x.dense(16);
            let b = a.gelu();
            (b, (a + b).dense(16))
        }",
    );
    // `a` ends at the sum; `b` is an output.
    assert_eq!(
        placed(&int8),
        [
            "x @ Input(0)",
            "dense_1 @ Arena(0)",
            "gelu_1 @ Output(0)",
            "add_1 @ Arena(0)",
            "dense_2 @ Output(1)",
        ]
    );
}

#[test]
fn parameters_are_named_and_aligned() {
    let int8 = int8("N(x: Tensor<5>) -> Tensor<2> { x.dense(3).gelu().dense(2).softmax() }");
    let sections: Vec<String> = int8
        .sections
        .iter()
        .map(|s| format!("{} {:?} @ {}", s.name, s.shape, s.offset))
        .collect();
    assert_eq!(
        sections,
        [
            "scales [5] @ 0",
            "zero_points [5] @ 0",
            "dense_1.weight [3, 8] @ 8",
            "dense_1.bias [3] @ 5",
            "dense_1.multiplier [3] @ 8",
            "dense_1.shift [3] @ 32",
            "dense_1.clamp [2] @ 35",
            "gelu_1.table [256] @ 40",
            "dense_2.weight [2, 4] @ 296",
            "dense_2.bias [2] @ 11",
            "dense_2.multiplier [2] @ 13",
            "dense_2.shift [2] @ 304",
            "dense_2.clamp [2] @ 306",
            "softmax_1.multiplier_shift_least [3] @ 15",
        ]
    );
    assert_eq!((int8.bytes, int8.words), (308, 18));
}

#[test]
fn layers_without_a_form_are_faults() {
    for (body, message) in [
        (
            "x.layer_norm()",
            "`layer_norm()` has no form in int8: it normalises",
        ),
        (
            "x.relu().batch_norm()",
            "`batch_norm()` has no form in int8: it combines",
        ),
        ("x - x.sigmoid()", "`x - x.sigmoid()` has no form in int8"),
        (
            "x.log_softmax()",
            "`log_softmax()` has no form in int8: a logarithm",
        ),
        (
            "concat(x.slice(0, 2).softmax(), x.slice(2, 4))",
            "`softmax()` has no form in int8: its numbers are joined",
        ),
    ] {
        let faults = compile(&format!("N(x: Tensor<4>) -> Tensor<4> {{ {body} }}"))
            .err()
            .expect("a fault");
        assert!(
            faults.len() == 1 && faults[0].starts_with(message),
            "{body}: {faults:?}"
        );
        assert!(faults[0].contains("\nhelp: "), "{faults:?}");
    }
}
