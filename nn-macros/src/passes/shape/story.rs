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
        let mut port = Some(tensor.port);
        while let Some(at) = port {
            match at {
                Port::Input(i) => {
                    let input = &self.inputs[i];
                    steps.push((format!("`{}`", input.name), &input.shape));
                    port = None;
                }
                Port::Node { node, output } => {
                    let node = &self.nodes[node.0];
                    steps.push((node.kind.to_string(), &node.outputs[output]));
                    port = node.inputs.first().copied();
                }
            }
        }
        steps.reverse();
        steps.dedup_by(|later, before| later.1 == before.1);
        steps
            .iter()
            .map(|(step, shape)| format!("{step} {shape}"))
            .collect()
    }
}

fn chain(steps: &[String]) -> String {
    if steps.len() <= LAST + 2 {
        return steps.join(" → ");
    }
    let last = &steps[steps.len() - LAST..];
    format!("{} → … → {}", steps[0], last.join(" → "))
}
