//! Pools: lanes go over the channels, a window's elements are visited in order.

use super::images::Images;
use crate::Scalar;
use crate::fault::ensure;
use crate::geometry::Window2d;
use crate::ops::Averaging;
use crate::simd::Simd;

/// A window's maximum, mean or sum.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Pool<T> {
    samples: usize,
    window: Window2d,
    channels: usize,
    /// `None`: the maximum.
    how: Option<Averaging<T>>,
    x: *const T,
    y: *mut T,
    /// Null without.
    index: *mut T,
}

/// Shares of `dy` to `dx`.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct PoolGrad<T> {
    samples: usize,
    window: Window2d,
    channels: usize,
    how: Option<Averaging<T>>,
    dy: *const T,
    /// Of the maximum.
    index: *const T,
    dx: *mut T,
}

/// The taps of one window that lie inside the image.
struct Inside {
    rows: (usize, usize),
    columns: (usize, usize),
    /// Pixel of the input under tap (0, 0), which may lie outside.
    pixel: isize,
}

impl Inside {
    /// Position number `at`, sample after sample.
    #[inline(always)]
    fn of(w: &Window2d, at: usize) -> Self {
        let (image, line) = (w.outputs().max(1), w.output[1].max(1));
        let (n, rest) = (at / image, at % image);
        let (r, c) = (rest / line, rest % line);
        let top = (r * w.stride[0]) as isize - w.before[0] as isize;
        let left = (c * w.stride[1]) as isize - w.before[1] as isize;
        Self {
            rows: w.inside(0, r),
            columns: w.inside(1, c),
            pixel: (n * w.inputs()) as isize + top * w.input[1] as isize + left,
        }
    }

    /// How many they are.
    fn count(&self) -> usize {
        (self.rows.1 - self.rows.0) * (self.columns.1 - self.columns.0)
    }

    /// Calls `f` with each tap's number and its pixel.
    #[inline(always)]
    fn each(&self, w: &Window2d, mut f: impl FnMut(usize, usize)) {
        for r in self.rows.0..self.rows.1 {
            let row = self.pixel + (r * w.dilation[0] * w.input[1]) as isize;
            for c in self.columns.0..self.columns.1 {
                f(r * w.kernel[1] + c, (row + (c * w.dilation[1]) as isize) as usize);
            }
        }
    }
}

/// Vectors of channels that go through a window side by side.
const V: usize = 4;

impl<T: Scalar> Pool<T> {
    /// # Safety
    /// The pointers hold what the sizes say.
    #[inline(always)]
    pub(crate) unsafe fn run<S: Simd<T>>(&self, s: S) {
        for at in 0..self.samples * self.window.outputs() {
            let inside = Inside::of(&self.window, at);
            let mut c = 0;
            while c < self.channels {
                let left = (self.channels - c).div_ceil(S::LANES);
                // SAFETY: the caller's; the vectors are the channels'.
                unsafe {
                    if left >= V {
                        self.vectors::<S, V>(s, at, &inside, c);
                        c += V * S::LANES;
                    } else {
                        self.vectors::<S, 1>(s, at, &inside, c);
                        c += S::LANES;
                    }
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn vectors<S: Simd<T>, const V: usize>(&self, s: S, at: usize, inside: &Inside, c: usize) {
        let mask = s.first((self.channels - c).saturating_sub((V - 1) * S::LANES));
        let load = |pixel: usize, v: usize| {
            let x = self.x.wrapping_add(pixel * self.channels + c + v * S::LANES);
            // SAFETY: the pixel lies inside the input; the mask cuts the last vector.
            unsafe {
                if v + 1 < V {
                    s.load(x)
                } else {
                    s.load_masked(x, mask)
                }
            }
        };
        let store = |y: *mut T, values: [S::V; V]| {
            for v in 0..V {
                let y = y.wrapping_add(at * self.channels + c + v * S::LANES);
                // SAFETY: the position is one of the output's; the mask cuts the last vector.
                unsafe {
                    if v + 1 < V {
                        s.store(y, values[v]);
                    } else {
                        s.store_masked(y, mask, values[v]);
                    }
                }
            }
        };
        let Some(how) = self.how else {
            let mut most = [s.splat(f64::NEG_INFINITY); V];
            let mut place = [s.set(T::ZERO); V];
            inside.each(&self.window, |tap, pixel| {
                let tap = s.splat(tap as f64);
                for v in 0..V {
                    let x = load(pixel, v);
                    place[v] = s.if_gt(x, most[v], tap, place[v]);
                    // What is not equal to itself is taken, and stays.
                    let greater = s.if_gt(x, most[v], x, most[v]);
                    most[v] = s.if_eq(x, x, greater, x);
                }
            });
            store(self.y, most);
            if !self.index.is_null() {
                store(self.index, place);
            }
            return;
        };
        let mut sum = [s.set(T::ZERO); V];
        inside.each(&self.window, |_, pixel| {
            for v in 0..V {
                sum[v] = sum[v] + load(pixel, v);
            }
        });
        for v in 0..V {
            sum[v] = match how {
                Averaging::Mean => sum[v] / s.splat(inside.count() as f64),
                Averaging::Sum(scale) => sum[v] * s.set(scale),
            };
        }
        store(self.y, sum);
    }
}

impl<T: Scalar> PoolGrad<T> {
    /// # Safety
    /// The pointers hold what the sizes say.
    #[inline(always)]
    pub(crate) unsafe fn run<S: Simd<T>>(&self, s: S) {
        for at in 0..self.samples * self.window.outputs() {
            let inside = Inside::of(&self.window, at);
            for c in (0..self.channels).step_by(S::LANES) {
                let mask = s.first(self.channels - c);
                // SAFETY: the position is one of the output's, the pixel lies inside the input.
                unsafe {
                    let given = at * self.channels + c;
                    let dy = s.load_masked(self.dy.wrapping_add(given), mask);
                    let place = if self.how.is_none() {
                        s.load_masked(self.index.wrapping_add(given), mask)
                    } else {
                        dy
                    };
                    let share = match self.how {
                        None => dy,
                        Some(Averaging::Mean) => dy / s.splat(inside.count() as f64),
                        Some(Averaging::Sum(scale)) => dy * s.set(scale),
                    };
                    inside.each(&self.window, |tap, pixel| {
                        let dx = self.dx.wrapping_add(pixel * self.channels + c);
                        let share = if self.how.is_none() {
                            s.if_eq(place, s.splat(tap as f64), share, s.set(T::ZERO))
                        } else {
                            share
                        };
                        s.store_masked(dx, mask, s.load_masked(dx, mask) + share);
                    });
                }
            }
        }
    }
}

fn check(samples: usize, w: &Window2d, channels: usize, input: usize, output: usize) {
    w.check();
    ensure!(
        input == samples * w.inputs() * channels && output == samples * w.outputs() * channels,
        "lengths of a pool"
    );
}

pub(crate) fn max<T: Scalar>(
    samples: usize,
    window: &Window2d,
    channels: usize,
    x: &[T],
    y: &mut [T],
    index: Option<&mut [T]>,
) {
    check(samples, window, channels, x.len(), y.len());
    ensure!(
        index.as_ref().is_none_or(|i| i.len() == y.len()),
        "the length of a pool's index"
    );
    T::images(&Images::Pool(Pool {
        samples,
        window: *window,
        channels,
        how: None,
        x: x.as_ptr(),
        y: y.as_mut_ptr(),
        index: index.map_or(core::ptr::null_mut(), <[T]>::as_mut_ptr),
    }));
}

/// The maxima or, with `average`, means or sums of one image, whose sizes the caller vouches for.
///
/// # Safety
/// `x` is valid for reading the window's input, `y` for writing its output, and they lie apart.
#[cfg_attr(not(feature = "std"), inline(always))]
pub(super) unsafe fn part<T: Scalar>(
    window: &Window2d,
    channels: usize,
    average: Option<Averaging<T>>,
    x: *const T,
    y: *mut T,
) {
    T::images(&Images::Pool(Pool {
        samples: 1,
        window: *window,
        channels,
        how: average,
        x,
        y,
        index: core::ptr::null_mut(),
    }));
}

pub(crate) fn max_grad<T: Scalar>(
    samples: usize,
    window: &Window2d,
    channels: usize,
    dy: &[T],
    index: &[T],
    dx: &mut [T],
) {
    check(samples, window, channels, dx.len(), dy.len());
    ensure!(index.len() == dy.len(), "the length of a pool's index");
    dx.fill(T::ZERO);
    T::images(&Images::PoolGrad(PoolGrad {
        samples,
        window: *window,
        channels,
        how: None,
        dy: dy.as_ptr(),
        index: index.as_ptr(),
        dx: dx.as_mut_ptr(),
    }));
}

pub(crate) fn average<T: Scalar>(
    samples: usize,
    window: &Window2d,
    channels: usize,
    how: Averaging<T>,
    x: &[T],
    y: &mut [T],
) {
    check(samples, window, channels, x.len(), y.len());
    T::images(&Images::Pool(Pool {
        samples,
        window: *window,
        channels,
        how: Some(how),
        x: x.as_ptr(),
        y: y.as_mut_ptr(),
        index: core::ptr::null_mut(),
    }));
}

pub(crate) fn average_grad<T: Scalar>(
    samples: usize,
    window: &Window2d,
    channels: usize,
    how: Averaging<T>,
    dy: &[T],
    dx: &mut [T],
) {
    check(samples, window, channels, dx.len(), dy.len());
    dx.fill(T::ZERO);
    T::images(&Images::PoolGrad(PoolGrad {
        samples,
        window: *window,
        channels,
        how: Some(how),
        dy: dy.as_ptr(),
        index: core::ptr::null(),
        dx: dx.as_mut_ptr(),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::forced::on_every_isa;
    use crate::kernels::conv::tests::{numbers, windows};

    /// The pools' meaning, one element at a time: values, places, and shares of a gradient.
    fn reference(
        samples: usize,
        w: &Window2d,
        channels: usize,
        how: Option<Averaging<f64>>,
        x: &[f64],
        dy: &[f64],
    ) -> [Vec<f64>; 3] {
        let outputs = samples * w.outputs() * channels;
        let (mut y, mut index, mut dx) = (vec![0.0; outputs], vec![0.0; outputs], vec![0.0; x.len()]);
        for o in 0..outputs {
            let (pixel, c) = (o / channels, o % channels);
            let mut inside = Vec::new();
            for tap in 0..w.taps() {
                if let Some(i) = w.source(pixel, tap) {
                    inside.push((tap, i * channels + c));
                }
            }
            match how {
                None => {
                    let mut best = inside[0];
                    for &(tap, i) in &inside {
                        if x[i] > x[best.1] {
                            best = (tap, i);
                        }
                    }
                    y[o] = x[best.1];
                    index[o] = best.0 as f64;
                    dx[best.1] += dy[o];
                }
                Some(how) => {
                    let factor = match how {
                        Averaging::Mean => 1.0 / inside.len() as f64,
                        Averaging::Sum(scale) => scale,
                    };
                    for &(_, i) in &inside {
                        y[o] += factor * x[i];
                        dx[i] += factor * dy[o];
                    }
                }
            }
        }
        [y, index, dx]
    }

    fn check_all<T: Scalar>(bound: f64) {
        for (i, w) in windows().iter().enumerate() {
            for channels in [1, 3, 16, 21, 70] {
                let samples = 2;
                let x = numbers(samples * w.inputs() * channels, i as u64);
                let dy = numbers(samples * w.outputs() * channels, 99);
                let cast = |x: &[f64]| x.iter().map(|x| T::from_f64(*x)).collect::<Vec<T>>();
                let close = |found: &[T], expected: &[f64], what: &str| {
                    for (f, e) in found.iter().zip(expected) {
                        assert!(
                            (f.to_f64() - e).abs() <= bound,
                            "{what} of {w:?}, {channels}: {f}, not {e}"
                        );
                    }
                };
                let (tx, tdy) = (cast(&x), cast(&dy));
                let mut y = vec![T::ZERO; tdy.len()];
                let mut index = y.clone();
                let mut dx = vec![T::ONE; tx.len()];
                let [ry, ri, rdx] = reference(samples, w, channels, None, &x, &dy);
                max(samples, w, channels, &tx, &mut y, Some(&mut index));
                close(&y, &ry, "maximum");
                close(&index, &ri, "place");
                max_grad(samples, w, channels, &tdy, &index, &mut dx);
                close(&dx, &rdx, "maximum's gradient");
                for how in [Averaging::Mean, Averaging::Sum(0.25)] {
                    let [ry, _, rdx] = reference(samples, w, channels, Some(how), &x, &dy);
                    let how = match how {
                        Averaging::Mean => Averaging::Mean,
                        Averaging::Sum(scale) => Averaging::Sum(T::from_f64(scale)),
                    };
                    average(samples, w, channels, how, &tx, &mut y);
                    close(&y, &ry, "mean");
                    average_grad(samples, w, channels, how, &tdy, &mut dx);
                    close(&dx, &rdx, "mean's gradient");
                }
            }
        }
    }

    #[test]
    fn every_isa_on_odd_geometry() {
        on_every_isa(|_| {
            check_all::<f32>(1e-5);
            check_all::<f64>(1e-12);
        });
    }

    #[test]
    fn nan_is_the_maximum() {
        let w = windows()[0];
        on_every_isa(|isa| {
            for at in 0..w.taps() {
                let mut x = vec![1.0f32; w.inputs()];
                let pixel = w.source(w.outputs() / 2, at).expect("an inner window");
                x[pixel] = f32::NAN;
                let mut y = vec![0.0; w.outputs()];
                max(1, &w, 1, &x, &mut y, None);
                assert!(y[w.outputs() / 2].is_nan(), "{isa:?}, tap {at}");
            }
        });
    }
}
