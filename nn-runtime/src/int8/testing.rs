//! Numbers for the tests of the kernels.

use super::{Multiplier, Rescale, padded};
use crate::Rng;

/// Bytes of the whole range.
pub(super) fn bytes(count: usize, seed: u64) -> Vec<i8> {
    let mut rng = Rng::new(seed);
    (0..count).map(|_| rng.below(256) as u8 as i8).collect()
}

/// Weights, bias and scales of an output's channels.
pub(super) struct Channels {
    k: usize,
    /// `[channels, k]`
    pub(super) w: Vec<i8>,
    pub(super) b: Vec<i32>,
    multipliers: Vec<i32>,
    shifts: Vec<i8>,
    zero: i32,
    low: i8,
    high: i8,
}

impl Channels {
    pub(super) fn new(channels: usize, k: usize, seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0xc0ffee);
        // So that sums of random signs spread over the bytes, and some channels shift to the left.
        let spread = 64.0 / (5000.0 * (k as f64).sqrt());
        let multipliers: Vec<Multiplier> = (0..channels)
            .map(|c| Multiplier::new(spread * [1.0, 0.3, 2.0, 0.01, 200.0][c % 5] * (1.0 + rng.uniform())))
            .collect();
        let relu = seed % 2 == 1;
        Self {
            k,
            w: bytes(channels * k, seed).iter().map(|w| (*w).max(-127)).collect(),
            b: (0..channels).map(|_| rng.below(20_001) as i32 - 10_000).collect(),
            multipliers: multipliers.iter().map(|m| m.multiplier).collect(),
            shifts: multipliers.iter().map(|m| m.shift).collect(),
            zero: if relu { -20 } else { 7 },
            low: if relu { -20 } else { -128 },
            high: if relu { 90 } else { 127 },
        }
    }

    /// The weights in padded rows.
    pub(super) fn rows(&self) -> Vec<i8> {
        let mut rows = Vec::new();
        for row in self.w.chunks(self.k) {
            rows.extend_from_slice(row);
            rows.resize(rows.len() + padded(self.k) - self.k, 0);
        }
        rows
    }

    pub(super) fn rescale(&self) -> Rescale<'_> {
        Rescale {
            multipliers: &self.multipliers,
            shifts: &self.shifts,
            zero: self.zero,
            low: self.low,
            high: self.high,
        }
    }

    /// What channel `c` makes of the sum without its bias.
    pub(super) fn expect(&self, c: usize, sum: i32) -> i8 {
        let m = Multiplier {
            multiplier: self.multipliers[c],
            shift: self.shifts[c],
        };
        let y = m.apply(sum + self.b[c]) + self.zero;
        y.clamp(i32::from(self.low), i32::from(self.high)) as i8
    }
}
