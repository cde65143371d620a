//! `#[quantize(int8)]` and `#[quantize(int8, weights = "digits.int8.safetensors")]`.

use super::Shaper;
use super::value::written;
use crate::ast::{Attribute, ExprKind, NetworkDef};
use crate::diagnostics::Reported;
use crate::graph::{Graph, Quantize, Scalar};

impl<'a> Shaper<'a> {
    /// What the attribute asks for, if there is one; `None` after a fault.
    pub fn quantize(&mut self, def: &'a NetworkDef, graph: &Graph) -> Option<Option<Quantize>> {
        let Some(attribute) = def.attributes.iter().find(|a| a.name == "quantize") else {
            return Some(None);
        };
        if graph.scalar == Scalar::F64 {
            let message = "`#[quantize(int8)]` starts from a network in `f32`, found `#[scalar(f64)]`";
            self.report(attribute.arguments.extent, message, "leave one of the two out");
            return None;
        }
        self.read_quantize(attribute).ok().map(Some)
    }

    fn read_quantize(&self, attribute: &Attribute) -> Result<Quantize, Reported> {
        let arguments = &attribute.arguments;
        let type_of = |extent, found: String| {
            Err(self.attribute_fault(
                extent,
                format!("`#[quantize(…)]` begins with `int8`, found `{found}`"),
                "as in `#[quantize(int8)]`, or `#[quantize(int8, weights = \"digits.int8.safetensors\")]`",
            ))
        };
        match &arguments.positional[..] {
            [only] if written(only) == "int8" => {}
            [only] => return type_of(only.extent, written(only)),
            _ => return type_of(arguments.extent, arguments.to_string()),
        }
        let mut weights = None;
        for (key, value) in &arguments.named {
            match (&value.kind, key == "weights") {
                (ExprKind::Error, _) => return Err(Reported),
                (ExprKind::Text(path), true) if !path.is_empty() => {
                    weights = Some((path.clone(), value.extent))
                }
                (_, true) => {
                    return Err(self.attribute_fault(
                        value.extent,
                        format!("`weights` is the path of a file, found `{}`", written(value)),
                        "as in `weights = \"digits.int8.safetensors\"`; `Quantized::save` writes it",
                    ));
                }
                (_, false) => {
                    return Err(self.attribute_fault(
                        key.span(),
                        format!("`#[quantize(…)]` has no argument `{key}`"),
                        "it takes `int8` and `weights = \"…\"`",
                    ));
                }
            }
        }
        Ok(Quantize { weights })
    }
}
