//! `#[weights("digits.safetensors")]`: the file against the network.

use super::Shaper;
use super::value::written;
use crate::ast::{ExprKind, NetworkDef};
use crate::graph::Graph;
use crate::weights::{self, Weights};

impl<'a> Shaper<'a> {
    /// The weights that the attribute names, if there is one; `None` after a fault.
    pub fn weights(&mut self, def: &'a NetworkDef, graph: &Graph) -> Option<Option<Weights>> {
        let Some(attribute) = def.attributes.iter().find(|a| a.name == "weights") else {
            return Some(None);
        };
        let arguments = &attribute.arguments;
        let path = match &arguments.positional[..] {
            [only] if arguments.named.is_empty() => match &only.kind {
                ExprKind::Text(path) if !path.is_empty() => Ok((path, only.extent)),
                ExprKind::Error => return None,
                _ => Err((only.extent, written(only))),
            },
            _ => Err((arguments.extent, arguments.to_string())),
        };
        match path {
            Ok((path, extent)) => match weights::read(path, graph) {
                Ok(weights) => Some(Some(weights)),
                Err(faults) => {
                    for (message, help) in faults {
                        self.report(extent, message, help);
                    }
                    None
                }
            },
            Err((extent, found)) => {
                self.report(
                    extent,
                    format!("`#[weights(…)]` is the path of a file, found `{found}`"),
                    "as in `#[weights(\"digits.safetensors\")]`",
                );
                None
            }
        }
    }
}
