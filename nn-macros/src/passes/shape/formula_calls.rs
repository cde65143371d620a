//! Calls of formulas as layers.

use syn::Ident;

use super::Shaper;
use super::calls::Input;
use super::value::{Scope, Tensor, Value, shorten, written};
use crate::ast::{Call, Expr, ExprKind, FormulaDef};
use crate::formula::{self, Formula};
use crate::layers;

impl<'a> Shaper<'a> {
    /// A formula as a layer: tensors are its operands, numbers are fixed in it.
    pub fn call_formula(
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
}
