//! Predicts how far a disease has progressed in a year from ten measurements: regression from a CSV file with gaps.
//!
//! Inputs and target are scaled by what the training rows say; errors are reported in the target's own unit.

use std::path::Path;

use nn_examples::{Arguments, create_folder, data_folder, save_and_reload};
use nn_runtime::data::{Fill, Filler, Scaler, Split, Table, gather};
use nn_runtime::metrics::{mean_absolute_error, r2};
use nn_runtime::plot::{self, CurveOptions};
use nn_runtime::prelude::*;

network! {
    #[loss(mean_squared_error)]
    pub Diabetes(patient: Tensor<10>) -> Tensor<1> {
        patient.dense(32, l2 = 1e-3).relu().dropout(0.2).dense(1, l2 = 1e-3)
    }
}

const MEASUREMENTS: [&str; 10] = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];

fn main() -> Result<()> {
    let mut arguments = Arguments::new("diabetes", "Predicts the progress of a disease.");
    let epochs = arguments.option("epochs", 200, "times through the training data at most");
    let seed = arguments.option("seed", 0, "of weights, split, order and dropout");
    let data = arguments.option("data", data_folder("diabetes/diabetes_missing.csv"), "CSV file");
    let out = arguments.option("out", "target/diabetes".to_owned(), "folder for what is written");
    arguments.finish();
    let r2 = run(epochs, seed, data.as_ref(), out.as_ref())?;
    println!("test R2: {r2:.4}");
    Ok(())
}

/// Gives R² on the held-out patients.
fn run(epochs: usize, seed: u64, data: &Path, out: &Path) -> Result<f64> {
    let mut table = Table::read_csv(data)?;
    let rows = table.rows();
    println!(
        "{}: {rows} rows, {} of them repeated",
        data.display(),
        table.drop_duplicates()
    );
    let split = Split::random(table.rows(), [0.6, 0.2, 0.2], seed)?;
    let train = Rows::Index(&split.train);
    let filler = Filler::fit(&table, &MEASUREMENTS, &Fill::Median, train.clone())?;
    println!(
        "filled {} cells with the median of the training rows",
        filler.apply(&mut table)?
    );
    let mut x: Vec<f32> = table.matrix(&MEASUREMENTS)?;
    let scaler = Scaler::standardize(&x, MEASUREMENTS, train.clone())?;
    scaler.transform(&mut x)?;
    let progression: Vec<f32> = table.matrix(&["progression"])?;
    let target_scaler = Scaler::standardize(&progression, ["progression"], train.clone())?;
    let mut y = progression.clone();
    target_scaler.transform(&mut y)?;

    println!("\n{}", Diabetes::summary());
    let mut network = Diabetes::new(seed);
    let history = Trainer::new()
        .epochs(epochs)
        .batch(32)
        .seed(seed)
        .rows(&split.train)
        .validation_rows(&split.validation)
        .metric(Metric::R2)
        .early_stopping(25, 1e-4)
        .optimizer(Adam::new(3e-3))
        .progress(Progress::Every(10))
        .fit(&mut network, &x, &y)?;

    let test = Rows::Index(&split.test);
    let mut predicted = network.predict_rows(Samples::from(&x), test.clone())?.to_vec();
    target_scaler.inverse(&mut predicted)?;
    let truth = gather(&progression, 1, test)?;
    let train_truth = gather(&progression, 1, train)?;
    let mean = train_truth.iter().sum::<f32>() / train_truth.len() as f32;
    let guess = mean_absolute_error(&vec![mean; truth.len()], &truth)?;

    create_folder(out)?;
    plot::history(out.join("loss.png"), &history, &CurveOptions::titled("Diabetes"))?;
    save_and_reload(
        &mut network,
        &mut Diabetes::new(seed.wrapping_add(1)),
        Samples::from(&x),
        &out.join("diabetes.safetensors"),
        &[
            ("filler", &filler),
            ("scaler", &scaler),
            ("target_scaler", &target_scaler),
        ],
    )?;
    println!("\nwrote loss.png and diabetes.safetensors to {}", out.display());
    println!("progression of the first five patients of the test: predicted and true");
    for (found, expected) in predicted.iter().zip(&truth).take(5) {
        println!("  {found:5.0} {expected:5.0}");
    }
    println!(
        "test mean absolute error: {:.1} (always the mean: {guess:.1})",
        mean_absolute_error(&predicted, &truth)?
    );
    r2(&predicted, &truth, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_better_than_the_mean() {
        let out = std::env::temp_dir().join(format!("nn-diabetes-{}", std::process::id()));
        let r2 = run(
            100,
            0,
            data_folder("diabetes/diabetes_missing.csv").as_ref(),
            &out,
        )
        .unwrap();
        assert!(r2 > 0.4, "{r2}");
        std::fs::remove_dir_all(out).unwrap();
    }
}
