//! Names that are no layer and no function: what was probably meant.

use proc_macro2::Span;

use super::Shaper;
use super::value::written;
use crate::ast::{Call, ExprKind};
use crate::diagnostics::Diagnosis;
use crate::formula;
use crate::layers::{self, LayerSpec};
use crate::suggest;

impl Shaper<'_> {
    /// Reports a layer that does not exist; gives the one that was meant, where that is plain.
    pub fn unknown_layer(&self, name: &str, receiver: &str, at: Span) -> Option<&'static LayerSpec> {
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

    pub fn unknown_function(&self, call: &Call) {
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
