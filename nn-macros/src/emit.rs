//! Emit: planned programs to Rust.
//!
//! Before: programs whose every value has a place. After: one type with its methods, one function per layer and
//! direction, one kernel call a statement. All that the expansion names is under `::nn_runtime::expansion`, called
//! `rt` in it; it holds no `unsafe`.

mod agreements;
mod api;
#[cfg(test)]
mod bounds;
mod formulas;
mod function;
mod int8;
mod kernel;
mod layout;
pub mod memory;
mod names;
pub mod print;
mod program;
#[cfg(test)]
mod tests;
mod trace;
mod weights;

use proc_macro2::TokenStream;

pub use agreements::emit as agreement;
pub use api::Expansion;
pub use int8::Quantized;

use crate::graph::Graph;
use crate::ir::Mode;
use crate::ir::builder::Program;
use crate::passes::plan::Plan;
use crate::passes::{differentiate, fuse, lanes, lower, plan};

/// A program with its plan, by the name of its emitted function.
pub struct Planned {
    pub name: &'static str,
    pub program: Program,
    pub plan: Plan,
    pub call: plan::Call,
    /// Of each value, in the program whose values can be looked at.
    origins: Vec<Option<trace::Origin>>,
    /// The same for tiles of whole groups of 16 samples, where some of it is faster with these side by side.
    pub lanes: Option<Box<Planned>>,
}

/// All programs of a network.
pub struct Programs {
    /// Outputs in inference mode.
    pub infer: Planned,
    /// Loss in inference mode.
    pub evaluate: Option<Planned>,
    /// Loss and parameter gradients in training mode.
    pub step: Option<Planned>,
    /// Outputs in training mode, then gradients from the outputs' gradients.
    pub halves: Planned,
    /// Under `#[quantize(int8)]`.
    pub int8: Option<Quantized>,
}

impl Programs {
    /// What a host trains with.
    pub fn training(&self) -> &Planned {
        let step = self.step.as_ref().unwrap_or(&self.halves);
        step.lanes.as_deref().unwrap_or(step)
    }

    pub fn all(&self) -> impl Iterator<Item = &Planned> {
        [
            Some(&self.infer),
            self.evaluate.as_ref(),
            self.step.as_ref(),
            Some(&self.halves),
        ]
        .into_iter()
        .flatten()
    }

    /// Each program, and behind it the same in lanes.
    pub fn plans(&self) -> impl Iterator<Item = &Planned> {
        self.all()
            .flat_map(|planned| std::iter::once(planned).chain(planned.lanes.as_deref()))
    }
}

/// Lowers, differentiates, fuses and plans everything that the network's methods run.
pub fn programs(graph: &Graph) -> Programs {
    let inference = plan::Call {
        halves: false,
        training: false,
    };
    let training = plan::Call {
        halves: false,
        training: true,
    };
    let planned = |name, mut program: Program, call| {
        check(graph, name, &program);
        let before = (name == "step").then(|| program.clone());
        fuse::fuse(&mut program);
        check(graph, name, &program);
        let plan = plan::plan(&program, call);
        let mut planned = Planned {
            name,
            program,
            plan,
            call,
            origins: Vec::new(),
            lanes: None,
        };
        if let Some(before) = before {
            planned.origins = trace::origins(&before, &planned.program);
            planned.lanes = in_lanes(graph, &planned, &before).map(Box::new);
        }
        planned
    };
    let infer = planned("infer", lower::lower(graph, Mode::Inference).program, inference);
    let (mut evaluate, mut step) = (None, None);
    if graph.has_loss() {
        let mut lowered = lower::lower(graph, Mode::Inference);
        lower::lower_losses(graph, &mut lowered, Mode::Inference, false);
        lowered.program.outputs.clear();
        evaluate = Some(planned("evaluate", lowered.program, inference));

        let mut lowered = lower::lower(graph, Mode::Training);
        let seeds = lower::lower_losses(graph, &mut lowered, Mode::Training, true);
        differentiate::differentiate(graph, &mut lowered, &seeds, false);
        lowered.program.outputs.clear();
        step = Some(planned("step", lowered.program, training));
    }
    let mut lowered = lower::lower(graph, Mode::Training);
    let seeds = lower::output_gradients(graph, &mut lowered);
    differentiate::differentiate(graph, &mut lowered, &seeds, true);
    let halves = planned(
        "halves",
        lowered.program,
        plan::Call {
            halves: true,
            training: true,
        },
    );
    Programs {
        infer,
        evaluate,
        step,
        halves,
        int8: None,
    }
}

/// The step with samples side by side, from the step and what it was before fusion.
fn in_lanes(graph: &Graph, step: &Planned, before: &Program) -> Option<Planned> {
    if !step.goes_one_by_one() {
        return None;
    }
    let program = lanes::lanes(&step.program)?;
    check(graph, "step_lanes", &program);
    let mut plan = plan::plan(&program, step.call);
    // Whole groups, in the memory that a step of single samples is given too.
    plan.tile = plan.tile.max(lanes::SAMPLES);
    plan.tile_elems = plan.tile_elems.max(step.plan.tile_elems);
    let origins = trace::origins(before, &program);
    Some(Planned {
        name: "step_lanes",
        program,
        plan,
        call: step.call,
        origins,
        lanes: None,
    })
}

impl Planned {
    /// Its samples can go through one after the other: nothing of it needs a whole batch but the arrangement of weights,
    /// which no sample changes.
    pub fn goes_one_by_one(&self) -> bool {
        let arranges = |op: &crate::ir::Op| matches!(op.kind, crate::ir::OpKind::Permute { .. });
        let Some((last, first)) = self.plan.segments.split_last() else {
            return false;
        };
        let arranged = first.iter().all(|segment| {
            let mut groups = segment.groups.clone();
            segment.whole
                && groups.all(|g| {
                    self.program.ops[self.plan.groups[g].ops.clone()]
                        .iter()
                        .all(arranges)
                })
        });
        arranged && !last.whole && self.plan.batch_elems == 0
    }
}

/// A program that breaks the rules is a fault of a pass: better said here than computed wrongly.
fn check(graph: &Graph, name: &str, program: &Program) {
    let params: Vec<_> = graph.params.iter().map(|p| p.spec.shape.clone()).collect();
    if let Err(fault) = crate::ir::verify::verify(program, &params) {
        panic!(
            "internal error, please report: {}, program `{name}`: {fault}",
            graph.name
        );
    }
}

/// The whole expansion of one network.
pub fn emit(graph: &Graph, programs: &Programs) -> Expansion {
    api::emit(graph, programs)
}

fn scalar(s: crate::graph::Scalar) -> TokenStream {
    match s {
        crate::graph::Scalar::F32 => quote::quote!(f32),
        crate::graph::Scalar::F64 => quote::quote!(f64),
    }
}

/// A number of the network's scalar type.
fn literal(x: f64, s: crate::graph::Scalar) -> TokenStream {
    let magnitude = match s {
        crate::graph::Scalar::F32 => proc_macro2::Literal::f32_suffixed(x.abs() as f32),
        crate::graph::Scalar::F64 => proc_macro2::Literal::f64_suffixed(x.abs()),
    };
    if x.is_sign_negative() {
        quote::quote!(-#magnitude)
    } else {
        quote::quote!(#magnitude)
    }
}

/// Writes `784` for `784usize`: every integer's type follows from its place.
fn plain_numbers(tokens: TokenStream) -> TokenStream {
    use proc_macro2::{Group, Literal, TokenTree};
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(g) => {
                let mut plain = Group::new(g.delimiter(), plain_numbers(g.stream()));
                plain.set_span(g.span());
                TokenTree::Group(plain)
            }
            TokenTree::Literal(l) => {
                let text = l.to_string();
                let digits = text.strip_suffix("usize").or_else(|| text.strip_suffix("u64"));
                match digits.and_then(|d| d.parse::<u64>().ok()) {
                    Some(n) => {
                        let mut plain = Literal::u64_unsuffixed(n);
                        plain.set_span(l.span());
                        TokenTree::Literal(plain)
                    }
                    None => TokenTree::Literal(l),
                }
            }
            other => other,
        })
        .collect()
}
