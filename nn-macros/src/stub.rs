//! The stub of a network that has a fault: the same type with the same methods, so that one mistake gives one
//! message and completion goes on. It is a graph as any other, whose only layer makes zeros of its inputs; so the stub
//! has, by construction, the interface that the network will have.

use crate::ast::NetworkDef;
use crate::formula::c;
use crate::graph::{Graph, Input, Node, Output, Port, Quantize, STUB, Scalar};
use crate::ir::builder::Builder;
use crate::ir::{NodeId, ParamId, Shape, ValueId};
use crate::layers::{Backward, Forward, Layer};
use crate::passes::shape::Header;
use crate::weights::Weights;

/// Zeros of the declared shapes.
struct Zeros {
    inputs: Vec<Shape>,
    outputs: Vec<Shape>,
}

impl Layer for Zeros {
    fn outputs(&self) -> Vec<Shape> {
        self.outputs.clone()
    }

    fn forward(&self, b: &mut Builder<'_>, _: &[ValueId], _: &[ParamId]) -> Forward {
        let outputs = self
            .outputs
            .iter()
            .map(|shape| b.map("", shape, Vec::new(), c(0.0)));
        Forward {
            outputs: outputs.collect(),
            saved: Vec::new(),
        }
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let gradient =
            |(needed, shape): (&bool, &Shape)| needed.then(|| b.map("x", shape, Vec::new(), c(0.0)));
        io.needs.iter().zip(&self.inputs).map(gradient).collect()
    }
}

/// The stub of a network, from what is known of its header.
pub fn stub(def: &NetworkDef, header: Header) -> Graph {
    let node = NodeId(0);
    let zeros = Zeros {
        inputs: header.inputs.iter().map(|(_, shape)| shape.clone()).collect(),
        outputs: header.outputs.clone(),
    };
    let weights = header.weights.then(|| Weights {
        path: None,
        tensors: Vec::new(),
    });
    Graph {
        name: def.name.clone(),
        visibility: def.visibility.clone(),
        passed_attributes: def.passed_attributes.clone(),
        scalar: header.scalar,
        print: Vec::new(),
        nodes: vec![Node {
            layer: Box::new(zeros),
            kind: STUB,
            name: "stub".into(),
            inputs: (0..header.inputs.len()).map(Port::Input).collect(),
            outputs: header.outputs.clone(),
            params: Vec::new(),
            span: def.name.span(),
            text: "a network that does not compile".into(),
        }],
        params: Vec::new(),
        inputs: header
            .inputs
            .into_iter()
            .map(|(name, shape)| Input { name, shape })
            .collect(),
        outputs: header
            .outputs
            .into_iter()
            .zip(header.losses)
            .enumerate()
            .map(|(output, (shape, loss))| Output {
                port: Port::Node { node, output },
                shape,
                loss,
            })
            .collect(),
        budget: Vec::new(),
        weights,
        quantize: header
            .quantize
            .filter(|_| header.scalar == Scalar::F32)
            .map(|baked| Quantize {
                weights: baked.then(|| (String::new(), def.name.span().into())),
            }),
    }
}
