//! Dropout by a counter: the mask is a function of the key and the element's number, so nothing is stored.

use super::softmax::full_or_own;
use crate::Scalar;
use crate::fault::ensure;
use crate::ops::Operand;
use crate::simd::{Kernel, Simd};

/// See [`crate::ops::dropout`].
#[doc(hidden)]
pub struct Dropout<T> {
    len: usize,
    x: *const T,
    y: *mut T,
    /// `1 / (1 - rate)`
    scale: T,
    /// Hashes below it drop.
    threshold: u32,
    key: u64,
    first: u64,
}

/// Elements whose hashes are computed at once.
const BLOCK: usize = 64;

impl<T: Scalar> Kernel<T> for &Dropout<T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, s: S) {
        let zero = s.set(T::ZERO);
        let mut factors = [T::ZERO; BLOCK];
        let mut at = 0;
        while at < self.len {
            let counter = self.first.wrapping_add(at as u64);
            // A block ends where the counter's lower half does, so that the upper half is the same within it.
            let turn = (1 << 32) - (counter & 0xffff_ffff);
            let count = BLOCK
                .min(self.len - at)
                .min(usize::try_from(turn).unwrap_or(BLOCK));
            let keys = keys(self.key, counter >> 32);
            // A plain loop over integers: the compiler turns it into vectors of the instruction set.
            for (i, factor) in factors.iter_mut().enumerate() {
                let kept = hash(keys, (counter as u32).wrapping_add(i as u32)) >= self.threshold;
                *factor = if kept { self.scale } else { T::ZERO };
            }
            let mut i = 0;
            while i < count {
                let mask = s.first(count - i);
                // SAFETY: `dropout` checked the lengths; the mask ends with the block. A dropped NaN is 0.
                unsafe {
                    let factor = s.load(factors.as_ptr().add(i));
                    let x = s.load_masked(self.x.add(at + i), mask);
                    let y = s.if_gt(factor, zero, x * factor, zero);
                    s.store_masked(self.y.add(at + i), mask, y);
                }
                i += S::LANES;
            }
            at += count;
        }
    }
}

/// Two keys for the 2^32 counters with this upper half (the finaliser of SplitMix64; Steele, Lea and Flood, 2014).
#[inline(always)]
fn keys(key: u64, upper: u64) -> [u32; 2] {
    let mut z = key.wrapping_add(upper.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    [z as u32, (z >> 32) as u32]
}

/// Multiplications and shifts in turn (constants of Wellons' search for low bias, 2018), each round under its key.
#[inline(always)]
fn hash(keys: [u32; 2], counter: u32) -> u32 {
    let mut h = counter.wrapping_add(keys[0]);
    h ^= h >> 16;
    h = h.wrapping_mul(0x7feb_352d);
    h ^= h >> 15;
    h ^= keys[1];
    h = h.wrapping_mul(0x846c_a68b);
    h ^ (h >> 16)
}

pub(crate) fn dropout<T: Scalar>(y: &mut [T], x: Operand<'_, T>, rate: f64, key: u64, first: u64) {
    ensure!((0.0..1.0).contains(&rate), "a rate from 0 to below 1");
    let len = y.len();
    let y = y.as_mut_ptr();
    let x = full_or_own(len, x, Some(y));
    let scale = T::from_f64(1.0 / (1.0 - rate));
    let threshold = threshold(rate);
    T::dropout(&Dropout {
        len,
        x,
        y,
        scale,
        threshold,
        key,
        first,
    });
}

/// As [`dropout`], one draw for each of a sample's channels; `first` is the first sample's number.
pub(crate) fn channels<T: Scalar>(
    pixels: usize,
    channels: usize,
    y: &mut [T],
    x: Operand<'_, T>,
    rate: f64,
    key: u64,
    first: u64,
) {
    ensure!((0.0..1.0).contains(&rate), "a rate from 0 to below 1");
    let (len, sample) = (y.len(), pixels * channels);
    ensure!(
        sample == 0 && len == 0 || len.is_multiple_of(sample),
        "whole samples of channels"
    );
    let y = y.as_mut_ptr();
    let x = full_or_own(len, x, Some(y));
    let scale = T::from_f64(1.0 / (1.0 - rate));
    let threshold = threshold(rate);
    for i in 0..len {
        let (n, c) = ((i / sample) as u64, (i % channels) as u64);
        let number = first
            .wrapping_add(n)
            .wrapping_mul(channels as u64)
            .wrapping_add(c);
        let kept = hash(keys(key, number >> 32), number as u32) >= threshold;
        // SAFETY: both hold `len` numbers.
        unsafe {
            let value = x.add(i).read() * scale;
            y.add(i).write(if kept { value } else { T::ZERO });
        }
    }
}

/// Hashes below it drop.
fn threshold(rate: f64) -> u32 {
    (rate * 4_294_967_296.0) as u32
}

#[cfg(test)]
mod tests {
    use crate::isa::forced::on_every_isa;
    use crate::ops::{Operand, dropout};

    fn mask(len: usize, rate: f64, key: u64, first: u64) -> Vec<bool> {
        let mut y = vec![1.0f32; len];
        dropout(&mut y, Operand::Own, rate, key, first);
        y.iter().map(|&y| y > 0.0).collect()
    }

    #[test]
    fn keeps_its_share_and_scales_it() {
        for (rate, key) in [(0.5, 1), (0.1, 2), (0.9, 3), (0.0, 4)] {
            let n = 200_000;
            let mut y = vec![2.0f64; n];
            dropout(&mut y, Operand::Own, rate, key, 12_345);
            let kept = y.iter().filter(|&&y| y != 0.0).count() as f64 / n as f64;
            // Four standard deviations of the share.
            assert!(
                (kept - (1.0 - rate)).abs() <= 4.0 * (rate * (1.0 - rate) / n as f64).sqrt(),
                "{rate}: {kept}"
            );
            assert!(y.iter().all(|&y| y == 0.0 || y == 2.0 * (1.0 / (1.0 - rate))));
        }
    }

    #[test]
    fn neighbours_and_keys_are_independent() {
        let n = 100_000;
        let a = mask(n, 0.5, 7, 0);
        // Agreement of two independent masks is a coin's; four standard deviations.
        let bound = 4.0 * 0.5 / (n as f64).sqrt();
        let agreement = |b: &[bool]| a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / n as f64;
        for (name, b) in [
            ("next key", mask(n, 0.5, 8, 0)),
            ("next element", mask(n, 0.5, 7, 1)),
            ("element 64 on", mask(n, 0.5, 7, 64)),
            ("element 4096 on", mask(n, 0.5, 7, 4096)),
            ("next upper half", mask(n, 0.5, 7, 1 << 32)),
        ] {
            assert!((agreement(&b) - 0.5).abs() <= bound, "{name}: {}", agreement(&b));
        }
    }

    #[test]
    fn the_mask_belongs_to_the_element() {
        let first = (1 << 32) - 100;
        let whole = mask(1000, 0.3, 99, first);
        on_every_isa(|isa| {
            for (at, len) in [(0, 1000), (0, 1), (37, 64), (90, 25), (99, 2), (500, 500)] {
                assert_eq!(
                    mask(len, 0.3, 99, first + at as u64),
                    whole[at..at + len],
                    "{isa:?} from {at}"
                );
            }
        });
    }

    #[test]
    fn what_is_dropped_is_zero_whatever_it_was() {
        on_every_isa(|_| {
            let x = [f32::NAN; 77];
            let mut y = [5.0; 77];
            dropout(&mut y, Operand::Full(&x), 0.5, 3, 0);
            assert!(y.contains(&0.0) && y.iter().any(|y| y.is_nan()));
        });
    }
}
