//! How a tensor came by its shape: the note under a fault about shapes.

use super::Shaper;
use super::value::Tensor;
use crate::graph::Port;

/// Steps that are shown at the end of a chain; of a longer one, the input and these.
const LAST: usize = 4;

impl Shaper<'_> {
    /// Under the faults since `mark` that are about shapes: the chain of shapes of each input, called as the user wrote it.
    pub(super) fn tell_shapes(&self, mark: usize, inputs: &[(&Tensor, &str)]) {
        for (tensor, text) in inputs {
            let steps = self.steps(tensor);
            if steps.len() < 2 {
                continue;
            }
            let note = match inputs {
                [_] => format!("the shapes up to here: {}", chain(&steps)),
                _ => format!("the shapes up to `{text}`: {}", chain(&steps)),
            };
            self.diagnostics.note_shapes_since(mark, &note);
        }
    }

    /// The input and every layer that changed the shape, along the first input of each.
    fn steps(&self, tensor: &Tensor) -> Vec<String> {
        let mut steps = Vec::new();
        let mut port = tensor.port;
        loop {
            match port {
                Port::Input(i) => {
                    let input = &self.inputs[i];
                    steps.push(format!("`{}` {}", input.name, input.shape));
                    break;
                }
                Port::Node { node, output } => {
                    let node = &self.nodes[node.0];
                    let shape = &node.outputs[output];
                    let Some(&first) = node.inputs.first() else {
                        break;
                    };
                    if self.shape_of(first) != shape {
                        steps.push(format!("{} {shape}", node.kind));
                    }
                    port = first;
                }
            }
        }
        steps.reverse();
        steps
    }

    fn shape_of(&self, port: Port) -> &crate::ir::Shape {
        match port {
            Port::Input(i) => &self.inputs[i].shape,
            Port::Node { node, output } => &self.nodes[node.0].outputs[output],
        }
    }
}

fn chain(steps: &[String]) -> String {
    if steps.len() <= LAST + 2 {
        return steps.join(" → ");
    }
    let last = &steps[steps.len() - LAST..];
    format!("{} → … → {}", steps[0], last.join(" → "))
}
