//! `#[budget(params <= 62_000, macs <= 500_000)]`: over it, the build fails with a table of the layers.

use super::Shaper;
use super::value::{Scope, Value, written};
use crate::ast::{BinaryOp, ExprKind, NetworkDef};
use crate::graph::{Graph, Node};
use crate::ir::ParamKind;

impl<'a> Shaper<'a> {
    /// Holds the graph, if there is one, against its budget; `None` after a fault.
    pub fn check_budget(&mut self, def: &'a NetworkDef, graph: Option<&Graph>) -> Option<()> {
        let attribute = def.attributes.iter().find(|a| a.name == "budget");
        let mut sound = Some(());
        let Some(attribute) = attribute else {
            return sound;
        };
        let help = "as in `#[budget(params <= 62_000, macs <= 500_000)]`";
        if let Some((key, _)) = attribute.arguments.named.first() {
            self.report(
                key.span(),
                format!("`{key} =` in a budget"),
                format!("write `{key} <= …`"),
            );
            return None;
        }
        for limit in &attribute.arguments.positional {
            let ExprKind::Binary {
                left,
                op: BinaryOp::Le,
                right,
                ..
            } = &limit.kind
            else {
                self.report(
                    limit.extent,
                    format!("expected a limit, found `{}`", written(limit)),
                    help,
                );
                sound = None;
                continue;
            };
            let what = written(left);
            let found: Option<u64> = match what.as_str() {
                "params" => graph.map(|g| g.nodes.iter().map(|n| node_params(g, n)).sum()),
                "macs" => graph.map(|g| g.nodes.iter().map(|n| n.layer.macs()).sum()),
                "ram" | "flash" => {
                    self.report(
                        left.extent,
                        format!("`{what}` budgets are not supported yet"),
                        "budgets are `params` and `macs`",
                    );
                    sound = None;
                    continue;
                }
                _ => {
                    self.report(
                        left.extent,
                        format!("unknown budget `{what}`"),
                        "budgets are `params` and `macs`",
                    );
                    sound = None;
                    continue;
                }
            };
            let most = match self.value(right, &Scope::default()) {
                Value::Int(n) if n >= 0 => n as u64,
                Value::Poison => {
                    sound = None;
                    continue;
                }
                other => {
                    self.report(
                        right.extent,
                        format!(
                            "the limit of `{what}` must be a whole number, found {}",
                            other.describe()
                        ),
                        help,
                    );
                    sound = None;
                    continue;
                }
            };
            let (Some(graph), Some(found)) = (graph, found) else {
                continue;
            };
            if found > most {
                let message = format!(
                    "budget exceeded: {what} {} > {}\n{}",
                    grouped(found),
                    grouped(most),
                    table(graph)
                );
                let largest = graph.nodes.iter().max_by_key(|n| match what.as_str() {
                    "params" => node_params(graph, n),
                    _ => n.layer.macs(),
                });
                let largest = largest.map_or(String::new(), |n| {
                    format!("`{}` (`{}`) takes the most", n.name, n.text)
                });
                self.report(limit.extent, message, largest);
                sound = None;
            }
        }
        sound
    }
}

/// Numbers that training can change.
fn node_params(graph: &Graph, node: &Node) -> u64 {
    node.params
        .iter()
        .map(|p| &graph.params[p.0].spec)
        .filter(|spec| spec.kind != ParamKind::State)
        .map(|spec| spec.shape.elems() as u64)
        .sum()
}

/// One line per layer that costs something.
fn table(graph: &Graph) -> String {
    let mut rows = vec![[
        "layer".to_string(),
        "output".into(),
        "params".into(),
        "macs".into(),
    ]];
    for node in &graph.nodes {
        let (params, macs) = (node_params(graph, node), node.layer.macs());
        if params > 0 || macs > 0 {
            let output = node.outputs.first().map_or(String::new(), ToString::to_string);
            rows.push([node.name.clone(), output, grouped(params), grouped(macs)]);
        }
    }
    let widths: Vec<usize> = (0..4)
        .map(|i| rows.iter().map(|r| r[i].len()).max().unwrap_or(0))
        .collect();
    let lines: Vec<String> = rows
        .iter()
        .map(|r| {
            format!(
                "{:<a$}  {:<b$}  {:>c$}  {:>d$}",
                r[0],
                r[1],
                r[2],
                r[3],
                a = widths[0],
                b = widths[1],
                c = widths[2],
                d = widths[3]
            )
        })
        .collect();
    lines.join("\n")
}

/// `61,706`
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (61_706, "61,706"),
            (1_000_000, "1,000,000"),
        ] {
            assert_eq!(super::grouped(n), text);
        }
    }
}
