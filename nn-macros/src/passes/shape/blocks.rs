//! `block`s and `repeat`: the body of a block is shaped again for every call of it.

use proc_macro2::Span;
use syn::Ident;

use super::Shaper;
use super::value::{Scope, Value, shorten, written};
use crate::ast::{Arguments, BlockDef, Call, Expr, ExprKind};
use crate::suggest;

/// Calls of blocks in one network, repetitions included: an end to blocks that double each other.
const MAX_BLOCK_CALLS: usize = 20_000;

/// `block`s inside each other.
const MAX_BLOCK_DEPTH: usize = 32;

impl<'a> Shaper<'a> {
    /// `x.repeat(4, decoder(heads = 4))`: each repetition has its own weights.
    pub fn repeat(&mut self, receiver: Value, text: String, call: &Call, scope: &Scope) -> Value {
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

    pub fn call_block(
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
}
