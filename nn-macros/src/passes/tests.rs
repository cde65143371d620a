//! Random networks through all passes: their gradients against central differences, and every pass' result
//! against that of the pass before, over the reference interpreter.

mod rewrites;

use std::ops::Range;

use super::plan::{self, Place, Plan};
use super::{differentiate, fuse, lanes, lower};
use crate::graph::Graph;
use crate::ir::builder::Program;
use crate::ir::interpret::{Run, interpret};
use crate::ir::verify::verify;
use crate::ir::{Mode, ParamKind, Shape, Space, ValueId};
use crate::testing::Random;
use crate::testing::graph::{Data, random};

const NETWORKS: u64 = 300;

fn shapes(graph: &Graph) -> Vec<Shape> {
    graph.params.iter().map(|p| p.spec.shape.clone()).collect()
}

fn verified(graph: &Graph, program: &Program, stage: &str) {
    if let Err(fault) = verify(program, &shapes(graph)) {
        panic!("after {stage}: {fault}\n{}", describe(graph));
    }
}

fn describe(graph: &Graph) -> String {
    let nodes = graph.nodes.iter().map(|n| {
        let outputs: Vec<String> = n.outputs.iter().map(ToString::to_string).collect();
        format!("{} of {:?} gives {}", n.name, n.inputs, outputs.join(", "))
    });
    let outputs = graph.outputs.iter().map(|o| format!("output {:?}", o.port));
    nodes.chain(outputs).collect::<Vec<_>>().join("\n")
}

/// Loss and parameter gradients in training mode.
fn step(graph: &Graph) -> Program {
    let mut lowered = lower::lower(graph, Mode::Training);
    let seeds = lower::lower_losses(graph, &mut lowered, Mode::Training, true);
    differentiate::differentiate(graph, &mut lowered, &seeds, false);
    verified(graph, &lowered.program, "differentiate");
    lowered.program
}

/// Outputs, then all gradients from those of the outputs.
fn halves(graph: &Graph) -> Program {
    let mut lowered = lower::lower(graph, Mode::Training);
    let seeds = lower::output_gradients(graph, &mut lowered);
    differentiate::differentiate(graph, &mut lowered, &seeds, true);
    verified(graph, &lowered.program, "differentiate");
    lowered.program
}

fn forward_with_loss(graph: &Graph) -> Program {
    let mut lowered = lower::lower(graph, Mode::Training);
    lower::lower_losses(graph, &mut lowered, Mode::Training, false);
    verified(graph, &lowered.program, "lower");
    lowered.program
}

fn run(program: &Program, data: &Data) -> Run {
    interpret(
        program,
        &data.params,
        &given(program, data),
        &data.targets,
        data.samples,
    )
}

fn given(program: &Program, data: &Data) -> Vec<(ValueId, Vec<f64>)> {
    let inputs = program.inputs.iter().copied().zip(data.inputs.iter().cloned());
    let gradients = program
        .output_gradients
        .iter()
        .copied()
        .zip(data.output_gradients.iter().cloned());
    inputs.chain(gradients).collect()
}

/// Fourth-order central difference; `None` where the two sides disagree: a kink lies between.
fn slope(mut f: impl FnMut(f64) -> f64) -> Option<f64> {
    let h = 2e-5;
    let at: Vec<f64> = [-2.0, -1.0, 0.0, 1.0, 2.0]
        .into_iter()
        .map(|k| f(k * h))
        .collect();
    let (left, right) = ((at[2] - at[0]) / (2.0 * h), (at[4] - at[2]) / (2.0 * h));
    if (left - right).abs() > 1e-2 * left.abs().max(right.abs()).max(0.1) {
        return None;
    }
    Some((8.0 * (at[3] - at[1]) - (at[4] - at[0])) / (12.0 * h))
}

/// Counts comparisons, and those that a kink made impossible.
#[derive(Default)]
struct Count {
    compared: usize,
    kinks: usize,
}

impl Count {
    fn compare(&mut self, found: f64, slope: Option<f64>, loss: f64, what: impl Fn() -> String) {
        let Some(expected) = slope else {
            self.kinks += 1;
            return;
        };
        self.compared += 1;
        let size = expected.abs().max(0.1).max(1e-2 * loss.abs());
        assert!(
            (found - expected).abs() <= 1e-6 * size,
            "gradient {found}, central differences {expected}: {}",
            what()
        );
    }
}

#[test]
fn gradients_of_random_networks() {
    let mut count = Count::default();
    for seed in 0..NETWORKS {
        let mut r = Random::new(seed);
        let graph = random(&mut r);
        let mut data = Data::random(&graph, &mut r);
        let forward = forward_with_loss(&graph);
        let found = run(&step(&graph), &data);
        let loss = run(&forward, &data).loss;
        assert!(
            (found.loss - loss).abs() <= 1e-12 * loss.abs().max(1.0),
            "network {seed}"
        );
        for p in 0..data.params.len() {
            if graph.params[p].spec.kind != ParamKind::Trainable {
                assert!(
                    found.gradients[p].iter().all(|g| *g == 0.0),
                    "{}",
                    graph.params[p].name
                );
                continue;
            }
            let j = r.below(data.params[p].len());
            let was = data.params[p][j];
            let slope = slope(|d| {
                data.params[p][j] = was + d;
                run(&forward, &data).loss
            });
            data.params[p][j] = was;
            count.compare(found.gradients[p][j], slope, loss, || {
                format!(
                    "network {seed}, {}[{j}]\n{}",
                    graph.params[p].name,
                    describe(&graph)
                )
            });
        }
    }
    assert!(count.compared > 500, "only {} gradients compared", count.compared);
    assert!(count.kinks * 50 < count.compared, "{} kinks", count.kinks);
}

#[test]
fn input_gradients_of_random_networks() {
    let mut count = Count::default();
    for seed in 0..NETWORKS {
        let mut r = Random::new(seed);
        let graph = random(&mut r);
        let mut data = Data::random(&graph, &mut r);
        let program = halves(&graph);
        let found = run(&program, &data);
        let forward = lower::lower(&graph, Mode::Training).program;
        let value = |data: &Data| -> f64 {
            let run = run(&forward, data);
            let outputs = forward.outputs.iter().zip(&data.output_gradients);
            outputs
                .flat_map(|(y, dy)| run.values[y.0].iter().zip(dy))
                .map(|(y, dy)| y * dy)
                .sum()
        };
        for i in 0..data.inputs.len() {
            let j = r.below(data.inputs[i].len());
            let was = data.inputs[i][j];
            let slope = slope(|d| {
                data.inputs[i][j] = was + d;
                value(&data)
            });
            data.inputs[i][j] = was;
            let dx = program.input_gradients[i].expect("a gradient of each input");
            count.compare(found.values[dx.0][j], slope, value(&data), || {
                format!("network {seed}, input {i}[{j}]\n{}", describe(&graph))
            });
        }
    }
    assert!(count.compared > 300, "only {} gradients compared", count.compared);
    assert!(count.kinks * 50 < count.compared, "{} kinks", count.kinks);
}

/// Everything that a caller sees of a run.
fn results(program: &Program, run: &Run) -> Vec<f64> {
    let mut all = vec![run.loss];
    let values = program
        .outputs
        .iter()
        .chain(program.input_gradients.iter().flatten());
    values.for_each(|v| all.extend(&run.values[v.0]));
    run.gradients
        .iter()
        .chain(&run.params)
        .for_each(|p| all.extend(p));
    all
}

fn assert_same(found: &[f64], expected: &[f64], what: impl Fn() -> String) {
    assert_eq!(found.len(), expected.len(), "{}", what());
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        assert!(
            (f - e).abs() <= 1e-9 * e.abs().max(1.0),
            "result {i}: {f}, before {e}: {}",
            what()
        );
    }
}

/// All programs of a graph, as they are called.
fn programs(graph: &Graph) -> Vec<(Program, plan::Call)> {
    let call = |halves, training| plan::Call { halves, training };
    let mut step = step(graph);
    step.outputs.clear();
    let inference = lower::lower(graph, Mode::Inference).program;
    verified(graph, &inference, "lower");
    vec![
        (inference, call(false, false)),
        (step, call(false, true)),
        (halves(graph), call(true, true)),
    ]
}

#[test]
fn fusing_keeps_every_result() {
    let (mut before, mut after) = (0, 0);
    for seed in 0..NETWORKS {
        let mut r = Random::new(seed);
        let graph = random(&mut r);
        let data = Data::random(&graph, &mut r);
        for (program, _) in programs(&graph) {
            let expected = results(&program, &run(&program, &data));
            let mut fused = program.clone();
            fuse::fuse(&mut fused);
            verified(&graph, &fused, "fuse");
            let found = results(&fused, &run(&fused, &data));
            assert_same(&found, &expected, || {
                format!("network {seed}\n{}", describe(&graph))
            });
            if let Some(turned) = lanes::lanes(&fused) {
                verified(&graph, &turned, "lanes");
                let found = results(&turned, &run(&turned, &data));
                assert_same(&found, &expected, || {
                    format!("network {seed}, in lanes\n{}", describe(&graph))
                });
            }
            before += program.ops.len();
            after += fused.ops.len();
        }
    }
    assert!(after * 4 < before * 3, "{before} operations became {after}");
}

/// Memory as the plan lays it out; every place starts as NaN.
struct Memory<'a> {
    program: &'a Program,
    plan: &'a Plan,
    data: &'a Data,
    tile: Vec<f64>,
    batch: Vec<f64>,
    stats: Vec<f64>,
}

impl Memory<'_> {
    fn read(&self, v: ValueId, n: usize) -> Vec<f64> {
        match self.plan.places[v.0] {
            Place::Unused => panic!("`{}` is read and has no place", self.program.values[v.0].name),
            Place::Input(i) => self.data.inputs[i].clone(),
            Place::Tile(at) => self.tile[at * self.data.samples..][..n].to_vec(),
            Place::Batch(at) => self.batch[at * self.data.samples..][..n].to_vec(),
            Place::Stats(at) => self.stats[at..][..n].to_vec(),
        }
    }

    fn write(&mut self, v: ValueId, data: &[f64]) {
        let (arena, at) = match self.plan.places[v.0] {
            // A result that nobody asked for needs no place.
            Place::Unused | Place::Input(_) => return,
            Place::Tile(at) => (&mut self.tile, at * self.data.samples),
            Place::Batch(at) => (&mut self.batch, at * self.data.samples),
            Place::Stats(at) => (&mut self.stats, at),
        };
        arena[at..at + data.len()].copy_from_slice(data);
    }
}

/// Runs a planned program in the memory that the plan gives it, so that two values that overlap while both are
/// needed spoil the result.
fn run_planned(program: &Program, plan: &Plan, data: &Data) -> Run {
    let n = data.samples;
    let mut memory = Memory {
        program,
        plan,
        data,
        tile: Vec::new(),
        batch: vec![f64::NAN; plan.batch_elems * n],
        stats: vec![f64::NAN; plan.stats_elems],
    };
    let mut run = Run::new(program, &data.params, &data.targets, n);
    for (v, x) in program.inputs.iter().zip(&data.inputs) {
        memory.write(*v, x);
    }
    // Between the halves, if there are any, the caller gets the outputs and brings their gradients.
    let mut outputs = Vec::new();
    let mut between = |memory: &mut Memory<'_>, run: &Run| {
        let read = |v: &ValueId| memory.read(*v, run.len_of(program, *v));
        outputs = program.outputs.iter().map(read).collect();
        for (v, dy) in program.output_gradients.iter().zip(&data.output_gradients) {
            memory.write(*v, dy);
        }
    };
    let mut second_half = false;
    for segment in &plan.segments {
        if segment.second_half && !second_half {
            second_half = true;
            between(&mut memory, &run);
        }
        memory.tile = vec![f64::NAN; plan.tile_elems * n];
        for group in &plan.groups[segment.groups.clone()] {
            assert_eq!(group.whole, segment.whole);
            for op in &program.ops[group.ops.clone()] {
                for v in op.kind.reads() {
                    run.values[v.0] = memory.read(v, run.len_of(program, v));
                }
                run.step(program, &op.kind);
                for v in op.kind.writes() {
                    memory.write(v, &run.values[v.0]);
                }
            }
        }
    }
    if !second_half {
        between(&mut memory, &run);
    }
    for (v, output) in program.outputs.iter().zip(outputs) {
        run.values[v.0] = output;
    }
    for v in program.input_gradients.iter().flatten() {
        run.values[v.0] = memory.read(*v, run.len_of(program, *v));
    }
    run.loss /= n as f64;
    run
}

#[test]
fn planned_memory_keeps_every_result() {
    for seed in 0..NETWORKS {
        let mut r = Random::new(seed);
        let graph = random(&mut r);
        let data = Data::random(&graph, &mut r);
        for (mut program, call) in programs(&graph) {
            fuse::fuse(&mut program);
            let expected = results(&program, &run(&program, &data));
            let plan = plan::plan(&program, call);
            let found = results(&program, &run_planned(&program, &plan, &data));
            assert_same(&found, &expected, || {
                format!("network {seed}, halves: {}\n{}", call.halves, describe(&graph))
            });
            buffers_are_disjoint(&program, &plan);
        }
    }
}

/// A function borrows all its buffers at once, and a segment all its buffers in the batch arena, since tiles go through
/// it one after the other: those of one arena either are one buffer or do not overlap.
fn buffers_are_disjoint(program: &Program, plan: &Plan) {
    for segment in &plan.segments {
        let groups = &plan.groups[segment.groups.clone()];
        let ops = groups[0].ops.start..groups[groups.len() - 1].ops.end;
        let in_batch = |v: ValueId| matches!(plan.places[v.0], Place::Batch(_));
        are_disjoint(program, plan, ops, in_batch);
        for group in groups {
            are_disjoint(program, plan, group.ops.clone(), |_| true);
        }
    }
}

fn are_disjoint(program: &Program, plan: &Plan, ops: Range<usize>, counts: impl Fn(ValueId) -> bool) {
    let mut touched: Vec<(ValueId, usize, usize)> = Vec::new();
    for op in &program.ops[ops] {
        for v in op.kind.reads().into_iter().chain(op.kind.writes()) {
            let (arena, at) = match plan.places[v.0] {
                Place::Tile(at) => (0, at),
                Place::Batch(at) => (1, at),
                Place::Stats(at) => (2, at),
                Place::Input(_) | Place::Unused => continue,
            };
            if counts(v) {
                touched.push((plan.buffer[v.0], arena, at));
            }
        }
    }
    for (a, arena_a, at_a) in &touched {
        for (b, arena_b, at_b) in &touched {
            let apart = a == b
                || arena_a != arena_b
                || at_a + program.shape(*a).elems() <= *at_b
                || at_b + program.shape(*b).elems() <= *at_a;
            let name = |v: &ValueId| program.values[v.0].name.clone();
            assert!(apart, "`{}` and `{}` overlap", name(a), name(b));
        }
    }
}

#[test]
fn batch_statistics_are_in_the_random_networks() {
    // The networks cover sync points, or the tests above would say little about them.
    let with_statistics = (0..NETWORKS)
        .filter(|&seed| {
            let graph = random(&mut Random::new(seed));
            step(&graph).values.iter().any(|v| v.space == Space::Batch)
        })
        .count();
    assert!(with_statistics > 20, "only {with_statistics}");
}

#[test]
fn a_gradient_that_passes_through_to_two_inputs() {
    // Both inputs' gradients are the output's: one of them is a copy, made after the caller brought it.
    let mut g = crate::testing::graph::GraphBuilder::new();
    let (a, b) = (g.input(&[3]), g.input(&[3]));
    let sum = g.call("+", vec![], &[a, b])[0];
    g.output(sum, "mean_squared_error", vec![], 1.0);
    let data = Data::random(&g.graph, &mut Random::new(1));
    let mut program = halves(&g.graph);
    fuse::fuse(&mut program);
    let call = plan::Call {
        halves: true,
        training: true,
    };
    let run = run_planned(&program, &plan::plan(&program, call), &data);
    for dx in program.input_gradients.iter().flatten() {
        assert_eq!(run.values[dx.0], data.output_gradients[0]);
    }
}
