//! Graphs built by hand or at random, and their values by the reference interpreter.

use proc_macro2::{Ident, Span};

use super::{Given, Random, layer, loss, random_params, shape, try_layer};
use crate::diagnostics::Diagnostics;
use crate::formula::{Formula, x};
use crate::graph::{Graph, Input, Node, Output, Param, Port, Scalar};
use crate::ir::interpret::TargetData;
use crate::ir::{NodeId, ParamId, ParamSpec, Shape};
use crate::layers::{self, Arg, Call, Layer};
use crate::losses::Target;
use crate::passes::{self, parse};

/// The graph of one network as it is written.
pub fn compiled(text: &str) -> Graph {
    let diagnostics = Diagnostics::default();
    let source = parse::parse(text.parse().expect("Rust tokens"), &diagnostics);
    let mut graphs = passes::shape::shape(&source, &diagnostics);
    assert!(diagnostics.take().is_empty(), "{text}");
    graphs.remove(0)
}

/// A graph under construction.
pub struct GraphBuilder {
    pub graph: Graph,
}

impl GraphBuilder {
    pub fn new() -> Self {
        Self {
            graph: Graph {
                name: Ident::new("Net", Span::call_site()),
                visibility: quote::quote!(pub),
                passed_attributes: Vec::new(),
                scalar: Scalar::F64,
                print: Vec::new(),
                inputs: Vec::new(),
                nodes: Vec::new(),
                params: Vec::new(),
                outputs: Vec::new(),
                budget: Vec::new(),
                weights: None,
                quantize: None,
            },
        }
    }

    pub fn input(&mut self, dims: &[usize]) -> Port {
        let name = format!("x{}", self.graph.inputs.len());
        self.graph.inputs.push(Input {
            name: Ident::new(&name, Span::call_site()),
            shape: shape(dims),
        });
        Port::Input(self.graph.inputs.len() - 1)
    }

    /// Adds a layer of the language; gives its outputs.
    pub fn call(&mut self, kind: &'static str, given: Given, inputs: &[Port]) -> Vec<Port> {
        let shapes: Vec<Shape> = inputs.iter().map(|p| self.graph.shape(*p).clone()).collect();
        self.node(kind, layer(kind, given, &shapes), inputs)
    }

    pub fn node(&mut self, kind: &'static str, layer: Box<dyn Layer>, inputs: &[Port]) -> Vec<Port> {
        let node = NodeId(self.graph.nodes.len());
        let word = match kind {
            "+" => "add",
            "-" => "sub",
            "*" => "mul",
            _ => kind,
        };
        let name = format!("{word}_{}", node.0);
        let mut params = Vec::new();
        for spec in layer.params() {
            params.push(ParamId(self.graph.params.len()));
            self.graph.params.push(Param {
                name: format!("{name}.{}", spec.suffix),
                node,
                spec,
            });
        }
        let outputs = layer.outputs();
        let ports = (0..outputs.len())
            .map(|output| Port::Node { node, output })
            .collect();
        self.graph.nodes.push(Node {
            layer,
            kind,
            name,
            inputs: inputs.to_vec(),
            outputs,
            params,
            span: Span::call_site(),
            text: format!("{kind}()"),
        });
        ports
    }

    pub fn output(&mut self, port: Port, name: &'static str, given: Given, weight: f64) {
        let shape = self.graph.shape(port).clone();
        let loss = loss(name, given, &shape);
        self.graph.outputs.push(Output {
            port,
            shape,
            loss: Some((loss, weight)),
        });
    }
}

/// Sizes of random tensors.
const SHAPES: &[&[usize]] = &[&[4], &[3], &[2, 3], &[2, 2, 2], &[6]];

/// A random network over the whole layer set: fan-out, reuse, several inputs and outputs.
pub fn random(r: &mut Random) -> Graph {
    let mut g = GraphBuilder::new();
    for _ in 0..1 + r.below(2) {
        g.input(SHAPES[r.below(SHAPES.len())]);
    }
    let mut ports: Vec<Port> = (0..g.graph.inputs.len()).map(Port::Input).collect();
    for _ in 0..2 + r.below(9) {
        // Mostly on the latest value, so that networks grow deep; now and then on an older one.
        let at = if r.below(3) > 0 {
            ports.len() - 1
        } else {
            r.below(ports.len())
        };
        let added = random_layer(&mut g, r, &ports, ports[at]);
        ports.extend(added);
    }
    for _ in 0..1 + r.below(2) {
        let port = *ports.last().expect("a network has inputs");
        let port = if g.graph.outputs.is_empty() {
            port
        } else {
            ports[r.below(ports.len())]
        };
        random_loss(&mut g, r, port);
    }
    g.graph
}

fn random_layer(g: &mut GraphBuilder, r: &mut Random, ports: &[Port], x0: Port) -> Vec<Port> {
    let input = g.graph.shape(x0).clone();
    // Any other value of the same shape, `x0` itself if there is none.
    let alike: Vec<Port> = ports
        .iter()
        .copied()
        .filter(|p| *g.graph.shape(*p) == input)
        .collect();
    let other = alike[r.below(alike.len())];
    let flag = |name, value: bool| (name, Arg::Flag(value));
    match r.below(18) {
        15.. => random_image_layer(g, r, &input, x0),
        0..=2 => {
            let bias = flag("bias", r.below(4) > 0);
            let frozen = flag("frozen", r.below(6) == 0);
            g.call(
                "dense",
                vec![("units", Arg::Size(1 + r.below(4))), bias, frozen],
                &[x0],
            )
        }
        3..=5 => {
            let activations: Vec<&'static str> = layers::ALL
                .iter()
                .filter(|l| l.call == Call::Method && l.args.iter().all(|a| a.default.is_some()))
                .map(|l| l.name)
                // Some need more than one number, or an image.
                .filter(|l| try_layer(l, vec![], std::slice::from_ref(&input)).is_ok())
                .collect();
            g.call(activations[r.below(activations.len())], vec![], &[x0])
        }
        6 | 7 => g.call(["+", "-", "*"][r.below(3)], vec![], &[x0, other]),
        8 => {
            let axis = r.below(input.0.len());
            g.call("concat", vec![("axis", Arg::Integer(axis as i64))], &[x0, other])
        }
        9 if input.width() > 1 => {
            let parts = (2..=input.width()).find(|p| input.width().is_multiple_of(*p));
            g.call("split", vec![("parts", Arg::Size(parts.unwrap_or(1)))], &[x0])
        }
        10 => {
            let (w, rows) = (input.width(), input.rows());
            let sizes = if rows > 1 { vec![w, rows] } else { vec![1, w] };
            g.call("reshape", vec![("sizes", Arg::Sizes(sizes))], &[x0])
        }
        13 => g.call("batch_norm", vec![flag("frozen", r.below(4) == 0)], &[x0]),
        11 => g.call("dropout", vec![("rate", Arg::Number(0.3))], &[x0]),
        12 => {
            let f: Formula = x(0).tanh() * x(1) + (x(0) * x(1)).sin();
            let layer = layers::formula(&f, &input, 2);
            g.node("gate", layer, &[x0, other])
        }
        _ => {
            let scale = layers::affine(&input, r.uniform(-1.5, 1.5), r.uniform(-1.0, 1.0));
            g.node("affine", scale, &[x0])
        }
    }
}

/// A layer over images or sequences, where the input is one.
fn random_image_layer(g: &mut GraphBuilder, r: &mut Random, input: &Shape, x0: Port) -> Vec<Port> {
    let sizes = |n: usize| Arg::Sizes(vec![n]);
    let channels = input.width();
    let rank = input.0.len();
    let same = ("padding", Arg::Choice("same".to_string()));
    let filters = ("filters", Arg::Size(1 + r.below(3)));
    let kernel = ("kernel", sizes(1 + r.below(3)));
    let stride = ("stride", sizes(1 + r.below(2)));
    let dilation = ("dilation", sizes(1 + r.below(2)));
    let of_rank = |one, two| if rank == 2 { one } else { two };
    if rank != 2 && rank != 3 {
        if input.elems() == 1 {
            return g.call("sigmoid", vec![], &[x0]);
        }
        return g.call("group_norm", vec![("groups", Arg::Size(1))], &[x0]);
    }
    match r.below(9) {
        0 | 1 => g.call(
            of_rank("conv1d", "conv2d"),
            vec![filters, kernel, stride, dilation, same],
            &[x0],
        ),
        2 if rank == 3 => g.call("depthwise_conv2d", vec![kernel, stride, same], &[x0]),
        3 if rank == 3 && input.elems() < 20 => {
            g.call("conv_transpose2d", vec![filters, kernel, stride, same], &[x0])
        }
        4 => g.call(
            of_rank("max_pool1d", "max_pool2d"),
            vec![("size", sizes(2)), stride, same],
            &[x0],
        ),
        5 => g.call(
            of_rank("avg_pool1d", "avg_pool2d"),
            vec![("size", sizes(2)), stride, same],
            &[x0],
        ),
        6 if input.elems() < 20 => g.call("pad", vec![("sides", sizes(1))], &[x0]),
        7 => {
            let (start, end) = (("start", Arg::Integer(0)), ("end", Arg::Integer(1)));
            g.call("slice", vec![start, end, ("axis", Arg::Integer(0))], &[x0])
        }
        _ if input.elems() > channels => g.call("group_norm", vec![("groups", Arg::Size(channels))], &[x0]),
        _ => {
            let axes = Arg::Sizes((0..rank).rev().collect());
            g.call("transpose", vec![("axes", axes)], &[x0])
        }
    }
}

fn random_loss(g: &mut GraphBuilder, r: &mut Random, port: Port) {
    let weight = r.uniform(0.5, 2.0);
    let wide = g.graph.shape(port).width() > 1;
    let smoothing = ("label_smoothing", Arg::Number([0.0, 0.1][r.below(2)]));
    let (name, given): (&'static str, Given) = match r.below(7) {
        0 | 1 if wide => ("softmax_cross_entropy", vec![smoothing]),
        2 if wide => {
            let target = ("target", Arg::Choice("distribution".to_string()));
            ("softmax_cross_entropy", vec![smoothing, target])
        }
        3 if wide => ("cosine", vec![]),
        4 => ("binary_cross_entropy", vec![]),
        5 if wide => ("kl_divergence", vec![("logits", Arg::Flag(true))]),
        _ => ("mean_squared_error", vec![]),
    };
    g.output(port, name, given, weight);
}

/// Random numbers for everything that a graph reads.
pub struct Data {
    pub samples: usize,
    pub params: Vec<Vec<f64>>,
    /// `[samples, shape]` of each input.
    pub inputs: Vec<Vec<f64>>,
    pub targets: Vec<TargetData>,
    /// A gradient for each output.
    pub output_gradients: Vec<Vec<f64>>,
}

impl Data {
    pub fn random(graph: &Graph, r: &mut Random) -> Self {
        let samples = 2 + r.below(3);
        let specs: Vec<ParamSpec> = graph.params.iter().map(|p| p.spec.clone()).collect();
        let targets = graph
            .outputs
            .iter()
            .map(|o| match o.loss.as_ref().map(|(l, _)| l.target()) {
                Some(Target::Classes { rows, classes }) => {
                    TargetData::Classes((0..samples * rows).map(|_| r.below(classes)).collect())
                }
                _ => TargetData::Values(r.vector(samples * o.shape.elems(), 0.05, 1.0)),
            })
            .collect();
        Self {
            samples,
            params: random_params(&specs, r),
            inputs: graph
                .inputs
                .iter()
                .map(|i| r.vector(samples * i.shape.elems(), -1.5, 1.5))
                .collect(),
            targets,
            output_gradients: graph
                .outputs
                .iter()
                .map(|o| r.vector(samples * o.shape.elems(), -1.0, 1.0))
                .collect(),
        }
    }
}
