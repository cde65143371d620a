//! Lower: a shaped graph to the forward half of a program.
//!
//! Before: layers with accepted shapes. After: straight-line primitive operations that compute every output,
//! and, for each layer, the values that its backward will ask for.

use crate::graph::{Graph, Port};
use crate::ir::builder::{Builder, Program};
use crate::ir::{Direction, Mode, NodeId, Space, Value, ValueId};

/// A program with the ties between graph and values that differentiation needs.
pub struct Lowered {
    pub program: Program,
    /// Per node: its input, output and saved values.
    pub nodes: Vec<NodeValues>,
}

#[derive(Default, Clone)]
pub struct NodeValues {
    pub x: Vec<ValueId>,
    pub y: Vec<ValueId>,
    pub saved: Vec<ValueId>,
}

impl Lowered {
    pub fn value(&self, port: Port) -> ValueId {
        match port {
            Port::Input(i) => self.program.inputs[i],
            Port::Node { node, output } => self.nodes[node.0].y[output],
        }
    }
}

/// Appends every layer's forward in order.
pub fn lower(graph: &Graph, mode: Mode) -> Lowered {
    let mut program = Program::default();
    for input in &graph.inputs {
        program.values.push(Value {
            name: input.name.to_string(),
            shape: input.shape.clone(),
            space: Space::Sample,
            lanes: false,
        });
        program.inputs.push(ValueId(program.values.len() - 1));
    }
    let mut lowered = Lowered {
        program,
        nodes: Vec::with_capacity(graph.nodes.len()),
    };
    for (i, node) in graph.nodes.iter().enumerate() {
        let x: Vec<ValueId> = node.inputs.iter().map(|&p| lowered.value(p)).collect();
        let mut b = Builder::new(
            &mut lowered.program,
            mode,
            NodeId(i),
            Direction::Forward,
            &node.name,
        );
        let forward = node.layer.forward(&mut b, &x, &node.params);
        lowered.nodes.push(NodeValues {
            x,
            y: forward.outputs,
            saved: forward.saved,
        });
    }
    lowered.program.outputs = graph.outputs.iter().map(|o| lowered.value(o.port)).collect();
    lowered.program.targets = lowered.program.outputs.clone();
    lowered
}

/// Appends the loss of every output; gives the gradient of each where `gradient` is set.
pub fn lower_losses(
    graph: &Graph,
    lowered: &mut Lowered,
    mode: Mode,
    gradient: bool,
) -> Vec<Option<ValueId>> {
    let mut gradients = Vec::with_capacity(graph.outputs.len());
    for (i, output) in graph.outputs.iter().enumerate() {
        let Some((loss, weight)) = &output.loss else {
            gradients.push(None);
            continue;
        };
        let y = lowered.value(output.port);
        let prefix = if graph.outputs.len() == 1 {
            "loss".to_string()
        } else {
            format!("loss_{}", i + 1)
        };
        let node = NodeId(graph.nodes.len() + i);
        let mut b = Builder::new(&mut lowered.program, mode, node, Direction::Loss, &prefix);
        gradients.push(loss.lower(&mut b, y, i, *weight, gradient));
    }
    gradients
}

/// Adds a value for the gradient of every output, to be brought by the caller.
pub fn output_gradients(graph: &Graph, lowered: &mut Lowered) -> Vec<Option<ValueId>> {
    let single = graph.outputs.len() == 1;
    (0..graph.outputs.len())
        .map(|i| {
            let name = if single {
                "output_gradient".to_string()
            } else {
                format!("output_{}_gradient", i + 1)
            };
            let shape = graph.outputs[i].shape.clone();
            lowered.program.values.push(Value {
                name,
                shape,
                space: Space::Sample,
                lanes: false,
            });
            let v = ValueId(lowered.program.values.len() - 1);
            lowered.program.output_gradients.push(v);
            Some(v)
        })
        .collect()
}
