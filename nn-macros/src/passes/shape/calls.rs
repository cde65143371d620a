//! Calls: which of layers, `block`s, `repeat` and formulas is meant, and layers themselves.

use proc_macro2::Span;
use syn::Ident;

use super::Shaper;
use super::arguments::Callee;
use super::names;
use super::value::{Scope, Tensor, Value, shorten, written};
use crate::ast::{Arguments, Call, Expr, ExprKind};
use crate::diagnostics::Extent;
use crate::layers::{self, LayerSpec};

/// A tensor handed to a call, and how it was written.
pub type Input = (Value, String);

impl<'a> Shaper<'a> {
    /// `receiver.call`
    pub fn apply(&mut self, receiver: Value, text: String, call: &Call, scope: &Scope) -> Value {
        let name = call.name.to_string();
        if let Some(value @ (Value::Word(_) | Value::Quoted(_))) = scope.get(&name) {
            let arguments = &call.arguments;
            if let Some(extra) = arguments
                .positional
                .first()
                .or(arguments.named.first().map(|(_, e)| e))
            {
                return self.report(
                    extra.extent,
                    format!("`{name}` is a layer with its arguments, handed to the block"),
                    format!("call it as `{name}()`"),
                );
            }
            return self.apply_bound(receiver, text, &value.clone(), call.name.span());
        }
        if name == "repeat" {
            return self.repeat(receiver, text, call, scope);
        }
        if let Some(block) = self.block(&name) {
            return self.call_block(block, Some(receiver), call, scope);
        }
        if let Some(def) = self.formula_def(&name) {
            return self.call_formula(def, Some((receiver, text)), call, scope);
        }
        match layers::find(&name) {
            Some(spec) if spec.call == layers::Call::Method => self.call_layer(
                spec,
                vec![(receiver, text)],
                &call.arguments.positional,
                call,
                scope,
            ),
            Some(spec) if spec.call == layers::Call::Function => self.report(
                call.name.span(),
                format!("`{name}` is a function, not called with a dot"),
                format!("write `{name}({text}, …)`"),
            ),
            _ => {
                match self.unknown_layer(&name, &text, call.name.span()) {
                    Some(spec) => {
                        // Its arguments are those of the layer that was meant.
                        let _ = self.check(
                            &callee(spec, call.name.span()),
                            &call.arguments.positional,
                            &call.arguments,
                            scope,
                        );
                    }
                    None => self.check_parts(&call.arguments, scope),
                }
                Value::Poison
            }
        }
    }

    /// A layer that was handed to a block: `relu`, `dense(16)`.
    fn apply_bound(&mut self, receiver: Value, text: String, layer: &Value, at: Span) -> Value {
        match layer {
            Value::Word(word) => {
                let call = Call {
                    name: Ident::new(&word.to_string(), at),
                    arguments: Arguments::none(at),
                };
                self.apply(receiver, text, &call, &Scope::default())
            }
            Value::Quoted(quoted) => self.apply_expr(receiver, text, &quoted.0, &quoted.1),
            _ => Value::Poison,
        }
    }

    /// A layer given as an argument: `relu`, `decoder(heads = 4)`, `dense(16).relu()`.
    pub fn apply_expr(&mut self, receiver: Value, text: String, layer: &Expr, scope: &Scope) -> Value {
        match &layer.kind {
            ExprKind::Name(name) => match scope.get(&name.to_string()) {
                Some(bound @ (Value::Word(_) | Value::Quoted(_))) => {
                    self.apply_bound(receiver, text, &bound.clone(), name.span())
                }
                Some(Value::Poison) => Value::Poison,
                Some(other) => self.not_a_layer(&other.describe(), layer.extent),
                None => {
                    let call = Call {
                        name: name.clone(),
                        arguments: Arguments::none(name.span()),
                    };
                    self.apply(receiver, text, &call, scope)
                }
            },
            ExprKind::Call(call) => self.apply(receiver, text, call, scope),
            ExprKind::Chain { head, calls } => {
                let mut value = self.apply_expr(receiver, text, head, scope);
                for call in calls {
                    value = self.apply(value, format!("….{}", shorten(&call.to_string())), call, scope);
                }
                value
            }
            ExprKind::Error => Value::Poison,
            _ => self.not_a_layer(&format!("`{}`", written(layer)), layer.extent),
        }
    }

    fn not_a_layer(&self, found: &str, at: Extent) -> Value {
        self.report(
            at,
            format!("expected a layer or a block, found {found}"),
            "as in `x.repeat(4, decoder(heads = 4))`",
        )
    }

    /// `name(arguments)` that stands alone.
    pub fn call(&mut self, call: &Call, scope: &Scope) -> Value {
        let name = call.name.to_string();
        if let Some(block) = self.block(&name) {
            return self.call_block(block, None, call, scope);
        }
        if let Some(def) = self.formula_def(&name) {
            return self.call_formula(def, None, call, scope);
        }
        match layers::find(&name) {
            Some(spec) if spec.call == layers::Call::Function => {
                // What the layer takes by position comes behind the tensors.
                let own = spec.args.iter().filter(|a| a.position.is_some()).count();
                let positional = &call.arguments.positional;
                let (tensors, rest) = positional.split_at(positional.len().saturating_sub(own));
                let inputs: Vec<Input> = tensors
                    .iter()
                    .map(|e| (self.value(e, scope), written(e)))
                    .collect();
                if inputs.is_empty() && !call.arguments.incomplete {
                    return self.report(
                        call.extent(),
                        format!("`{name}` needs tensors"),
                        format!("as in `{name}(a, b)`"),
                    );
                }
                self.call_layer(spec, inputs, rest, call, scope)
            }
            _ => {
                self.unknown_function(call);
                self.check_parts(&call.arguments, scope);
                Value::Poison
            }
        }
    }

    /// Looks for faults in arguments whose callee is not known.
    fn check_parts(&mut self, arguments: &Arguments, scope: &Scope) {
        for expr in &arguments.positional {
            if matches!(expr.kind, ExprKind::Chain { .. }) {
                self.value(expr, scope);
            }
        }
    }

    fn call_layer(
        &mut self,
        spec: &'static LayerSpec,
        inputs: Vec<Input>,
        positional: &[Expr],
        call: &Call,
        scope: &Scope,
    ) -> Value {
        let at = call.name.span();
        let checked = self.check(&callee(spec, at), positional, &call.arguments, scope);
        let Some(tensors) = self.tensors_of(spec.name, &inputs, at) else {
            return Value::Poison;
        };
        let Ok(checked) = checked else {
            return Value::Poison;
        };
        let shown: Vec<String> = match spec.call {
            layers::Call::Function => inputs.iter().map(|(_, text)| text.clone()).collect(),
            _ => Vec::new(),
        };
        let text = [shown.join(", "), checked.text]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>();
        let text = format!("{}({})", spec.name, text.join(", "));
        let mut args = layers::Args {
            diagnostics: self.diagnostics,
            layer: spec.name,
            span: at,
            text: text.clone(),
            inputs: inputs.into_iter().map(|(_, text)| text).collect(),
            given: checked.given,
        };
        let shapes: Vec<_> = tensors.iter().map(|t| t.shape.clone()).collect();
        let mark = self.diagnostics.count();
        match (spec.build)(&mut args, &shapes) {
            Ok(layer) => self.push_as(spec.name, spec.name, checked.name, layer, &tensors, at, text),
            Err(_) => {
                let inputs: Vec<_> = tensors
                    .iter()
                    .zip(args.inputs.iter().map(String::as_str))
                    .collect();
                self.tell_shapes(mark, &inputs);
                Value::Poison
            }
        }
    }

    /// The inputs as tensors; `None` where one is poison or, reported, no tensor.
    fn tensors_of(&self, callee: &str, inputs: &[Input], at: Span) -> Option<Vec<Tensor>> {
        let mut tensors = Vec::new();
        for (value, text) in inputs {
            match value {
                Value::Tensor(t) => tensors.push(t.clone()),
                Value::Poison => return None,
                other => {
                    let help = match other {
                        Value::Tuple(_) => {
                            "take it apart: `let (a, b) = …;`, then call the layer on each part"
                        }
                        _ => "a network's inputs and what layers make of them are tensors",
                    };
                    let named = match other {
                        Value::Tuple(_) => format!("`{text}`, {}", other.describe()),
                        _ => other.describe(),
                    };
                    self.report(at, format!("`{callee}` needs a tensor, found {named}"), help);
                    return None;
                }
            }
        }
        Some(tensors)
    }

    /// The name of a layer or a block's call: given by the user, or the next of its kind. `None` after a fault.
    pub fn layer_name(&mut self, kind: &str, given: Option<(String, Extent)>) -> Option<names::Name> {
        let Some((text, at)) = given else {
            return Some(self.names.next(kind));
        };
        if let Some(fault) = names::fault(&text) {
            self.report(
                at,
                format!("{text:?} is no name of a layer: {fault}"),
                "names begin weights in files and functions in the generated code: `\"stem\"`, `\"layer_1\"`",
            );
            return None;
        }
        let name = self.names.take(&text);
        if name.is_none() {
            self.report(
                at,
                format!("a second layer named `{text}`"),
                "names are unique in a network; inside a block that is called twice, let the call be named: \
                 `x.my_block(name = \"first\")`",
            );
        }
        name
    }
}

/// A layer as what takes arguments.
fn callee(spec: &'static LayerSpec, at: Span) -> Callee<'static> {
    Callee {
        name: spec.name,
        specs: spec.args,
        at: at.into(),
        example: match spec.call {
            layers::Call::Method => format!("x.{}", spec.name),
            _ => spec.name.to_string(),
        },
    }
}
