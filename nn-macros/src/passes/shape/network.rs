//! A network: its header, its body, and the graph that comes of it.

use proc_macro2::Span;

use super::Shaper;
use super::names;
use super::unused;
use super::value::{Scope, Tensor, Value, shorten};
use crate::ast::{Expr, ExprKind, NetworkDef, TensorKind, TensorType};
use crate::diagnostics::{Diagnosis, Extent, Reported};
use crate::graph::{Graph, Input, Node, Output, Param, Port, Scalar};
use crate::ir::{NodeId, ParamId, Shape};
use crate::layers::Layer;
use crate::losses::Loss;
use crate::passes::shape::sizes::MAX_SIZE;

/// Layers of one network.
const MAX_LAYERS: usize = 20_000;

/// Numbers of one parameter: what a program could ever hold in memory.
const MAX_PARAM: u128 = 1 << 36;

/// Axes of a tensor.
const MAX_RANK: usize = 8;

/// What a network's header alone says.
pub struct Header {
    pub inputs: Vec<(syn::Ident, Shape)>,
    pub outputs: Vec<Shape>,
    pub scalar: Scalar,
    /// One entry per output.
    pub losses: Vec<Option<(Box<dyn Loss>, f64)>>,
    /// It has `#[weights(…)]`.
    pub weights: bool,
    /// It has `#[quantize(…)]`, and whether that names a file.
    pub quantize: Option<bool>,
}

impl<'a> Shaper<'a> {
    /// The header of a network, whatever its body. What is not known is guessed: only a stub is made of it.
    pub fn header(&mut self, def: &'a NetworkDef) -> Header {
        let unknown = || Shape(vec![1]);
        self.bind_sizes(def);
        let mut inputs: Vec<(syn::Ident, Shape)> = def
            .inputs
            .iter()
            .map(|i| (i.name.clone(), self.input_shape(&i.ty).unwrap_or_else(unknown)))
            .collect();
        let mut seen = std::collections::HashSet::new();
        inputs.retain(|(name, _)| seen.insert(name.to_string()));
        if inputs.is_empty() {
            inputs.push((syn::Ident::new("x", def.name.span()), unknown()));
        }
        let mut outputs: Vec<Shape> = def
            .outputs
            .iter()
            .map(|ty| self.declared_shape(ty).unwrap_or_else(unknown))
            .collect();
        if outputs.is_empty() {
            outputs.push(unknown());
        }
        let known: Vec<Option<Shape>> = outputs.iter().cloned().map(Some).collect();
        let (scalar, losses) = match self.attributes(def, &known) {
            Some(attributes) => (attributes.scalar, attributes.losses),
            None => (self.guess_scalar(def), self.guess_losses(def, &outputs)),
        };
        Header {
            inputs,
            outputs,
            scalar,
            losses,
            weights: def.attributes.iter().any(|a| a.name == "weights"),
            quantize: def
                .attributes
                .iter()
                .find(|a| a.name == "quantize")
                .map(|a| a.arguments.named.iter().any(|(key, _)| key == "weights")),
        }
    }

    /// Shapes one network; `None` if it, or a block that it calls, has a fault.
    pub fn network(&mut self, def: &'a NetworkDef) -> Option<Graph> {
        let mark = self.diagnostics.count();
        self.inputs.clear();
        self.nodes.clear();
        self.params.clear();
        self.names = names::Names::default();
        self.stack.clear();
        self.block_calls = 0;
        self.bind_sizes(def);
        let mut scope = self.sizes.clone();
        scope.incomplete = def.incomplete;
        for (i, input) in def.inputs.iter().enumerate() {
            self.names.reserve(&input.name.to_string());
            let shape = self.input_shape(&input.ty);
            let value = match &shape {
                Some(shape) => Value::Tensor(Tensor {
                    port: Port::Input(i),
                    shape: shape.clone(),
                }),
                None => Value::Poison,
            };
            scope.bind(&input.name, value);
            self.inputs.push(Input {
                name: input.name.clone(),
                shape: shape.unwrap_or(Shape(vec![1])),
            });
        }
        let declared: Vec<Option<Shape>> = def.outputs.iter().map(|ty| self.declared_shape(ty)).collect();
        let attributes = self.attributes(def, &declared);
        let result = self.body(&def.body, scope);
        let tensors = self.outputs(def, &declared, result);
        // What is not used may be what a faulty place meant.
        if self.diagnostics.count() == mark {
            unused::in_network(def, self.diagnostics);
        }
        let budget = self.budget(def);
        let (tensors, attributes, budget) = (tensors?, attributes?, budget?);
        let distinct: std::collections::HashSet<String> =
            def.inputs.iter().map(|i| i.name.to_string()).collect();
        if self.diagnostics.count() > mark || distinct.len() < def.inputs.len() {
            return None;
        }
        let mut graph = Graph {
            name: def.name.clone(),
            visibility: def.visibility.clone(),
            passed_attributes: def.passed_attributes.clone(),
            scalar: attributes.scalar,
            print: attributes.print,
            inputs: std::mem::take(&mut self.inputs),
            nodes: std::mem::take(&mut self.nodes),
            params: std::mem::take(&mut self.params),
            outputs: tensors
                .into_iter()
                .zip(attributes.losses)
                .map(|(t, loss)| Output {
                    port: t.port,
                    shape: t.shape,
                    loss,
                })
                .collect(),
            budget,
            weights: None,
            quantize: None,
        };
        prune(&mut graph);
        graph.weights = self.weights(def, &graph)?;
        graph.quantize = self.quantize(def, &graph)?;
        Some(graph)
    }

    /// Gives the network's own constants their values; each sees those before it.
    fn bind_sizes(&mut self, def: &NetworkDef) {
        let mut sizes = Scope::default();
        for size in &def.sizes {
            let value = self.value(&size.value, &sizes);
            let value = self.check_type(size, value);
            sizes.bind(&size.name, value);
        }
        self.sizes = sizes;
    }

    fn input_shape(&mut self, ty: &TensorType) -> Option<Shape> {
        if ty.kind == TensorKind::Tokens {
            self.report(
                ty.extent,
                "`Tokens` inputs are not supported yet",
                "sequence layers are planned; until then take numbers: `Tensor<64>`",
            );
            return None;
        }
        self.type_shape(ty)
    }

    fn declared_shape(&mut self, ty: &TensorType) -> Option<Shape> {
        if ty.kind == TensorKind::Tokens {
            self.report(
                ty.extent,
                "`Tokens` as an output",
                "an output is a `Tensor<…>`: one number per class of each token",
            );
            return None;
        }
        self.type_shape(ty)
    }

    /// Header types are small: the faults of their sizes lie at the sizes.
    fn type_shape(&mut self, ty: &TensorType) -> Option<Shape> {
        let scope = self.sizes.clone();
        let dims: Vec<Result<usize, Reported>> = ty
            .dims
            .iter()
            .map(|d| self.size("a size of a tensor", d, &scope))
            .collect();
        let dims = dims.into_iter().collect::<Result<Vec<usize>, Reported>>().ok()?;
        let shape = Shape(dims);
        self.check_shape(&shape, ty.extent).then_some(shape)
    }

    /// Whether products of the shape's sizes fit everywhere; reported if not.
    fn check_shape(&self, shape: &Shape, at: Extent) -> bool {
        let elems: u128 = shape.0.iter().map(|&d| d as u128).product();
        if shape.0.len() > MAX_RANK {
            self.report(
                at,
                format!("a tensor of {} axes", shape.0.len()),
                format!("there are at most {MAX_RANK}"),
            );
            return false;
        }
        if elems > u128::from(MAX_SIZE) {
            self.report(
                at,
                format!("a tensor of {shape} has {elems} elements"),
                format!("there are at most {MAX_SIZE} per sample"),
            );
            return false;
        }
        true
    }

    /// Appends a layer that the user named in no other way than by using it.
    pub fn push(
        &mut self,
        kind: &'static str,
        layer: Box<dyn Layer>,
        inputs: &[Tensor],
        span: Span,
        text: String,
    ) -> Value {
        self.push_as(kind, kind, None, layer, inputs, span, text)
    }

    /// Appends a layer; its outputs are a tensor, or a tuple of them.
    #[allow(clippy::too_many_arguments)]
    pub fn push_as(
        &mut self,
        kind: &'static str,
        base: &str,
        given: Option<(String, Extent)>,
        layer: Box<dyn Layer>,
        inputs: &[Tensor],
        span: Span,
        text: String,
    ) -> Value {
        if self.nodes.len() >= MAX_LAYERS {
            return self.report(
                span,
                format!("more than {MAX_LAYERS} layers in one network"),
                "repeat less: the generated code grows with every layer",
            );
        }
        let outputs = layer.outputs();
        if !outputs.iter().all(|shape| self.check_shape(shape, span.into())) {
            return Value::Poison;
        }
        let specs = layer.params();
        for spec in &specs {
            let elems: u128 = spec.shape.0.iter().map(|&d| d as u128).product();
            if elems > MAX_PARAM {
                return self.report(
                    span,
                    format!("the `{}` of `{text}` has {elems} numbers", spec.suffix),
                    "no memory holds that; look at the sizes before this layer",
                );
            }
        }
        let Some(name) = self.layer_name(base, given) else {
            return Value::Poison;
        };
        let node = NodeId(self.nodes.len());
        let params = specs
            .into_iter()
            .map(|spec| {
                self.params.push(Param {
                    name: format!("{}.{}", name.dotted, spec.suffix),
                    node,
                    spec,
                });
                ParamId(self.params.len() - 1)
            })
            .collect();
        let mut tensors: Vec<Value> = outputs
            .iter()
            .enumerate()
            .map(|(output, shape)| {
                Value::Tensor(Tensor {
                    port: Port::Node { node, output },
                    shape: shape.clone(),
                })
            })
            .collect();
        self.nodes.push(Node {
            layer,
            kind,
            name: name.ident,
            inputs: inputs.iter().map(|t| t.port).collect(),
            outputs,
            params,
            span,
            text,
        });
        match tensors.len() {
            1 => tensors.remove(0),
            _ => Value::Tuple(tensors),
        }
    }

    /// The computed outputs against the declared ones.
    fn outputs(&self, def: &NetworkDef, declared: &[Option<Shape>], result: Value) -> Option<Vec<Tensor>> {
        let expr = &def.body.result;
        let name = &def.name;
        let (values, exprs): (Vec<Value>, Vec<&Expr>) = match (result, &expr.kind) {
            (Value::Tuple(values), ExprKind::Tuple(items)) => (values, items.iter().collect()),
            (Value::Tuple(values), _) => {
                let exprs = vec![expr; values.len()];
                (values, exprs)
            }
            (value, _) => (vec![value], vec![expr]),
        };
        if values.iter().any(Value::is_poison) && values.len() == 1 {
            return None;
        }
        if values.len() != declared.len() {
            if !def.incomplete {
                self.report(
                    expr.extent,
                    format!(
                        "`{name}` is declared with {}, its body gives {}",
                        count(declared.len()),
                        count(values.len())
                    ),
                    "several outputs are declared `-> (Tensor<10>, Tensor<1>)` and given as `(a, b)`",
                );
            }
            return None;
        }
        let mut tensors = Some(Vec::new());
        for (i, ((value, expr), declared)) in values.into_iter().zip(exprs).zip(declared).enumerate() {
            let tensor = match value {
                Value::Tensor(t) => t,
                Value::Poison => {
                    tensors = None;
                    continue;
                }
                other => {
                    self.report(
                        expr.extent,
                        format!("an output of `{name}` is a tensor, found {}", other.describe()),
                        "the last expression is what layers make of the inputs, as in `x.dense(10)`",
                    );
                    tensors = None;
                    continue;
                }
            };
            if let Some(declared) = declared
                && *declared != tensor.shape
            {
                let which = if def.outputs.len() == 1 {
                    String::new()
                } else {
                    format!("output {} of ", i + 1)
                };
                let mark = self.diagnostics.count();
                self.wrong_output(&format!("{which}`{name}`"), declared, &tensor.shape, expr);
                self.tell_shapes(mark, &[(&tensor, "")]);
                tensors = None;
                continue;
            }
            if let Port::Input(i) = tensor.port {
                self.report(
                    expr.extent,
                    format!(
                        "an output of `{name}` is its input `{}`, unchanged",
                        self.inputs[i].name
                    ),
                    "let it pass at least one layer",
                );
                tensors = None;
                continue;
            }
            if let Some(tensors) = &mut tensors {
                tensors.push(tensor);
            }
        }
        tensors
    }

    fn wrong_output(&self, name: &str, declared: &Shape, found: &Shape, expr: &Expr) {
        let (declared_ty, found_ty) = (tensor_type(declared), tensor_type(found));
        let declares = format!("declare it `-> {found_ty}`");
        let (at, gives, help) = match &expr.kind {
            ExprKind::Chain { calls, .. } if !calls.is_empty() => {
                let last = &calls[calls.len() - 1];
                let gives = format!("its last layer `{}`", shorten(&last.to_string()));
                let same_rows = found.0.len() == declared.0.len() && found.rows() == declared.rows();
                let help = match last.name.to_string().as_str() {
                    "dense" if same_rows => format!("write `dense({})`, or {declares}", declared.width()),
                    _ if found.elems() == declared.elems() && declared.0.len() == 1 => {
                        format!("add `.flatten()`, or {declares}")
                    }
                    _ if same_rows => format!("end with `.dense({})`, or {declares}", declared.width()),
                    _ => declares,
                };
                (last.extent(), gives, help)
            }
            ExprKind::Name(n) => (expr.extent, format!("its last expression `{n}`"), declares),
            _ => (expr.extent, "its last expression".to_string(), declares),
        };
        let message = format!("{name} is declared `-> {declared_ty}` but {gives} gives {found_ty}");
        self.diagnostics
            .report(Diagnosis::new(at, message).help(help).about_shapes());
    }

    /// A fault at an attribute, for the files beside.
    pub(super) fn attribute_fault(
        &self,
        at: impl Into<Extent>,
        message: String,
        help: impl Into<String>,
    ) -> Reported {
        self.diagnostics.report(Diagnosis::new(at, message).help(help))
    }
}

fn count(n: usize) -> String {
    if n == 1 {
        "1 output".into()
    } else {
        format!("{n} outputs")
    }
}

/// `Tensor<28, 28, 1>`
fn tensor_type(shape: &Shape) -> String {
    let sizes: Vec<String> = shape.0.iter().map(ToString::to_string).collect();
    format!("Tensor<{}>", sizes.join(", "))
}

/// Takes out the layers that no output needs: those that only a branch not taken would have used.
fn prune(graph: &mut Graph) {
    let mut needed = vec![false; graph.nodes.len()];
    let mut open: Vec<Port> = graph.outputs.iter().map(|o| o.port).collect();
    while let Some(port) = open.pop() {
        if let Port::Node { node, .. } = port
            && !std::mem::replace(&mut needed[node.0], true)
        {
            open.extend(graph.nodes[node.0].inputs.iter().copied());
        }
    }
    if needed.iter().all(|n| *n) {
        return;
    }
    let place = |kept: &[bool]| -> Vec<usize> {
        kept.iter()
            .scan(0, |next, kept| {
                let at = *next;
                *next += usize::from(*kept);
                Some(at)
            })
            .collect()
    };
    let nodes = place(&needed);
    let kept_params: Vec<bool> = graph.params.iter().map(|p| needed[p.node.0]).collect();
    let params = place(&kept_params);
    let moved = |port: &mut Port| {
        if let Port::Node { node, .. } = port {
            *node = NodeId(nodes[node.0]);
        }
    };
    let mut keep = needed.iter();
    graph.nodes.retain(|_| keep.next().copied().unwrap_or(true));
    for node in &mut graph.nodes {
        node.inputs.iter_mut().for_each(moved);
        node.params.iter_mut().for_each(|p| *p = ParamId(params[p.0]));
    }
    let mut keep = kept_params.iter();
    graph.params.retain(|_| keep.next().copied().unwrap_or(true));
    graph
        .params
        .iter_mut()
        .for_each(|p| p.node = NodeId(nodes[p.node.0]));
    graph.outputs.iter_mut().for_each(|o| moved(&mut o.port));
}
