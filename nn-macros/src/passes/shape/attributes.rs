//! `#[loss(…)]`, `#[scalar(…)]` and `#[print(…)]`.

use super::Shaper;
use super::arguments::Callee;
use super::value::written;
use crate::ast::{Arguments, Attribute, BinaryOp, Expr, ExprKind, NetworkDef};
use crate::diagnostics::Reported;
use crate::formula::{c, x};
use crate::graph::{Print, Scalar};
use crate::ir::Shape;
use crate::layers::Args;
use crate::losses::{self, Loss};
use crate::suggest;

/// What a network's attributes say.
pub struct Attributes {
    pub scalar: Scalar,
    pub print: Vec<Print>,
    /// One entry per output.
    pub losses: Vec<Option<(Box<dyn Loss>, f64)>>,
}

impl<'a> Shaper<'a> {
    /// Reads a network's attributes; `None` after a fault.
    pub fn attributes(&mut self, def: &'a NetworkDef, outputs: &[Option<Shape>]) -> Option<Attributes> {
        let mut found = Attributes {
            scalar: Scalar::F32,
            print: Vec::new(),
            losses: outputs.iter().map(|_| None).collect(),
        };
        let mut sound = true;
        for attribute in &def.attributes {
            if attribute.arguments.incomplete {
                sound = false;
                continue;
            }
            let read = match attribute.name.to_string().as_str() {
                "loss" => self
                    .losses(attribute, def, outputs)
                    .map(|losses| found.losses = losses),
                "scalar" => self.scalar(attribute).map(|scalar| found.scalar = scalar),
                "print" => self.print(attribute).map(|print| found.print = print),
                // The budget is held against the whole graph.
                _ => Ok(()),
            };
            sound &= read.is_ok();
        }
        sound.then_some(found)
    }

    /// The scalar type of a network whose attributes have a fault somewhere.
    pub fn guess_scalar(&self, def: &NetworkDef) -> Scalar {
        let attribute = def.attributes.iter().find(|a| a.name == "scalar");
        attribute.and_then(|a| self.scalar(a).ok()).unwrap_or(Scalar::F32)
    }

    /// A loss per output where a loss attribute could not be read: the one that was probably meant, since it types the
    /// targets of the stub's methods.
    pub fn guess_losses(&self, def: &NetworkDef, outputs: &[Shape]) -> Vec<Option<(Box<dyn Loss>, f64)>> {
        let Some(attribute) = def.attributes.iter().find(|a| a.name == "loss") else {
            return outputs.iter().map(|_| None).collect();
        };
        let names = losses::ALL.iter().map(|l| l.name);
        let guess = |(i, shape): (usize, &Shape)| {
            let written = attribute
                .arguments
                .positional
                .get(i)
                .map(written)
                .unwrap_or_default();
            let word: String = written
                .trim_start_matches('"')
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            let meant = suggest::foreign_loss(&word)
                .or_else(|| suggest::nearest(&word, names.clone()))
                .unwrap_or("mean_squared_error");
            let spec = losses::find(meant)?;
            let mut args = Args {
                diagnostics: self.diagnostics,
                layer: spec.name,
                span: attribute.name.span(),
                text: spec.name.into(),
                inputs: Vec::new(),
                given: Vec::new(),
            };
            (spec.build)(&mut args, shape).ok().map(|loss| (loss, 1.0))
        };
        outputs.iter().enumerate().map(guess).collect()
    }

    fn scalar(&self, attribute: &Attribute) -> Result<Scalar, Reported> {
        let help = "as in `#[scalar(f64)]`; `f32` is what a network has without it";
        let word = match &attribute.arguments.positional[..] {
            [only] if attribute.arguments.named.is_empty() => match &only.kind {
                ExprKind::Name(name) => name.to_string(),
                _ => written(only),
            },
            _ => attribute.arguments.to_string(),
        };
        match word.as_str() {
            "f32" => Ok(Scalar::F32),
            "f64" => Ok(Scalar::F64),
            other => Err(self.attribute_fault(
                attribute.arguments.extent,
                format!("`#[scalar(…)]` is `f32` or `f64`, found `{other}`"),
                help,
            )),
        }
    }

    fn print(&self, attribute: &Attribute) -> Result<Vec<Print>, Reported> {
        let mut found = Vec::new();
        let named = attribute.arguments.named.iter().map(|(_, e)| e);
        for expr in attribute.arguments.positional.iter().chain(named) {
            let text = written(expr);
            found.push(match text.as_str() {
                "ir" => Print::Ir,
                "plan" => Print::Plan,
                "code" => Print::Code,
                _ => {
                    return Err(self.attribute_fault(
                        expr.extent,
                        format!("`#[print(…)]` knows no `{text}`"),
                        "it prints `ir`, `plan` or `code`",
                    ));
                }
            });
        }
        Ok(found)
    }

    /// `#[loss(huber, delta = 2.0)]`, or one entry per output: `#[loss(0.5 * huber, hinge)]`.
    #[allow(clippy::type_complexity)]
    fn losses(
        &mut self,
        attribute: &Attribute,
        def: &NetworkDef,
        outputs: &[Option<Shape>],
    ) -> Result<Vec<Option<(Box<dyn Loss>, f64)>>, Reported> {
        let Arguments {
            positional, named, ..
        } = &attribute.arguments;
        if let (Some((key, _)), true) = (named.first(), positional.len() != 1) {
            return Err(self.attribute_fault(
                key.span(),
                format!("which loss does `{key}` belong to?"),
                format!("give it in parentheses: `mean_squared_error, huber({key} = …)`"),
            ));
        }
        let mut read = Vec::new();
        let mut fault = None;
        for (i, expr) in positional.iter().enumerate() {
            let (weight, name, own) = match self.weighted(expr) {
                Ok(parts) => parts,
                Err(reported) => {
                    fault = Some(reported);
                    continue;
                }
            };
            let mut arguments = own.cloned().unwrap_or_else(|| Arguments::none(name.span()));
            arguments.named.extend(named.iter().cloned());
            match self.loss(name, &arguments, def, outputs.get(i).and_then(Option::as_ref)) {
                Ok(Some(loss)) => read.push(Some((loss, weight))),
                Ok(None) => read.push(None),
                Err(reported) => fault = Some(reported),
            }
        }
        if let Some(reported) = fault {
            return Err(reported);
        }
        if positional.len() != outputs.len() && !def.incomplete {
            let (losses, plural) = (positional.len(), if outputs.len() == 1 { "" } else { "s" });
            return Err(self.attribute_fault(
                attribute.arguments.extent,
                format!("{losses} losses for {} output{plural} of `{}`", outputs.len(), def.name)
                    .replace("1 losses", "1 loss"),
                "give one loss per output, in order: `#[loss(softmax_cross_entropy, 0.5 * mean_squared_error)]`",
            ));
        }
        Ok(read)
    }

    /// `0.5 * huber(delta = 2.0)`: factor, name, arguments.
    fn weighted<'e>(
        &mut self,
        expr: &'e Expr,
    ) -> Result<(f64, &'e syn::Ident, Option<&'e Arguments>), Reported> {
        match &expr.kind {
            ExprKind::Name(name) => Ok((1.0, name, None)),
            ExprKind::Call(call) => Ok((1.0, &call.name, Some(&call.arguments))),
            ExprKind::Binary {
                left,
                op: BinaryOp::Mul,
                right,
                ..
            } => {
                let factor = self.value(left, &self.sizes.clone());
                let factor = match factor.number() {
                    Some(factor) if factor > 0.0 => factor,
                    _ if factor.is_poison() => return Err(Reported),
                    _ => {
                        return Err(self.attribute_fault(
                            left.extent,
                            format!(
                                "the factor of a loss must be a number above 0, found {}",
                                factor.describe()
                            ),
                            "as in `0.5 * mean_squared_error`",
                        ));
                    }
                };
                let (inner, name, arguments) = self.weighted(right)?;
                Ok((factor * inner, name, arguments))
            }
            ExprKind::Error => Err(Reported),
            ExprKind::Text(text) => {
                let names = losses::ALL.iter().map(|l| l.name);
                let meant = suggest::foreign_loss(text).or_else(|| suggest::nearest(text, names));
                Err(self.attribute_fault(
                    expr.extent,
                    format!("expected a loss, found the text {text:?}"),
                    format!(
                        "write it without quotes: `{}`",
                        meant.unwrap_or("mean_squared_error")
                    ),
                ))
            }
            _ => Err(self.attribute_fault(
                expr.extent,
                format!("expected a loss, found `{}`", written(expr)),
                "as in `mean_squared_error`, or `0.5 * huber(delta = 2.0)`",
            )),
        }
    }

    /// One loss; `None` where the output's shape is not known.
    fn loss(
        &mut self,
        name: &syn::Ident,
        arguments: &Arguments,
        def: &NetworkDef,
        output: Option<&Shape>,
    ) -> Result<Option<Box<dyn Loss>>, Reported> {
        let text = name.to_string();
        if self.formula_def(&text).is_some() {
            return self.formula_loss(name, arguments, output);
        }
        let Some(spec) = losses::find(&text) else {
            let mine: Vec<String> = self.source.formulas.iter().map(|f| f.name.to_string()).collect();
            let known = losses::ALL
                .iter()
                .map(|l| l.name)
                .chain(mine.iter().map(String::as_str));
            if self.source.incomplete && suggest::nearest(&text, known.clone()).is_none() {
                return Err(Reported);
            }
            let help = match (
                suggest::nearest(&text, known.clone()),
                suggest::foreign_loss(&text),
            ) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, Some(ours)) => format!("it is called `{ours}` here"),
                (None, None) => {
                    let names: Vec<String> = known.map(|n| format!("`{n}`")).collect();
                    format!("losses are {}", names.join(", "))
                }
            };
            return Err(self.attribute_fault(name.span(), format!("unknown loss `{text}`"), help));
        };
        let callee = Callee {
            name: spec.name,
            specs: spec.args,
            at: name.span().into(),
            example: spec.name.to_string(),
        };
        let checked = self.check(&callee, &arguments.positional, arguments, &self.sizes.clone())?;
        let Some(shape) = output else {
            return Ok(None);
        };
        let written = if checked.text.is_empty() {
            text.clone()
        } else {
            format!("{text}({})", checked.text)
        };
        let mut args = Args {
            diagnostics: self.diagnostics,
            layer: spec.name,
            span: name.span(),
            text: written,
            inputs: vec![def.name.to_string()],
            given: checked.given,
        };
        (spec.build)(&mut args, shape).map(Some)
    }

    /// `fn f(y, t) = …` of an output and its target, as a loss; further parameters are numbers given in the attribute.
    fn formula_loss(
        &mut self,
        name: &syn::Ident,
        arguments: &Arguments,
        output: Option<&Shape>,
    ) -> Result<Option<Box<dyn Loss>>, Reported> {
        let text = name.to_string();
        let parameters = match self.formula_def(&text) {
            Some(def) if def.parameters.len() >= 2 => &def.parameters,
            _ => {
                return Err(self.attribute_fault(
                    name.span(),
                    format!("`{text}` is a formula of one number, not a loss"),
                    "a loss is a formula of an output and its target: `fn squared(y, t) = square(y - t);`",
                ));
            }
        };
        let rest: Vec<(syn::Ident, Option<Expr>)> =
            parameters[2..].iter().map(|p| (p.clone(), None)).collect();
        let formula = self.formula(&text);
        let numbers = self.bind(&text, &rest, None, arguments, name.span(), &self.sizes.clone());
        let (Some(formula), Some(numbers)) = (formula, numbers) else {
            return Err(Reported);
        };
        let mut operands = vec![x(0), x(1)];
        for (number, (parameter, _)) in numbers.iter().zip(&rest) {
            match number.number() {
                Some(n) => operands.push(c(n)),
                None if number.is_poison() => return Err(Reported),
                None => {
                    return Err(self.attribute_fault(
                        name.span(),
                        format!(
                            "`{parameter}` of `{text}` must be a number, found {}",
                            number.describe()
                        ),
                        format!("as in `#[loss({text}({parameter} = 0.5))]`"),
                    ));
                }
            }
        }
        Ok(output.map(|shape| losses::formula(&formula.substitute(&operands), shape)))
    }
}
