//! `#[quantize(int8)]`: trained on the digits that ship with the examples, calibrated, quantised, saved.

use std::path::PathBuf;

use nn_models::{DsCnn, ResNet8};
use nn_runtime::data::idx;
use nn_runtime::prelude::*;
use nn_runtime::quantized::{Aware, Calibration, Quantize, Quantized, Scales};
use nn_tests::hashed;

network! {
    #[loss(softmax_cross_entropy)]
    #[quantize(int8)]
    pub Mlp(image: Tensor<64>) -> Tensor<10> {
        image.dense(32).relu().dense(10)
    }

    /// LeNet's layers, on images of 8 x 8.
    #[loss(softmax_cross_entropy)]
    #[quantize(int8)]
    pub Cnn(image: Tensor<8, 8, 1>) -> Tensor<10> {
        image
            .conv2d(6, kernel = 3, padding = same).batch_norm().relu().max_pool2d(2)
            .conv2d(16, kernel = 3).relu()
            .flatten()
            .dense(32).tanh()
            .dense(10)
    }

    /// Every operation that has a form in int8.
    #[quantize(int8)]
    pub Everything(image: Tensor<6, 5, 4>, more: Tensor<6, 5, 4>) -> (Tensor<3>, Tensor<6, 5, 4>) {
        let a = image.conv2d(8, kernel = 3, padding = same, groups = 2).batch_norm().relu6();
        let b = concat(image, more, axis = -1).depthwise_conv2d(kernel = 3, padding = same).silu();
        let c = (a + b).relu();
        let d = c.conv2d(4, kernel = 1).sigmoid() + image;
        let pooled = c.avg_pool2d(2).pad([1, 0, 0, 1]).max_pool2d(2, stride = 1).transpose([1, 0, 2]);
        let sliced = pooled.slice(1, 3, axis = 1).flatten();
        (sliced.dense(3).softmax(), d * more)
    }

    fn relu6(x) = min(max(x, 0.0), 6.0);
}

/// Pixels, and a label for each image.
type Data = (Vec<f32>, Vec<u32>);

/// Images for training and for the test.
fn digits() -> (Data, Data) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/data/digits");
    let (images, mut labels) = idx::read_labelled::<f32>(
        folder.join("images-idx3-ubyte.gz"),
        folder.join("labels-idx1-ubyte.gz"),
    )
    .expect("the digits ship with the examples");
    let mut pixels: Vec<f32> = images.data.iter().map(|pixel| pixel / 16.0).collect();
    let split = labels.len() * 3 / 4;
    let test = (pixels.split_off(split * 64), labels.split_off(split));
    ((pixels, labels), test)
}

/// Trains a network, quantises it, and gives the accuracies on the test's images.
macro_rules! accuracies {
    ($network:ident, $how:expr) => {{
        let ((pixels, labels), (test, expected)) = digits();
        let mut network = $network::new(1);
        Trainer::new()
            .epochs(12)
            .optimizer(Adam::new(0.005))
            .progress(Progress::Silent)
            .fit(&mut network, &pixels, &labels)
            .expect("it trains");
        let quantized = Quantized::calibrated(&network, &[&pixels], $how).expect("it quantises");
        let report = quantized
            .report(&network, &[&test], Some(&expected))
            .expect("the data fit");
        println!("{report}");
        for layer in &report.layers {
            assert!(
                layer.signal_to_noise > 15.0,
                "{}: {} dB",
                layer.name,
                layer.signal_to_noise
            );
        }
        // The report's accuracy is the predictions'.
        let scores = quantized.predict(&[&test]).expect("the data fit");
        let hits = scores[0]
            .chunks(10)
            .zip(&expected)
            .filter(|(s, l)| nn_runtime::metrics::argmax(s) == **l as usize);
        let (real, int8) = report.accuracy.expect("there are labels");
        assert_eq!(hits.count() as f64 / expected.len() as f64, int8);
        (real, int8)
    }};
}

#[test]
fn digits_stay_within_a_hundredth() {
    for (real, int8) in [
        accuracies!(Mlp, Calibration::MinMax),
        accuracies!(Mlp, Calibration::Percentile(99.99)),
        accuracies!(Cnn, Calibration::MinMax),
        accuracies!(Cnn, Calibration::Percentile(99.99)),
    ] {
        assert!(real > 0.9 && int8 >= real - 0.01, "{real} in f32, {int8} in int8");
    }
}

fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut rng = Rng::new(seed);
    (0..count).map(|_| rng.uniform() as f32 * 2.0 - 1.0).collect()
}

#[test]
fn every_operation_is_near_the_real_numbers() {
    let network = Everything::new(3);
    let samples = 40;
    let (image, more) = (numbers(samples * 120, 1), numbers(samples * 120, 2));
    let inputs = [&image[..], &more[..]];
    let quantized = Quantized::calibrated(&network, &inputs, Calibration::MinMax).expect("it quantises");
    let report = quantized.report(&network, &inputs, None).expect("the data fit");
    for layer in &report.layers {
        assert!(layer.signal_to_noise > 20.0 && layer.clamped < 0.001, "{report}");
    }
    // Folded and in the layout of int8, the real numbers are the network's.
    let mut network = network;
    let expected = network.predict_batch(&image, &more).expect("the data fit");
    let expected = [expected.0.as_flattened(), expected.1.as_flattened()];
    let found = quantized.predict(&inputs).expect("the data fit");
    for (o, (found, expected)) in found.iter().zip(expected).enumerate() {
        let (scale, _) = quantized.output_scale(o);
        assert_eq!(found.len(), expected.len());
        let worst = found
            .iter()
            .zip(expected)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(worst < 12.0 * scale, "output {o}: {worst}, a step is {scale}");
    }
}

#[test]
fn scales_are_set_by_hand() {
    let network = Mlp::new(1);
    let samples = numbers(640, 5);
    let mut scales = Scales::calibrate(&network, &[&samples], Calibration::MinMax).expect("it calibrates");
    assert_eq!(
        Scales::<Mlp>::names().collect::<Vec<_>>(),
        ["image", "relu_1", "dense_2"]
    );
    scales.set_range("image", 0.0, 2.55).expect("there is an image");
    assert_eq!(scales.get("image"), Some((0.01, -128)));
    scales.set("relu_1", 0.5, 3).expect("there is a relu");
    let quantized = Quantized::new(&network, &scales);
    assert_eq!(quantized.input_scale(0), (0.01, -128));
    for (message, fault) in [
        ("found `dense_1`", scales.set("dense_1", 1.0, 0)),
        ("above 0", scales.set("image", 0.0, 0)),
        ("expected 32 scales", scales.set_weights("relu_1", &[1.0])),
        ("above 0, found -1", scales.set_weights("relu_1", &[-1.0; 32])),
        ("in order", scales.set_range("image", 1.0, 0.0)),
    ] {
        let found = fault.expect_err("a fault").to_string();
        assert!(found.contains(message), "{found}");
    }
    let fault = Scales::calibrate(&network, &[&samples], Calibration::Percentile(20.0)).expect_err("a fault");
    assert!(fault.to_string().contains("above 50"), "{fault}");
    let bad = [f32::NAN; 64];
    let fault = Scales::calibrate(&network, &[&bad], Calibration::MinMax).expect_err("a fault");
    assert_eq!(fault.to_string(), "`image` is not finite");
    let fault = quantized.predict(&[&samples[..63]]).expect_err("a fault");
    assert!(fault.to_string().contains("`image` holds 63"), "{fault}");
}

#[test]
fn percentiles_cut_outliers() {
    let network = Mlp::new(1);
    let mut samples = numbers(64 * 100, 5);
    samples[17] = 50.0;
    let scale = |how| {
        Scales::calibrate(&network, &[&samples], how)
            .expect("it calibrates")
            .get("image")
            .expect("an input")
            .0
    };
    let (whole, cut) = (scale(Calibration::MinMax), scale(Calibration::Percentile(99.9)));
    assert!(whole > 0.19 && (0.0077..0.009).contains(&cut), "{whole}, {cut}");
}

#[test]
fn files_hold_what_was_saved() {
    let folder = std::env::temp_dir().join(format!("nn-quantized-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("mlp.int8.safetensors");
    let samples = numbers(640, 5);
    let quantized =
        Quantized::calibrated(&Mlp::new(1), &[&samples], Calibration::MinMax).expect("it quantises");
    quantized.save(&path).expect("it is saved");
    let loaded = Quantized::<Mlp>::load(&path).expect("it is loaded");
    assert_eq!(
        loaded.predict(&[&samples]).unwrap(),
        quantized.predict(&[&samples]).unwrap()
    );
    for (fault, message) in [
        (
            Quantized::<Cnn>::load(&path).map(drop),
            "expected the weights of `Cnn`, found those of `Mlp`",
        ),
        (Mlp::new(1).load(&path).map(drop), "expected F32"),
    ] {
        let fault = fault.expect_err("a fault").to_string();
        assert!(fault.contains(message), "{fault}");
    }
    // One byte less is no file.
    let bytes = std::fs::read(&path).expect("it is there");
    std::fs::write(&path, &bytes[..bytes.len() - 1]).expect("it is written");
    Quantized::<Mlp>::load(&path)
        .map(drop)
        .expect_err("it is cut short");
    std::fs::remove_dir_all(&folder).expect("it is ours");
}

#[test]
fn memory_is_a_constant() {
    // Weights 64 · 32 + 32 · 10, a multiplier, a shift and a bias an output, three scales and zero points, bounds.
    assert_eq!(Mlp::INT8_ARENA, 32);
    assert_eq!(Mlp::INT8_RAM_BYTES, 64 + 32 + 10);
    let least = 2368 + 42 * 9 + 15;
    assert!(
        (least..least + 32).contains(&Mlp::INT8_FLASH_BYTES),
        "{}",
        Mlp::INT8_FLASH_BYTES
    );
    assert_eq!(Mlp::INT8.arena, Mlp::INT8_ARENA);
}

/// A tensor as TensorFlow Lite has it: shape, scale, zero point, a hash of its bytes for each image.
struct Tensor {
    elems: usize,
    scale: f32,
    zero: i8,
    hashes: Vec<u32>,
    /// Of its weights, channel by channel.
    weights: Vec<f32>,
}

/// The tensors of a case of `fixtures/quantized.py`, and the last one's bytes.
fn fixture(name: &str) -> (Vec<Tensor>, Vec<Vec<i8>>) {
    fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(word: &str) -> T {
        word.parse().expect("a number")
    }
    let mut lines = include_str!("fixtures/quantized.txt").lines();
    assert!(
        lines.any(|l| l.strip_prefix("case ") == Some(name)),
        "no case `{name}`"
    );
    let (mut tensors, mut outputs) = (Vec::new(), Vec::new());
    for line in lines.take_while(|l| !l.starts_with("case ")) {
        let words: Vec<&str> = line.split(' ').collect();
        let rest = words[1..].iter();
        if words[0] == "output" {
            outputs.push(rest.map(|w| number(w)).collect());
        } else if words[0] == "weights" {
            let last: &mut Tensor = tensors.last_mut().expect("a tensor before its weights");
            last.weights = rest.map(|w| f32::from_bits(number(w))).collect();
        } else {
            tensors.push(Tensor {
                elems: words[1].split('x').map(number::<usize>).product(),
                scale: f32::from_bits(number(words[2])),
                zero: number(words[3]),
                hashes: rest.skip(3).map(|w| number(w)).collect(),
                weights: Vec::new(),
            });
        }
    }
    (tensors, outputs)
}

/// FNV-1a.
fn hash(bytes: &[i8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |h, b| {
        (h ^ u32::from(*b as u8)).wrapping_mul(0x0100_0193)
    })
}

/// With TensorFlow Lite's scales, every byte of every layer is the one of its reference kernels.
fn equals_tensorflow<N: Quantize>(mut network: N, case: &str) {
    hashed::fill(&mut network);
    let (tensors, outputs) = fixture(case);
    let inputs = hashed::data("input", 3 * tensors[0].elems);
    let mut scales = Scales::calibrate(&network, &[&inputs], Calibration::MinMax).expect("it calibrates");
    let names: Vec<&str> = Scales::<N>::names().collect();
    assert_eq!(names.len(), tensors.len(), "{names:?}");
    for (name, t) in names.iter().zip(&tensors) {
        scales.set(name, t.scale, t.zero).expect("there is such a value");
        if !t.weights.is_empty() {
            scales.set_weights(name, &t.weights).expect("it has weights");
        }
    }
    let quantized = Quantized::new(&network, &scales);
    let mut bytes = vec![0; inputs.len()];
    nn_runtime::int8::quantize(&inputs, tensors[0].scale, tensors[0].zero, &mut bytes);
    for (image, expected) in outputs.iter().enumerate() {
        let trace = quantized.trace(&[&bytes], image).expect("there is such an image");
        for ((name, found), t) in trace.iter().zip(&tensors) {
            assert_eq!(found.len(), t.elems, "{case}: `{name}`");
            assert_eq!(hash(found), t.hashes[image], "{case}: `{name}` of image {image}");
        }
        assert_eq!(trace.last().map(|t| &t.1), Some(expected));
    }
    assert_eq!(
        quantized.predict_int8(&[&bytes]).expect("the data fit")[0],
        outputs.concat()
    );
}

#[test]
fn resnet8_is_tensorflow_lites_bit_for_bit() {
    equals_tensorflow(ResNet8::new(0), "resnet8");
}

#[test]
fn ds_cnn_is_tensorflow_lites_bit_for_bit() {
    equals_tensorflow(DsCnn::new(0), "ds_cnn");
}

/// Weights of very different sizes in one channel leave the small ones few steps: fine-tuning finds weights on the grid that
/// do better than the nearest ones.
#[test]
fn fine_tuning_knows_of_the_rounding() {
    let ((pixels, labels), _) = digits();
    let mut network = Mlp::new(1);
    let mut adam = Adam::new(0.005);
    for _ in 0..200 {
        network
            .train_step(&pixels, &labels, &mut adam)
            .expect("it trains");
    }
    // A pixel that is never inked may have any weight: it makes the steps of its channels coarse.
    let blank = (0..64)
        .find(|p| pixels.iter().skip(*p).step_by(64).all(|x| *x == 0.0))
        .expect("the corner is blank");
    for c in 0..32 {
        network.parameter_mut("dense_1.weight").expect("a layer")[blank * 32 + c] = 120.0;
    }
    let rounded = |network: &Mlp| {
        // One update that changes nothing rounds the weights.
        let mut network = network.clone();
        network
            .train_step(&pixels, &labels, &mut Aware::<Mlp, _>::new(Sgd::new(0.0)))
            .expect("it trains");
        network
    };
    let loss = |network: &mut Mlp| network.loss(&pixels, &labels).expect("the data fit");
    let (exact, nearest) = (loss(&mut network), loss(&mut rounded(&network)));
    // As many steps with and without.
    let (mut tuned, mut plain) = (network.clone(), network.clone());
    let (mut aware, mut adam) = (Aware::<Mlp, _>::new(Adam::new(0.01)), Adam::new(0.01));
    for _ in 0..250 {
        tuned.train_step(&pixels, &labels, &mut aware).expect("it trains");
        plain.train_step(&pixels, &labels, &mut adam).expect("it trains");
    }
    let (after, without) = (loss(&mut tuned), loss(&mut rounded(&plain)));
    println!("loss {exact}, rounded {nearest}; fine-tuned {after}, trained as long and rounded {without}");
    assert!(
        nearest > 10.0 * exact && after < 0.3 * without,
        "{nearest}, {after}, {without}"
    );
    // What was tuned is what is quantised.
    assert_eq!(loss(&mut rounded(&tuned)), after);
}
