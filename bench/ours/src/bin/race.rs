//! The race's LeNet-5: FOLDER SEED TARGET EPOCHS; prints epochs and accuracy.

use nn_runtime::data::idx;
use nn_runtime::metrics::argmax;
use nn_runtime::prelude::*;

#[allow(dead_code, reason = "the other workloads")]
#[path = "../networks.rs"]
mod networks;

use networks::LeNet;

const BATCH: usize = 64;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, seed, target, epochs] = &arguments[..] else {
        panic!("expected FOLDER SEED TARGET EPOCHS");
    };
    let (seed, target, epochs): (u64, f64, usize) = (
        seed.parse().expect("a seed"),
        target.parse().expect("an accuracy"),
        epochs.parse().expect("a number of epochs"),
    );
    let read = |part: &str| {
        let file = |kind: &str| format!("{folder}/{part}-{kind}-ubyte");
        let (images, labels) = idx::read_labelled::<f32>(file("images-idx3"), file("labels-idx1"))?;
        let pixels: Vec<f32> = images.data.iter().map(|x| x / 255.0).collect();
        Result::Ok((pixels, labels))
    };
    let ((x, labels), (test_x, test_labels)) = (read("train")?, read("t10k")?);

    let mut network = LeNet::new(seed);
    let mut adam = Adam::new(1e-3);
    let mut order = Rng::new(seed);
    let mut rows: Vec<u32> = (0..labels.len() as u32).collect();
    let mut done = (0, 0.0);
    for epoch in 1..=epochs {
        order.shuffle(&mut rows);
        // Whole batches alone, as the others.
        for batch in rows.chunks_exact(BATCH) {
            network.gradient_rows((&x).into(), (&labels).into(), Rows::Index(batch))?;
            adam.step(&mut network)?;
        }
        let scores = network.predict_rows(Samples::from(&test_x), Rows::All)?;
        let right = scores
            .chunks_exact(10)
            .zip(&test_labels)
            .filter(|(scores, label)| argmax(scores) == **label as usize)
            .count();
        done = (epoch, right as f64 / test_labels.len() as f64);
        if done.1 >= target {
            break;
        }
    }
    println!("{} {}", done.0, done.1);
    Ok(())
}
