//! The line protocol of the benches, for contenders in Rust; `peers/serve.py` says what the lines mean.

pub mod clock;

use std::fs;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Duration;

/// A timed run goes back to the first weights after so many steps, outside the clock.
const STEPS_TO_RESET: usize = 512;

/// Distinct batches that a run cycles through.
pub const BATCHES: usize = 8;

/// A network with its optimizer and its batches.
pub trait Training {
    /// Back to the file's weights and a fresh optimizer.
    fn reset(&mut self);
    /// So many steps, done when it returns.
    fn run(&mut self, steps: usize);
    /// One step, and its loss.
    fn loss(&mut self) -> f64;
}

/// A network that predicts.
pub trait Prediction {
    /// So many batches, done when it returns.
    fn run(&mut self, steps: usize);
    /// Outputs of the first batch, row by row.
    fn outputs(&mut self) -> Vec<f32>;
}

/// What a contender can be asked for: a workload's name and the batch size.
pub struct Contender {
    /// As the crate's manifest pins it.
    pub version: &'static str,
    /// `None` where the contender does not train.
    pub train: fn(&str, usize) -> Option<Box<dyn Training>>,
    /// Every contender predicts.
    pub infer: fn(&str, usize) -> Option<Box<dyn Prediction>>,
}

/// Answers until the standard input ends.
pub fn serve(contender: &Contender) {
    let mut out = std::io::stdout();
    let mut say = |line: &str| writeln!(out, "{line}").and_then(|()| out.flush()).expect("the driver listens");
    say(&format!("ready {}", contender.version));
    let mut training: Vec<(String, Box<dyn Training>)> = Vec::new();
    let mut prediction: Vec<(String, Box<dyn Prediction>)> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("lines of text");
        let reply = answer(contender, &mut training, &mut prediction, &line);
        say(&reply.unwrap_or_else(|text| format!("error {text}")));
    }
}

fn answer(
    contender: &Contender,
    training: &mut Vec<(String, Box<dyn Training>)>,
    prediction: &mut Vec<(String, Box<dyn Prediction>)>,
    line: &str,
) -> Result<String, String> {
    let [name, command, batch, steps] = line.split_whitespace().collect::<Vec<_>>()[..] else {
        return Err(format!("not a command: {line}"));
    };
    let number = |text: &str| text.parse::<usize>().map_err(|e| format!("{text}: {e}"));
    let (batch, steps) = (number(batch)?, number(steps)?);
    let key = format!("{name} {batch}");
    let missing = || format!("does not {command} {name}");
    match command {
        "train" | "losses" => {
            let at = find(training, &key, || (contender.train)(name, batch)).ok_or_else(missing)?;
            let session = &mut training[at].1;
            if command == "train" {
                return Ok(micros(train(session.as_mut(), steps), steps));
            }
            session.reset();
            Ok(join((0..steps).map(|_| session.loss())))
        }
        "infer" | "outputs" => {
            let at = find(prediction, &key, || (contender.infer)(name, batch)).ok_or_else(missing)?;
            let session = &mut prediction[at].1;
            if command == "infer" {
                return Ok(micros(clock::time(|| session.run(steps)), steps));
            }
            let outputs = session.outputs();
            let width = outputs.len() / batch;
            Ok(join(outputs[..width * steps.min(batch)].iter().map(|&y| f64::from(y))))
        }
        _ => Err(format!("not a command: {command}")),
    }
}

fn find<S>(sessions: &mut Vec<(String, S)>, key: &str, make: impl FnOnce() -> Option<S>) -> Option<usize> {
    if let Some(at) = sessions.iter().position(|s| s.0 == key) {
        return Some(at);
    }
    sessions.push((key.to_owned(), make()?));
    Some(sessions.len() - 1)
}

fn train(session: &mut dyn Training, mut steps: usize) -> Duration {
    let mut time = Duration::ZERO;
    while steps > 0 {
        let n = steps.min(STEPS_TO_RESET);
        session.reset();
        time += clock::time(|| session.run(n));
        steps -= n;
    }
    time
}

fn micros(time: Duration, steps: usize) -> String {
    format!("{:?}", time.as_secs_f64() * 1e6 / steps as f64)
}

fn join(numbers: impl Iterator<Item = f64>) -> String {
    numbers.map(|x| format!("{x:?}")).collect::<Vec<_>>().join(" ")
}

/// Threads that the driver allows.
#[must_use]
pub fn threads() -> usize {
    std::env::var("NN_BENCH_THREADS").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// A file of the workload that the driver wrote: `weights.safetensors`, `data.safetensors`, `onnx`.
#[must_use]
pub fn path(workload: &str, what: &str) -> PathBuf {
    let folder = std::env::var_os("NN_BENCH_DATA").expect("NN_BENCH_DATA names the folder of the driver's files");
    PathBuf::from(folder).join(format!("{workload}.{what}"))
}

/// A tensor of a safetensors file.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// As the file has it.
    pub shape: Vec<usize>,
    /// Row-major; class indices as they are in the file, bit by bit (see [`Tensor::classes`]).
    pub data: Vec<f32>,
}

impl Tensor {
    /// The numbers as class indices.
    #[must_use]
    pub fn classes(&self) -> Vec<u32> {
        self.data.iter().map(|x| x.to_bits()).collect()
    }
}

/// Reads a file that the driver wrote: names, shapes and 32-bit numbers, without escapes in its header.
#[must_use]
pub fn tensors(workload: &str, what: &str) -> Vec<(String, Tensor)> {
    let bytes = fs::read(path(workload, what)).expect("the driver writes its files before it asks");
    let length = u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes")) as usize;
    let header = std::str::from_utf8(&bytes[8..8 + length]).expect("JSON is UTF-8");
    let body = &bytes[8 + length..];
    header
        .split('}')
        .filter_map(|entry| {
            let name = entry.split('"').nth(1)?;
            let numbers = |after: &str| -> Option<Vec<usize>> {
                let list = entry.split(after).nth(1)?.split('[').nth(1)?.split(']').next()?;
                list.split(',').map(|n| n.trim().parse().ok()).collect()
            };
            let (shape, span) = (numbers("\"shape\"")?, numbers("\"data_offsets\"")?);
            let data = body[span[0]..span[1]]
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes(b.try_into().expect("4 bytes")))
                .collect();
            Some((name.to_owned(), Tensor { shape, data }))
        })
        .collect()
}

/// One tensor of a file by its name.
#[must_use]
pub fn tensor(workload: &str, what: &str, name: &str) -> Option<Tensor> {
    tensors(workload, what).into_iter().find(|t| t.0 == name).map(|t| t.1)
}
