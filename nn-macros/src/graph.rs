//! The shaped network: what `passes::shape` makes of the surface tree. Every name is resolved, every `block`,
//! `repeat` and `if` is gone, every size is a number, every layer has accepted its inputs' shapes.

use proc_macro2::{Span, TokenStream};
use syn::Ident;

use crate::diagnostics::Extent;
use crate::ir::{NodeId, ParamId, ParamKind, ParamSpec, Shape};
use crate::layers::Layer;
use crate::losses::Loss;
use crate::weights::Weights;

/// The only layer of a stub.
pub const STUB: &str = "stub";

/// Output `output` of node `node`, or network input `i`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Port {
    Input(usize),
    Node { node: NodeId, output: usize },
}

pub struct Node {
    pub layer: Box<dyn Layer>,
    /// The layer's word in the language: `dense`.
    pub kind: &'static str,
    /// Unique in the network and an identifier: `dense_1`, or what the user gave by `name = "…"`.
    pub name: String,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Shape>,
    /// Parameters, in `Graph::params`.
    pub params: Vec<ParamId>,
    // Where a fault of a later pass would be shown.
    #[allow(dead_code)]
    pub span: Span,
    /// How it is written in the summary: `dense(128)`.
    pub text: String,
}

/// A parameter with its name in files (`dense_1.weight`).
pub struct Param {
    pub name: String,
    pub node: NodeId,
    pub spec: ParamSpec,
}

pub struct Input {
    pub name: Ident,
    pub shape: Shape,
}

pub struct Output {
    pub port: Port,
    pub shape: Shape,
    /// With the factor it carries in the sum of losses.
    pub loss: Option<(Box<dyn Loss>, f64)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scalar {
    F32,
    F64,
}

impl Scalar {
    pub fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

/// What `#[print(…)]` asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Print {
    Ir,
    Plan,
    Code,
}

/// What a budget may limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cost {
    Params,
    Macs,
    /// Bytes of memory that a prediction takes, parameters not included.
    Ram,
    /// Bytes of parameters.
    Flash,
    /// Bytes of memory that a training step of one sample takes, parameters included.
    TrainingRam,
    /// Bytes of memory that a prediction in int8 takes, parameters not included.
    Int8Ram,
    /// Bytes of the parameters in int8.
    Int8Flash,
}

impl Cost {
    pub const ALL: [Self; 7] = [
        Self::Params,
        Self::Macs,
        Self::Ram,
        Self::Flash,
        Self::TrainingRam,
        Self::Int8Ram,
        Self::Int8Flash,
    ];

    /// Its word in `#[budget(…)]`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Params => "params",
            Self::Macs => "macs",
            Self::Ram => "ram",
            Self::Flash => "flash",
            Self::TrainingRam => "training_ram",
            Self::Int8Ram => "int8_ram",
            Self::Int8Flash => "int8_flash",
        }
    }

    pub fn in_bytes(self) -> bool {
        !matches!(self, Self::Params | Self::Macs)
    }
}

/// `params <= 62_000` of a budget.
pub struct Limit {
    pub cost: Cost,
    pub most: u64,
    pub extent: Extent,
}

/// One network, shaped. Nodes are in an order in which every input comes before its use.
pub struct Graph {
    pub name: Ident,
    pub visibility: TokenStream,
    pub passed_attributes: Vec<TokenStream>,
    pub scalar: Scalar,
    pub print: Vec<Print>,
    pub inputs: Vec<Input>,
    pub nodes: Vec<Node>,
    pub params: Vec<Param>,
    pub outputs: Vec<Output>,
    /// What `#[budget(…)]` allows.
    pub budget: Vec<Limit>,
    /// What `#[weights(…)]` names.
    pub weights: Option<Weights>,
    /// What `#[quantize(…)]` asks for.
    pub quantize: Option<Quantize>,
}

/// `#[quantize(int8)]`
pub struct Quantize {
    /// The file of a quantised network, and where it is named.
    pub weights: Option<(String, Extent)>,
}

impl Graph {
    pub fn shape(&self, port: Port) -> &Shape {
        match port {
            Port::Input(i) => &self.inputs[i].shape,
            Port::Node { node, output } => &self.nodes[node.0].outputs[output],
        }
    }

    /// Numbers of a node that training can change, frozen ones included.
    pub fn params_of(&self, node: &Node) -> usize {
        let specs = node.params.iter().map(|p| &self.params[p.0].spec);
        specs
            .filter(|spec| spec.kind != ParamKind::State)
            .map(|spec| spec.shape.elems())
            .sum()
    }

    /// It stands for a network that has a fault.
    pub fn is_stub(&self) -> bool {
        matches!(&self.nodes[..], [only] if only.kind == STUB)
    }

    /// All outputs have a loss: the network can be trained by its own step.
    pub fn has_loss(&self) -> bool {
        self.outputs.iter().all(|o| o.loss.is_some())
    }
}
