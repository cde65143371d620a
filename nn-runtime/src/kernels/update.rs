//! One pass over parameters, gradients and moments.

use crate::Scalar;
use crate::optimizers::Update;
use crate::simd::{Kernel, Simd};

/// What of a gradient an update sees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clip {
    /// Every element is clamped to `[-bound, bound]`.
    pub(crate) bound: f64,
    /// Then multiplied.
    pub(crate) scale: f64,
}

struct Sweep<'a, T, F, const M: usize> {
    parameters: &'a mut [T],
    gradients: &'a [T],
    moments: [&'a mut [T]; M],
    clip: Clip,
    formula: F,
}

// No closures in here: they would be compiled without the instruction set, and not always inlined.
impl<T: Scalar, F: Update<M>, const M: usize> Kernel<T> for Sweep<'_, T, F, M> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, s: S) {
        let n = self.parameters.len();
        let w = self.parameters.as_mut_ptr();
        let g = self.gradients.as_ptr();
        let mut moments = [core::ptr::null_mut(); M];
        for (to, from) in moments.iter_mut().zip(self.moments) {
            *to = from.as_mut_ptr();
        }
        let (low, high) = (s.splat(-self.clip.bound), s.splat(self.clip.bound));
        let scale = s.splat(self.clip.scale);
        let mut values = [scale; M];
        let whole = n - n % S::LANES;
        let mut i = 0;
        while i < whole {
            // SAFETY: all slices hold `n` numbers (`sweep` asserts it) and `i + LANES <= whole <= n`.
            unsafe {
                let mut j = 0;
                while j < M {
                    values[j] = s.load(moments[j].add(i));
                    j += 1;
                }
                let gradient = s.max(s.min(s.load(g.add(i)), high), low) * scale;
                let (new, kept) = self.formula.eval(s, s.load(w.add(i)), gradient, values);
                s.store(w.add(i), new);
                j = 0;
                while j < M {
                    s.store(moments[j].add(i), kept[j]);
                    j += 1;
                }
            }
            i += S::LANES;
        }
        if whole < n {
            let mask = s.first(n - whole);
            // SAFETY: as above, and the mask has the lanes `whole .. n` alone.
            unsafe {
                let mut j = 0;
                while j < M {
                    values[j] = s.load_masked(moments[j].add(whole), mask);
                    j += 1;
                }
                let gradient = s.max(s.min(s.load_masked(g.add(whole), mask), high), low) * scale;
                let (new, kept) = self
                    .formula
                    .eval(s, s.load_masked(w.add(whole), mask), gradient, values);
                s.store_masked(w.add(whole), mask, new);
                j = 0;
                while j < M {
                    s.store_masked(moments[j].add(whole), mask, kept[j]);
                    j += 1;
                }
            }
        }
    }
}

/// Updates every parameter and its moments by `formula`, on the caller's thread.
pub(crate) fn sweep<T: Scalar, F: Update<M>, const M: usize>(
    parameters: &mut [T],
    gradients: &[T],
    moments: [&mut [T]; M],
    clip: Clip,
    formula: F,
) {
    let n = parameters.len();
    assert!(
        gradients.len() == n && moments.iter().all(|m| m.len() == n),
        "lengths of an update"
    );
    T::dispatch(Sweep {
        parameters,
        gradients,
        moments,
        clip,
        formula,
    });
}

/// Numbers whose squares are summed in `T`; the sums of the blocks are added in f64.
const BLOCK: usize = 1024;
/// Sums that go on side by side, so that no addition waits for the last.
const SUMS: usize = 8;

struct SumOfSquares<'a, T> {
    gradients: &'a [T],
    bound: f64,
}

impl<T: Scalar> Kernel<T> for SumOfSquares<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd<T>>(self, s: S) -> f64 {
        let (low, high, zero) = (s.splat(-self.bound), s.splat(self.bound), s.splat(0.0));
        let mut total = 0.0;
        for block in self.gradients.chunks(BLOCK) {
            let (n, g) = (block.len(), block.as_ptr());
            let mut sums = [zero; SUMS];
            let mut i = 0;
            while i < n {
                for sum in &mut sums {
                    if i < n {
                        // SAFETY: the mask has the lanes `i .. n` of the block alone.
                        let g = unsafe { s.load_masked(g.add(i), s.first(n - i)) };
                        let g = s.max(s.min(g, high), low);
                        *sum = s.mul_add(g, g, *sum);
                    }
                    i += S::LANES;
                }
            }
            let mut lanes = [[T::ZERO; MAX_LANES]; SUMS];
            for (lanes, sum) in lanes.iter_mut().zip(sums) {
                // SAFETY: a vector has at most `MAX_LANES` numbers.
                unsafe { s.store(lanes.as_mut_ptr(), sum) };
            }
            for lanes in &lanes {
                for lane in lanes {
                    total += lane.to_f64();
                }
            }
        }
        total
    }
}

/// Of any instruction set.
const MAX_LANES: usize = 16;

/// Sum of the squares of the clamped gradients, in an order fixed by their number and the instruction set.
pub(crate) fn sum_of_squares<T: Scalar>(gradients: &[T], bound: f64) -> f64 {
    let sum = T::dispatch(SumOfSquares { gradients, bound });
    if sum.is_finite() {
        return sum;
    }
    // Not a number, or squares outside `T`'s range.
    gradients
        .iter()
        .map(|g| g.to_f64().clamp(-bound, bound).powi(2))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::forced::on_every_isa;

    /// Something that tells parameters, gradients and both moments apart.
    #[derive(Clone, Copy)]
    struct Mixed;

    impl Update<2> for Mixed {
        #[inline(always)]
        fn eval<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, g: S::V, [a, b]: [S::V; 2]) -> (S::V, [S::V; 2]) {
            let two = s.splat(2.0);
            (w - two * g, [a + g, b * two])
        }
    }

    fn check<T: Scalar>() {
        on_every_isa(|isa| {
            for n in 0..40 {
                // A number beyond each end, which must stay as it is.
                let numbers = |from: f64| {
                    (0..n + 1)
                        .map(|i| T::from_f64(from + i as f64))
                        .collect::<Vec<_>>()
                };
                let (mut w, g, mut a, mut b) = (numbers(100.0), numbers(-20.0), numbers(1.0), numbers(2.0));
                let clip = Clip {
                    bound: 10.0,
                    scale: 0.5,
                };
                let moments = [&mut a[..n], &mut b[..n]];
                sweep(&mut w[..n], &g[..n], moments, clip, Mixed);
                for i in 0..=n {
                    let x = i as f64;
                    let g = (x - 20.0).clamp(-10.0, 10.0) * 0.5;
                    let expected = if i < n {
                        [100.0 + x - 2.0 * g, 1.0 + x + g, 2.0 * (2.0 + x)]
                    } else {
                        [100.0 + x, 1.0 + x, 2.0 + x]
                    };
                    assert_eq!([w[i], a[i], b[i]].map(T::to_f64), expected, "{isa:?}, {i} of {n}");
                }
            }
        });
    }

    #[test]
    fn every_length_on_every_isa() {
        check::<f32>();
        check::<f64>();
    }

    #[test]
    fn clamping_keeps_nan() {
        on_every_isa(|_| {
            let mut w = [1f32; 3];
            let mut rest = [[0f32; 3]; 2];
            let [a, b] = &mut rest;
            sweep(
                &mut w,
                &[0.0, f32::NAN, 0.0],
                [a, b],
                Clip {
                    bound: 1.0,
                    scale: 1.0,
                },
                Mixed,
            );
            assert_eq!(w.map(f32::is_nan), [false, true, false]);
        });
        assert!(sum_of_squares(&[1f32, f32::NAN], 1.0).is_nan());
    }

    #[test]
    fn squares_are_of_the_clamped_gradients() {
        on_every_isa(|isa| {
            for n in [0, 1, 19, 1023, 1024, 1025, 5000] {
                let g: Vec<f32> = (0..n).map(|i| (i % 19) as f32 - 9.0).collect();
                let expected: f64 = g.iter().map(|g| f64::from(*g).clamp(-4.5, 4.5).powi(2)).sum();
                assert_eq!(sum_of_squares(&g, 4.5), expected, "{isa:?}, {n}");
            }
            // Squares that f32 does not hold.
            assert_eq!(
                sum_of_squares(&[1e30f32], f64::INFINITY),
                f64::from(1e30f32).powi(2)
            );
        });
    }
}
