//! Calls: layers, `block`s, `repeat` and formulas used as layers.

use proc_macro2::Span;
use syn::Ident;

use super::Shaper;
use super::arguments::Callee;
use super::names;
use super::value::{Scope, Tensor, Value, shorten, written};
use crate::ast::{Arguments, BlockDef, Call, Expr, ExprKind, FormulaDef};
use crate::diagnostics::{Diagnosis, Extent};
use crate::formula::{self, Formula};
use crate::layers::{self, LayerSpec};
use crate::suggest;

/// Calls of blocks in one network, repetitions included: an end to blocks that double each other.
const MAX_BLOCK_CALLS: usize = 20_000;

/// `block`s inside each other.
const MAX_BLOCK_DEPTH: usize = 32;

/// A tensor handed to a call, and how it was written.
type Input = (Value, String);

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
    fn apply_expr(&mut self, receiver: Value, text: String, layer: &Expr, scope: &Scope) -> Value {
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

    /// `x.repeat(4, decoder(heads = 4))`: each repetition has its own weights.
    fn repeat(&mut self, receiver: Value, text: String, call: &Call, scope: &Scope) -> Value {
        let example = "as in `x.repeat(4, decoder(heads = 4))`, which stacks the block 4 times";
        if call.arguments.incomplete {
            return Value::Poison;
        }
        if let Some((name, _)) = call.arguments.named.first() {
            return self.report(
                name.span(),
                format!("unknown argument `{name}` of `repeat`"),
                example,
            );
        }
        let [count, layer] = &call.arguments.positional[..] else {
            return self.report(call.extent(), "`repeat` needs a number and a layer", example);
        };
        let is_layer = match &count.kind {
            ExprKind::Call(_) => true,
            ExprKind::Name(name) => {
                scope.get(&name.to_string()).is_none() && self.is_layer(&name.to_string())
            }
            _ => false,
        };
        if is_layer {
            return self.report(
                count.extent,
                format!("`repeat` takes the number first, found `{}`", written(count)),
                example,
            );
        }
        let Ok(count) = self.size("the number of `repeat`", count, scope) else {
            return Value::Poison;
        };
        let mut value = receiver;
        for _ in 0..count {
            value = self.apply_expr(value, text.clone(), layer, scope);
            if value.is_poison() {
                return Value::Poison;
            }
            // A block without layers costs nothing and could be repeated for ever.
            self.block_calls += 1;
            if self.too_large(call.name.span()) {
                return Value::Poison;
            }
        }
        value
    }

    /// Whether the network has grown beyond all measure; reported.
    fn too_large(&self, at: Span) -> bool {
        let large = self.block_calls > MAX_BLOCK_CALLS;
        // The first call too many tells it; those after it are silent.
        if self.block_calls == MAX_BLOCK_CALLS + 1 {
            self.report(
                at,
                format!("more than {MAX_BLOCK_CALLS} calls of blocks in one network"),
                "repeat less, or look for a block that calls another twice, which calls another twice",
            );
        }
        large
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
        match (spec.build)(&mut args, &shapes) {
            Ok(layer) => self.push_as(spec.name, spec.name, checked.name, layer, &tensors, at, text),
            Err(_) => Value::Poison,
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

    fn call_block(
        &mut self,
        block: &'a BlockDef,
        receiver: Option<Value>,
        call: &Call,
        scope: &Scope,
    ) -> Value {
        let at = call.name.span();
        let name = block.name.to_string();
        if let Some(first) = self.stack.iter().position(|b| *b == name) {
            let mut around: Vec<String> = self.stack[first..].iter().map(|b| format!("`{b}`")).collect();
            around.push(format!("`{name}`"));
            return self.report(
                at,
                format!("block `{name}` calls itself"),
                match around.len() {
                    2 => "a block may not contain itself; to stack it, write `x.repeat(4, …)` outside"
                        .to_string(),
                    _ => format!("the calls go round: {}", around.join(" -> ")),
                },
            );
        }
        // `name = "…"` names the whole call, unless the block has such a parameter of its own.
        let mut arguments = call.arguments.clone();
        let mut given_name = None;
        if !block.parameters.iter().any(|(p, _)| p == "name")
            && let Some(i) = arguments.named.iter().position(|(n, _)| n == "name")
        {
            let (_, expr) = arguments.named.remove(i);
            match self.value(&expr, scope) {
                Value::Text(text) => given_name = Some((text, expr.extent)),
                Value::Poison => return Value::Poison,
                other => {
                    let message = format!("`name` of `{name}` must be a text, found {}", other.describe());
                    return self.report(expr.extent, message, "as in `name = \"stem\"`");
                }
            }
        }
        if block.incomplete {
            return Value::Poison;
        }
        let Some(values) = self.bind(&name, &block.parameters, receiver, &arguments, at, scope) else {
            return Value::Poison;
        };
        if self.stack.len() >= MAX_BLOCK_DEPTH && std::mem::replace(&mut self.too_deep, true) {
            return Value::Poison;
        }
        if self.stack.len() >= MAX_BLOCK_DEPTH {
            return self.report(
                at,
                format!("blocks inside each other, more than {MAX_BLOCK_DEPTH} deep"),
                "call fewer blocks inside blocks",
            );
        }
        self.block_calls += 1;
        self.called.insert(name.clone());
        if self.faulty_blocks.contains(&name) || self.too_large(at) {
            return Value::Poison;
        }
        let Some(prefix) = self.layer_name(&name, given_name) else {
            return Value::Poison;
        };
        self.names.enter(prefix.last);
        let mut inner = Scope::default();
        for ((parameter, _), value) in block.parameters.iter().zip(values) {
            inner.bind(parameter, value);
        }
        let mark = self.diagnostics.count();
        self.stack.push(name.clone());
        let value = self.body(&block.body, inner);
        self.stack.pop();
        self.names.leave();
        if self.diagnostics.count() > mark {
            // One call's faults are enough: the others' would be the same or follow from them.
            self.faulty_blocks.insert(name);
            let text = shorten(&call.to_string());
            self.diagnostics
                .note_since(mark, &format!("in the call `{text}`"));
            return Value::Poison;
        }
        value
    }

    /// Looks for faults in a block that no network calls, with nothing known of its parameters.
    pub fn check_uncalled(&mut self, block: &'a BlockDef) {
        let mut scope = Scope::default();
        for (parameter, _) in &block.parameters {
            scope.bind(parameter, Value::Poison);
        }
        self.stack.push(block.name.to_string());
        self.body(&block.body, scope);
        self.stack.pop();
    }

    /// Matches a call with the parameters of a block or a formula; `None` after a fault.
    pub fn bind(
        &mut self,
        owner: &str,
        parameters: &[(Ident, Option<Expr>)],
        receiver: Option<Value>,
        arguments: &Arguments,
        at: Span,
        scope: &Scope,
    ) -> Option<Vec<Value>> {
        let with_receiver = receiver.is_some();
        let owner_is_block = self.block(owner).is_some();
        let form = || {
            let names: Vec<String> = parameters.iter().map(|(n, _)| n.to_string()).collect();
            match names.split_first() {
                Some((first, rest)) if with_receiver || owner_is_block => {
                    format!("it is called as `{first}.{owner}({})`", rest.join(", "))
                }
                Some(_) => format!("it is called as `{owner}({})`", names.join(", ")),
                None => format!("it is called as `{owner}()`"),
            }
        };
        let mut bound: Vec<Option<Value>> = vec![None; parameters.len()];
        let mut fault = false;
        let mut next = 0;
        if let Some(value) = receiver {
            if parameters.is_empty() {
                self.report(
                    at,
                    format!("`{owner}` has no parameter for a tensor"),
                    "give it one: `block name(x) { … }`",
                );
                return None;
            }
            bound[0] = Some(value);
            next = 1;
        }
        for (i, expr) in arguments.positional.iter().enumerate() {
            if next + i >= parameters.len() {
                let takes = match parameters.len() - usize::from(with_receiver) {
                    0 => "no argument".to_string(),
                    1 => "1 argument".to_string(),
                    n => format!("{n} arguments"),
                };
                let message = format!("`{owner}` takes {takes}, found {}", arguments.positional.len());
                self.report(expr.extent, message, form());
                return None;
            }
            bound[next + i] = Some(self.loose_value(expr, scope));
        }
        for (name, expr) in &arguments.named {
            let Some(i) = parameters.iter().position(|(p, _)| p == name) else {
                let known: Vec<String> = parameters.iter().map(|(p, _)| p.to_string()).collect();
                let help = match suggest::nearest(&name.to_string(), known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => form(),
                };
                self.report(
                    name.span(),
                    format!("unknown argument `{name}` of `{owner}`"),
                    help,
                );
                fault = true;
                continue;
            };
            if bound[i].is_some() {
                self.report(
                    name.span(),
                    format!("argument `{name}` of `{owner}` is given twice"),
                    "remove one of them",
                );
                fault = true;
                continue;
            }
            bound[i] = Some(self.loose_value(expr, scope));
        }
        let mut values = Vec::new();
        let mut inner = Scope::default();
        for ((name, default), value) in parameters.iter().zip(bound) {
            let value = match (value, default) {
                (Some(value), _) => value,
                // A default may use the parameters before it.
                (None, Some(default)) => self.loose_value(default, &inner),
                (None, None) => {
                    if !arguments.incomplete && !fault {
                        self.report(at, format!("`{owner}` needs `{name}`"), form());
                    }
                    return None;
                }
            };
            inner.bind(name, value.clone());
            values.push(value);
        }
        (!fault && !arguments.incomplete).then_some(values)
    }

    /// A formula as a layer: tensors are its operands, numbers are fixed in it.
    fn call_formula(
        &mut self,
        def: &'a FormulaDef,
        receiver: Option<Input>,
        call: &Call,
        scope: &Scope,
    ) -> Value {
        let at = call.name.span();
        let name = def.name.to_string();
        let mut arguments = call.arguments.clone();
        let mut given_name = None;
        if let Some(i) = arguments
            .named
            .iter()
            .position(|(n, e)| n == "name" && matches!(e.kind, ExprKind::Text(_)))
        {
            let (_, expr) = arguments.named.remove(i);
            if let ExprKind::Text(text) = expr.kind {
                given_name = Some((text, expr.extent));
            }
        }
        let formula = self.formula(&name);
        let parameters: Vec<(Ident, Option<Expr>)> =
            def.parameters.iter().map(|p| (p.clone(), None)).collect();
        let texts: Vec<String> = receiver
            .iter()
            .map(|(_, text)| text.clone())
            .chain(arguments.positional.iter().map(written))
            .chain(arguments.named.iter().map(|(_, e)| written(e)))
            .collect();
        let Some(values) = self.bind(
            &name,
            &parameters,
            receiver.map(|(v, _)| v),
            &arguments,
            at,
            scope,
        ) else {
            return Value::Poison;
        };
        let Some(formula) = formula else {
            return Value::Poison;
        };
        let mut tensors: Vec<(Tensor, String)> = Vec::new();
        let mut operands = Vec::new();
        for (i, value) in values.iter().enumerate() {
            match value {
                Value::Tensor(t) => {
                    operands.push(Formula::Input(tensors.len()));
                    tensors.push((t.clone(), texts.get(i).cloned().unwrap_or_default()));
                }
                Value::Poison => return Value::Poison,
                value => match value.number() {
                    Some(n) => operands.push(formula::c(n)),
                    None => {
                        return self.report(
                            at,
                            format!(
                                "`{}` of `{name}` must be a tensor or a number, found {}",
                                def.parameters[i],
                                value.describe()
                            ),
                            "a formula is computed element by element",
                        );
                    }
                },
            }
        }
        let Some((first, first_text)) = tensors.first() else {
            return self.report(
                at,
                format!("`{name}` needs a tensor, found numbers alone"),
                format!("as in `x.{name}()`"),
            );
        };
        if let Some((other, text)) = tensors.iter().find(|(t, _)| t.shape != first.shape) {
            return self.report(
                at,
                format!(
                    "`{name}` needs equal shapes: `{first_text}` is {}, `{text}` is {}",
                    first.shape, other.shape
                ),
                "a formula is computed element by element, and nothing is broadcast",
            );
        }
        let layer = layers::formula(&formula.substitute(&operands), &first.shape, tensors.len());
        let tensors: Vec<Tensor> = tensors.into_iter().map(|(t, _)| t).collect();
        self.push_as(
            "formula",
            &name,
            given_name,
            layer,
            &tensors,
            at,
            shorten(&call.to_string()),
        )
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

    /// Reports a layer that does not exist; gives the one that was meant, where that is plain.
    fn unknown_layer(&self, name: &str, receiver: &str, at: Span) -> Option<&'static LayerSpec> {
        let mine: Vec<String> = self.user_layers();
        let known = layers::ALL
            .iter()
            .filter(|l| l.call == layers::Call::Method)
            .map(|l| l.name)
            .chain(["repeat"])
            .chain(mine.iter().map(String::as_str));
        let near = suggest::nearest(name, known.clone());
        let foreign = suggest::foreign_layer(name);
        let mut meant = None;
        let help = match (near, foreign) {
            (Some(near), _) => {
                meant = layers::find(near);
                format!("did you mean `{near}`?")
            }
            (None, Some((ours, form))) => match layers::find(ours) {
                Some(spec) if spec.call == layers::Call::Method => {
                    meant = Some(spec);
                    format!("it is called `{ours}` here: `x.{form}`")
                }
                Some(_) => format!("it is the function `{ours}` here: `{form}`"),
                None => format!("`{ours}` is planned, and not part of the language yet"),
            },
            _ if matches!(name, "clone" | "to_owned" | "copy") => {
                format!("a tensor may be used any number of times: write `{receiver}` alone")
            }
            _ if self.source.incomplete => return None,
            _ if formula::Function::find(name).is_some() => {
                format!("write it as a formula beside the network, `fn f(x) = {name}(x);`, and call `x.f()`")
            }
            _ if crate::losses::find(name).is_some() => {
                format!("it is a loss: write `#[loss({name})]` above the network")
            }
            _ => "it is no layer, and no `block` or `fn` of this `network!`; docs/layers.md lists the layers"
                .into(),
        };
        self.report(at, format!("unknown layer `{name}`"), help);
        meant
    }

    fn unknown_function(&self, call: &Call) {
        let name = call.name.to_string();
        let at = call.name.span();
        let (on, rest) = match &call.arguments.positional[..] {
            [first, rest @ ..] if matches!(first.kind, ExprKind::Name(_) | ExprKind::Chain { .. }) => {
                (written(first), rest)
            }
            rest => ("x".to_string(), rest),
        };
        if layers::find(&name).is_some() || name == "repeat" {
            let rest = match rest.is_empty() && call.arguments.named.is_empty() {
                true => "",
                false => "…",
            };
            self.report(
                at,
                format!("`{name}` is a layer, called with a dot"),
                format!("write `{on}.{name}({rest})`"),
            );
            return;
        }
        let mine = self.user_layers();
        let functions = layers::ALL
            .iter()
            .filter(|l| l.call == layers::Call::Function)
            .map(|l| l.name);
        let near = suggest::nearest(&name, functions.chain(mine.iter().map(String::as_str)));
        let method = layers::ALL
            .iter()
            .filter(|l| l.call == layers::Call::Method)
            .map(|l| l.name);
        let help = match (
            near,
            suggest::foreign_layer(&name),
            suggest::nearest(&name, method),
        ) {
            (Some(near), _, _) => format!("did you mean `{near}`?"),
            (None, Some((ours, form)), _) if layers::find(ours).is_some() => {
                let on = match layers::find(ours).map(|l| l.call) {
                    Some(layers::Call::Method) => "x.",
                    _ => "",
                };
                format!("it is called `{ours}` here: `{on}{form}`")
            }
            (None, _, Some(near)) => format!("did you mean the layer `{near}`, called as `{on}.{near}(…)`?"),
            _ if self.source.incomplete => return,
            _ if formula::Function::find(&name).is_some() => {
                format!(
                    "write it as a formula beside the network, `fn f(x) = {name}(x);`, and call `{on}.f()`"
                )
            }
            _ => "functions are `concat(a, b)`, and the block's own `fn` formulas and `block`s".to_string(),
        };
        self.diagnostics
            .report(Diagnosis::new(at, format!("unknown function `{name}`")).help(help));
    }

    fn user_layers(&self) -> Vec<String> {
        let blocks = self.source.blocks.iter().map(|b| b.name.to_string());
        blocks
            .chain(self.source.formulas.iter().map(|f| f.name.to_string()))
            .collect()
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
