//! Differentiate: appends the backward half.
//!
//! Before: a forward program and a gradient for some outputs. After: the gradient of every trainable parameter
//! is accumulated by one operation each, and the inputs' gradients are values, where they were asked for.
//!
//! A reverse walk over the layers: contributions of all uses of a value are summed, then the layer that made it is
//! asked for its backward. Nothing upstream of which nothing needs a gradient is visited.

use std::collections::HashMap;

use super::lower::Lowered;
use crate::formula::{Binary, Formula};
use crate::graph::{Graph, Port};
use crate::ir::builder::{Builder, full};
use crate::ir::{Direction, Mode, NodeId, ParamKind, ValueId};
use crate::layers::Backward;

/// `seeds`: the gradient of each output's value. `inputs`: whether the inputs' gradients are wanted.
pub fn differentiate(graph: &Graph, lowered: &mut Lowered, seeds: &[Option<ValueId>], inputs: bool) {
    let needs = needs_gradient(graph, inputs);
    let mut contributions: HashMap<Port, Vec<ValueId>> = HashMap::new();
    for (output, seed) in graph.outputs.iter().zip(seeds) {
        if let Some(seed) = seed {
            contributions.entry(output.port).or_default().push(*seed);
        }
    }
    for (i, node) in graph.nodes.iter().enumerate().rev() {
        let ports: Vec<Port> = (0..node.outputs.len())
            .map(|output| Port::Node {
                node: NodeId(i),
                output,
            })
            .collect();
        if !ports.iter().any(|p| contributions.contains_key(p)) || !needs[&ports[0]] {
            continue;
        }
        let values = lowered.nodes[i].clone();
        let mut b = Builder::new(
            &mut lowered.program,
            Mode::Training,
            NodeId(i),
            Direction::Backward,
            &node.name,
        );
        let dy: Vec<ValueId> = ports
            .iter()
            .zip(&values.y)
            .map(|(p, &y)| sum(&mut b, contributions.remove(p), y))
            .collect();
        let input_needs: Vec<bool> = node.inputs.iter().map(|p| needs[p]).collect();
        let needs_params: Vec<bool> = node
            .params
            .iter()
            .map(|p| graph.params[p.0].spec.kind == ParamKind::Trainable)
            .collect();
        let io = Backward {
            x: &values.x,
            y: &values.y,
            saved: &values.saved,
            params: &node.params,
            dy: &dy,
            needs: &input_needs,
            needs_params: &needs_params,
        };
        let dx = node.layer.backward(&mut b, &io);
        for ((&port, dx), need) in node.inputs.iter().zip(dx).zip(&input_needs) {
            if *need {
                let dx = dx.expect("internal error, please report: a layer gave no input gradient");
                contributions.entry(port).or_default().push(dx);
            }
        }
    }
    if inputs {
        for i in 0..graph.inputs.len() {
            let x = lowered.program.inputs[i];
            let name = graph.inputs[i].name.to_string();
            let parts = contributions.remove(&Port::Input(i));
            let node = NodeId(graph.nodes.len());
            let mut b = Builder::new(
                &mut lowered.program,
                Mode::Training,
                node,
                Direction::Backward,
                &name,
            );
            let dx = sum(&mut b, parts, x);
            lowered.program.input_gradients.push(Some(dx));
        }
    }
}

/// The sum of all contributions to the gradient of `y`; zero where there are none.
fn sum(b: &mut Builder<'_>, parts: Option<Vec<ValueId>>, y: ValueId) -> ValueId {
    let parts = parts.unwrap_or_default();
    let shape = b.shape(y);
    match parts.as_slice() {
        [one] => *one,
        [] => b.map("zero", &shape, Vec::new(), Formula::Const(0.0)),
        many => {
            let f = (1..many.len()).fold(Formula::Input(0), |sum, i| {
                Formula::Binary(Binary::Add, Box::new(sum), Box::new(Formula::Input(i)))
            });
            b.map("sum", &shape, many.iter().map(|&v| full(v)).collect(), f)
        }
    }
}

/// Which ports have something upstream that wants a gradient.
fn needs_gradient(graph: &Graph, inputs: bool) -> HashMap<Port, bool> {
    let mut needs: HashMap<Port, bool> = (0..graph.inputs.len())
        .map(|i| (Port::Input(i), inputs))
        .collect();
    for (i, node) in graph.nodes.iter().enumerate() {
        let own = node
            .params
            .iter()
            .any(|p| graph.params[p.0].spec.kind == ParamKind::Trainable);
        let need = own || node.inputs.iter().any(|p| needs[p]);
        for output in 0..node.outputs.len() {
            needs.insert(
                Port::Node {
                    node: NodeId(i),
                    output,
                },
                need,
            );
        }
    }
    needs
}
