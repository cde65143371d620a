//! Random numbers that are the same on every machine: xoshiro256++, seeded by splitmix64.
//!
//! Integer arithmetic and correctly rounded operations only, so that a seed means the same network everywhere.
//!
//! # Source
//! Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators" (2021), and their public-domain reference
//! code for xoshiro256++ 1.0 and splitmix64.

use crate::step::mix;

/// Added to splitmix64's state per output: 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of random numbers, with a period of 2^256 - 1.
///
/// ```
/// use nn_runtime::Rng;
///
/// let mut rng = Rng::new(7);
/// let mut order = [0, 1, 2, 3, 4];
/// rng.shuffle(&mut order);
/// assert!((0.0..1.0).contains(&rng.uniform()));
/// // Other streams from the same seed, independent of each other:
/// assert_ne!(Rng::new(7).split(0).next_u64(), Rng::new(7).split(1).next_u64());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// The stream of `seed`; every seed is a good one.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        let mut state = [0; 4];
        let mut z = seed;
        let mut i = 0;
        while i < state.len() {
            z = z.wrapping_add(GOLDEN);
            state[i] = mix(z);
            i += 1;
        }
        Self { state }
    }

    /// Stream number `stream` of those that branch off here; `self` does not advance.
    #[must_use]
    pub const fn split(&self, stream: u64) -> Self {
        let mut key = mix(stream.wrapping_add(GOLDEN));
        let mut i = 0;
        while i < self.state.len() {
            key = mix(key ^ self.state[i]).wrapping_add(GOLDEN);
            i += 1;
        }
        Self::new(key)
    }

    /// The stream that belongs to a name: it does not depend on what else is drawn from `self`'s other streams.
    #[must_use]
    pub const fn split_named(&self, name: &str) -> Self {
        // FNV-1a with 64 bits.
        let bytes = name.as_bytes();
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let mut i = 0;
        while i < bytes.len() {
            hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            i += 1;
        }
        self.split(hash)
    }

    /// 64 random bits.
    #[inline]
    pub const fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let out = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let c = c ^ a;
        let d = d ^ b;
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        out
    }

    /// Uniform in `[0, 1)`: a multiple of 2^-53.
    #[inline]
    pub const fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        (self.next_u64() >> 11) as f64 * STEP
    }

    /// Uniform in `0 .. bound`, without bias.
    ///
    /// # Panics
    /// If `bound` is 0.
    ///
    /// # Source
    /// Lemire, "Fast Random Integer Generation in an Interval" (2019), algorithm 5.
    pub const fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "no number is below 0");
        let mut product = self.next_u64() as u128 * bound as u128;
        if (product as u64) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u64) < threshold {
                product = self.next_u64() as u128 * bound as u128;
            }
        }
        (product >> 64) as u64
    }

    /// Puts the elements in a random order, all orders equally likely.
    ///
    /// # Source
    /// Durstenfeld, "Algorithm 235: Random permutation" (1964), after Fisher and Yates.
    pub fn shuffle<E>(&mut self, elements: &mut [E]) {
        for last in (1..elements.len()).rev() {
            elements.swap(last, self.below(last as u64 + 1) as usize);
        }
    }

    /// Standard normal: mean 0, variance 1.
    ///
    /// # Source
    /// Marsaglia and Bray, "A Convenient Method for Generating Normal Variables" (1964): the polar method, of whose
    /// two results the second is dropped, so that a stream has no hidden state.
    #[cfg(feature = "std")]
    #[inline]
    pub fn normal(&mut self) -> f64 {
        loop {
            let x = 2.0 * self.uniform() - 1.0;
            let y = 2.0 * self.uniform() - 1.0;
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * ln(square) / square).sqrt();
            }
        }
    }
}

/// Natural logarithm of a positive, normal number, to about 2 ulp and with the same bits everywhere (a system's
/// mathematical library promises neither).
///
/// With `x = 2^e · m`, `m` in `[√½, √2)` and `s = (m - 1) / (m + 1)`: `ln x = e · ln 2 + 2 · artanh s`, by its series.
#[cfg(feature = "std")]
#[inline]
fn ln(x: f64) -> f64 {
    use std::f64::consts::{FRAC_1_SQRT_2, LN_2};
    const MANTISSA: u32 = f64::MANTISSA_DIGITS - 1;
    const FRACTION: u64 = (1 << MANTISSA) - 1;
    // Subtracting √½'s bits puts the carry into the next exponent where the mantissa is at least √½'s.
    let bits = x.to_bits().wrapping_sub(FRAC_1_SQRT_2.to_bits());
    let exponent = (bits as i64 >> MANTISSA) as f64;
    let m = f64::from_bits((bits & FRACTION) + FRAC_1_SQRT_2.to_bits());
    let s = (m - 1.0) / (m + 1.0);
    let square = s * s;
    // |s| <= 0.1716: the term of order 23 is below 1e-17.
    let mut series = 0.0;
    for order in [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        series = series * square + 1.0 / order;
    }
    exponent * LN_2 + 2.0 * (s + s * square * series)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_reference_code() {
        // splitmix64 from 1234567 (Rosetta Code's published values), then xoshiro256++ from state 1, 2, 3, 4 (the
        // values that the `rand_xoshiro` package checks against the C code).
        assert_eq!(
            Rng::new(1_234_567).state[..2],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]
        );
        let mut rng = Rng { state: [1, 2, 3, 4] };
        let expected = [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
        ];
        assert_eq!(expected.map(|_| rng.next_u64()), expected);
    }

    #[test]
    fn uniform_fills_its_interval() {
        let mut rng = Rng::new(1);
        let mut counts = [0u32; 16];
        for _ in 0..160_000 {
            counts[(rng.uniform() * 16.0) as usize] += 1;
        }
        // Five standard deviations of a binomial count.
        assert!(counts.iter().all(|c| c.abs_diff(10_000) < 485), "{counts:?}");
    }

    #[test]
    fn below_has_no_bias() {
        // A bound of 3/4 · 2^64, where plain modulo or multiplication would favour a third of the numbers twofold.
        let bound = 3 << 62;
        let mut rng = Rng::new(2);
        let low = (0..40_000).filter(|_| rng.below(bound) < 1 << 62).count();
        assert!(low.abs_diff(13_333) < 480, "{low}");
        assert_eq!(rng.below(1), 0);
    }

    #[test]
    fn shuffle_gives_every_order_equally_often() {
        let mut rng = Rng::new(3);
        let mut counts = std::collections::BTreeMap::<[u8; 4], u32>::new();
        for _ in 0..24_000 {
            let mut order = [0, 1, 2, 3];
            rng.shuffle(&mut order);
            *counts.entry(order).or_default() += 1;
        }
        assert_eq!(counts.len(), 24);
        assert!(counts.values().all(|c| c.abs_diff(1000) < 160), "{counts:?}");
    }

    #[test]
    fn streams_differ_and_do_not_advance_their_parent() {
        let rng = Rng::new(4);
        let firsts: std::collections::BTreeSet<u64> = (0..1000).map(|s| rng.split(s).next_u64()).collect();
        assert_eq!(firsts.len(), 1000);
        assert_eq!(rng, Rng::new(4));
        assert_ne!(rng.split_named("dense.weight"), rng.split_named("dense.bias"));
        assert_ne!(rng.split(1), Rng::new(5).split(1));
    }

    #[test]
    fn normal_has_the_moments_of_a_gaussian() {
        const N: usize = 200_000;
        let mut rng = Rng::new(5);
        let mut sums = [0.0; 4];
        let mut inside = 0;
        for _ in 0..N {
            let z = rng.normal();
            inside += usize::from(z.abs() < 1.0);
            sums.iter_mut()
                .zip(1..)
                .for_each(|(sum, power)| *sum += z.powi(power));
        }
        let [mean, variance, skew, kurtosis] = sums.map(|sum| sum / N as f64);
        assert!(mean.abs() < 0.011, "{mean}");
        assert!((variance - 1.0).abs() < 0.016, "{variance}");
        assert!(skew.abs() < 0.044, "{skew}");
        assert!((kurtosis - 3.0).abs() < 0.11, "{kurtosis}");
        let share = inside as f64 / N as f64;
        assert!((share - 0.682_689).abs() < 0.0053, "{share}");
    }

    #[test]
    fn own_logarithm_is_the_system_s() {
        let mut rng = Rng::new(6);
        for _ in 0..20_000 {
            let x = rng.uniform() * 2f64.powi(-(rng.below(60) as i32)) + f64::MIN_POSITIVE;
            let error = (ln(x) - x.ln()).abs() / (x.ln().abs() * f64::EPSILON);
            assert!(error < 4.0, "ln({x}): {error} epsilon");
        }
    }
}
