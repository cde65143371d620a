//! The table of a network's layers.

use std::fmt;

use crate::{LayerInfo, Network};

/// A network's layers with their output shapes, parameters and multiply-accumulates; `{}` prints the table.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    name: &'static str,
    inputs: &'static [&'static [usize]],
    layers: &'static [LayerInfo],
    params: usize,
    macs: u64,
}

impl Summary {
    /// Of the network `N`.
    #[must_use]
    pub fn of<N: Network>() -> Self {
        Self {
            name: N::NAME,
            inputs: N::INPUTS,
            layers: N::LAYERS,
            params: N::PARAMS,
            macs: N::MACS,
        }
    }
}

/// `28 x 28 x 1`
fn shape(dims: &[usize]) -> String {
    dims.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" x ")
}

/// `62,006`
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![["layer", "", "output", "params", "macs"].map(str::to_string)];
        rows.push([
            "input".into(),
            String::new(),
            self.inputs
                .iter()
                .map(|s| shape(s))
                .collect::<Vec<_>>()
                .join(", "),
            String::new(),
            String::new(),
        ]);
        for l in self.layers {
            rows.push([
                l.name.into(),
                l.text.into(),
                shape(l.output),
                grouped(l.params as u64),
                grouped(l.macs),
            ]);
        }
        rows.push([
            "total".into(),
            String::new(),
            String::new(),
            grouped(self.params as u64),
            grouped(self.macs),
        ]);
        let width = |c: usize| rows.iter().map(|r| r[c].chars().count()).max().unwrap_or(0);
        let w = [width(0), width(1), width(2), width(3), width(4)];
        writeln!(f, "{}", self.name)?;
        let rule = "-".repeat(w.iter().sum::<usize>() + 8);
        for (i, r) in rows.iter().enumerate() {
            if i == 1 || i == rows.len() - 1 {
                writeln!(f, "{rule}")?;
            }
            let line = format!(
                "{:<a$}  {:<b$}  {:<c$}  {:>d$}  {:>e$}",
                r[0],
                r[1],
                r[2],
                r[3],
                r[4],
                a = w[0],
                b = w[1],
                c = w[2],
                d = w[3],
                e = w[4]
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
