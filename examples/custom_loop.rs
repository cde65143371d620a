//! The digits of the `digits` example learnt by a loop written out by hand: what `fit` does, in the open.
//!
//! `forward`, the loss and its gradient, `backward`, `optimizer.step`: each line may be replaced, as reinforcement
//! learning or a loss of one's own needs it. The network has no `#[loss(…)]` at all.

use nn_examples::{Arguments, digits};
use nn_runtime::data::{Split, gather};
use nn_runtime::metrics::accuracy;
use nn_runtime::prelude::*;

network! {
    pub Digits(image: Tensor<64>) -> Tensor<10> {
        image.dense(96).batch_norm().relu().dropout(0.3).dense(10)
    }
}

/// Mean cross-entropy of softmax with the labels, with `gradient` set to its derivative: `(softmax(y) - one_hot) / batch`.
fn cross_entropy(outputs: &[[f32; 10]], labels: &[u32], gradient: &mut Vec<[f32; 10]>) -> f64 {
    gradient.clear();
    let mut loss = 0.0;
    for (y, &label) in outputs.iter().zip(labels) {
        let max = y.iter().copied().fold(f32::MIN, f32::max);
        let powers = y.map(|y| (y - max).exp());
        let sum: f32 = powers.iter().sum();
        let mut row = powers.map(|p| p / sum);
        loss -= f64::from(row[label as usize].ln());
        row[label as usize] -= 1.0;
        gradient.push(row.map(|g| g / outputs.len() as f32));
    }
    loss / outputs.len() as f64
}

fn main() -> Result<()> {
    let mut arguments = Arguments::new(
        "custom_loop",
        "Learns handwritten digits in a loop written by hand.",
    );
    let epochs = arguments.option("epochs", 40, "times through the training data");
    let batch = arguments.option("batch", 32usize, "samples per step");
    let seed = arguments.option("seed", 0, "of weights, split, order and dropout");
    let data = arguments.option("data", digits::folder(), "folder with the images and labels");
    arguments.finish();
    if batch == 0 {
        return Err(Error::Setting {
            name: "batch",
            message: "expected at least 1, found 0".to_string(),
        });
    }

    let (x, labels) = digits::read(&data)?;
    let split = Split::stratified(&labels, [0.8, 0.0, 0.2], seed)?;
    let test_x = gather(&x, 64, Rows::Index(&split.test))?;
    let test_labels = gather(&labels, 1, Rows::Index(&split.test))?;

    let mut network = Digits::new(seed);
    let steps = epochs * split.train.len().div_ceil(batch);
    let mut optimizer = AdamW::new(3e-3)
        .weight_decay(1e-2)
        .schedule(Cosine::over(steps as u64));
    let mut rng = Rng::new(seed);
    let mut order = split.train;
    let mut gradient = Vec::new();
    for epoch in 1..=epochs {
        rng.shuffle(&mut order);
        let mut sum = 0.0;
        for rows in order.chunks(batch) {
            let batch_x = gather(&x, 64, Rows::Index(rows))?;
            let batch_labels = gather(&labels, 1, Rows::Index(rows))?;
            let outputs = network.forward(&batch_x)?;
            sum += cross_entropy(outputs, &batch_labels, &mut gradient) * rows.len() as f64;
            network.backward(&gradient)?;
            optimizer.step(&mut network)?;
        }
        if epoch % 5 == 0 || epoch == epochs {
            let accuracy = accuracy(network.predict_batch(&test_x)?.as_flattened(), &test_labels)?;
            println!(
                "epoch {epoch:3}  loss {:.4}  test accuracy {accuracy:.4}",
                sum / order.len() as f64
            );
        }
    }
    let accuracy = accuracy(network.predict_batch(&test_x)?.as_flattened(), &test_labels)?;
    println!("test accuracy: {accuracy:.4}");
    Ok(())
}
