//! Dropout by a counter: the mask is a function of the key and the element's number, so nothing is stored.

use super::softmax::full_or_own;
use crate::Scalar;
use crate::ops::Operand;

pub(crate) fn dropout<T: Scalar>(y: &mut [T], x: Operand<'_, T>, rate: f64, key: u64, first: u64) {
    let len = y.len();
    let y = y.as_mut_ptr();
    let x = full_or_own(len, x, Some(y));
    let scale = T::from_f64(1.0 / (1.0 - rate));
    let threshold = threshold(rate);
    for i in 0..len {
        // SAFETY: both hold `len` numbers.
        unsafe {
            let value = x.add(i).read() * scale;
            let keep = u64::from(hash(key, first.wrapping_add(i as u64))) >= threshold;
            y.add(i).write(if keep { value } else { T::ZERO });
        }
    }
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
    let (len, sample) = (y.len(), pixels * channels);
    assert!(
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
        let keep = u64::from(hash(key, number)) >= threshold;
        // SAFETY: both hold `len` numbers.
        unsafe {
            let value = x.add(i).read() * scale;
            y.add(i).write(if keep { value } else { T::ZERO });
        }
    }
}

/// Hashes below it drop: `rate · 2^32`.
fn threshold(rate: f64) -> u64 {
    (rate * 4_294_967_296.0) as u64
}

/// A 32-bit finaliser in the manner of MurmurHash3 over counter and key.
#[inline(always)]
fn hash(key: u64, counter: u64) -> u32 {
    let mut h = (counter as u32) ^ (key as u32);
    h = h.wrapping_mul(0x85eb_ca6b) ^ ((counter >> 32) as u32);
    h ^= h >> 16;
    h = h.wrapping_mul(0xc2b2_ae35) ^ ((key >> 32) as u32);
    h ^= h >> 15;
    h = h.wrapping_mul(0x27d4_eb2f);
    h ^= h >> 13;
    h = h.wrapping_mul(0x1656_67b1);
    h ^ (h >> 16)
}
