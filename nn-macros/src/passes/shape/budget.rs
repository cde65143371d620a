//! `#[budget(params <= 62_000, ram <= 48 KiB)]`: reads the limits; `crate::budget` holds the planned network against them.

use super::Shaper;
use super::value::{Value, written};
use crate::ast::{BinaryOp, Expr, ExprKind, NetworkDef};
use crate::graph::{Cost, Limit};

const EXAMPLE: &str = "as in `#[budget(params <= 62_000, ram <= 48 KiB)]`";
const KNOWN: &str =
    "budgets are `params`, `macs`, `ram`, `flash`, `training_ram`, `int8_ram` and `int8_flash`";

impl<'a> Shaper<'a> {
    /// The limits of a network; `None` after a fault.
    pub fn budget(&mut self, def: &'a NetworkDef) -> Option<Vec<Limit>> {
        let Some(attribute) = def.attributes.iter().find(|a| a.name == "budget") else {
            return Some(Vec::new());
        };
        if let Some((key, _)) = attribute.arguments.named.first() {
            self.report(
                key.span(),
                format!("`{key} =` in a budget"),
                format!("write `{key} <= …`"),
            );
            return None;
        }
        let written = attribute.arguments.positional.iter();
        let limits: Vec<Option<Limit>> = written.map(|limit| self.limit(limit)).collect();
        limits.into_iter().collect()
    }

    fn limit(&mut self, limit: &'a Expr) -> Option<Limit> {
        let ExprKind::Binary {
            left,
            op: BinaryOp::Le,
            right,
            ..
        } = &limit.kind
        else {
            let found = format!("expected a limit, found `{}`", written(limit));
            self.report(limit.extent, found, EXAMPLE);
            return None;
        };
        let what = written(left);
        let Some(cost) = Cost::ALL.into_iter().find(|cost| cost.word() == what) else {
            self.report(left.extent, format!("unknown budget `{what}`"), KNOWN);
            return None;
        };
        let most = match self.value(right, &self.sizes.clone()) {
            Value::Int(n) if n >= 0 => n as u64,
            Value::Poison => return None,
            other => {
                let found = other.describe();
                let message = format!("the limit of `{what}` must be a whole number, found {found}");
                self.report(right.extent, message, EXAMPLE);
                return None;
            }
        };
        Some(Limit {
            cost,
            most,
            extent: limit.extent,
        })
    }
}
