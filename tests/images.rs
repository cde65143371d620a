//! Decoding, resizing and rotating against Pillow and PyTorch (`fixtures/images.py`).

use std::path::PathBuf;

use nn_runtime::data::npy;
use nn_runtime::images::{Decoder, Filter, Image};

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
