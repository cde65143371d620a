//! Decoding, resizing and rotating against Pillow and PyTorch (`fixtures/images.py`).

use std::path::PathBuf;
use std::sync::Arc;

use nn_runtime::data::{cifar, npy};

use nn_runtime::images::{Augmented, Decoder, Filter, Image, ImageSet, Pipeline};
use nn_runtime::prelude::*;
use nn_runtime::training::BatchSource;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/images")
        .join(name)
}

fn reference(name: &str) -> Image {
    let array = npy::read::<f32>(path(&format!("{name}.npy"))).unwrap();
    let &[height, width, channels] = &array.shape[..] else {
        panic!("{name}: {:?}", array.shape)
    };
    Image::new(height, width, channels, array.data).unwrap()
}

fn assert_near(found: &Image, name: &str, tolerance: f32) {
    let expected = reference(name);
    assert_eq!(found.shape(), expected.shape(), "{name}");
    for (i, (x, y)) in found.data().iter().zip(expected.data()).enumerate() {
        assert!((x - y).abs() <= tolerance, "{name}: {x} is not {y} at {i}");
    }
}

#[test]
fn resizing_is_pillow_s_and_pytorch_s() {
    let source = reference("source");
    for (height, width) in [(5, 7), (29, 40), (13, 6), (1, 1)] {
        for (filter, name, tolerance) in [
            (Filter::Nearest, "nearest", 0.0),
            (Filter::Bilinear, "bilinear", 1e-6),
            (Filter::Antialiased, "antialiased", 1e-6),
        ] {
            let out = source.resize(height, width, filter).unwrap();
            assert_near(&out, &format!("{name}_{height}x{width}"), tolerance);
        }
    }
}

#[test]
fn rotation_is_pytorch_s_grid_sample() {
    let source = reference("source");
    for degrees in [30, -75, 180] {
        let turned = source.rotate(f64::from(degrees), 0.25);
        assert_near(&turned, &format!("rotated_{degrees}"), 1e-5);
    }
}

#[test]
fn png_is_exactly_what_pillow_reads() {
    for name in ["smooth", "palette", "bits"] {
        let image = Decoder::rgb().read(path(&format!("{name}.png"))).unwrap();
        assert_near(&image, &format!("rgb_{name}_png"), 1e-7);
    }
    // Pillow rounds its grey to whole numbers.
    let grey = Decoder::grey().read(path("smooth.png")).unwrap();
    assert_near(&grey, "grey_smooth_png", 0.5001 / 255.0);
}

#[test]
fn jpeg_is_what_pillow_reads_but_for_rounding() {
    // Two decoders differ by a step in the inverse transform, and by some where they widen the halved colour planes.
    for name in ["smooth", "progressive", "grey", "cmyk", "turned"] {
        let image = Decoder::rgb().read(path(&format!("{name}.jpg"))).unwrap();
        assert_near(&image, &format!("rgb_{name}_jpg"), 6.5 / 255.0);
    }
}

network! {
    #[loss(softmax_cross_entropy)]
    pub Small(image: Tensor<6, 6, 3>) -> Tensor<2> {
        image.flatten().dense(8).batch_norm().relu().dropout(0.2).dense(2)
    }
}

/// 30 pictures of 8 x 9 pixels: the left half (class 0) or the right half (class 1) is lighter.
fn halves() -> (Vec<f32>, Vec<u32>) {
    let mut rng = Rng::new(5);
    let mut data = vec![];
    for i in 0..30 {
        for pixel in 0..8 * 9 {
            let light = (pixel % 9 < 5) == (i % 2 == 0);
            let value = 0.5 * rng.uniform() + if light { 0.4 } else { 0.1 };
            data.extend([value as f32; 3]);
        }
    }
    (data, (0..30).map(|i| i % 2).collect())
}

fn augmented(threads: usize) -> Augmented {
    let (data, labels) = halves();
    let set = ImageSet::from_flat(&data, [8, 9, 3], &labels).unwrap();
    let pipeline = Pipeline::new()
        .random_crop(6, 6, 0)
        .random_rotation(10.0)
        .random_brightness(0.2);
    Augmented::new(Arc::new(set), (0..30).collect(), pipeline, [6, 6, 3], 11)
        .unwrap()
        .threads(threads)
}

fn weights(source: &mut dyn BatchSource<Small>) -> Vec<u32> {
    let mut net = Small::new(1);
    let mut trainer = Trainer::new().epochs(4).batch(8).progress(Progress::Silent);
    trainer.fit_source(&mut net, source).unwrap();
    net.parameters().iter().map(|w| w.to_bits()).collect()
}

#[test]
fn training_on_varied_images_gives_the_same_bits_for_any_number_of_threads() {
    let expected = weights(&mut augmented(0));
    for threads in [1, 2, 8] {
        for pool in [1, 2, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(pool).build().unwrap();
            assert!(pool.install(|| weights(&mut augmented(threads))) == expected);
        }
    }
    // Again from the same source: the epochs begin anew.
    let mut source = augmented(2);
    assert!(weights(&mut source) == expected && weights(&mut source) == expected);
}

#[test]
fn a_source_without_variation_trains_as_data_in_memory_do() {
    let (data, labels) = halves();
    let set = ImageSet::from_flat(&data, [8, 9, 3], &labels).unwrap();
    let rows: Vec<u32> = (0..30).collect();
    let crop = Pipeline::new().center_crop(6, 6);
    let mut source = Augmented::new(Arc::new(set), rows.clone(), crop.clone(), [6, 6, 3], 3).unwrap();
    let found = weights(&mut source);

    let set = ImageSet::from_flat(&data, [8, 9, 3], &labels).unwrap();
    let (x, labels) = crop.flatten(&set, &rows, [6, 6, 3]).unwrap();
    let mut net = Small::new(1);
    let mut optimizer = Adam::new(1e-3);
    for epoch in 0..4 {
        for rows in source.order(epoch).chunks(8) {
            net.gradient_rows(Samples::from(&x), Classes::from(&labels), Rows::Index(rows))
                .unwrap();
            optimizer.step(&mut net).unwrap();
        }
    }
    let expected: Vec<u32> = net.parameters().iter().map(|w| w.to_bits()).collect();
    assert!(found == expected);
}

/// The sample is the first figures that the `resnet8` example draws; the numbers were read with Python.
#[test]
fn a_sample_in_the_binary_format_of_cifar_10() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/cifar10");
    let (training, test) = cifar::read_folder::<f32>(folder).unwrap();
    let expected: Vec<u32> = (0..20).map(|i| i % 10).collect();
    assert_eq!((&training.labels, &test.labels), (&expected, &expected));
    let pixel = ((7 * 32 + 5) * 32 + 9) * 3;
    assert_eq!(
        test.data[pixel..pixel + 3],
        [162, 72, 122].map(|x: u8| f32::from(x) / 255.0)
    );
    for (c, mean) in [119.326123046875, 109.58818359375, 110.8748046875]
        .into_iter()
        .enumerate()
    {
        let sum: f64 = test.data.iter().skip(c).step_by(3).map(|&x| f64::from(x)).sum();
        assert!((255.0 * sum / (20.0 * 1024.0) - mean).abs() < 1e-3);
    }
}
