//! LeNet-5 reads digits: the 1,797 that ship with the repository, brought to 28 x 28 pixels, or MNIST or Fashion-MNIST
//! from a folder with their IDX files (`train-images-idx3-ubyte`, …, gzipped or not).

use std::path::{Path, PathBuf};

use nn_examples::{Arguments, Predictions, create_folder, digits, save_and_reload, use_threads};
use nn_models::LeNet;
use nn_runtime::data::{Split, idx};
use nn_runtime::images::{Filter, Image, ImageSet, Normalizer, Pipeline};
use nn_runtime::plot::{self, CurveOptions};
use nn_runtime::prelude::*;

/// What the network takes.
const SHAPE: [usize; 3] = [28, 28, 1];

/// Images from 0 (paper) to 1 (ink), and which of them train, validate and test.
struct Data {
    set: ImageSet,
    split: Split,
}

/// 8 x 8 pixels become 20 x 20 in the middle of 28 x 28, as MNIST has its digits.
fn shipped(seed: u64) -> Result<Data> {
    let (x, labels) = digits::read(digits::folder())?;
    let mut set = ImageSet::from_flat(&x, [8, 8, 1], &labels)?;
    for image in &mut set.images {
        *image = image.resize(20, 20, Filter::Bilinear)?.pad(4, 0.0)?;
    }
    let split = Split::stratified(&labels, [0.7, 0.1, 0.2], seed)?;
    Ok(Data { set, split })
}

/// A tenth of the training files validates; the test files test.
fn mnist(folder: &Path, seed: u64) -> Result<Data> {
    let read = |part: &str| {
        let file = |kind: &str| {
            let plain = folder.join(format!("{part}-{kind}-ubyte"));
            if plain.exists() {
                plain
            } else {
                plain.with_extension("gz")
            }
        };
        idx::read_labelled::<f32>(file("images-idx3"), file("labels-idx1"))
    };
    let (training, mut labels) = read("train")?;
    let (test, test_labels) = read("t10k")?;
    let mut split = Split::stratified(&labels, [0.9, 0.1, 0.0], seed)?;
    split.test = (labels.len() as u32..(labels.len() + test_labels.len()) as u32).collect();
    labels.extend(test_labels);
    let mut set = ImageSet {
        labels,
        ..ImageSet::default()
    };
    for array in [training, test] {
        let &[_, height, width] = &array.shape[..] else {
            return Err(Error::Setting {
                name: "data",
                message: format!("expected images of rank 3, found the shape {:?}", array.shape),
            });
        };
        for pixels in array.data.chunks_exact((height * width).max(1)) {
            let pixels = pixels.iter().map(|x| x / 255.0).collect();
            set.images.push(Image::new(height, width, 1, pixels)?);
        }
    }
    Ok(Data { set, split })
}

fn main() -> Result<()> {
    let mut arguments = Arguments::new("lenet", "LeNet-5 reads digits, or tells clothes apart.");
    let epochs = arguments.option("epochs", 12, "times through the training data");
    let batch = arguments.option("batch", 32usize, "samples per step");
    let seed = arguments.option("seed", 0, "of weights, split and order");
    let threads = arguments.option("threads", 0, "to compute with; 0: one per core");
    let data = arguments.option(
        "data",
        String::new(),
        "folder with MNIST's or Fashion-MNIST's files; none: the shipped digits",
    );
    let out = arguments.option("out", "target/lenet".to_owned(), "folder for what is written");
    arguments.finish();
    use_threads(threads);

    let Data { set, split } = if data.is_empty() {
        shipped(seed)?
    } else {
        mnist(Path::new(&data), seed)?
    };
    let normalizer = Normalizer::fit(&set, &split.train)?;
    let look = Pipeline::new().normalize(&normalizer);
    let (x, labels) = look.flatten(&set, &split.train, SHAPE)?;
    let (val_x, val_labels) = look.flatten(&set, &split.validation, SHAPE)?;
    println!("{}", LeNet::summary());

    let mut network = LeNet::new(seed);
    let steps = epochs * labels.len().div_ceil(batch.max(1));
    let history = Trainer::new()
        .epochs(epochs)
        .batch(batch)
        .seed(seed)
        .validation(&val_x, &val_labels)
        .metric(Metric::Accuracy)
        .optimizer(
            AdamW::new(2e-3)
                .weight_decay(1e-2)
                .schedule(Cosine::over(steps as u64)),
        )
        .fit(&mut network, &x, &labels)?;

    let (mut test_x, truth) = look.flatten(&set, &split.test, SHAPE)?;
    let scores = network.predict_rows(Samples::from(&test_x), Rows::All)?.to_vec();
    let confusion = Confusion::of_scores(&scores, &truth)?;
    println!("\n{confusion}");

    let out = PathBuf::from(out);
    create_folder(&out)?;
    plot::history(out.join("loss.png"), &history, &CurveOptions::titled("LeNet-5"))?;
    normalizer.inverse(&mut test_x)?;
    let names: Vec<String> = (0..10).map(|class| class.to_string()).collect();
    let predictions = Predictions {
        pixels: &test_x,
        shape: SHAPE,
        truth: &truth,
        scores: &scores,
        names: &names,
    };
    predictions.draw(&out.join("predictions.png"), "LeNet-5: predictions")?;
    let weights = out.join("lenet.safetensors");
    save_and_reload(
        &mut network,
        &mut LeNet::new(seed.wrapping_add(1)),
        Samples::from(&val_x),
        &weights,
        &[("normalizer", &normalizer)],
    )?;
    println!(
        "wrote loss.png, predictions.png and lenet.safetensors to {}",
        out.display()
    );
    println!("test accuracy: {:.4}", confusion.accuracy());
    Ok(())
}
