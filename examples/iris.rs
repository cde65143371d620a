//! Tells three species of iris apart by four measurements, from a CSV file with gaps and repeated rows.
//!
//! Shows the way from a file to a network: repeated rows dropped, missing cells filled and columns scaled by what the
//! training rows say, species to class indices; all of it saved beside the weights, and used again after loading.

use std::path::Path;

use nn_examples::{Arguments, create_folder, data_folder, save_and_reload};
use nn_runtime::data::{Fill, Filler, Scaler, Split, Table, Vocabulary, gather};
use nn_runtime::metrics::argmax;
use nn_runtime::plot::{self, CurveOptions};
use nn_runtime::prelude::*;

network! {
    #[loss(softmax_cross_entropy)]
    pub Iris(measurements: Tensor<4>) -> Tensor<3> {
        measurements.dense(16, l2 = 1e-3).tanh().dense(3)
    }
}

const MEASUREMENTS: [&str; 4] = ["sepal_length", "sepal_width", "petal_length", "petal_width"];

fn main() -> Result<()> {
    let mut arguments = Arguments::new("iris", "Tells three species of iris apart.");
    let epochs = arguments.option("epochs", 150, "times through the training data at most");
    let seed = arguments.option("seed", 0, "of weights, split and order");
    let data = arguments.option("data", data_folder("iris/iris_missing.csv"), "CSV file");
    let out = arguments.option("out", "target/iris".to_owned(), "folder for what is written");
    arguments.finish();
    let accuracy = run(epochs, seed, data.as_ref(), out.as_ref())?;
    println!("test accuracy: {accuracy:.4}");
    Ok(())
}

/// Gives the accuracy on the held-out flowers.
fn run(epochs: usize, seed: u64, data: &Path, out: &Path) -> Result<f64> {
    let mut table = Table::read_csv(data)?;
    let rows = table.rows();
    println!(
        "{}: {rows} rows, {} of them repeated",
        data.display(),
        table.drop_duplicates()
    );
    for column in table.columns().iter().filter(|column| column.missing() > 0) {
        println!("  `{}`: {} cells are missing", column.name, column.missing());
    }
    let (species, labels) = table.classes("species")?;
    let split = Split::stratified(&labels, [0.6, 0.2, 0.2], seed)?;

    // The test must not be peeked at: gaps and scales are what the training rows say.
    let train = Rows::Index(&split.train);
    let filler = Filler::fit(&table, &MEASUREMENTS, &Fill::Median, train.clone())?;
    println!(
        "filled {} cells with the median of the training rows",
        filler.apply(&mut table)?
    );
    let mut x: Vec<f32> = table.matrix(&MEASUREMENTS)?;
    let scaler = Scaler::standardize(&x, MEASUREMENTS, train)?;
    scaler.transform(&mut x)?;

    println!("\n{}", Iris::summary());
    let mut network = Iris::new(seed);
    let history = Trainer::new()
        .epochs(epochs)
        .batch(16)
        .seed(seed)
        .rows(&split.train)
        .validation_rows(&split.validation)
        .metric(Metric::Accuracy)
        .early_stopping(30, 1e-3)
        .optimizer(Adam::new(0.01))
        .progress(Progress::Every(10))
        .fit(&mut network, &x, &labels)?;

    let test = Rows::Index(&split.test);
    let scores = network.predict_rows(Samples::from(&x), test.clone())?.to_vec();
    let confusion = Confusion::of_scores(&scores, &gather(&labels, 1, test)?)?;
    println!("\n{}", confusion.clone().with_names(species.names()));

    create_folder(out)?;
    plot::history(out.join("loss.png"), &history, &CurveOptions::titled("Iris"))?;
    plot::confusion(
        out.join("confusion.png"),
        confusion.counts(),
        species.names(),
        &Default::default(),
    )?;
    let weights = out.join("iris.safetensors");
    let mut loaded = Iris::new(seed.wrapping_add(1));
    let notes = save_and_reload(
        &mut network,
        &mut loaded,
        Samples::from(&x),
        &weights,
        &[("scaler", &scaler), ("species", &species)],
    )?;

    // What another program would do with the file.
    let (scaler, species): (Scaler, Vocabulary) = (notes.fitted("scaler")?, notes.fitted("species")?);
    let mut flower = [5.9f32, 3.0, 5.1, 1.8];
    print!("a flower of {flower:?} cm is ");
    scaler.transform(&mut flower)?;
    let class = argmax(loaded.predict(&flower)) as u32;
    println!("{}", species.name(class).unwrap_or("unknown"));
    println!(
        "wrote loss.png, confusion.png and iris.safetensors to {}",
        out.display()
    );
    Ok(confusion.accuracy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_flowers_are_told_apart() {
        let out = std::env::temp_dir().join(format!("nn-iris-{}", std::process::id()));
        let accuracy = run(100, 0, data_folder("iris/iris_missing.csv").as_ref(), &out).unwrap();
        assert!(accuracy >= 0.9, "{accuracy}");
        std::fs::remove_dir_all(out).unwrap();
    }
}
