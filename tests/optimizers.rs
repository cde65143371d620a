//! Every optimizer, clipping and schedule beside PyTorch's, step by step (`fixtures/optimizers.py` wrote the numbers).
#![allow(missing_docs, reason = "a test")]

use std::collections::BTreeMap;

use nn_runtime::Scalar;
use nn_runtime::prelude::*;

const A: [[f64; 3]; 4] = [
    [1.0, 0.5, -0.25],
    [0.25, 2.0, 0.5],
    [-1.0, 0.75, 1.5],
    [0.5, -0.5, 0.25],
];
const B: [f64; 4] = [1.0, -2.0, 3.0, 0.5];
const START: [f64; 3] = [0.5, -1.5, 2.0];
const STEPS: usize = 50;

fn optimizer<T: Scalar>(case: &str) -> Box<dyn Optimizer<T>> {
    match case {
        "sgd" => Box::new(Sgd::new(0.05)),
        "sgd_decay" => Box::new(Sgd::new(0.05).weight_decay(0.1)),
        "sgd_momentum" => Box::new(Sgd::new(0.02).momentum(0.9)),
        "sgd_nesterov" => Box::new(Sgd::new(0.02).momentum(0.9).nesterov(true).weight_decay(0.01)),
        "adam" => Box::new(Adam::new(0.05)),
        "adam_decay" => Box::new(Adam::new(0.05).betas(0.8, 0.95).eps(1e-6).weight_decay(0.1)),
        "adamw" => Box::new(AdamW::new(0.05)),
        "adamw_decay" => Box::new(AdamW::new(0.05).betas(0.8, 0.95).weight_decay(0.3)),
        "rmsprop" => Box::new(RmsProp::new(0.01)),
        "rmsprop_momentum" => Box::new(RmsProp::new(0.01).alpha(0.9).momentum(0.8).weight_decay(0.05)),
        "rmsprop_centered" => Box::new(RmsProp::new(0.01).alpha(0.9).centered(true).eps(1e-3)),
        "rmsprop_both" => Box::new(RmsProp::new(0.005).momentum(0.5).centered(true).eps(1e-2)),
        "adagrad" => Box::new(Adagrad::new(0.1)),
        "adagrad_decay" => Box::new(
            Adagrad::new(0.1)
                .rate_decay(0.05)
                .initial_sum(0.5)
                .weight_decay(0.1),
        ),
        "clip_value" => Box::new(Sgd::new(0.1).clip_value(0.5)),
        "clip_norm" => Box::new(Adam::new(0.05).clip_norm(0.7)),
        "clip_both" => Box::new(
            Sgd::new(0.1)
                .momentum(0.5)
                .weight_decay(0.1)
                .clip_value(1.0)
                .clip_norm(1.2),
        ),
        "step" => Box::new(Sgd::new(0.1).schedule(StepDecay {
            every: 7,
            factor: 0.6,
        })),
        "exponential" => Box::new(Adam::new(0.1).schedule(Exponential { factor: 0.93 })),
        "cosine" => Box::new(Sgd::new(0.1).schedule(Cosine {
            steps: 40,
            floor: 0.01,
        })),
        "warmup" => Box::new(Sgd::new(0.1).schedule(Warmup::over(20).start(0.25))),
        "warmup_cosine" => {
            let then = Cosine {
                steps: 40,
                floor: 0.001,
            };
            Box::new(AdamW::new(0.1).schedule(Warmup::over(10).start(0.1).then(then)))
        }
        "one_cycle" => Box::new(Sgd::new(0.1).momentum(0.5).schedule(OneCycle::over(STEPS as u64))),
        _ => panic!("no optimizer for the case {case}"),
    }
}

/// Of `|A w - b|² / 2`.
fn gradient<T: Scalar>(w: &[T; 3]) -> [T; 3] {
    let mut g = [T::ZERO; 3];
    for (row, b) in A.iter().zip(B) {
        let row = row.map(T::from_f64);
        let residual = row[0] * w[0] + row[1] * w[1] + row[2] * w[2] - T::from_f64(b);
        for (g, a) in g.iter_mut().zip(row) {
            *g += a * residual;
        }
    }
    g
}

/// Follows PyTorch's parameters at each step; gives the largest distance.
fn follow<T: Scalar>(case: &str, expected: &[[f64; 3]]) -> f64 {
    assert_eq!(expected.len(), STEPS, "{case}");
    let mut optimizer = optimizer::<T>(case);
    let mut w = START.map(T::from_f64);
    let mut furthest = 0f64;
    for (step, expected) in expected.iter().enumerate() {
        let g = gradient(&w);
        optimizer.update(&mut w, &g).unwrap();
        for (w, e) in w.iter().zip(expected) {
            let distance = (w.to_f64() - e).abs() / e.abs().max(1.0);
            assert!(
                distance < 1e-5,
                "{case}, {}, step {}: {w}, PyTorch {e}",
                T::DTYPE,
                step + 1
            );
            furthest = furthest.max(distance);
        }
    }
    furthest
}

#[test]
fn fifty_steps_of_every_optimizer() {
    let mut cases = BTreeMap::<(&str, &str), Vec<[f64; 3]>>::new();
    for line in include_str!("fixtures/optimizers.csv")
        .lines()
        .filter(|l| !l.starts_with('#'))
    {
        let cells: Vec<&str> = line.split(',').collect();
        let [case, dtype, _, w @ ..] = &cells[..] else {
            panic!("{line}")
        };
        let w: Vec<f64> = w.iter().map(|x| x.parse().unwrap()).collect();
        cases
            .entry((case, dtype))
            .or_default()
            .push(w.try_into().unwrap());
    }
    assert_eq!(cases.len(), 2 * 23);
    for ((case, dtype), expected) in &cases {
        let furthest = match *dtype {
            "float32" => follow::<f32>(case, expected),
            _ => follow::<f64>(case, expected),
        };
        println!("{case:18} {dtype}: {furthest:.1e}");
    }
}
