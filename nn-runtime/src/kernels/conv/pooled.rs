//! A convolution whose result is pooled at once: a few rows are computed, passed through the epilogue and pooled while they
//! are in the first-level cache. The full image exists nowhere.

use super::Job;
use crate::Scalar;
use crate::fault::ensure;
use crate::geometry::Window2d;
use crate::kernels::pool;
use crate::ops::{Operand, Pool2d};
use crate::simd::Formula;

impl<T: Scalar> Job<'_, T> {
    /// Convolution, epilogue and pool, so many rows at a time as `rows` has room for: whole windows, at least one.
    ///
    /// # Panics
    /// If the pool's windows overlap or are spread out vertically, or the lengths do not fit: a fault of the compiler.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn run_pooled<F: Formula<N>, const N: usize>(
        &self,
        pool: &Pool2d<T>,
        rows: &mut [T],
        y: &mut [T],
        e: [Operand<'_, T>; N],
        f: F,
    ) {
        let (window, channels) = (&pool.window, self.width());
        let ([height, width], [lines, columns]) = (window.input, window.output);
        let (step, before) = (window.stride[0], window.before[0]);
        window.check();
        ensure!(
            self.conv.window.output == window.input && window.kernel[0] == step && window.dilation[0] == 1,
            "the windows of a pooled convolution"
        );
        ensure!(
            y.len() == self.samples * lines * columns * channels,
            "the length of a pooled convolution"
        );
        // Windows below each other that are computed at once.
        let together = rows.len() / (step * width * channels).max(1);
        ensure!(together > 0, "the rows of a pooled convolution");
        let rows = rows.as_mut_ptr();
        for n in 0..self.samples {
            let mut line = 0;
            while line < lines {
                let end = (line + together).min(lines);
                let row = |line: usize| (line * step).saturating_sub(before).min(height);
                let (from, to) = (row(line), row(end));
                let first = (n * height + from) * width;
                let part = Window2d {
                    input: [to - from, width],
                    output: [end - line, columns],
                    before: [before.saturating_sub(line * step), window.before[1]],
                    ..*window
                };
                let y = y
                    .as_mut_ptr()
                    .wrapping_add((n * lines + line) * columns * channels);
                // SAFETY: at most `together` windows' rows are written to `rows`, as if the result began before it, and
                // read from there; the lines of `y` lie inside it (its length was checked).
                unsafe {
                    let result = rows.wrapping_sub(first * channels);
                    self.run(result, first, (to - from) * width, e, f);
                    pool::part(&part, channels, pool.average, rows, y);
                }
                line = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Conv2d;
    use crate::isa::forced::on_every_isa;
    use crate::kernels::conv::tests::{numbers, windows};
    use crate::ops::{self, Averaging};
    use crate::simd::Simd;

    /// The product plus something of the same place, halved.
    #[derive(Clone, Copy)]
    struct HalfSum;

    impl Formula<3> for HalfSum {
        #[inline(always)]
        fn eval<T: Scalar, S: Simd<T>>(self, s: S, [x, full, column]: [S::V; 3]) -> S::V {
            s.mul_add(x + full, s.splat(0.5), column)
        }
    }

    /// Pools of an image: padded, with gaps across, cut off below, of one row.
    fn pools(input: [usize; 2]) -> Vec<Window2d> {
        let mut found = Vec::new();
        for (kernel, stride, before) in [
            ([2, 2], [2, 2], [0, 0]),
            ([3, 2], [3, 1], [1, 1]),
            ([1, 3], [1, 2], [0, 1]),
        ] {
            let output = [0, 1].map(|a| {
                (input[a] + 2 * before[a])
                    .checked_sub(kernel[a])
                    .map(|n| n / stride[a] + 1)
            });
            if let [Some(v), Some(h)] = output {
                let (output, dilation) = ([v, h], [1, 1]);
                found.push(Window2d {
                    input,
                    output,
                    kernel,
                    stride,
                    dilation,
                    before,
                });
            }
        }
        found
    }

    fn check<T: Scalar>(conv: &Conv2d, window: Window2d, average: Option<Averaging<T>>) {
        let samples = 2;
        let many = |count: usize, seed: u64| -> Vec<T> {
            numbers(count, seed).into_iter().map(T::from_f64).collect()
        };
        let (x, w) = (many(samples * conv.input_elems(), 1), many(conv.weights(), 2));
        let (bias, column) = (many(conv.outputs, 3), many(conv.outputs, 4));
        let full = many(samples * conv.output_elems(), 5);
        let e = [Operand::Own, Operand::Full(&full), Operand::Col(&column)];
        let mut whole = vec![T::ZERO; full.len()];
        ops::conv2d(samples, conv, &x, &w, Some(&bias), &mut whole, e, HalfSum);
        let mut expected = vec![T::ZERO; samples * window.outputs() * conv.outputs];
        match average {
            None => ops::max_pool2d(samples, &window, conv.outputs, &whole, &mut expected, None),
            Some(how) => ops::average_pool2d(samples, &window, conv.outputs, how, &whole, &mut expected),
        }
        let pool = Pool2d { window, average };
        let one = window.kernel[0] * window.input[1] * conv.outputs;
        for room in [one, 2 * one + 1, 64 * one] {
            let mut rows = vec![T::from_f64(f64::NAN); room];
            let mut y = vec![T::ZERO; expected.len()];
            ops::conv2d_pool(
                samples,
                conv,
                &x,
                &w,
                Some(&bias),
                e,
                HalfSum,
                &pool,
                &mut rows,
                &mut y,
            );
            assert!(y == expected, "{conv:?}, {pool:?}, room for {room}");
        }
    }

    #[test]
    fn the_same_bits_as_one_after_the_other() {
        on_every_isa(|_| {
            for window in windows() {
                for (inputs, outputs, groups) in [(1, 6, 1), (3, 17, 1), (4, 4, 4), (4, 6, 2)] {
                    let conv = Conv2d {
                        window,
                        inputs,
                        outputs,
                        groups,
                    };
                    for pool in pools(window.output) {
                        check::<f32>(&conv, pool, None);
                        check::<f32>(&conv, pool, Some(Averaging::Mean));
                        check::<f64>(&conv, pool, Some(Averaging::Sum(0.25)));
                    }
                }
            }
        });
    }
}
