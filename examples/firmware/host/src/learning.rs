//! What the board learns, learnt here in the same order.

use firmware_networks::training::{
    CASES, EPOCHS, RATE, VALUES, XOR_LOSS, XOR_RATE, XOR_STEPS, batches, xor_start,
};
use firmware_networks::{Late, Xor, images};
use nn_runtime::optimizers::Sgd;

use crate::{Report, class, compare};

/// Bytes of stack that the calls of a step may take beside what the network says.
const CALLS: u32 = 2048;

/// Exclusive or, from random numbers.
///
/// # Errors
/// What differs.
pub fn xor(report: &Report) -> Result<String, String> {
    let mut network = Xor::new(0);
    network.parameters_mut().copy_from_slice(&xor_start());
    let mut sgd = Sgd::new(f64::from(XOR_RATE));
    let mut losses = Vec::with_capacity(XOR_STEPS);
    for _ in 0..XOR_STEPS {
        let loss = network.train_step(&CASES, &VALUES, &mut sgd);
        losses.push(loss.map_err(|e| e.to_string())?);
    }
    let (before, after) = (row(report, "loss_before")?[0], row(report, "loss_after")?[0]);
    if f64::from(after) > XOR_LOSS {
        return Err(format!("expected a loss below {XOR_LOSS}, found {after}"));
    }
    compare("the first loss", &[before], &[losses[0] as f32])?;
    compare("the last loss", &[after], &[losses[XOR_STEPS - 1] as f32])?;
    let weights = row(report, "weights_after")?;
    let worst = compare("the weights", &weights, network.parameters())?;
    let stack = within(report, Xor::TRAINING_ARENA + Xor::TRAINABLE)?;
    Ok(format!(
        "loss {before:.3} to {after:.4} in {XOR_STEPS} steps, {stack}; as on the host, the largest difference {worst:e}"
    ))
}

/// New digits, by the last layer of a convolutional network.
///
/// # Errors
/// What differs.
pub fn adapt(report: &Report) -> Result<String, String> {
    let mut network = Late::trained();
    let before = right(&mut network);
    let mut sgd = Sgd::new(f64::from(RATE));
    for _ in 0..EPOCHS {
        for (pixels, digits) in batches() {
            let loss = network.train_step(&pixels, &digits, &mut sgd);
            loss.map_err(|e| e.to_string())?;
        }
    }
    let weights = row(report, "weights_after")?;
    let worst = compare("the weights", &weights, &network.parameters()[..Late::TRAINABLE])?;
    let (n, after) = (images::exam().count() as u32, right(&mut network));
    for (name, expected) in [("right_before", before), ("right_after", after)] {
        let found = report.number(name)?;
        if found != expected {
            return Err(format!("{name}: expected {expected}, found {found}"));
        }
    }
    // It knew eight digits of ten.
    if before * 10 > n * 8 || after * 10 < n * 9 {
        return Err(format!("read {before} of {n} before and {after} after"));
    }
    let stack = within(report, 0)?;
    Ok(format!(
        "{before} of {n} right, {after} after {EPOCHS} epochs, {stack}; as on the host, the largest difference {worst:e}"
    ))
}

fn right(network: &mut Late) -> u32 {
    let right = images::exam().filter(|i| class(network.predict(&i.pixels())) == i.digit as usize);
    right.count() as u32
}

/// The only row of a name.
fn row(report: &Report, name: &str) -> Result<Vec<f32>, String> {
    let rows = report.rows(name)?;
    rows.into_iter()
        .next()
        .filter(|r| !r.is_empty())
        .ok_or_else(|| format!("expected `{name}`"))
}

/// That the stack held so many numbers and little more.
fn within(report: &Report, numbers: usize) -> Result<String, String> {
    let (stack, numbers) = (report.number("stack")?, 4 * numbers as u32);
    if (numbers..=numbers + CALLS).contains(&stack) {
        Ok(format!("{numbers} bytes of {stack} bytes of stack"))
    } else {
        Err(format!("expected {numbers} bytes of stack, found {stack}"))
    }
}
