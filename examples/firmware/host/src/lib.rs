//! The host's half of the firmware: what the same networks say on this machine.

pub mod digits;
mod elf;
pub mod learning;
pub mod memory;
pub mod microflow;
mod report;

pub use elf::Elf;
pub use report::Report;

/// How far a number of the board may lie from ours: the order of summation is the same, the rounding of a product that is not
/// fused may differ.
pub const TOLERANCE: f32 = 1e-5;

/// The index of the greatest score.
#[must_use]
pub fn class(scores: &[f32]) -> usize {
    nn_runtime::metrics::argmax(scores)
}

/// The greatest difference between two runs of numbers.
///
/// # Errors
/// What the board said is not as long, or further off than [`TOLERANCE`].
pub fn compare(what: &str, board: &[f32], host: &[f32]) -> Result<f32, String> {
    if board.len() != host.len() {
        return Err(format!(
            "{what}: expected {} numbers, found {}",
            host.len(),
            board.len()
        ));
    }
    let difference = |(b, h): (&f32, &f32)| (b - h).abs() / h.abs().max(1.0);
    let worst = board.iter().zip(host).map(difference).fold(0.0, f32::max);
    // A comparison that is false for what is not a number.
    if worst <= TOLERANCE && board.iter().all(|b| b.is_finite()) {
        Ok(worst)
    } else {
        Err(format!(
            "{what}: the board is {worst:e} off: {board:?}, expected {host:?}"
        ))
    }
}
