//! Expansions of graphs built by hand.

use proc_macro2::{Ident, Span};

use super::{emit, programs};
use crate::formula::{c, x};
use crate::graph::{Graph, Input, Node, Output, Param, Port, Scalar};
use crate::ir::builder::{Builder, full};
use crate::ir::{NodeId, ParamId, Shape, ValueId};
use crate::layers::{Arg, Backward, Forward, Layer};
use crate::losses::{Loss, Target};
use crate::testing::layer;

struct Relu(Shape);

impl Layer for Relu {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.0.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, v: &[ValueId], _: &[ParamId]) -> Forward {
        b.map("", &self.0, vec![full(v[0])], x(0).max(c(0.0))).into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let f = crate::formula::Formula::if_gt(x(1), c(0.0), x(0), c(0.0));
        vec![Some(b.map("x", &self.0, vec![full(io.dy[0]), full(io.y[0])], f))]
    }
}

struct CrossEntropy(Shape);

impl Loss for CrossEntropy {
    fn target(&self) -> Target {
        Target::Classes {
            rows: self.0.rows(),
            classes: self.0.width(),
        }
    }

    fn lower(
        &self,
        b: &mut Builder<'_>,
        y: ValueId,
        output: usize,
        weight: f64,
        gradient: bool,
    ) -> Option<ValueId> {
        let (rows, dx) = b.softmax_cross_entropy(y, output, 0.0, Vec::new(), weight, gradient);
        b.accumulate_loss(rows);
        dx
    }
}

pub fn mlp(name: &str, sizes: &[usize]) -> Graph {
    let mut nodes: Vec<Node> = Vec::new();
    let mut params = Vec::new();
    let mut port = Port::Input(0);
    let mut shape = Shape(vec![sizes[0]]);
    for (i, &units) in sizes[1..].iter().enumerate() {
        let mut push = |layer: Box<dyn Layer>, kind: &'static str, text: String, params: &mut Vec<Param>| {
            let node = NodeId(nodes.len());
            let name = format!("{kind}_{}", i + 1);
            let ids = layer
                .params()
                .into_iter()
                .map(|spec| {
                    params.push(Param {
                        name: format!("{name}.{}", spec.suffix),
                        node,
                        spec,
                    });
                    ParamId(params.len() - 1)
                })
                .collect();
            let outputs = layer.outputs();
            let shape = outputs[0].clone();
            nodes.push(Node {
                layer,
                kind,
                name,
                inputs: vec![port],
                outputs,
                params: ids,
                span: Span::call_site(),
                text,
            });
            port = Port::Node { node, output: 0 };
            shape
        };
        shape = push(
            layer("dense", vec![("units", Arg::Size(units))], &[shape]),
            "dense",
            format!("dense({units})"),
            &mut params,
        );
        if i + 2 < sizes.len() {
            shape = push(Box::new(Relu(shape)), "relu", "relu()".into(), &mut params);
        }
    }
    Graph {
        name: Ident::new(name, Span::call_site()),
        visibility: quote::quote!(pub),
        passed_attributes: vec![quote::quote!(#[doc = " A test."])],
        scalar: Scalar::F32,
        print: Vec::new(),
        inputs: vec![Input {
            name: Ident::new("image", Span::call_site()),
            shape: Shape(vec![sizes[0]]),
        }],
        nodes,
        params,
        outputs: vec![Output {
            port,
            loss: Some((Box::new(CrossEntropy(shape.clone())), 1.0)),
            shape,
        }],
        budget: Vec::new(),
        weights: None,
        quantize: None,
    }
}

fn pretty(graph: &Graph) -> String {
    let tokens = emit(graph, &programs(graph)).on_host();
    prettyplease::unparse(&syn::parse2(tokens).expect("the expansion is no Rust"))
}

#[test]
fn a_perceptron_expands() {
    let text = pretty(&mlp("Mlp", &[784, 128, 64, 10]));
    if let Ok(path) = std::env::var("NN_WRITE_EXPANSION") {
        std::fs::write(path, &text).unwrap();
    }
    assert!(text.contains("fn dense_1_forward"));
}

#[test]
fn programs_print() {
    let mut graph = mlp("Mlp", &[4, 3, 2]);
    graph.print = vec![
        crate::graph::Print::Ir,
        crate::graph::Print::Plan,
        crate::graph::Print::Code,
    ];
    let programs = programs(&graph);
    let text = super::print::print(&graph, &programs, &emit(&graph, &programs).on_host());
    assert!(
        text.contains("relu_1: 3 = dense(image, dense_1.weight, dense_1.bias) then max(x0, 0)"),
        "{text}"
    );
    assert!(text.contains("dense_1 Forward: relu_1 at tile 0..3"), "{text}");
    assert!(text.contains("fn dense_1_forward"), "{text}");
    if let Ok(path) = std::env::var("NN_WRITE_PRINT") {
        std::fs::write(path, &text).unwrap();
    }
}
