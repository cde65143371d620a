//! MLPerf Tiny's ResNet-8 on CIFAR-10, from the files of its binary version (`--data cifar-10-batches-bin`). Without
//! them it learns ten kinds of drawn figures in the same format.

use std::path::PathBuf;
use std::sync::Arc;

use nn_examples::{Arguments, Predictions, create_folder, pictures, save_and_reload, use_threads};
use nn_models::ResNet8;
use nn_runtime::data::{Split, cifar};
use nn_runtime::images::{Augmented, ImageSet, Normalizer, Pipeline};
use nn_runtime::plot::{self, CurveOptions};
use nn_runtime::prelude::*;

/// What the network takes.
const SHAPE: [usize; 3] = [cifar::SIDE, cifar::SIDE, 3];

const FIGURES: [&str; 10] = [
    "disc", "square", "triangle", "plus", "ring", "rows", "columns", "cross", "funnel", "dots",
];

fn main() -> Result<()> {
    let mut arguments = Arguments::new("resnet8", "MLPerf Tiny's image classifier.");
    let epochs = arguments.option("epochs", 8, "times through the training data");
    let batch = arguments.option("batch", 32usize, "samples per step");
    let seed = arguments.option("seed", 0, "of weights, split, order and variations");
    let threads = arguments.option("threads", 0, "to compute with; 0: one per core");
    let data = arguments.option(
        "data",
        String::new(),
        "folder with CIFAR-10's binary files; none: drawn figures",
    );
    let out =
        PathBuf::from(arguments.option("out", "target/resnet8".to_owned(), "folder for what is written"));
    arguments.finish();
    use_threads(threads);

    let (folder, names) = if data.is_empty() {
        let folder = out.join("drawn");
        pictures::write_cifar(&folder, 2000, 500, 1)?;
        (folder, FIGURES)
    } else {
        (PathBuf::from(data), cifar::CLASSES)
    };
    let (training, test) = cifar::read_folder::<f32>(&folder)?;
    let split = Split::stratified(&training.labels, [0.9, 0.1, 0.0], seed)?;
    let set = Arc::new(ImageSet::from_flat(&training.data, SHAPE, &training.labels)?);
    let normalizer = Normalizer::fit(&*set, &split.train)?;
    let look = Pipeline::new().normalize(&normalizer);
    let (val_x, val_labels) = look.flatten(&*set, &split.validation, SHAPE)?;
    println!("{}", ResNet8::summary());

    let mut variations = Pipeline::new().random_crop(cifar::SIDE, cifar::SIDE, 3);
    if names == cifar::CLASSES {
        variations = variations.random_flip(0.5);
    }
    let variations = variations.random_brightness(0.2).normalize(&normalizer);
    let mut source = Augmented::new(set, split.train.clone(), variations, SHAPE, seed)?;
    let mut network = ResNet8::new(seed);
    let steps = epochs * split.train.len().div_ceil(batch.max(1));
    let history = Trainer::new()
        .epochs(epochs)
        .batch(batch)
        .validation(&val_x, &val_labels)
        .metric(Metric::Accuracy)
        .optimizer(Adam::new(3e-3).schedule(Cosine::over(steps as u64)))
        .fit_source(&mut network, &mut source)?;

    let all: Vec<u32> = (0..test.labels.len() as u32).collect();
    let test_set = ImageSet::from_flat(&test.data, SHAPE, &test.labels)?;
    let (x, truth) = look.flatten(&test_set, &all, SHAPE)?;
    let scores = network.predict_rows(Samples::from(&x), Rows::All)?.to_vec();
    let confusion = Confusion::of_scores(&scores, &truth)?;
    println!("\n{confusion}");

    let predictions = Predictions {
        pixels: &test.data,
        shape: SHAPE,
        truth: &truth,
        scores: &scores,
        names: &names,
    };
    create_folder(&out)?;
    plot::history(out.join("loss.png"), &history, &CurveOptions::titled("ResNet-8"))?;
    predictions.draw(&out.join("predictions.png"), "ResNet-8: predictions")?;
    let weights = out.join("resnet8.safetensors");
    save_and_reload(
        &mut network,
        &mut ResNet8::new(seed.wrapping_add(1)),
        Samples::from(&x),
        &weights,
        &[("normalizer", &normalizer)],
    )?;
    println!(
        "wrote loss.png, predictions.png and resnet8.safetensors to {}",
        out.display()
    );
    println!("test accuracy: {:.4}", confusion.accuracy());
    Ok(())
}
