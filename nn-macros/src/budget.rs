//! Holds a planned network against its `#[budget(…)]`: over it, the build fails with a table of the layers.

use crate::diagnostics::{Diagnosis, Diagnostics};
use crate::emit::memory::{LayerMemory, Memory};
use crate::graph::{Cost, Graph, Limit, Node};

/// Reports every limit that is exceeded.
pub fn check(graph: &Graph, memory: &Memory, diagnostics: &Diagnostics) {
    for limit in &graph.budget {
        let found = match limit.cost {
            Cost::Params => graph.nodes.iter().map(|n| graph.params_of(n) as u64).sum(),
            Cost::Macs => graph.nodes.iter().map(|n| n.layer.macs()).sum(),
            Cost::Ram => memory.ram,
            Cost::Flash => memory.flash,
            Cost::TrainingRam => match memory.training_ram {
                Some(bytes) => bytes,
                None => {
                    let fault = "a budget of training for a network that has no loss";
                    let help = "`#[loss(…)]` says what it learns";
                    diagnostics.report(Diagnosis::new(limit.extent, fault).help(help));
                    continue;
                }
            },
            Cost::Int8Ram | Cost::Int8Flash => match memory.int8 {
                Some((ram, flash)) => [ram, flash][usize::from(limit.cost == Cost::Int8Flash)],
                // What is wrong with the program in int8 has been said.
                None if graph.quantize.is_some() => continue,
                None => {
                    let fault = "a budget in int8 for a network that is not quantised";
                    let help = "`#[quantize(int8)]` makes the program in int8; `ram` and `flash` are those in real numbers";
                    diagnostics.report(Diagnosis::new(limit.extent, fault).help(help));
                    continue;
                }
            },
        };
        if found > limit.most {
            diagnostics.report(exceeded(graph, memory, limit, found));
        }
    }
}

fn exceeded(graph: &Graph, memory: &Memory, limit: &Limit, found: u64) -> Diagnosis {
    let unit = if limit.cost.in_bytes() { " B" } else { "" };
    let costs = |(node, layer): (&Node, &LayerMemory)| match limit.cost {
        Cost::Params => graph.params_of(node) as u64,
        Cost::Macs => node.layer.macs(),
        Cost::Ram => layer.live,
        Cost::Flash => layer.params,
        Cost::TrainingRam => layer.training_live,
        Cost::Int8Ram => layer.int8_live,
        Cost::Int8Flash => layer.int8_params,
    };
    let layers = || graph.nodes.iter().zip(&memory.layers);
    // The first of those that take the most.
    let culprit = layers().enumerate().rev().max_by_key(|(_, layer)| costs(*layer));
    let message = format!(
        "budget exceeded: {} {}{unit} > {}{unit}\n{}",
        limit.cost.word(),
        grouped(found),
        grouped(limit.most),
        table(graph, memory, limit.cost, culprit.map(|(i, _)| i))
    );
    let mut diagnosis = Diagnosis::new(limit.extent, message);
    if let Some((_, (node, _))) = culprit {
        diagnosis = diagnosis.help(format!("`{}` (`{}`) takes the most", node.name, node.text));
    }
    if limit.cost == Cost::TrainingRam {
        let help = "`frozen = true` on the first layers spares what their gradients take";
        diagnosis = diagnosis.help(help);
    }
    diagnosis
}

/// One line per layer that costs something; the culprit is marked.
fn table(graph: &Graph, memory: &Memory, cost: Cost, culprit: Option<usize>) -> String {
    let (heading, bytes): (_, fn(&LayerMemory) -> u64) = match cost {
        Cost::TrainingRam => ("live bytes in training", |layer| layer.training_live),
        Cost::Int8Ram => ("live bytes in int8", |layer| layer.int8_live),
        Cost::Int8Flash => ("bytes of parameters in int8", |layer| layer.int8_params),
        _ => ("live bytes", |layer| layer.live),
    };
    let mut rows = vec![["layer", "output", "params", "macs", heading].map(str::to_string)];
    let mut marked = None;
    for (i, (node, layer)) in graph.nodes.iter().zip(&memory.layers).enumerate() {
        let (params, macs) = (graph.params_of(node) as u64, node.layer.macs());
        let live = bytes(layer);
        if params > 0 || macs > 0 || live > 0 {
            if culprit == Some(i) {
                marked = Some(rows.len());
            }
            let output = node.outputs.first().map_or(String::new(), ToString::to_string);
            rows.push([
                node.name.clone(),
                output,
                grouped(params),
                grouped(macs),
                grouped(live),
            ]);
        }
    }
    let widths: [usize; 5] =
        std::array::from_fn(|i| rows.iter().map(|r| r[i].len()).max().unwrap_or_default());
    let line = |(i, r): (usize, &[String; 5])| {
        let [a, b, c, d, e] = widths;
        let mark = if marked == Some(i) { "  <--" } else { "" };
        format!(
            "{:<a$}  {:<b$}  {:>c$}  {:>d$}  {:>e$}{mark}",
            r[0], r[1], r[2], r[3], r[4]
        )
    };
    rows.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
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
    use crate::pipeline;

    /// What the compiler says of a dense layer of 4 to 2 under a budget.
    fn compile(budget: &str) -> String {
        let source = format!(
            "#[loss(mean_squared_error)] #[budget({budget}, macs <= K)]
             N(x: Tensor<4>) -> Tensor<2> {{ x.dense(2) }}
             const K: usize = 8;"
        );
        pipeline::compile(source.parse().expect("Rust tokens")).to_string()
    }

    #[test]
    fn a_budget_is_kept_to_the_last_number() {
        // 8 + 2 parameters of 4 bytes, up to the next 16. A prediction holds 4 numbers and 2. A step holds 4 numbers, 2 targets, the parameters and as
        // many gradients; its arena the outputs (then their gradient) and the loss, in places of 4 numbers.
        for (word, most) in [("params", 10), ("ram", 24), ("flash", 48), ("training_ram", 136)] {
            let kept = compile(&format!("{word} <= {most}"));
            assert!(!kept.contains("compile_error"), "{word} <= {most}");
            let exceeded = compile(&format!("{word} <= {}", most - 1));
            assert!(exceeded.contains("budget exceeded"), "{word} < {most}");
            assert!(exceeded.contains("struct N"), "the type is still there");
        }
    }

    #[test]
    fn a_budget_in_int8_is_kept_to_the_last_byte() {
        // In: 16; between the layers 16, the gelu in place; out: 4. Of flash: see below.
        let compile = |budget: String| {
            let source = format!(
                "#[quantize(int8)] #[budget({budget})]
                 N(x: Tensor<16>) -> Tensor<4> {{ x.dense(16).gelu().dense(4) }}"
            );
            pipeline::compile(source.parse().expect("Rust tokens")).to_string()
        };
        // A dense layer: weights, a shift an output, 2 bounds; 8 bytes of bias and multiplier an output. A table. Of 4 scales 5
        // bytes each. What has 4 bytes starts at a multiple of 4: 2 bytes behind the first layer's.
        let first = 16 * 16 + 16 + 2 + 8 * 16;
        let second = 16 * 4 + 4 + 2 + 8 * 4;
        let flash = 5 * 4 + first + 2 + 256 + second;
        for (word, most) in [("int8_ram", 36), ("int8_flash", flash)] {
            let kept = compile(format!("{word} <= {most}"));
            assert!(!kept.contains("compile_error"), "{word} <= {most}");
            let exceeded = compile(format!("{word} <= {}", most - 1));
            assert!(exceeded.contains("budget exceeded"), "{word} < {most}");
        }
    }

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
