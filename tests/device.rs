//! What a microcontroller runs, here on the host: weights that are part of the program, prediction in given memory.

use nn_runtime::prelude::*;
use nn_runtime::quantized::Quantized;

network! {
    /// As in `examples/firmware`, whose weights it takes.
    #[weights("../examples/firmware/networks/data/digits.safetensors")]
    #[quantize(int8, weights = "../examples/firmware/networks/data/digits.int8.safetensors")]
    pub Digits(image: Tensor<64>) -> Tensor<10> {
        image.dense(64).relu().dense(10)
    }
}

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../examples/firmware/networks/data/digits.safetensors"
);

fn image(seed: u64) -> [f32; 64] {
    let mut rng = Rng::new(seed);
    std::array::from_fn(|_| rng.uniform() as f32)
}

#[test]
fn weights_of_the_program_are_those_of_the_file() {
    let mut loaded = Digits::new(7);
    loaded.load(FILE).expect("the file fits");
    assert_eq!(loaded.parameters(), Digits::WEIGHTS);
    assert!(Digits::WEIGHTS.as_ptr().addr().is_multiple_of(64));
    let (mut trained, mut arena) = (Digits::trained(), [0.0; Digits::ARENA]);
    for seed in 0..5 {
        let x = image(seed);
        let mut y = [0.0; 10];
        Digits::infer_trained(&x, &mut arena, &mut y);
        assert_eq!(&y, loaded.predict(&x));
        assert_eq!(&y, trained.predict(&x));
    }
}

#[test]
fn bytes_of_the_program_are_those_of_the_file() {
    let file = FILE.replace("digits.safetensors", "digits.int8.safetensors");
    let loaded = Quantized::<Digits>::load(file).expect("the file fits");
    let mut arena = [0; Digits::INT8_ARENA];
    for seed in 0..5 {
        let (mut x, mut y) = ([0; 64], [0; 10]);
        let (scale, zero) = Digits::INT8_INPUTS[0];
        assert_eq!((scale, zero), loaded.input_scale(0));
        assert_eq!(Digits::INT8_OUTPUTS[0], loaded.output_scale(0));
        nn_runtime::int8::quantize(&image(seed), scale, zero, &mut x);
        Digits::infer_int8(&x, &mut arena, &mut y);
        assert_eq!(loaded.predict_int8(&[&x]).expect("a sample")[0], y);
        assert_eq!(Digits::quantized().predict_int8(&[&x]).expect("a sample")[0], y);
    }
}

network! {
    #[loss(binary_cross_entropy)]
    #[budget(ram <= 64, flash <= 64, training_ram <= 256)]
    pub Xor(x: Tensor<2>) -> Tensor<1> {
        x.dense(3).tanh().dense(1)
    }

    /// Convolutions whose gradients go through one another, a normalisation that stays as it is, a penalty.
    #[loss(softmax_cross_entropy)]
    pub Cnn(image: Tensor<8, 8, 1>) -> Tensor<10> {
        image
            .conv2d(4, kernel = 3, padding = same).batch_norm(frozen = true).relu().max_pool2d(2)
            .conv2d(6, kernel = 3, stride = 2, padding = same, l2 = 1e-3).relu()
            .flatten()
            .dense(10, l2 = 1e-2)
    }

    /// The same, of which the last layer alone learns.
    #[loss(softmax_cross_entropy)]
    pub Adapted(image: Tensor<8, 8, 1>) -> Tensor<10> {
        image
            .conv2d(4, kernel = 3, padding = same, frozen = true).relu().max_pool2d(2)
            .conv2d(6, kernel = 3, stride = 2, padding = same, frozen = true).relu()
            .flatten()
            .dense(10)
    }

    #[loss(softmax_cross_entropy)]
    pub Dropping(image: Tensor<64>) -> Tensor<10> {
        image.dropout(0.5).dense(10)
    }
}

const RATE: f32 = 0.1;

/// As many random images as one asks for, with labels.
fn digits<const BATCH: usize>(step: u64) -> ([[f32; 64]; BATCH], [u32; BATCH]) {
    let x = std::array::from_fn(|i| image(step * 100 + i as u64));
    (x, std::array::from_fn(|i| ((step as usize + i * 3) % 10) as u32))
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

/// Trains a network of images on the host and as a device does, from the same start on the same samples.
macro_rules! assert_trains_alike {
    ($network:ty, $batch:literal) => {{
        type Net = $network;
        let mut host = Net::new(3);
        let mut sgd = Sgd::new(f64::from(RATE));
        let mut parameters: [f32; Net::FLAT] = host.parameters().try_into().expect("all of them");
        let mut arena = [f32::NAN; Net::TRAINING_ARENA];
        let mut gradients = [0.0; Net::TRAINABLE];
        for step in 0..20 {
            let (x, labels) = digits::<$batch>(step);
            let loss = host.train_step(&x, &labels, &mut sgd).expect("sound data");
            let found = Net::sgd_step(&mut parameters, &x, &labels, RATE, &mut arena, &mut gradients);
            assert_eq!(bits(&gradients), bits(host.gradients()), "step {step}");
            assert_eq!(bits(&parameters), bits(host.parameters()), "step {step}");
            assert!((found - loss).abs() < 1e-6, "step {step}: {found}, {loss}");
        }
    }};
}

#[test]
fn a_device_trains_as_the_host_does() {
    assert_trains_alike!(Cnn, 1);
    assert_trains_alike!(Cnn, 5);
    assert_trains_alike!(Adapted, 1);
    assert_trains_alike!(Adapted, 4);
}

#[test]
fn xor_is_learnt_without_a_heap() {
    let mut host = Xor::new(1);
    let mut parameters: [f32; Xor::FLAT] = host.parameters().try_into().expect("all of them");
    let (mut arena, mut gradients) = ([0.0; Xor::TRAINING_ARENA], [0.0; Xor::TRAINABLE]);
    let (x, y) = (
        [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]],
        [[0.0], [1.0], [1.0], [0.0]],
    );
    let mut sgd = Sgd::new(0.5);
    let mut loss = f64::INFINITY;
    for _ in 0..2000 {
        host.train_step(&x, &y, &mut sgd).expect("sound data");
        loss = Xor::sgd_step(&mut parameters, &x, &y, 0.5, &mut arena, &mut gradients);
    }
    assert!(loss < 0.05, "{loss}");
    assert_eq!(bits(&parameters), bits(host.parameters()));
}

#[test]
fn what_is_dropped_depends_on_the_seed() {
    let parameters = [0.1; Dropping::FLAT];
    let (mut arena, mut gradients) = ([0.0; Dropping::TRAINING_ARENA], [0.0; Dropping::TRAINABLE]);
    let (x, labels) = digits::<4>(0);
    let mut of = |seed| {
        Dropping::gradient_of(&parameters, &x, &labels, seed, &mut arena, &mut gradients);
        bits(&gradients)
    };
    let first = of(1);
    assert_ne!(of(2), first);
    assert_eq!(of(1), first);
}

#[test]
fn a_class_that_is_none_changes_nothing() {
    let mut parameters = [0.1; Adapted::FLAT];
    let (mut arena, mut gradients) = ([0.0; Adapted::TRAINING_ARENA], [0.0; Adapted::TRAINABLE]);
    let (x, _) = digits::<2>(0);
    let loss = Adapted::sgd_step(&mut parameters, &x, &[1, 10], RATE, &mut arena, &mut gradients);
    assert!(loss.is_nan());
    assert_eq!(bits(&parameters), bits(&[0.1; Adapted::FLAT]));
}

/// Numbers that a program may hold against each other while it is compiled.
const _: () = assert!(Xor::RAM_BYTES == 4 * (Xor::ARENA + 2 + 1));
const _: () = assert!(Xor::FLASH_BYTES == (4 * Xor::FLAT).next_multiple_of(16));
const _: () = assert!(
    Adapted::TRAINING_RAM_BYTES
        == 4 * (64 + 1 + Adapted::FLAT + Adapted::TRAINABLE + Adapted::TRAINING_ARENA)
);

#[test]
fn layers_say_what_they_take() {
    use nn_models::{Autoencoder, DsCnn, MobileNet, ResNet8};
    for (ram, flash, flat, layers) in [
        (
            Autoencoder::RAM_BYTES,
            Autoencoder::FLASH_BYTES,
            Autoencoder::FLAT,
            Autoencoder::LAYERS,
        ),
        (DsCnn::RAM_BYTES, DsCnn::FLASH_BYTES, DsCnn::FLAT, DsCnn::LAYERS),
        (
            MobileNet::RAM_BYTES,
            MobileNet::FLASH_BYTES,
            MobileNet::FLAT,
            MobileNet::LAYERS,
        ),
        (
            ResNet8::RAM_BYTES,
            ResNet8::FLASH_BYTES,
            ResNet8::FLAT,
            ResNet8::LAYERS,
        ),
    ] {
        assert_eq!(flash, (4 * flat).next_multiple_of(16));
        let parameters: usize = layers.iter().map(|l| l.param_bytes).sum();
        // Tensors of 64 numbers or more start on a line of 16.
        assert!(
            parameters <= flash && flash <= parameters + layers.len() * 4 * 64,
            "{parameters}, {flash}"
        );
        let most = layers.iter().map(|l| l.live_bytes).max().expect("layers");
        assert!(most <= ram && ram as f64 <= 1.05 * most as f64, "{most}, {ram}");
    }
    // The two largest tensors that are live at once, an image of 96 x 96 x 3, factors of normalisations, two scores.
    assert_eq!(
        MobileNet::RAM_BYTES,
        4 * (48 * 48 * (8 + 16) + 96 * 96 * 3 + 32 + 2)
    );
}

/// A row of the table of `docs/embedded.md`.
macro_rules! row {
    ($name:literal, $net:ty) => {{
        format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            $name,
            <$net>::MACS,
            <$net>::RAM_BYTES,
            <$net>::FLASH_BYTES,
            <$net>::INT8_RAM_BYTES,
            <$net>::INT8_FLASH_BYTES,
        )
    }};
}

#[test]
fn the_page_says_what_networks_take() {
    let page = include_str!("../docs/embedded.md");
    let missing: String = [
        row!("autoencoder", nn_models::Autoencoder),
        row!("DS-CNN", nn_models::DsCnn),
        row!("MobileNet v1 0.25", nn_models::MobileNet),
        row!("ResNet-8", nn_models::ResNet8),
        row!("LeNet-5", nn_models::LeNet),
    ]
    .into_iter()
    .filter(|row| !page.contains(row))
    .collect();
    assert!(missing.is_empty(), "docs/embedded.md lacks\n{missing}");
}
