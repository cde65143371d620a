//! What the board learns, and how; the host does the same to check it.

use nn_runtime::prelude::*;

use crate::images::PIXELS;
use crate::{Xor, images};

/// The four cases of exclusive or.
pub const CASES: [[f32; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
/// Their values.
pub const VALUES: [[f32; 1]; 4] = [[0.0], [1.0], [1.0], [0.0]];
/// Steps over all cases.
pub const XOR_STEPS: usize = 1000;
/// Of each step.
pub const XOR_RATE: f32 = 1.0;
/// What is learnt: a guess is 0.69.
pub const XOR_LOSS: f64 = 0.05;

/// Where the exclusive or starts: small random numbers.
#[must_use]
pub fn xor_start() -> [f32; Xor::FLAT] {
    let mut rng = Rng::new(1);
    [(); Xor::FLAT].map(|()| (rng.uniform() * 2.0 - 1.0) as f32)
}

/// Images of a step.
pub const BATCH: usize = 4;
/// Times that the board looks at all images.
pub const EPOCHS: usize = 10;
/// Of each step.
pub const RATE: f32 = 0.01;

/// The images that the board learns from, a step's at once.
pub fn batches() -> impl Iterator<Item = ([[f32; PIXELS]; BATCH], [u32; BATCH])> {
    let mut images = images::lesson();
    core::iter::from_fn(move || {
        let (mut pixels, mut digits) = ([[0.0; PIXELS]; BATCH], [0; BATCH]);
        for (pixels, digit) in pixels.iter_mut().zip(&mut digits) {
            let image = images.next()?;
            (*pixels, *digit) = (image.pixels(), image.digit);
        }
        Some((pixels, digits))
    })
}
