//! Expressions to values. A fault is reported where it lies and gives `Poison`, whose uses are silent, so that what
//! does not follow from it is still checked.

use std::rc::Rc;

use syn::Ident;

use super::Shaper;
use super::constants;
use super::value::{Scope, Tensor, Value, shorten, written};
use crate::ast::{BinaryOp, Body, Call, Expr, ExprKind};
use crate::diagnostics::{Diagnosis, Extent};
use crate::formula::{c, x};
use crate::layers;
use crate::suggest;

/// Levels of expressions and blocks inside each other; more would endanger the stack of the compiler.
const MAX_DEPTH: usize = 400;

impl<'a> Shaper<'a> {
    pub fn report(
        &self,
        at: impl Into<Extent>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Value {
        self.diagnostics.report(Diagnosis::new(at, message).help(help));
        Value::Poison
    }

    /// What an expression stands for.
    pub fn value(&mut self, expr: &Expr, scope: &Scope) -> Value {
        if self.depth >= MAX_DEPTH {
            return self.report(
                expr.extent,
                format!("expressions and blocks inside each other, more than {MAX_DEPTH} deep"),
                "name the parts with `let`, and call fewer blocks inside blocks",
            );
        }
        self.depth += 1;
        let value = match &expr.kind {
            ExprKind::Name(name) => self.name(name, scope),
            ExprKind::Path(path) => self.report(
                expr.extent,
                format!("`{}` lies outside the block", path.to_string().replace(' ', "")),
                "repeat it inside the block, and the build checks that they agree: `const WIDTH: usize = 128 == crate::WIDTH;`",
            ),
            ExprKind::Int(n) => match i64::try_from(*n) {
                Ok(n) => Value::Int(n),
                Err(_) => self.report(
                    expr.extent,
                    format!("the number {n} is too large"),
                    "sizes are far smaller; a real number is written with a point, `1.0e20`",
                ),
            },
            ExprKind::Float(x) => Value::Float(*x),
            ExprKind::Bool(b) => Value::Bool(*b),
            ExprKind::Text(text) => Value::Text(text.clone()),
            ExprKind::Call(call) => self.call(call, scope),
            ExprKind::Chain { head, calls } => self.chain(head, calls, scope),
            ExprKind::Binary {
                left,
                op,
                op_extent,
                right,
            } => self.binary(left, *op, *op_extent, right, scope),
            ExprKind::Neg(a) => self.negate(a, expr.extent, scope),
            ExprKind::Not(a) => {
                let value = self.value(a, scope);
                self.constant_result(&[&value], expr.extent, || constants::not(&value))
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => self.branch(condition, then, otherwise, scope),
            ExprKind::Tuple(items) => Value::Tuple(items.iter().map(|e| self.value(e, scope)).collect()),
            ExprKind::List(items) => Value::List(items.iter().map(|e| self.value(e, scope)).collect()),
            ExprKind::Error => Value::Poison,
        };
        self.depth -= 1;
        value
    }

    /// As [`Self::value`], but a word of the language (`same`, `relu`, `dense(16)`) stands for itself: what a block may
    /// be handed.
    pub fn loose_value(&mut self, expr: &Expr, scope: &Scope) -> Value {
        match &expr.kind {
            ExprKind::Name(name) if !self.is_bound(name, scope) && self.is_word(&name.to_string()) => {
                Value::Word(name.clone())
            }
            ExprKind::Call(call) if self.is_quoted(call) => {
                Value::Quoted(Rc::new((expr.clone(), scope.clone())))
            }
            _ => self.value(expr, scope),
        }
    }

    /// Whether a call, as an argument, is a layer or an initialiser rather than a tensor.
    fn is_quoted(&self, call: &Call) -> bool {
        let name = call.name.to_string();
        let arguments = &call.arguments;
        if let Some(block) = self.block(&name) {
            let required = block
                .parameters
                .iter()
                .filter(|(_, default)| default.is_none())
                .count();
            return arguments.positional.len() + arguments.named.len() < required;
        }
        if self.formula_def(&name).is_some() {
            return arguments.positional.is_empty();
        }
        match layers::find(&name) {
            Some(spec) => spec.call == layers::Call::Method,
            None => super::inits::INITS.iter().any(|init| init.name == name),
        }
    }

    fn is_bound(&self, name: &Ident, scope: &Scope) -> bool {
        let name = name.to_string();
        scope.get(&name).is_some() || self.source.consts.iter().any(|c| c.name == name)
    }

    /// Whether the language or the user's items know the name.
    fn is_word(&self, name: &str) -> bool {
        use super::arguments::choices;
        use super::inits::INITS;
        layers::find(name).is_some()
            || self.block(name).is_some()
            || self.formula_def(name).is_some()
            || INITS.iter().any(|init| init.name == name)
            || choices().any(|word| word == name)
    }

    fn name(&mut self, name: &Ident, scope: &Scope) -> Value {
        let text = name.to_string();
        if let Some(value) = scope.get(&text) {
            return value.clone();
        }
        if let Some(value) = self.constant(&text) {
            return value;
        }
        self.unknown_name(name, scope)
    }

    fn unknown_name(&self, name: &Ident, scope: &Scope) -> Value {
        let text = name.to_string();
        let consts: Vec<String> = self.source.consts.iter().map(|c| c.name.to_string()).collect();
        let known: Vec<&str> = scope.names().chain(consts.iter().map(String::as_str)).collect();
        let near = suggest::nearest(&text, known.iter().copied());
        if near.is_none() && (scope.incomplete || self.source.incomplete) {
            return Value::Poison;
        }
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if matches!(
                text.as_str(),
                "F" | "nn" | "torch" | "tf" | "keras" | "layers" | "np" | "jnp"
            ) =>
            {
                "layers need no module: they are called on their input, as in `x.dense(10).relu()`".into()
            }
            None if self.is_layer(&text) => format!("a layer is called on a tensor: `x.{text}(…)`"),
            None if known.is_empty() => "a size is a number, or a `const` of the block".into(),
            None => {
                let mut names: Vec<String> = known.iter().map(|n| format!("`{n}`")).collect();
                names.dedup();
                names.truncate(12);
                format!("known here: {}", names.join(", "))
            }
        };
        self.report(name.span(), format!("unknown name `{text}`"), help)
    }

    pub fn is_layer(&self, name: &str) -> bool {
        layers::find(name).is_some() || self.block(name).is_some() || self.formula_def(name).is_some()
    }

    /// `let`s, then the result.
    pub fn body(&mut self, body: &Body, mut scope: Scope) -> Value {
        scope.incomplete |= body.incomplete;
        for binding in &body.lets {
            let value = self.value(&binding.value, &scope);
            if !binding.tuple {
                let [name] = &binding.names[..] else { continue };
                scope.bind(name, value);
                continue;
            }
            let values = self.take_apart(&binding.names, value, binding.value.extent);
            for (name, value) in binding.names.iter().zip(values) {
                scope.bind(name, value);
            }
        }
        self.value(&body.result, &scope)
    }

    /// The parts of `let (a, b) = value;`
    fn take_apart(&self, names: &[Ident], value: Value, at: Extent) -> Vec<Value> {
        let help = match &value {
            Value::Tuple(items) if items.len() == names.len() => return items.clone(),
            Value::Poison => return vec![Value::Poison; names.len()],
            Value::Tuple(items) => format!("give {} names", items.len()),
            Value::Tensor(_) => format!("`x.split({})` divides a tensor into {0} parts", names.len()),
            _ => "a tuple is written `(a, b)`".into(),
        };
        self.report(
            at,
            format!("expected a tuple of {}, found {}", names.len(), value.describe()),
            help,
        );
        vec![Value::Poison; names.len()]
    }

    fn chain(&mut self, head: &Expr, calls: &[Call], scope: &Scope) -> Value {
        let mut value = self.value(head, scope);
        let mut text = written(head);
        for call in calls {
            let call_text = call.to_string();
            let whole = format!("{text}.{call_text}");
            value = self.apply(value, text, call, scope);
            text = if whole.chars().count() <= 36 {
                whole
            } else {
                format!("….{}", shorten(&call_text))
            };
        }
        value
    }

    /// Takes the branch that the condition chooses; the other one is not looked at.
    fn branch(&mut self, condition: &Expr, then: &Body, otherwise: &Body, scope: &Scope) -> Value {
        match self.value(condition, scope) {
            Value::Bool(true) => self.body(then, scope.clone()),
            Value::Bool(false) => self.body(otherwise, scope.clone()),
            Value::Poison => Value::Poison,
            Value::Tensor(_) => self.report(
                condition.extent,
                "the condition of an `if` must be known at compile time, found a tensor",
                "an `if` chooses between layers by sizes; element by element, write a formula: \
                 `fn f(x) = if x > 0.0 { x } else { 0.0 };`",
            ),
            other => self.report(
                condition.extent,
                format!("expected a condition, found {}", other.describe()),
                "compare it: `if stride == 1 { … } else { … }`",
            ),
        }
    }

    /// The result of an operation on constants, silent where one is poison.
    fn constant_result(
        &self,
        parts: &[&Value],
        at: Extent,
        operation: impl FnOnce() -> Result<Value, constants::Fault>,
    ) -> Value {
        if parts.iter().any(|v| v.is_poison()) {
            return Value::Poison;
        }
        match operation() {
            Ok(value) => value,
            Err((message, help)) => self.report(at, message, help),
        }
    }

    fn negate(&mut self, a: &Expr, at: Extent, scope: &Scope) -> Value {
        match self.value(a, scope) {
            Value::Tensor(t) => {
                let layer = layers::affine(&t.shape, -1.0, 0.0);
                self.push("negate", layer, &[t], at.start, format!("-{}", written(a)))
            }
            value => self.constant_result(&[&value], at, || constants::negate(&value)),
        }
    }

    fn binary(&mut self, left: &Expr, op: BinaryOp, at: Extent, right: &Expr, scope: &Scope) -> Value {
        // `padding == same`: words stand for themselves.
        let (a, b) = if matches!(op, BinaryOp::Eq | BinaryOp::Ne) {
            (self.loose_value(left, scope), self.loose_value(right, scope))
        } else {
            (self.value(left, scope), self.value(right, scope))
        };
        if a.is_poison() || b.is_poison() {
            return Value::Poison;
        }
        match (&a, &b) {
            (Value::Tensor(a), Value::Tensor(b)) => self.tensors(op, at, (left, a), (right, b)),
            (Value::Tensor(t), other) | (other, Value::Tensor(t)) => match other.number() {
                Some(n) => {
                    let tensor_first = matches!(a, Value::Tensor(_));
                    let text = format!("{} {} {}", written(left), op.symbol(), written(right));
                    self.tensor_and_number(op, at, t, n, tensor_first, text)
                }
                None => self.constant_result(&[], at, || constants::binary(op, &a, &b)),
            },
            _ => self.constant_result(&[], at, || constants::binary(op, &a, &b)),
        }
    }

    /// `+`, `-` or `*` of two tensors: layers of the language.
    fn tensors(
        &mut self,
        op: BinaryOp,
        at: Extent,
        left: (&Expr, &Tensor),
        right: (&Expr, &Tensor),
    ) -> Value {
        let kind = match op {
            BinaryOp::Add => "add",
            BinaryOp::Sub => "subtract",
            BinaryOp::Mul => "multiply",
            _ => {
                let help = match op {
                    BinaryOp::Div => {
                        "write it as a formula: `fn ratio(a, b) = a / b;`, called as `ratio(a, b)`"
                    }
                    BinaryOp::Rem => "there is no remainder of tensors",
                    _ => "element by element, write a formula: `fn f(a, b) = if a > b { a } else { b };`",
                };
                return self.report(at, format!("`{}` between two tensors", op.symbol()), help);
            }
        };
        let Some(spec) = layers::find(op.symbol()) else {
            return Value::Poison;
        };
        let text = format!("{} {} {}", written(left.0), op.symbol(), written(right.0));
        let mut args = layers::Args {
            diagnostics: self.diagnostics,
            layer: spec.name,
            span: at.start,
            text: text.clone(),
            inputs: vec![written(left.0), written(right.0)],
            given: Vec::new(),
        };
        let shapes = [left.1.shape.clone(), right.1.shape.clone()];
        let mark = self.diagnostics.count();
        match (spec.build)(&mut args, &shapes) {
            Ok(layer) => self.push(kind, layer, &[left.1.clone(), right.1.clone()], at.start, text),
            Err(_) => {
                self.tell_shapes(mark, &[(left.1, &args.inputs[0]), (right.1, &args.inputs[1])]);
                Value::Poison
            }
        }
    }

    /// `2.0 * x`, `x + 1.0`, `1.0 / x`: a number is the same for all elements.
    fn tensor_and_number(
        &mut self,
        op: BinaryOp,
        at: Extent,
        tensor: &Tensor,
        n: f64,
        tensor_first: bool,
        text: String,
    ) -> Value {
        let shape = &tensor.shape;
        let (kind, layer) = match (op, tensor_first) {
            (BinaryOp::Add, _) => ("shift", layers::affine(shape, 1.0, n)),
            (BinaryOp::Sub, true) => ("shift", layers::affine(shape, 1.0, -n)),
            (BinaryOp::Sub, false) => ("shift", layers::affine(shape, -1.0, n)),
            (BinaryOp::Mul, _) => ("scale", layers::affine(shape, n, 0.0)),
            (BinaryOp::Div, true) if n != 0.0 => ("scale", layers::affine(shape, 1.0 / n, 0.0)),
            (BinaryOp::Div, true) => {
                return self.report(at, "a tensor divided by zero", "numbers in a network are finite");
            }
            (BinaryOp::Div, false) => ("reciprocal", layers::formula(&(c(n) / x(0)), shape, 1)),
            _ => {
                return self.report(
                    at,
                    format!("`{}` between a tensor and a number", op.symbol()),
                    "element by element, write a formula: `fn f(x) = if x > 0.0 { x } else { 0.0 };`",
                );
            }
        };
        self.push(kind, layer, std::slice::from_ref(tensor), at.start, text)
    }
}
