//! Tells cats from dogs: folders of photographs of any size, resized, cropped, normalised and varied, a small
//! convolutional network, its accuracy on photographs that it never saw.
//!
//! Without `--data` it draws a set of its own at the first run. With `--predict FILE` it loads the weights that an
//! earlier run saved, and the normalisation beside them, and says what the file shows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nn_examples::{Arguments, Predictions, create_folder, pictures, save_and_reload, use_threads};
use nn_runtime::data::{Split, Vocabulary};
use nn_runtime::images::{Augmented, Decoder, Filter, ImageFolder, Normalizer, Pipeline, Unreadable};
use nn_runtime::metrics::argmax;
use nn_runtime::plot::{self, CurveOptions};
use nn_runtime::prelude::*;

network! {
    /// A cat or a dog, on 40 x 40 pixels.
    #[loss(softmax_cross_entropy)]
    pub CatsDogs(image: Tensor<40, 40, 3>) -> Tensor<2> {
        image
            .unit(16).max_pool2d(2)
            .unit(32).max_pool2d(2)
            .unit(48).max_pool2d(2)
            .flatten()
            .dropout(0.3)
            .dense(32).batch_norm().relu()
            .dropout(0.3)
            .dense(2)
    }

    block unit(x, channels) {
        x.conv2d(channels, kernel = 3, padding = same, bias = false).batch_norm().relu()
    }
}

/// What the network takes.
const SHAPE: [usize; 3] = [SIDE, SIDE, 3];
const SIDE: usize = 40;
/// A little more is kept of each photograph, for the random crops.
const KEPT: usize = 46;

/// From a photograph to what is kept of it.
fn prepare() -> Pipeline {
    Pipeline::new()
        .resize_shorter(KEPT, Filter::Antialiased)
        .center_crop(KEPT, KEPT)
}

/// From what is kept to what the network looks at.
fn look(normalizer: &Normalizer) -> Pipeline {
    Pipeline::new().center_crop(SIDE, SIDE).normalize(normalizer)
}

fn main() -> Result<()> {
    let mut arguments = Arguments::new("cats_dogs", "Tells cats from dogs.");
    let epochs = arguments.option("epochs", 25, "times through the training data");
    let batch = arguments.option("batch", 32usize, "samples per step");
    let seed = arguments.option("seed", 0, "of weights, split, order, variations and dropout");
    let threads = arguments.option("threads", 0, "to compute with; 0: one per core");
    let data = arguments.option(
        "data",
        String::new(),
        "folder with one folder of PNG and JPEG files per class; none: drawn pictures",
    );
    let predict = arguments.option(
        "predict",
        String::new(),
        "image to look at with the saved weights",
    );
    let out =
        PathBuf::from(arguments.option("out", "target/cats_dogs".to_owned(), "folder for what is written"));
    arguments.finish();
    use_threads(threads);

    let weights = out.join("cats_dogs.safetensors");
    if !predict.is_empty() {
        return say(&weights, Path::new(&predict));
    }
    let folder = if data.is_empty() {
        let folder = out.join("drawn");
        pictures::write_pets(&folder, 240, 1)?;
        folder
    } else {
        PathBuf::from(data)
    };

    let folder = ImageFolder::open(&folder)?;
    if folder.classes.len() != 2 {
        return Err(Error::Setting {
            name: "data",
            message: format!("expected two classes, found {:?}", folder.classes),
        });
    }
    let set = Arc::new(folder.load(&Decoder::rgb(), &prepare(), Unreadable::Skip)?);
    for skipped in &set.skipped {
        println!("skipped: {}", skipped.error);
    }
    println!("{} images of {:?}", set.images.len(), set.classes);
    let split = Split::stratified(&set.labels, [0.7, 0.1, 0.2], seed)?;
    let normalizer = Normalizer::fit(&*set, &split.train)?;
    println!("{}", CatsDogs::summary());

    let mut network = CatsDogs::new(seed);
    let (x, labels) = look(&normalizer).flatten(&*set, &split.validation, SHAPE)?;
    let variations = Pipeline::new()
        .random_rotation(10.0)
        .random_crop(SIDE, SIDE, 0)
        .random_flip(0.5)
        .random_brightness(0.2)
        .random_contrast(0.2)
        .normalize(&normalizer);
    let mut training = Augmented::new(set.clone(), split.train.clone(), variations, SHAPE, seed)?;
    let steps = epochs * split.train.len().div_ceil(batch.max(1));
    let mut trainer = Trainer::new().epochs(epochs).batch(batch).optimizer(
        AdamW::new(4e-3)
            .weight_decay(1e-2)
            .schedule(Cosine::over(steps as u64)),
    );
    if !labels.is_empty() {
        trainer = trainer.validation(&x, &labels).metric(Metric::Accuracy);
    }
    let history = trainer.fit_source(&mut network, &mut training)?;

    let (x, truth) = look(&normalizer).flatten(&*set, &split.test, SHAPE)?;
    let scores = network.predict_rows(Samples::from(&x), Rows::All)?.to_vec();
    let confusion = Confusion::of_scores(&scores, &truth)?;
    println!("\n{confusion}");

    create_folder(&out)?;
    plot::history(out.join("loss.png"), &history, &CurveOptions::default())?;
    let (pixels, _) = Pipeline::new()
        .center_crop(SIDE, SIDE)
        .flatten(&*set, &split.test, SHAPE)?;
    let predictions = Predictions {
        pixels: &pixels,
        shape: SHAPE,
        truth: &truth,
        scores: &scores,
        names: &set.classes,
    };
    predictions.draw(&out.join("predictions.png"), "Cats and dogs: predictions")?;
    let names = Vocabulary::new(&set.classes)?;
    save_and_reload(
        &mut network,
        &mut CatsDogs::new(seed.wrapping_add(1)),
        Samples::from(&x),
        &weights,
        &[("normalizer", &normalizer), ("classes", &names)],
    )?;
    println!(
        "wrote loss.png, predictions.png and cats_dogs.safetensors to {}",
        out.display()
    );
    println!("test accuracy: {:.4}", confusion.accuracy());
    Ok(())
}

/// What the saved network sees in an image.
fn say(weights: &Path, image: &Path) -> Result<()> {
    let mut network = CatsDogs::new(0);
    let notes = network.load(weights)?;
    let normalizer: Normalizer = notes.fitted("normalizer")?;
    let classes: Vocabulary = notes.fitted("classes")?;
    let image = prepare().apply_fixed(Decoder::rgb().read(image)?)?;
    let x = look(&normalizer).apply_fixed(image)?;
    let scores = network.predict_rows(Samples::from(x.data()), Rows::All)?;
    let best = argmax(scores);
    let certainty = 1.0 / (1.0 + (scores[1 - best] - scores[best]).exp());
    println!("{} ({:.1}%)", classes.names()[best], 100.0 * certainty);
    Ok(())
}
