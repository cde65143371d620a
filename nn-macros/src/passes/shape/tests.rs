use std::str::FromStr;

use proc_macro2::TokenStream;

use super::shape;
use crate::diagnostics::Diagnostics;
use crate::graph::{Graph, Port};
use crate::passes::parse::parse;

fn compile(text: &str) -> (Vec<Graph>, Vec<String>) {
    let diagnostics = Diagnostics::default();
    let source = parse(TokenStream::from_str(text).expect("tokens"), &diagnostics);
    assert!(diagnostics.is_empty(), "{:?}", diagnostics.take());
    let graphs = shape(&source, &diagnostics);
    let found: Vec<String> = diagnostics.take().iter().map(|d| d.text()).collect();
    for fault in &found {
        assert!(fault.contains("\nhelp: "), "no help: {fault}");
    }
    (graphs, found)
}

fn graph(text: &str) -> Graph {
    let (mut graphs, found) = compile(text);
    assert_eq!(found, Vec::<String>::new(), "{text}");
    assert_eq!(graphs.len(), 1);
    graphs.remove(0)
}

/// First lines of the faults.
fn faults(text: &str) -> Vec<String> {
    let (_, found) = compile(text);
    found
        .iter()
        .map(|f| f.lines().next().unwrap_or_default().to_string())
        .collect()
}

/// Faults of a body inside a sound network of input `x: Tensor<4>`.
fn body_faults(body: &str, output: usize) -> Vec<String> {
    faults(&format!("N(x: Tensor<4>) -> Tensor<{output}> {{ {body} }}"))
}

fn nodes(graph: &Graph) -> Vec<String> {
    graph
        .nodes
        .iter()
        .map(|n| {
            let inputs: Vec<String> = n
                .inputs
                .iter()
                .map(|p| match p {
                    Port::Input(i) => graph.inputs[*i].name.to_string(),
                    Port::Node { node, output: 0 } => graph.nodes[node.0].name.clone(),
                    Port::Node { node, output } => format!("{}.{output}", graph.nodes[node.0].name),
                })
                .collect();
            let outputs: Vec<String> = n.outputs.iter().map(ToString::to_string).collect();
            format!(
                "{} = {}({}) : {}",
                n.name,
                n.text,
                inputs.join(", "),
                outputs.join(", ")
            )
        })
        .collect()
}

#[test]
fn a_chain() {
    let g = graph(
        "pub Xor(x: Tensor<2>) -> Tensor<1> { x.dense(3).tanh().dense(1, bias = false, name = \"head\") }",
    );
    assert_eq!(
        nodes(&g),
        [
            "dense_1 = dense(3)(x) : 3",
            "tanh_1 = tanh()(dense_1) : 3",
            "head = dense(1, bias = false)(tanh_1) : 1"
        ]
    );
    let params: Vec<&str> = g.params.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(params, ["dense_1.weight", "dense_1.bias", "head.weight"]);
    assert!(!g.has_loss());
}

#[test]
fn blocks_repeat_if_and_consts() {
    let g = graph(
        "const WIDTH: usize = 2 * 4;
         N(x: Tensor<8>) -> Tensor<WIDTH> { x.repeat(2, residual(wide = true)).residual(name = \"last\") }
         block residual(x, units = WIDTH, wide = false) {
             let unused_branch = x.dense(100);
             let main = if wide { x.dense(2 * units).dense(units) } else { x.dense(units) };
             let skip = if units == 8 { x } else { unused_branch };
             main + skip
         }",
    );
    assert_eq!(
        nodes(&g),
        [
            "residual_1_dense_2 = dense(16)(x) : 16",
            "residual_1_dense_3 = dense(8)(residual_1_dense_2) : 8",
            "residual_1_add_1 = main + skip(residual_1_dense_3, x) : 8",
            "residual_2_dense_2 = dense(16)(residual_1_add_1) : 16",
            "residual_2_dense_3 = dense(8)(residual_2_dense_2) : 8",
            "residual_2_add_1 = main + skip(residual_2_dense_3, residual_1_add_1) : 8",
            "last_dense_2 = dense(8)(residual_2_add_1) : 8",
            "last_add_1 = main + skip(last_dense_2, residual_2_add_1) : 8",
        ]
    );
    assert_eq!(g.params[0].name, "residual_1.dense_2.weight");
    assert_eq!(g.params[8].name, "last.dense_2.weight");
    assert!(g.nodes.iter().all(|n| {
        n.params
            .iter()
            .all(|p| g.nodes[g.params[p.0].node.0].name == n.name)
    }));
}

#[test]
fn several_inputs_outputs_and_functions() {
    let g = graph(
        "Actor(state: Tensor<4>, goal: Tensor<2>) -> (Tensor<3>, Tensor<1>) {
             let x = concat(state, goal).dense(8).tanh();
             let (a, b) = x.split(2);
             ((a * b).dense(3), gate(a, b).swish(2).dense(1))
         }
         fn gate(a, b) = a * sigmoid(b);
         fn swish(x, slope) = x * sigmoid(slope * x);",
    );
    assert_eq!(
        nodes(&g),
        [
            "concat_1 = concat(state, goal)(state, goal) : 6",
            "dense_1 = dense(8)(concat_1) : 8",
            "tanh_1 = tanh()(dense_1) : 8",
            "split_1 = split(2)(tanh_1) : 4, 4",
            "multiply_1 = a * b(split_1, split_1.1) : 4",
            "dense_2 = dense(3)(multiply_1) : 3",
            "gate_1 = gate(a, b)(split_1, split_1.1) : 4",
            "swish_1 = swish(2)(gate_1) : 4",
            "dense_3 = dense(1)(swish_1) : 1",
        ]
    );
    assert_eq!(g.outputs.len(), 2);
}

#[test]
fn numbers_with_tensors() {
    let g = graph("N(x: Tensor<4>) -> Tensor<4> { 1.0 - 2 * x / 4 + -(x - 1) * (1.0 / x) }");
    let kinds: Vec<&str> = g.nodes.iter().map(|n| n.kind).collect();
    assert_eq!(
        kinds,
        [
            "scale",
            "scale",
            "shift",
            "shift",
            "negate",
            "reciprocal",
            "multiply",
            "add"
        ]
    );
}

#[test]
fn layers_as_arguments_of_blocks() {
    let g = graph(
        "N(x: Tensor<4>) -> Tensor<2> { x.fc(8, relu).fc(2, act = leaky_relu(0.1), start = uniform(-0.5, 0.5)).repeat(2, tanh) }
         block fc(x, units, act, start = he_normal) { x.dense(units, init = start).act() }",
    );
    assert_eq!(
        nodes(&g),
        [
            "fc_1_dense_1 = dense(8, init = start)(x) : 8",
            "fc_1_relu_1 = relu()(fc_1_dense_1) : 8",
            "fc_2_dense_1 = dense(2, init = start)(fc_1_relu_1) : 2",
            "fc_2_leaky_relu_1 = leaky_relu(0.1)(fc_2_dense_1) : 2",
            "tanh_1 = tanh()(fc_2_leaky_relu_1) : 2",
            "tanh_2 = tanh()(tanh_1) : 2",
        ]
    );
    let init = |i: usize| g.params[i].spec.init.clone();
    assert_eq!(init(0), crate::ir::Init::HeNormal);
    assert_eq!(init(2), crate::ir::Init::Uniform { low: -0.5, high: 0.5 });
}

#[test]
fn a_formula_is_what_it_says() {
    let g = "N(x: Tensor<1>) -> Tensor<1> { x.f() }";
    for (body, at, expected) in [
        (
            "x * tanh(ln(1.0 + exp(x)))",
            0.5,
            0.5 * (1.0 + 0.5f64.exp()).ln().tanh(),
        ),
        ("if x > 0.0 { x } else { K * x }", -2.0, -0.5),
        (
            "if x < 0.0 || x >= 3.0 && !(x == 4.0) { 1.0 } else { let y = x * x; y - 1 }",
            4.0,
            15.0,
        ),
        ("x.max(0.0).min(6) / 6", 3.0, 0.5),
        ("pow(x, 3) - powi(x, -1)", 2.0, 7.5),
        ("g(x, 2.0) + relu(-x)", 3.0, 6.0),
        (
            "if x != 1.0 { 1.0 } else if x <= 1.0 { 2.0 } else { 3.0 }",
            1.0,
            2.0,
        ),
    ] {
        let text = format!("{g} fn f(x) = {body}; fn g(a, b) = a * b; const K: f64 = 0.25;");
        let diagnostics = Diagnostics::default();
        let source = parse(TokenStream::from_str(&text).expect("tokens"), &diagnostics);
        let mut shaper = super::Shaper::new(&source, &diagnostics);
        let formula = shaper.formula("f").expect("a formula");
        assert!(diagnostics.is_empty(), "{:?}", diagnostics.take());
        assert!(
            (formula.eval(&[at]) - expected).abs() < 1e-12,
            "{body}: {}",
            formula.eval(&[at])
        );
    }
}

#[test]
fn independent_faults_come_at_once_and_followers_are_silent() {
    let found = body_faults(
        "let a = x.dens(3).rleu().dense(0); let b = y.dense(1); a + b + x.relu(2)",
        4,
    );
    assert_eq!(
        found,
        [
            "unknown layer `dens`",
            "unknown layer `rleu`",
            "`units` of `dense` must be a whole number above 0, found 0",
            "unknown name `y`",
            "`relu` takes no arguments, found 1",
        ]
    );
}

/// Blocks that call each other twice end the work, not the machine.
#[test]
fn growth_is_bounded() {
    let doubling: String = (0..30)
        .map(|i| format!("block b{i}(x) {{ x.b{0}().b{0}() }} ", i + 1))
        .collect();
    let found = faults(&format!(
        "N(x: Tensor<4>) -> Tensor<4> {{ x.b0() }} {doubling} block b30(x) {{ x.relu() }}"
    ));
    assert_eq!(found, ["more than 20000 calls of blocks in one network"]);
    let found = body_faults("x.repeat(1_000_000_000, relu)", 4);
    assert_eq!(found, ["more than 20000 layers in one network"]);
    let found =
        faults("N(x: Tensor<4>) -> Tensor<4> { x.repeat(1_000_000_000, same()) } block same(x) { x }");
    assert_eq!(found, ["more than 20000 calls of blocks in one network"]);
    let deep: String = (0..100)
        .map(|i| format!("block b{i}(x) {{ x.b{}() }} ", i + 1))
        .collect();
    let found = faults(&format!(
        "N(x: Tensor<4>) -> Tensor<4> {{ x.b0() }} {deep} block b100(x) {{ x.relu() }}"
    ));
    assert_eq!(found, ["blocks inside each other, more than 32 deep"]);
    let squares: String = (0..40)
        .map(|i| format!("fn f{i}(x) = f{0}(x) * f{0}(x); ", i + 1))
        .collect();
    let found = faults(&format!(
        "N(x: Tensor<4>) -> Tensor<4> {{ x.f0() }} {squares} fn f40(x) = x;"
    ));
    assert_eq!(found, ["a formula of more than 2000 operations"]);
    let found = faults("N(x: Tensor<70000, 70000>) -> Tensor<4> { x.flatten() }");
    assert_eq!(found, ["a tensor of 70000 x 70000 has 4900000000 elements"]);
}

#[test]
fn a_long_chain_is_no_deep_recursion() {
    let g = graph(&format!(
        "N(x: Tensor<4>) -> Tensor<4> {{ x{} }}",
        ".relu()".repeat(5000)
    ));
    assert_eq!(g.nodes.len(), 5000);
    let sum = format!("N(x: Tensor<4>) -> Tensor<4> {{ x{} }}", " + x".repeat(200));
    assert_eq!(graph(&sum).nodes.len(), 200);
}

#[test]
fn losses_are_read() {
    let g = graph(
        "#[loss(0.5 * huber(delta = 2.0), quantile(tau = 0.9))] #[scalar(f64)] #[print(ir, code)]
         N(x: Tensor<4>) -> (Tensor<2>, Tensor<1>) { (x.dense(2), x.dense(1)) }
         fn quantile(y, t, tau) = if t > y { tau * (t - y) } else { (1.0 - tau) * (y - t) };",
    );
    assert_eq!(g.outputs[0].loss.as_ref().map(|(_, weight)| *weight), Some(0.5));
    assert!(g.has_loss());
    assert_eq!(g.scalar, crate::graph::Scalar::F64);
    assert_eq!(g.print.len(), 2);
    let g = graph("#[loss(huber, delta = 2.0)] N(x: Tensor<4>) -> Tensor<2> { x.dense(2) }");
    assert!(g.has_loss());
}

/// Whatever parses is shaped or refused, never a panic; what is refused says why; every fault has a help.
#[test]
fn no_program_panics() {
    let words: Vec<&str> = "x y dense relu residual mish concat split repeat flatten reshape dropout batch_norm softmax same \
         he_normal WIDTH K Net Tensor loss huber hinge 0 1 2 3 16 1.5 true \"head\" + - * / < == && ! , ; . = ( ) { } < > \
         if else let block fn const units bias init name axis uniform pow exp tanh usize #[loss(hinge)] -> [ ]"
        .split_whitespace()
        .collect();
    let program = "const WIDTH : usize = 16 ; #[loss( huber , delta = 2.0 )] pub Net ( x : Tensor < 4 > , y : Tensor < 4 > ) -> \
         Tensor < 2 > { let h = concat ( x , y ) . residual ( WIDTH , relu ) . repeat ( 2 , mish ) ; let ( a , b ) = h . split \
         ( 2 ) ; ( a * b + 2.0 * a ) . dense ( 2 , init = uniform ( -0.1 , 0.1 ) , name = \"head\" ) } block residual ( x , \
         units , act , deep = true ) { let m = if deep && units > 2 { x . dense ( units ) . act ( ) } else { x . dense ( units \
         ) } ; m . dense ( 8 ) + x } fn mish ( x ) = x * tanh ( ln ( 1.0 + exp ( x ) ) ) ;";
    let tokens: Vec<&str> = program.split_whitespace().collect();
    let mut random = crate::testing::Random::new(11);
    let mut shaped = 0;
    for _ in 0..3000 {
        let mut text = tokens.clone();
        for _ in 0..random.below(3) {
            let i = random.below(text.len());
            match random.below(4) {
                0 => {
                    text.remove(i);
                }
                1 => text.insert(i, words[random.below(words.len())]),
                2 => text[i] = words[random.below(words.len())],
                _ => {
                    let j = random.below(text.len());
                    text.swap(i, j);
                }
            }
        }
        let Ok(stream) = TokenStream::from_str(&text.join(" ")) else {
            continue;
        };
        let diagnostics = Diagnostics::default();
        let source = parse(stream, &diagnostics);
        let graphs = shape(&source, &diagnostics);
        let found = diagnostics.take();
        assert!(found.iter().all(|d| !d.help.is_empty()), "{found:?}");
        assert!(
            graphs.len() == source.networks.len() || !found.is_empty(),
            "{text:?}"
        );
        shaped += graphs.len();
        // The stub is made of whatever is known.
        for (def, header) in source.networks.iter().zip(super::headers(&source)) {
            assert!(!crate::stub::stub(def, header).outputs.is_empty());
        }
    }
    assert!(shaped > 800, "{shaped}");
}

fn params(graph: &Graph) -> usize {
    graph.params.iter().map(|p| p.spec.shape.elems()).sum()
}

/// The programs of the language's first page, with the counts that Keras gives.
#[test]
fn lenet_and_resnet() {
    let lenet = graph(
        "#[loss(softmax_cross_entropy)]
         #[budget(params <= 62_000, macs <= 500_000)]
         pub LeNet(image: Tensor<28, 28, 1>) -> Tensor<10> {
             image
                 .conv2d(6, kernel = 5, padding = same).relu().max_pool2d(2)
                 .conv2d(16, kernel = 5).relu().max_pool2d(2)
                 .flatten()
                 .dense(120).relu()
                 .dense(84).relu()
                 .dense(10)
         }",
    );
    assert_eq!(params(&lenet), 61_706);
    let resnet = graph(
        "#[loss(softmax_cross_entropy)]
         pub ResNet8(image: Tensor<32, 32, 3>) -> Tensor<10> {
             image
                 .conv2d(16, kernel = 3, padding = same).batch_norm().relu()
                 .residual(16, stride = 1)
                 .residual(32, stride = 2)
                 .residual(64, stride = 2)
                 .global_avg_pool2d()
                 .dense(10)
         }

         /// Two 3x3 convolutions beside a skip connection.
         block residual(x, channels, stride) {
             let main = x
                 .conv2d(channels, kernel = 3, stride = stride, padding = same).batch_norm().relu()
                 .conv2d(channels, kernel = 3, padding = same).batch_norm();
             let skip = if stride == 1 { x } else { x.conv2d(channels, kernel = 1, stride = stride) };
             (main + skip).relu()
         }",
    );
    assert_eq!(params(&resnet), 78_666);
    assert!(
        resnet
            .params
            .iter()
            .any(|p| p.name == "residual_2.conv2d_3.weight")
    );
}
