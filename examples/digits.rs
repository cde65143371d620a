//! Learns to read handwritten digits: 1,797 images of 8 x 8 pixels, a fifth of them held out.
//!
//! Prints the network, the progress, the confusion matrix and the accuracy on the held-out images; writes the loss curve,
//! the confusion matrix, a picture of predictions and the weights, which it loads back to show that they predict the
//! same bits.

use std::path::Path;

use nn_examples::{Arguments, create_folder, digits, save_and_reload, use_threads};
use nn_runtime::data::{Split, gather};
use nn_runtime::metrics::argmax;
use nn_runtime::plot::{self, ConfusionOptions, CurveOptions, Images};
use nn_runtime::prelude::*;

network! {
    /// Reads one digit: 64 pixels, 0 (paper) to 1 (ink).
    #[loss(softmax_cross_entropy)]
    pub Digits(image: Tensor<64>) -> Tensor<10> {
        image
            .dropout(0.1)
            .dense(256).batch_norm().relu().dropout(0.5)
            .dense(128).batch_norm().relu().dropout(0.3)
            .dense(10)
    }
}

fn main() -> Result<()> {
    let mut arguments = Arguments::new("digits", "Learns to read handwritten digits.");
    let epochs = arguments.option("epochs", 60, "times through the training data");
    let batch = arguments.option("batch", 32, "samples per step");
    let seed = arguments.option("seed", 0, "of weights, split, order and dropout");
    let threads = arguments.option("threads", 0, "to compute with; 0: one per core");
    let data = arguments.option("data", digits::folder(), "folder with the images and labels");
    let out = arguments.option("out", "target/digits".to_owned(), "folder for what is written");
    arguments.finish();
    use_threads(threads);
    let accuracy = run(epochs, batch, seed, data.as_ref(), out.as_ref())?;
    println!("test accuracy: {accuracy:.4}");
    Ok(())
}

/// Gives the accuracy on the held-out images.
fn run(epochs: usize, batch: usize, seed: u64, data: &Path, out: &Path) -> Result<f64> {
    let (x, labels) = digits::read(data)?;
    let split = Split::stratified(&labels, [0.7, 0.1, 0.2], seed)?;
    println!("{}", Digits::summary());

    let mut network = Digits::new(seed);
    let steps = epochs * split.train.len().div_ceil(batch.max(1));
    let history = Trainer::new()
        .epochs(epochs)
        .batch(batch)
        .seed(seed)
        .rows(&split.train)
        .validation_rows(&split.validation)
        .metric(Metric::Accuracy)
        .optimizer(Adam::new(4e-3).schedule(Cosine::over(steps as u64)))
        .fit(&mut network, &x, &labels)?;

    let test = Rows::Index(&split.test);
    let scores = network.predict_rows(Samples::from(&x), test.clone())?.to_vec();
    let truth = gather(&labels, 1, test.clone())?;
    let confusion = Confusion::of_scores(&scores, &truth)?;
    println!("\n{confusion}");

    create_folder(out)?;
    plot::history(
        out.join("loss.png"),
        &history,
        &CurveOptions::titled("Handwritten digits"),
    )?;
    let names: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
    plot::confusion(
        out.join("confusion.png"),
        confusion.counts(),
        &names,
        &ConfusionOptions::default(),
    )?;
    draw_predictions(
        &out.join("predictions.png"),
        &gather(&x, 64, test.clone())?,
        &scores,
        &truth,
    )?;
    let weights = out.join("digits.safetensors");
    save_and_reload(
        &mut network,
        &mut Digits::new(seed.wrapping_add(1)),
        Samples::from(&x),
        &weights,
        &[],
    )?;
    println!(
        "wrote loss.png, confusion.png, predictions.png and digits.safetensors to {}",
        out.display()
    );
    Ok(confusion.accuracy())
}

/// Forty test images with what they were taken for: the mistakes first.
fn draw_predictions(path: &Path, images: &[f32], scores: &[f32], truth: &[u32]) -> Result<()> {
    let predicted: Vec<usize> = scores.chunks_exact(10).map(argmax).collect();
    let wrong = |&i: &u32| predicted[i as usize] != truth[i as usize] as usize;
    let mut order: Vec<u32> = (0..truth.len() as u32).collect();
    order.sort_by_key(|i| !wrong(i));
    order.truncate(40);
    let caption = |&i: &u32| match (predicted[i as usize], truth[i as usize]) {
        (found, _) if !wrong(&i) => format!("{found}"),
        (found, expected) => format!("{found}, not {expected}"),
    };
    plot::images(
        path,
        &Images {
            pixels: &gather(images, 64, Rows::Index(&order))?,
            height: 8,
            width: 8,
            channels: 1,
            // Ink is dark.
            range: (1.0, 0.0),
            captions: &order.iter().map(caption).collect::<Vec<_>>(),
            marked: &order.iter().map(wrong).collect::<Vec<_>>(),
            columns: 10,
            title: "Handwritten digits: predictions",
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_epochs_read_most_digits_and_leave_the_files() {
        let out = std::env::temp_dir().join(format!("nn-digits-{}", std::process::id()));
        let accuracy = run(5, 32, 1, digits::folder().as_ref(), &out).unwrap();
        assert!(accuracy > 0.93, "{accuracy}");
        for file in [
            "loss.png",
            "confusion.png",
            "predictions.png",
            "digits.safetensors",
        ] {
            assert!(out.join(file).exists(), "{file}");
        }
        std::fs::remove_dir_all(out).unwrap();
    }
}
