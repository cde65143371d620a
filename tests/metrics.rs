//! Metrics beside scikit-learn's (`fixtures/metrics.py` wrote the numbers).
#![allow(missing_docs, reason = "a test")]

use std::collections::BTreeMap;

use nn_runtime::metrics::{self, Average, Confusion, Metric, Score, Tally};
use nn_runtime::prelude::*;

const CLASSES: usize = 5;

#[derive(Default)]
struct Fixture {
    labels: Vec<u32>,
    scores: Vec<f64>,
    truth: Vec<f64>,
    logits: Vec<f64>,
    targets: Vec<f64>,
    outputs: Vec<f64>,
    values: BTreeMap<&'static str, f64>,
}

impl Fixture {
    fn read() -> Self {
        let mut all = Self::default();
        for line in include_str!("fixtures/metrics.csv")
            .lines()
            .filter(|l| !l.starts_with('#'))
        {
            let (kind, rest) = line.split_once(',').unwrap();
            if kind == "value" {
                let (name, value) = rest.split_once(',').unwrap();
                all.values.insert(name, value.parse().unwrap());
                continue;
            }
            let numbers: Vec<f64> = rest.split(',').map(|n| n.parse().unwrap()).collect();
            match kind {
                "class" => {
                    all.labels.push(numbers[0] as u32);
                    all.scores.extend(&numbers[1..]);
                }
                "binary" => {
                    all.truth.push(numbers[0]);
                    all.logits.push(numbers[1]);
                }
                _ => {
                    all.targets.extend(&numbers[..2]);
                    all.outputs.extend(&numbers[2..]);
                }
            }
        }
        all
    }

    #[track_caller]
    fn check(&self, name: &str, found: f64) {
        let expected = self.values[name];
        assert!(
            (found - expected).abs() < 1e-9,
            "{name}: {found}, scikit-learn {expected}"
        );
    }
}

#[test]
fn slices() {
    let f = Fixture::read();
    f.check("accuracy", metrics::accuracy(&f.scores, &f.labels).unwrap());
    f.check("top2", metrics::top_k(&f.scores, &f.labels, 2).unwrap());
    f.check("top3", metrics::top_k(&f.scores, &f.labels, 3).unwrap());
    f.check(
        "binary",
        metrics::binary_accuracy(&f.logits, &f.truth, 0.0).unwrap(),
    );
    f.check(
        "binary_at_half",
        metrics::binary_accuracy(&f.logits, &f.truth, 0.5).unwrap(),
    );
    f.check(
        "mae",
        metrics::mean_absolute_error(&f.outputs, &f.targets).unwrap(),
    );
    f.check(
        "mse",
        metrics::mean_squared_error(&f.outputs, &f.targets).unwrap(),
    );
    f.check("r2", metrics::r2(&f.outputs, &f.targets, 2).unwrap());
}

#[test]
fn confusion() {
    let f = Fixture::read();
    let confusion = Confusion::of_scores(&f.scores, &f.labels).unwrap();
    f.check("accuracy", confusion.accuracy());
    let averages = [("macro", Average::Macro), ("micro", Average::Micro)].map(|(n, a)| (n.to_string(), a));
    let classes = (0..CLASSES).map(|c| (c.to_string(), Average::Class(c)));
    for (name, average) in averages.into_iter().chain(classes) {
        f.check(&format!("precision_{name}"), confusion.precision(average));
        f.check(&format!("recall_{name}"), confusion.recall(average));
        f.check(&format!("f1_{name}"), confusion.f1(average));
    }
    for label in 0..CLASSES {
        for prediction in 0..CLASSES {
            f.check(
                &format!("confusion_{label}_{prediction}"),
                confusion.count(label, prediction) as f64,
            );
        }
    }
    let predictions: Vec<u32> = f
        .scores
        .chunks(CLASSES)
        .map(|s| metrics::argmax(s) as u32)
        .collect();
    assert_eq!(
        Confusion::of(&f.labels, &predictions, CLASSES).unwrap(),
        confusion
    );
}

/// In batches, as while training, the same comes out.
fn in_batches<S: Score>(targets: S, metric: Metric, outputs: &[f64], width: usize) -> f64 {
    let mut tally: Tally = S::tally(metric).unwrap();
    let samples = targets.samples().unwrap();
    for start in (0..samples).step_by(7) {
        let rows = start..samples.min(start + 7);
        let outputs = &outputs[rows.start * width..rows.end * width];
        targets.gather(&Rows::Range(rows), outputs, &mut tally);
    }
    tally.value()
}

#[test]
fn tallies() {
    let f = Fixture::read();
    let labels = Classes::<1, CLASSES> { data: &f.labels };
    for (name, metric) in [
        ("accuracy", Metric::Accuracy),
        ("top2", Metric::TopK(2)),
        ("precision_macro", Metric::Precision(Average::Macro)),
        ("recall_2", Metric::Recall(Average::Class(2))),
        ("f1_macro", Metric::F1(Average::Macro)),
        ("f1_micro", Metric::F1(Average::Micro)),
    ] {
        f.check(name, in_batches(labels, metric, &f.scores, CLASSES));
    }
    let truth = Samples::<f64, 1> { data: &f.truth };
    f.check("binary", in_batches(truth, Metric::Accuracy, &f.logits, 1));
    f.check(
        "binary_at_half",
        in_batches(truth, Metric::BinaryAccuracy { threshold: 0.5 }, &f.logits, 1),
    );
    f.check(
        "binary_f1",
        in_batches(truth, Metric::F1(Average::Class(1)), &f.logits, 1),
    );
    let targets = Samples::<f64, 2> { data: &f.targets };
    f.check(
        "mae",
        in_batches(targets, Metric::MeanAbsoluteError, &f.outputs, 2),
    );
    f.check(
        "mse",
        in_batches(targets, Metric::MeanSquaredError, &f.outputs, 2),
    );
    f.check("r2", in_batches(targets, Metric::R2, &f.outputs, 2));
}
