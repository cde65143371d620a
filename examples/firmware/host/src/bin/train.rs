//! Trains the firmware's networks on the host and writes what the firmware is built with: weights and images.

use std::path::{Path, PathBuf};

use firmware_networks::Digits;
use nn_runtime::data::{Split, idx};
use nn_runtime::prelude::*;

/// Images that the board looks at.
const SHIPPED: usize = 20;

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = root.join("../../data/digits");
    let data = root.join("../networks/data");
    let (images, labels) = idx::read_labelled::<f32>(
        source.join("images-idx3-ubyte.gz"),
        source.join("labels-idx1-ubyte.gz"),
    )?;
    let pixels: Vec<f32> = images.data.iter().map(|ink| ink / 16.0).collect();
    let split = Split::stratified(&labels, [0.7, 0.1, 0.2], 0)?;
    digits(&pixels, &labels, &split, &data.join("digits.safetensors"))?;
    ship(
        &images.data,
        &labels,
        &split.test[..SHIPPED],
        data.join("test.bin"),
    )
}

fn digits(pixels: &[f32], labels: &[u32], split: &Split, file: &Path) -> Result<()> {
    let mut network = Digits::new(0);
    Trainer::new()
        .epochs(60)
        .rows(&split.train)
        .optimizer(Adam::new(2e-3))
        .progress(Progress::Silent)
        .fit(&mut network, pixels, labels)?;
    let scores = network.predict_rows(Samples::from(pixels), Rows::Index(&split.test))?;
    let truth: Vec<u32> = split.test.iter().map(|&i| labels[i as usize]).collect();
    println!(
        "digits: test accuracy {:.4}",
        Confusion::of_scores(scores, &truth)?.accuracy()
    );
    network.save(file)
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
