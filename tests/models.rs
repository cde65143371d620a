//! The networks of `models/` against PyTorch with the same weights: outputs, the gradient of every parameter, ten steps
//! of training; and against the numbers that their authors publish. `fixtures/models.py` says what stands in the file.

use std::collections::HashMap;

use nn_models::{Autoencoder, DsCnn, LeNet, MobileNet, ResNet8};
use nn_runtime::prelude::*;
use nn_runtime::{ParameterInfo, ParameterKind, Scalar};
use nn_tests::hashed::{data, fill, hashed, place};

/// `DsCnn` without dropout, whose masks PyTorch cannot have.
macro_rules! still {
    ($scalar:ident) => {
        nn_runtime::network! {
            #[scalar($scalar)]
            #[loss(softmax_cross_entropy)]
            pub Still(features: Tensor<49, 10, 1>) -> Tensor<12> {
                features
                    .conv2d(64, kernel = [10, 4], stride = 2, padding = same, l2 = 1e-4).norm().relu()
                    .repeat(4, separable())
                    .avg_pool2d([24, 5])
                    .flatten()
                    .dense(12)
            }

            block separable(x) {
                x
                    .depthwise_conv2d(kernel = 3, padding = same, l2 = 1e-4).norm().relu()
                    .conv2d(64, kernel = 1, l2 = 1e-4).norm().relu()
            }

            block norm(x) {
                x.batch_norm(momentum = 0.01, eps = 1e-3)
            }
        }
    };
}

mod single {
    still! { f32 }
}

mod double {
    still! { f64 }
}

struct Case(HashMap<&'static str, Vec<f64>>);

impl Case {
    fn read(name: &str) -> Self {
        let mut lines = include_str!("fixtures/models.txt").lines();
        assert!(
            lines.any(|l| l.strip_prefix("case ") == Some(name)),
            "no case `{name}`"
        );
        let tensors = lines.take_while(|l| !l.starts_with("case ")).map(|line| {
            let (name, numbers) = line.split_once(": ").expect("a name and numbers");
            let numbers = numbers.split(' ').map(|n| n.parse().expect("a number"));
            (name, numbers.collect())
        });
        Self(tensors.collect())
    }

    fn get(&self, name: &str) -> &[f64] {
        self.0.get(name).unwrap_or_else(|| panic!("no `{name}`"))
    }

    /// Every gradient, by projections on signs (which see all elements) and by single elements.
    fn compare_gradients<N: Network>(&self, net: &N) {
        let tolerance = if N::Scalar::DTYPE == "F32" { 1e-3 } else { 1e-6 };
        let trainable = || {
            N::PARAMETERS
                .iter()
                .filter(|p| p.kind == ParameterKind::Trainable)
        };
        // Of a bias before a normalisation the gradient is 0 but for rounding.
        let squares: f64 = trainable().map(|p| self.get(p.name)[0].powi(2)).sum();
        let noise = 1e-6 * squares.sqrt();
        for info in trainable() {
            let expected = self.get(info.name);
            let (norm, most) = (expected[0], expected[1]);
            let g: Vec<f64> = (0..info.len())
                .map(|i| net.gradients()[place(info, i)].to_f64())
                .collect();
            let close = |found: f64, expected: f64, scale: f64, what: &str| {
                assert!(
                    (found - expected).abs() <= tolerance * scale + noise,
                    "{what} of the gradient of `{}` of {}: {found}, PyTorch has {expected}",
                    info.name,
                    N::NAME
                );
            };
            let found = g.iter().map(|g| g * g).sum::<f64>().sqrt();
            close(found, norm, norm, "the norm");
            for (s, expected) in expected[2..5].iter().enumerate() {
                let name = format!("{} {s}", info.name);
                let signed = |(i, g): (usize, &f64)| g * (hashed(&name, i) - 0.5).signum();
                let found = g.iter().enumerate().map(signed).sum();
                close(found, *expected, norm, "a projection");
            }
            let elements = &expected[5..];
            for (i, expected) in elements.iter().enumerate() {
                let at = i * (g.len() - 1) / (elements.len() - 1);
                close(g[at], *expected, most, "an element");
            }
        }
    }
}

/// Outputs, gradients and ten losses of one network.
macro_rules! against_pytorch {
    ($($case:ident $net:path, $scalar:ident, $input:literal, $targets:expr;)+) => {$(
        #[test]
        fn $case() {
            let case = Case::read(stringify!($case));
            use $net as Net;
            let (_, samples) = stringify!($case).rsplit_once('_').expect("a number of samples");
            let samples: usize = samples.parse().expect("a number of samples");
            let mut net = Net::new(0);
            fill(&mut net);
            let x: Vec<$scalar> = data("input", samples * $input).into_iter().map(Into::into).collect();
            let targets = $targets(samples, &x);
            let output = net.predict_batch(&x).unwrap().as_flattened();
            for (i, (found, expected)) in output.iter().zip(case.get("output")).enumerate() {
                assert!(
                    (found.to_f64() - expected).abs() <= 1e-4 * expected.abs().max(1.0),
                    "output {i}: {found}, PyTorch has {expected}"
                );
            }
            let mut optimizer = Sgd::new(0.001);
            for (step, expected) in case.get("losses").iter().enumerate() {
                let loss = net.gradient(&x, &targets).unwrap();
                if step == 0 {
                    case.compare_gradients(&net);
                }
                assert!(
                    (loss - expected).abs() <= 1e-3 * expected.abs().max(1.0),
                    "loss of step {step}: {loss}, PyTorch has {expected}"
                );
                optimizer.step(&mut net).unwrap();
            }
        }
    )+};
}

fn labels<T, const CLASSES: u32>(samples: usize, _: &[T]) -> Vec<u32> {
    (0..samples as u32).map(|i| (7 * i + 3) % CLASSES).collect()
}

fn itself(_: usize, x: &[f32]) -> Vec<f32> {
    x.to_vec()
}

against_pytorch! {
    lenet_4 nn_models::LeNet, f32, 784, labels::<_, 10>;
    resnet8_4 nn_models::ResNet8, f32, 3072, labels::<_, 10>;
    ds_cnn_4 single::Still, f32, 490, labels::<_, 12>;
    ds_cnn_8 double::Still, f64, 490, labels::<_, 12>;
    mobilenet_4 nn_models::MobileNet, f32, 27_648, labels::<_, 2>;
    autoencoder_8 nn_models::Autoencoder, f32, 640, itself;
}

/// Numbers of the benchmark's reference models, as Keras' summary counts them: running statistics too.
#[test]
fn sizes_are_the_published_ones() {
    fn size<N: Network>() -> (usize, u64) {
        let states = N::PARAMETERS.iter().filter(|p| p.kind == ParameterKind::State);
        (N::PARAMS + states.map(ParameterInfo::len).sum::<usize>(), N::MACS)
    }
    assert_eq!(size::<ResNet8>(), (78_666, 12_501_632));
    assert_eq!(size::<DsCnn>(), (24_908, 2_656_768));
    assert_eq!(size::<single::Still>(), (24_908, 2_656_768));
    assert_eq!(size::<MobileNet>(), (221_794, 7_489_664));
    assert_eq!(size::<Autoencoder>(), (269_992, 264_192));
    assert_eq!(size::<LeNet>(), (61_706, 416_520));
}
