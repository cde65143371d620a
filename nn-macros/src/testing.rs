//! What the tests of several modules share: random numbers, layers and losses built by name, and the check of
//! their gradients by central differences over the reference interpreter.

pub mod graph;
pub mod tokens;

use proc_macro2::Span;

use crate::diagnostics::Diagnostics;
use crate::ir::builder::{Builder, Program};
use crate::ir::interpret::{Run, TargetData, interpret};
use crate::ir::verify::verify;
use crate::ir::{Direction, Mode, NodeId, ParamId, ParamKind, ParamSpec, Shape, Space, Value, ValueId};
use crate::layers::{self, Arg, Args, Backward, Layer};
use crate::losses::{self, Loss, Target};

/// Samples in a checked batch.
const SAMPLES: usize = 3;

/// A small generator of pseudo-random numbers (SplitMix64), so that tests need no dependency.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn vector(&mut self, n: usize, low: f64, high: f64) -> Vec<f64> {
        (0..n).map(|_| self.uniform(low, high)).collect()
    }
}

pub fn shape(dims: &[usize]) -> Shape {
    Shape(dims.to_vec())
}

/// Given arguments, as `passes::shape` would hand them over.
pub type Given = Vec<(&'static str, Arg)>;

fn args<'a>(diagnostics: &'a Diagnostics, name: &'static str, given: Given, inputs: usize) -> Args<'a> {
    Args {
        diagnostics,
        layer: name,
        span: Span::call_site(),
        text: format!("{name}(…)"),
        inputs: (0..inputs).map(|i| ["a", "b", "c", "d"][i].to_string()).collect(),
        given: given
            .into_iter()
            .map(|(name, arg)| (name, arg, Span::call_site().into()))
            .collect(),
    }
}

/// Checks that the arguments exist and have the kinds that the specification says.
fn check_given(specs: &[layers::ArgSpec], given: &Given) {
    use layers::ArgKind;
    for (name, arg) in given {
        let spec = specs
            .iter()
            .find(|s| s.name == *name)
            .expect("an argument of the layer");
        let fits = match (&spec.kind, arg) {
            (ArgKind::Choice(words), Arg::Choice(word)) => words.contains(&word.as_str()),
            (ArgKind::Extents { words, .. }, Arg::Choice(word)) => words.contains(&word.as_str()),
            (ArgKind::Extents { least, lengths, .. }, Arg::Sizes(sizes)) => {
                lengths.contains(&sizes.len()) && sizes.iter().all(|n| n >= least)
            }
            (ArgKind::Size, Arg::Size(_))
            | (ArgKind::Sizes, Arg::Sizes(_))
            | (ArgKind::Integer, Arg::Integer(_))
            | (ArgKind::Number, Arg::Number(_))
            | (ArgKind::Numbers, Arg::Numbers(_))
            | (ArgKind::Flag, Arg::Flag(_))
            | (ArgKind::Init, Arg::Init(_))
            | (ArgKind::Text, Arg::Text(_)) => true,
            _ => false,
        };
        assert!(fits, "`{name}` takes {:?}, given {arg:?}", spec.kind);
    }
}

/// Builds a layer by name; the error holds the messages.
pub fn try_layer(name: &'static str, given: Given, inputs: &[Shape]) -> Result<Box<dyn Layer>, Vec<String>> {
    let spec = layers::find(name).expect("a layer of the language");
    check_given(spec.args, &given);
    let diagnostics = Diagnostics::default();
    let built = (spec.build)(&mut args(&diagnostics, name, given, inputs.len()), inputs);
    let found: Vec<String> = diagnostics.take().into_iter().map(|d| d.message).collect();
    assert_eq!(built.is_err(), !found.is_empty(), "{found:?}");
    built.map_err(|_| found)
}

pub fn layer(name: &'static str, given: Given, inputs: &[Shape]) -> Box<dyn Layer> {
    try_layer(name, given, inputs).unwrap_or_else(|found| panic!("{found:?}"))
}

/// Builds a loss by name; the error holds the messages.
pub fn try_loss(name: &'static str, given: Given, output: &Shape) -> Result<Box<dyn Loss>, Vec<String>> {
    let spec = losses::find(name).expect("a loss of the language");
    check_given(spec.args, &given);
    let diagnostics = Diagnostics::default();
    let built = (spec.build)(&mut args(&diagnostics, name, given, 1), output);
    let found: Vec<String> = diagnostics.take().into_iter().map(|d| d.message).collect();
    assert_eq!(built.is_err(), !found.is_empty(), "{found:?}");
    built.map_err(|_| found)
}

pub fn loss(name: &'static str, given: Given, output: &Shape) -> Box<dyn Loss> {
    try_loss(name, given, output).unwrap_or_else(|found| panic!("{found:?}"))
}

fn given_value(program: &mut Program, name: String, shape: &Shape) -> ValueId {
    program.values.push(Value {
        name,
        shape: shape.clone(),
        space: Space::Sample,
        lanes: false,
    });
    let v = ValueId(program.values.len() - 1);
    program.inputs.push(v);
    v
}

/// A layer alone in a program: its forward, and its backward from given gradients of its outputs.
struct Alone {
    forward: Program,
    both: Program,
    y: Vec<ValueId>,
    dy: Vec<ValueId>,
    dx: Vec<ValueId>,
}

fn alone(layer: &dyn Layer, inputs: &[Shape], specs: &[ParamSpec], mode: Mode) -> Alone {
    let params: Vec<ParamId> = (0..specs.len()).map(ParamId).collect();
    let shapes: Vec<Shape> = specs.iter().map(|s| s.shape.clone()).collect();
    let mut program = Program::default();
    let x: Vec<ValueId> = inputs
        .iter()
        .enumerate()
        .map(|(i, s)| given_value(&mut program, format!("x{i}"), s))
        .collect();
    let mut b = Builder::new(&mut program, mode, NodeId(0), Direction::Forward, "layer");
    let forward = layer.forward(&mut b, &x, &params);
    let y = forward.outputs.clone();
    let outputs: Vec<Shape> = y.iter().map(|&v| program.shape(v).clone()).collect();
    assert_eq!(outputs, layer.outputs(), "declared and computed outputs");
    program.outputs.clone_from(&y);
    verify(&program, &shapes).expect("a sound forward");
    let only_forward = program.clone();
    if mode == Mode::Inference {
        return Alone {
            both: only_forward.clone(),
            forward: only_forward,
            y,
            dy: Vec::new(),
            dx: Vec::new(),
        };
    }
    let dy: Vec<ValueId> = outputs
        .iter()
        .enumerate()
        .map(|(i, s)| given_value(&mut program, format!("dy{i}"), s))
        .collect();
    let needs_params: Vec<bool> = specs.iter().map(|s| s.kind == ParamKind::Trainable).collect();
    let backward = |needs: bool, program: &mut Program| {
        let mut b = Builder::new(program, Mode::Training, NodeId(0), Direction::Backward, "layer");
        layer.backward(
            &mut b,
            &Backward {
                x: &x,
                y: &y,
                saved: &forward.saved,
                params: &params,
                dy: &dy,
                needs: &vec![needs; inputs.len()],
                needs_params: &if needs {
                    needs_params.clone()
                } else {
                    vec![false; specs.len()]
                },
            },
        )
    };
    // Where nothing needs a gradient, none is accumulated.
    let mut idle = program.clone();
    assert_eq!(backward(false, &mut idle).len(), inputs.len());
    verify(&idle, &shapes).expect("a sound backward without needs");
    let idle = &idle.ops[only_forward.ops.len()..];
    assert!(
        idle.iter()
            .all(|op| !format!("{:?}", op.kind).contains("param: ")),
        "{idle:?}"
    );
    let dx: Vec<ValueId> = backward(true, &mut program)
        .into_iter()
        .map(|dx| dx.expect("a gradient of each input"))
        .collect();
    for (dx, x) in dx.iter().zip(inputs) {
        assert_eq!(program.shape(*dx), x, "the gradient has the input's shape");
    }
    verify(&program, &shapes).expect("a sound backward");
    Alone {
        forward: only_forward,
        both: program,
        y,
        dy,
        dx,
    }
}

/// Random parameters: variances positive, the rest around their start.
pub fn random_params(specs: &[ParamSpec], r: &mut Random) -> Vec<Vec<f64>> {
    specs
        .iter()
        .map(|s| {
            let low = if s.suffix == "running_var" { 0.5 } else { -1.0 };
            r.vector(s.shape.elems(), low, 1.5)
        })
        .collect()
}

/// Compares every gradient of a layer with central differences, inputs drawn from `low..high`.
pub fn check_layer_in(layer: &dyn Layer, inputs: &[Shape], low: f64, high: f64) {
    let specs = layer.params();
    let mut r = Random::new(inputs.len() as u64 + 7 * inputs[0].elems() as u64);
    let alone = alone(layer, inputs, &specs, Mode::Training);
    let mut x: Vec<Vec<f64>> = inputs
        .iter()
        .map(|s| r.vector(SAMPLES * s.elems(), low, high))
        .collect();
    let mut params = random_params(&specs, &mut r);
    let dy: Vec<Vec<f64>> = layer
        .outputs()
        .iter()
        .map(|s| r.vector(SAMPLES * s.elems(), -1.0, 1.0))
        .collect();

    let mut given: Vec<(ValueId, Vec<f64>)> = x
        .iter()
        .enumerate()
        .map(|(i, x)| (alone.both.inputs[i], x.clone()))
        .collect();
    given.extend(alone.dy.iter().copied().zip(dy.iter().cloned()));
    let run = interpret(&alone.both, &params, &given, &[], SAMPLES);

    let value = |x: &[Vec<f64>], params: &[Vec<f64>]| -> f64 {
        let given: Vec<_> = alone
            .forward
            .inputs
            .iter()
            .copied()
            .zip(x.iter().cloned())
            .collect();
        let run = interpret(&alone.forward, params, &given, &[], SAMPLES);
        alone
            .y
            .iter()
            .zip(&dy)
            .flat_map(|(y, dy)| run.values[y.0].iter().zip(dy))
            .map(|(y, dy)| y * dy)
            .sum()
    };
    for i in 0..x.len() {
        for j in 0..x[i].len() {
            let difference = central(x[i][j], |at| {
                let was = std::mem::replace(&mut x[i][j], at);
                let v = value(&x, &params);
                x[i][j] = was;
                v
            });
            assert_close(run.values[alone.dx[i].0][j], difference, || {
                format!("input {i}, element {j}")
            });
        }
    }
    for i in 0..params.len() {
        if specs[i].kind != ParamKind::Trainable {
            continue;
        }
        for j in 0..params[i].len() {
            let difference = central(params[i][j], |at| {
                let was = std::mem::replace(&mut params[i][j], at);
                let v = value(&x, &params);
                params[i][j] = was;
                v
            });
            assert_close(run.gradients[i][j], difference, || {
                format!("`{}`, element {j}", specs[i].suffix)
            });
        }
    }
}

pub fn check_layer(layer: &dyn Layer, inputs: &[Shape]) {
    check_layer_in(layer, inputs, -2.0, 2.0);
}

/// Builds a layer of one input by name and checks its gradients on several shapes.
pub fn check_activation(name: &'static str, given: &Given) {
    for dims in [&[5][..], &[3, 4], &[2, 1, 3], &[1]] {
        let inputs = [shape(dims)];
        check_layer(&*layer(name, given.clone(), &inputs), &inputs);
    }
}

/// What a layer computes, in a batch of one or more samples.
pub fn forward(
    layer: &dyn Layer,
    inputs: &[(Shape, Vec<f64>)],
    params: &[Vec<f64>],
    mode: Mode,
) -> Vec<Vec<f64>> {
    let (run, y) = run_forward(layer, inputs, params, mode);
    y.iter().map(|y| run.values[y.0].clone()).collect()
}

pub fn run_forward(
    layer: &dyn Layer,
    inputs: &[(Shape, Vec<f64>)],
    params: &[Vec<f64>],
    mode: Mode,
) -> (Run, Vec<ValueId>) {
    let shapes: Vec<Shape> = inputs.iter().map(|(s, _)| s.clone()).collect();
    let alone = alone(layer, &shapes, &layer.params(), mode);
    let given: Vec<_> = alone
        .forward
        .inputs
        .iter()
        .copied()
        .zip(inputs.iter().map(|(_, x)| x.clone()))
        .collect();
    let samples = inputs[0].1.len() / inputs[0].0.elems();
    (interpret(&alone.forward, params, &given, &[], samples), alone.y)
}

/// What an activation computes for these numbers.
pub fn apply(name: &'static str, given: Given, x: &[f64]) -> Vec<f64> {
    let s = shape(&[x.len()]);
    let layer = layer(name, given, std::slice::from_ref(&s));
    forward(&*layer, &[(s, x.to_vec())], &[], Mode::Inference).remove(0)
}

/// A loss alone in a program whose input is its output.
fn loss_program(loss: &dyn Loss, output: &Shape, weight: f64) -> (Program, ValueId) {
    let mut program = Program::default();
    let y = given_value(&mut program, "y".to_string(), output);
    program.outputs.push(y);
    program.targets.push(y);
    let mut b = Builder::new(&mut program, Mode::Training, NodeId(0), Direction::Loss, "loss");
    assert!(loss.lower(&mut b, y, 0, weight, false).is_none());
    verify(&program, &[]).expect("a sound loss");
    let mut program = Program::default();
    let y = given_value(&mut program, "y".to_string(), output);
    program.outputs.push(y);
    program.targets.push(y);
    let mut b = Builder::new(&mut program, Mode::Training, NodeId(0), Direction::Loss, "loss");
    let dy = loss.lower(&mut b, y, 0, weight, true).expect("a gradient");
    assert_eq!(program.shape(dy), output);
    verify(&program, &[]).expect("a sound loss with its gradient");
    (program, dy)
}

/// Loss and gradient of a batch of outputs, `[samples, output]`.
pub fn loss_of(loss: &dyn Loss, output: &Shape, y: &[f64], target: &TargetData) -> (f64, Vec<f64>) {
    let (program, dy) = loss_program(loss, output, 1.0);
    let given = [(program.inputs[0], y.to_vec())];
    let samples = y.len() / output.elems();
    let run = interpret(&program, &[], &given, std::slice::from_ref(target), samples);
    (run.loss, run.values[dy.0].clone())
}

/// Compares a loss' gradient with central differences; `draw` makes one number of the target.
pub fn check_loss(loss: &dyn Loss, output: &Shape, draw: impl Fn(&mut Random) -> f64) {
    let mut r = Random::new(output.elems() as u64);
    let target = match loss.target() {
        Target::Values => TargetData::Values((0..SAMPLES * output.elems()).map(|_| draw(&mut r)).collect()),
        Target::Classes { rows, classes } => {
            assert_eq!((rows, classes), (output.rows(), output.width()));
            TargetData::Classes((0..SAMPLES * rows).map(|_| r.below(classes)).collect())
        }
    };
    let weight = 0.7;
    let (program, dy) = loss_program(loss, output, weight);
    let mut y = r.vector(SAMPLES * output.elems(), -2.0, 2.0);
    let run = |y: &[f64]| {
        let given = [(program.inputs[0], y.to_vec())];
        interpret(&program, &[], &given, std::slice::from_ref(&target), SAMPLES)
    };
    let gradient = run(&y).values[dy.0].clone();
    for j in 0..y.len() {
        let difference = central(y[j], |at| {
            let was = std::mem::replace(&mut y[j], at);
            let v = run(&y).loss;
            y[j] = was;
            v
        });
        assert_close(gradient[j], difference, || format!("output element {j}"));
    }
    // The weight multiplies the loss and its gradient.
    let (plain, plain_gradient) = loss_of(loss, output, &y, &target);
    assert_close(run(&y).loss, weight * plain, || "weighted loss".to_string());
    assert_close(gradient[0], weight * plain_gradient[0], || {
        "weighted gradient".to_string()
    });
}

fn central(at: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
    let h = 1e-5;
    (f(at + h) - f(at - h)) / (2.0 * h)
}

/// Equal to 1e-6, relative where the numbers are large.
pub fn assert_close(found: f64, expected: f64, what: impl Fn() -> String) {
    let close = (found - expected).abs() <= 1e-6 * expected.abs().max(0.1);
    assert!(close, "{}: found {found}, expected {expected}", what());
}

pub fn assert_all_close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        assert_close(*f, *e, || format!("element {i} of {found:?}"));
    }
}
