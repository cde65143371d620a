//! One pass over parameters, gradients and moments.

use core::ops::Mul;

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

impl<T: Scalar, F: Update<M>, const M: usize> Kernel<T> for Sweep<'_, T, F, M> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, s: S) {
        let n = self.parameters.len();
        let w = self.parameters.as_mut_ptr();
        let g = self.gradients.as_ptr();
        let moments = self.moments.map(<[T]>::as_mut_ptr);
        let step = Step {
            low: s.splat(-self.clip.bound),
            high: s.splat(self.clip.bound),
            scale: s.splat(self.clip.scale),
            formula: self.formula,
        };
        let whole = n - n % S::LANES;
        for i in (0..whole).step_by(S::LANES) {
            // SAFETY: all slices hold `n` numbers (`sweep` asserts it) and `i + LANES <= whole <= n`.
            unsafe {
                let (new, kept) = step.eval(
                    s,
                    s.load(w.add(i)),
                    s.load(g.add(i)),
                    moments.map(|m| s.load(m.add(i))),
                );
                s.store(w.add(i), new);
                for (m, kept) in moments.iter().zip(kept) {
                    s.store(m.add(i), kept);
                }
            }
        }
        if whole < n {
            let mask = s.first(n - whole);
            // SAFETY: as above, and the mask has the lanes `whole .. n` alone.
            unsafe {
                let load = |p: *const T| s.load_masked(p.add(whole), mask);
                let (new, kept) = step.eval(s, load(w), load(g), moments.map(|m| load(m)));
                s.store_masked(w.add(whole), mask, new);
                for (m, kept) in moments.iter().zip(kept) {
                    s.store_masked(m.add(whole), mask, kept);
                }
            }
        }
    }
}

/// The clipped gradient's way into the formula. No closure: one that is called twice is compiled without the kernel's
/// instruction set, every vector operation in it a call.
struct Step<V, F> {
    low: V,
    high: V,
    scale: V,
    formula: F,
}

impl<V: Copy + Mul<Output = V>, F> Step<V, F> {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T, V = V>, const M: usize>(
        &self,
        s: S,
        w: V,
        g: V,
        moments: [V; M],
    ) -> (V, [V; M])
    where
        F: Update<M>,
    {
        let g = s.max(s.min(g, self.high), self.low) * self.scale;
        self.formula.eval(s, w, g, moments)
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

/// Sum of the squares of the clamped gradients: eight interleaved partial sums in f64, added in order.
pub(crate) fn sum_of_squares<T: Scalar>(gradients: &[T], bound: f64) -> f64 {
    let bound = T::from_f64(bound);
    let square = |g: T| {
        // Comparisons, not `min`: a NaN must come through.
        let g = if g > bound { bound } else { g };
        let g = if g < -bound { -bound } else { g };
        g.to_f64() * g.to_f64()
    };
    let mut partial = [0.0; 8];
    let (whole, rest) = gradients.as_chunks::<8>();
    for chunk in whole {
        for (partial, &g) in partial.iter_mut().zip(chunk) {
            *partial += square(g);
        }
    }
    for (partial, &g) in partial.iter_mut().zip(rest) {
        *partial += square(g);
    }
    partial.iter().sum()
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
        let g: Vec<f32> = (0..19).map(|i| i as f32 - 9.0).collect();
        let expected: f64 = (0..19)
            .map(|i| (f64::from(i) - 9.0).clamp(-4.5, 4.5).powi(2))
            .sum();
        assert_eq!(sum_of_squares(&g, 4.5), expected);
        // Too large for f32's square.
        assert_eq!(
            sum_of_squares(&[1e30f32], f64::INFINITY),
            f64::from(1e30f32).powi(2)
        );
    }
}
