//! Trains the firmware's networks on the host and writes what the firmware is built with: weights and images.

use std::path::{Path, PathBuf};

use firmware_networks::{Digits, Early};
use nn_runtime::data::{Split, idx};
use nn_runtime::prelude::*;
use nn_runtime::quantized::{Calibration, Quantized};

/// Images that the board looks at.
const SHIPPED: usize = 20;
/// Images of each digit that the board learns from, and that it is examined on.
const LESSON: usize = 8;
const EXAM: usize = 6;
/// The first digit that only the board learns.
const LATE: u32 = 8;

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = root.join("../../data/digits");
    let data = root.join("../networks/data");
    let (images, labels) = idx::read_labelled::<f32>(
        source.join("images-idx3-ubyte.gz"),
        source.join("labels-idx1-ubyte.gz"),
    )?;
    let images = images.data;
    let pixels: Vec<f32> = images.iter().map(|ink| ink / 16.0).collect();
    let Split { train, test, .. } = Split::stratified(&labels, [0.7, 0.1, 0.2], 0)?;

    let mut network = Digits::new(0);
    learn(&mut network, &pixels, &labels, [&train, &test], "digits")?;
    network.save(data.join("digits.safetensors"))?;
    // The integers' ranges are those of the images that it learnt from.
    let of = |rows: &[u32]| -> Vec<f32> {
        let images = rows.iter().map(|&i| &pixels[i as usize * 64..][..64]);
        images.flatten().copied().collect()
    };
    let quantized = Quantized::calibrated(&network, &[&of(&train)], Calibration::MinMax)?;
    let truth: Vec<u32> = test.iter().map(|&i| labels[i as usize]).collect();
    println!("{}", quantized.report(&network, &[&of(&test)], Some(&truth))?);
    quantized.save(data.join("digits.int8.safetensors"))?;
    ship(&images, &labels, &test[..SHIPPED], data.join("test.bin"))?;

    let early = |rows: &[u32]| -> Vec<u32> {
        let rows = rows.iter().copied();
        rows.filter(|&i| labels[i as usize] < LATE).collect()
    };
    let mut network = Early::new(0);
    learn(
        &mut network,
        &pixels,
        &labels,
        [&early(&train), &early(&test)],
        "digits up to 7",
    )?;
    network.save(data.join("early.safetensors"))?;
    ship(
        &images,
        &labels,
        &in_turn(&train, &labels, LESSON),
        data.join("lesson.bin"),
    )?;
    ship(
        &images,
        &labels,
        &in_turn(&test, &labels, EXAM),
        data.join("exam.bin"),
    )
}

/// Trains on some rows and says how well others are read.
fn learn<N>(
    network: &mut N,
    pixels: &[f32],
    labels: &[u32],
    [train, test]: [&[u32]; 2],
    name: &str,
) -> Result<()>
where
    N: for<'a> Learn<Scalar = f32, Inputs<'a> = Samples<'a, f32, 64>, Targets<'a> = Classes<'a, 1, 10>>,
{
    Trainer::new()
        .epochs(60)
        .rows(train)
        .optimizer(Adam::new(2e-3))
        .progress(Progress::Silent)
        .fit(network, pixels, labels)?;
    let scores = network.predict_rows(Samples::from(pixels), Rows::Index(test))?;
    let truth: Vec<u32> = test.iter().map(|&i| labels[i as usize]).collect();
    let accuracy = Confusion::of_scores(scores, &truth)?.accuracy();
    println!("{name}: test accuracy {accuracy:.4}");
    Ok(())
}

/// The first `each` rows of every digit: 0, 1, …, 9, 0, 1, ….
fn in_turn(rows: &[u32], labels: &[u32], each: usize) -> Vec<u32> {
    let of = |digit: u32, i: usize| {
        rows.iter()
            .copied()
            .filter(move |&r| labels[r as usize] == digit)
            .nth(i)
    };
    (0..each)
        .flat_map(|i| (0..10).filter_map(move |digit| of(digit, i)))
        .collect()
}

/// Writes images as `firmware_networks::images` reads them.
fn ship(pixels: &[f32], labels: &[u32], chosen: &[u32], file: PathBuf) -> Result<()> {
    let mut bytes = Vec::new();
    for &i in chosen {
        let i = i as usize;
        bytes.push(labels[i] as u8);
        bytes.extend(pixels[i * 64..][..64].iter().map(|&ink| ink as u8));
    }
    std::fs::write(&file, bytes).map_err(|source| Error::Io { path: file, source })
}
