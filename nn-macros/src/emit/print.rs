//! What `#[print(ir, plan, code)]` writes while the block compiles: the programs, where their values live, the Rust.

use std::fmt::Write as _;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use super::{Planned, Programs};
use crate::graph::{Graph, Print};
use crate::ir::geometry::{Pooling, Window};
use crate::ir::{Epilogue, OpKind, Operand, ParamId, Reduce, Source, ValueId};
use crate::passes::plan::Place;

/// Everything that the network asks to see.
pub fn print(graph: &Graph, programs: &Programs, code: &TokenStream) -> String {
    let mut text = String::new();
    for what in &graph.print {
        match what {
            Print::Ir => programs.plans().for_each(|p| text.push_str(&ir(graph, p))),
            Print::Plan => programs.plans().for_each(|p| text.push_str(&plan(graph, p))),
            Print::Code => text.push_str(&rust(code.clone())),
        }
    }
    text
}

/// One operation a line: `relu_1: 128 = dense(image, dense_1.weight, dense_1.bias) then max(x0, 0)`.
pub fn ir(graph: &Graph, planned: &Planned) -> String {
    let mut text = format!("{}, program `{}`\n", graph.name, planned.name);
    for v in planned
        .program
        .inputs
        .iter()
        .chain(&planned.program.output_gradients)
    {
        let _ = writeln!(
            text,
            "  {}: {}",
            planned.program.values[v.0].name,
            planned.program.shape(*v)
        );
    }
    for op in &planned.program.ops {
        let _ = writeln!(text, "  {}", Line { graph, planned }.op(&op.kind));
    }
    text
}

struct Line<'a> {
    graph: &'a Graph,
    planned: &'a Planned,
}

impl Line<'_> {
    fn value(&self, v: ValueId) -> String {
        self.planned.program.values[v.0].name.clone()
    }

    fn param(&self, p: ParamId) -> String {
        self.graph.params[p.0].name.clone()
    }

    fn source(&self, s: &Source) -> String {
        match s {
            Source::Value(v) => self.value(*v),
            Source::Param(p) => self.param(*p),
            Source::Target(i) => super::kernel::target_ident(*i, false).to_string(),
        }
    }

    fn operand(&self, o: &Operand) -> String {
        match o {
            Operand::Full(s) => self.source(s),
            Operand::Row(s) => format!("row {}", self.source(s)),
            Operand::Col(s) => format!("col {}", self.source(s)),
            Operand::Scalar(s) => format!("scalar {}", self.source(s)),
            Operand::InverseBatch => "1/batch".to_string(),
        }
    }

    fn operands(&self, x: &[Operand]) -> String {
        x.iter().map(|o| self.operand(o)).collect::<Vec<_>>().join(", ")
    }

    /// The result is the formula's `x0`, the operands are `x1` and on.
    fn tail(&self, e: &Option<Epilogue>) -> String {
        match e {
            None => String::new(),
            Some(e) if e.x.is_empty() => format!(" then {}", e.f),
            Some(e) => format!(" then {} with {}", e.f, self.operands(&e.x)),
        }
    }

    fn result(&self, v: ValueId) -> String {
        format!("{}: {} =", self.value(v), self.planned.program.shape(v))
    }

    fn op(&self, kind: &OpKind) -> String {
        let how = |how: &Reduce| match how {
            Reduce::Sum => "sum",
            Reduce::Mean => "mean",
        };
        match kind {
            OpKind::Map { y, x, f, .. } => format!("{} {f} of {}", self.result(*y), self.operands(x)),
            OpKind::RowReduce { y, how: h, x, f, .. } => {
                format!(
                    "{} {} over rows of {f} of {}",
                    self.result(*y),
                    how(h),
                    self.operands(x)
                )
            }
            OpKind::BatchReduce { sums, how: h, x, .. } => {
                let sums: Vec<String> = sums
                    .iter()
                    .map(|(y, f)| format!("{} {} over the batch of {f}", self.result(*y), how(h)))
                    .collect();
                format!("{} of {}", sums.join("; "), self.operands(x))
            }
            OpKind::Moments { mean, var, x, .. } => {
                let (mean, var) = (self.result(*mean), self.result(*var));
                format!("{mean} mean; {var} variance over the batch of {}", self.value(*x))
            }
            OpKind::ParamReduce { param, x, f, .. } => {
                format!(
                    "gradient of {} += {f} of {}",
                    self.param(*param),
                    self.operands(x)
                )
            }
            OpKind::UpdateState {
                state, x, momentum, ..
            } => {
                format!("{} moves by {momentum} to {}", self.param(*state), self.value(*x))
            }
            OpKind::Dense {
                y, x, w, b, epilogue, ..
            } => {
                let b = b.map_or(String::new(), |b| format!(", {}", self.param(b)));
                format!(
                    "{} dense({}, {}{b}){}",
                    self.result(*y),
                    self.value(*x),
                    self.param(*w),
                    self.tail(epilogue)
                )
            }
            OpKind::DenseGradInput {
                dx, dy, w, epilogue, ..
            } => format!(
                "{} dense_grad_input({}, {}){}",
                self.result(*dx),
                self.value(*dy),
                self.param(*w),
                self.tail(epilogue)
            ),
            OpKind::DenseGradWeight { w, x, dy, .. } => {
                format!(
                    "gradient of {} += dense_grad_weight({}, {})",
                    self.param(*w),
                    self.value(*x),
                    self.value(*dy)
                )
            }
            OpKind::Softmax { y, x, log, .. } => {
                format!(
                    "{} {}softmax({})",
                    self.result(*y),
                    if *log { "log_" } else { "" },
                    self.value(*x)
                )
            }
            OpKind::SoftmaxCrossEntropy {
                x, target, loss, dx, ..
            } => {
                let dx = dx.map_or(String::new(), |dx| {
                    format!("{} and ", self.result(dx).trim_end_matches(" ="))
                });
                let labels = super::kernel::target_ident(*target, true);
                format!(
                    "{dx}{} softmax_cross_entropy({}, {labels})",
                    self.result(*loss),
                    self.value(*x)
                )
            }
            OpKind::Dropout {
                y,
                x,
                rate,
                stream,
                channels,
            } => {
                format!(
                    "{} dropout({}, {rate}){}, stream {stream}",
                    self.result(*y),
                    self.value(*x),
                    if channels.is_some() {
                        " of whole channels"
                    } else {
                        ""
                    }
                )
            }
            OpKind::Conv2d {
                y,
                x,
                w,
                b,
                conv,
                epilogue,
                pool,
            } => {
                let b = b.map_or(String::new(), |b| format!(", {}", self.param(b)));
                let pool = pool.as_ref().map_or(String::new(), |pool| {
                    format!(", then {}{}", pooling(&pool.how), window(&pool.window))
                });
                format!(
                    "{} conv2d({}, {}{b}){}{}{pool}",
                    self.result(*y),
                    self.value(*x),
                    self.param(*w),
                    window(&conv.window),
                    self.tail(epilogue)
                )
            }
            OpKind::Conv2dGradInput {
                dx,
                dy,
                w,
                conv,
                epilogue,
            } => format!(
                "{} conv2d_grad_input({}, {}){}{}",
                self.result(*dx),
                self.value(*dy),
                self.source(w),
                window(&conv.window),
                self.tail(epilogue)
            ),
            OpKind::Conv2dGradWeight { w, x, dy, conv } => format!(
                "gradient of {} += conv2d_grad_weight({}, {}){}",
                self.param(*w),
                self.value(*x),
                self.value(*dy),
                window(&conv.window)
            ),
            OpKind::Pool {
                y,
                x,
                window: w,
                how,
                index,
                ..
            } => {
                let index = index.map_or(String::new(), |i| {
                    format!(" and {}", self.result(i).trim_end_matches(" ="))
                });
                let y = self.result(*y);
                let y = y.trim_end_matches(" =");
                format!("{y}{index} = {}({}){}", pooling(how), self.value(*x), window(w))
            }
            OpKind::PoolGrad {
                dx,
                dy,
                index,
                window: w,
                how,
                ..
            } => {
                let index = index.map_or(String::new(), |i| format!(", {}", self.value(i)));
                format!(
                    "{} {}_grad({}{index}){}",
                    self.result(*dx),
                    pooling(how),
                    self.value(*dy),
                    window(w)
                )
            }
            OpKind::Permute { y, x, axes, .. } => {
                format!("{} {} with its axes as {axes:?}", self.result(*y), self.source(x))
            }
            OpKind::CopyBox { y, x, at, fill, .. } => {
                format!("{} {} at {at:?} in {fill:?}", self.result(*y), self.value(*x))
            }
            OpKind::Bilinear {
                y,
                x,
                from,
                to,
                transposed,
                ..
            } => format!(
                "{} bilinear{}({}) from {} to {}",
                self.result(*y),
                if *transposed { "_grad" } else { "" },
                self.value(*x),
                pair(from),
                pair(to)
            ),
            OpKind::Concat { y, parts } => {
                let parts: Vec<String> = parts.iter().map(|p| self.value(p.0)).collect();
                format!("{} concat({})", self.result(*y), parts.join(", "))
            }
            OpKind::Slice { y, x, at, width, .. } => {
                format!(
                    "{} columns {at}..{} of {}",
                    self.result(*y),
                    at + width,
                    self.value(*x)
                )
            }
            OpKind::Turn { y, x } => {
                let how = if self.planned.program.values[y.0].lanes {
                    "samples side by side"
                } else {
                    "samples one after the other"
                };
                format!("{} {}, {how}", self.result(*y), self.value(*x))
            }
            OpKind::Alias { y, x } => format!("{} {}", self.result(*y), self.value(*x)),
            OpKind::AccumulateLoss { x } => format!("loss += sum of {}", self.value(*x)),
        }
    }
}

/// `, 3 x 3 by 2 x 2`: the window and its stride, where it has one.
fn window(w: &Window) -> String {
    let mut text = format!(", {}", pair(&w.kernel));
    if w.stride != [1, 1] {
        let _ = write!(text, " by {}", pair(&w.stride));
    }
    if w.dilation != [1, 1] {
        let _ = write!(text, " dilated {}", pair(&w.dilation));
    }
    text
}

fn pair([a, b]: &[usize; 2]) -> String {
    format!("{a} x {b}")
}

fn pooling(how: &Pooling) -> &'static str {
    match how {
        Pooling::Max => "max_pool2d",
        Pooling::Mean => "mean_pool2d",
        Pooling::Sum(_) => "sum_pool2d",
    }
}

/// Segments, functions and buffers of one program.
pub fn plan(graph: &Graph, planned: &Planned) -> String {
    let plan = &planned.plan;
    let mut text = format!(
        "{}, plan of `{}`: tiles of {} samples; elements per sample: {} in the tile arena ({} live at most), {} in the batch \
         arena; {} for the batch\n",
        graph.name,
        planned.name,
        plan.tile,
        plan.tile_elems,
        plan.tile_lower_bound,
        plan.batch_elems,
        plan.stats_elems
    );
    let name = |v: ValueId| &planned.program.values[v.0].name;
    for (s, segment) in plan.segments.iter().enumerate() {
        let kind = if segment.whole {
            "the whole batch at once"
        } else {
            "tile by tile"
        };
        let _ = writeln!(text, "  segment {}, {kind}", s + 1);
        for group in &plan.groups[segment.groups.clone()] {
            let of = graph
                .nodes
                .get(group.node.0)
                .map_or("the network", |n| n.name.as_str());
            let _ = write!(text, "    {of} {:?}:", group.direction);
            let mut seen = Vec::new();
            for op in &planned.program.ops[group.ops.clone()] {
                for v in op.kind.writes() {
                    if seen.contains(&v) {
                        continue;
                    }
                    seen.push(v);
                    let elems = planned.program.shape(v).elems();
                    let place = match plan.places[v.0] {
                        Place::Tile(o) => format!("tile {o}..{}", o + elems),
                        Place::Batch(o) => format!("batch {o}..{}", o + elems),
                        Place::Stats(o) => format!("statistics {o}..{}", o + elems),
                        Place::Input(i) => format!("input {i}"),
                        Place::Unused => "nowhere".to_string(),
                    };
                    let shared = if plan.buffer[v.0] == v {
                        String::new()
                    } else {
                        format!(" (over {})", name(plan.buffer[v.0]))
                    };
                    let _ = write!(text, " {} at {place}{shared}", name(v));
                }
            }
            text.push('\n');
        }
    }
    text
}

/// Tokens as indented lines; `rustfmt` makes them pretty.
pub fn rust(tokens: TokenStream) -> String {
    let mut printer = Printer {
        text: String::new(),
        depth: 0,
        fresh: true,
        joint: false,
    };
    printer.stream(tokens, true);
    printer.text.push('\n');
    printer.text
}

struct Printer {
    text: String,
    depth: usize,
    /// At the start of a line.
    fresh: bool,
    /// The last token sticks to the next.
    joint: bool,
}

impl Printer {
    fn word(&mut self, word: &str) {
        let sticks = matches!(word, "," | ";" | "." | "?" | ":");
        if self.fresh {
            self.text.push_str(&"    ".repeat(self.depth));
        } else if !self.joint
            && !sticks
            && !self.text.ends_with(['(', '[', '.', '&', '#', '!'])
            && !self.text.ends_with("::")
        {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.fresh = false;
        self.joint = false;
    }

    fn line(&mut self) {
        if !self.fresh {
            self.text.push('\n');
            self.fresh = true;
        }
    }

    fn stream(&mut self, tokens: TokenStream, lines: bool) {
        for tree in tokens {
            match tree {
                TokenTree::Group(g) => match g.delimiter() {
                    Delimiter::Brace => {
                        self.word("{");
                        self.line();
                        self.depth += 1;
                        self.stream(g.stream(), true);
                        self.line();
                        self.depth -= 1;
                        self.word("}");
                        self.line();
                    }
                    delimiter => {
                        let attribute = self.text.ends_with('#');
                        let (open, close) = match delimiter {
                            Delimiter::Parenthesis => ("(", ")"),
                            Delimiter::Bracket => ("[", "]"),
                            _ => ("", ""),
                        };
                        self.joint = true;
                        self.word(open);
                        self.joint = true;
                        self.stream(g.stream(), false);
                        self.joint = true;
                        self.word(close);
                        if attribute && lines {
                            self.line();
                        }
                    }
                },
                TokenTree::Punct(p) => {
                    self.word(&p.as_char().to_string());
                    self.joint = p.spacing() == Spacing::Joint || matches!(p.as_char(), '\'');
                    if p.as_char() == ';' && lines {
                        self.line();
                    }
                }
                other => self.word(&other.to_string()),
            }
        }
    }
}
