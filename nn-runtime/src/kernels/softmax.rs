//! Softmax, and softmax with cross-entropy.

#[cfg(test)]
mod tests;

use super::chunk::Chunk;
use crate::Scalar;
use crate::fault::ensure;
use crate::ops::Operand;
use crate::simd::{Kernel, Simd};

/// See [`crate::ops::softmax`].
#[doc(hidden)]
pub struct Softmax<T> {
    rows: usize,
    width: usize,
    x: *const T,
    y: *mut T,
    log: bool,
}

/// See [`crate::ops::softmax_cross_entropy`].
#[doc(hidden)]
pub struct CrossEntropy<T> {
    rows: usize,
    width: usize,
    x: *const T,
    labels: *const u32,
    smoothing: T,
    /// Null without.
    class_weights: *const T,
    scale: T,
    loss: *mut T,
    /// Null without.
    dx: *mut T,
    gradient_scale: T,
}

impl<T: Scalar> Kernel<T> for &Softmax<T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, s: S) {
        for r in 0..self.rows {
            // SAFETY: `softmax` checked the lengths, and `x` may be `y`: each number is read before it is written.
            unsafe {
                let x = self.x.add(r * self.width);
                let y = self.y.add(r * self.width);
                let max = row_max(s, x, self.width);
                let sum = exponentials(
                    s,
                    x,
                    self.width,
                    max,
                    if self.log { core::ptr::null_mut() } else { y },
                );
                if self.log {
                    // x - max first: the logarithm of the sum may be far below the maximum.
                    let (max, ln) = (s.set(max), s.ln(s.set(sum)));
                    each(s, x, y, self.width, |x| (x - max) - ln);
                } else {
                    let factor = s.set(T::ONE) / s.set(sum);
                    each(s, y, y, self.width, |e| e * factor);
                }
            }
        }
    }
}

impl<T: Scalar> Kernel<T> for &CrossEntropy<T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, s: S) {
        let smoothed = self.smoothing > T::ZERO;
        let per_class = self.smoothing / T::from_f64(self.width as f64);
        for r in 0..self.rows {
            // SAFETY: `cross_entropy` checked the lengths; what is wanted of `x` is read before `dx`, which may be the
            // same, is written.
            unsafe {
                let x = self.x.add(r * self.width);
                let dx = if self.dx.is_null() {
                    self.dx
                } else {
                    self.dx.add(r * self.width)
                };
                let label = self.labels.add(r).read() as usize;
                let (weight, at_label) = if label >= self.width {
                    (T::from_f64(f64::NAN), T::ZERO)
                } else if self.class_weights.is_null() {
                    (T::ONE, x.add(label).read())
                } else {
                    (self.class_weights.add(label).read(), x.add(label).read())
                };
                let max = row_max(s, x, self.width);
                let below = if smoothed {
                    mean_below(s, x, self.width, max)
                } else {
                    T::ZERO
                };
                let sum = exponentials(s, x, self.width, max, dx);
                let ln = first_lane(s, s.ln(s.set(sum)));
                // lse - x[t] and lse - mean x, both with the maximum taken off.
                let right = ln + (max - at_label);
                let spread = (T::ONE - self.smoothing) * right + self.smoothing * (ln + below);
                self.loss
                    .add(r)
                    .write(self.scale * weight * if smoothed { spread } else { right });
                if !dx.is_null() {
                    let scale = self.gradient_scale * weight;
                    let factor = s.set(scale) / s.set(sum);
                    let less = s.set(-scale * per_class);
                    each(s, dx, dx, self.width, |e| s.mul_add(e, factor, less));
                    if label < self.width {
                        let at_label = dx.add(label);
                        at_label.write(at_label.read() - scale * (T::ONE - self.smoothing));
                    }
                }
            }
        }
    }
}

/// The greatest number; where one is NaN, perhaps another: its exponential will tell.
///
/// # Safety
/// `x` holds `width` numbers.
#[inline(always)]
unsafe fn row_max<T: Scalar, S: Simd<T>>(s: S, x: *const T, width: usize) -> T {
    let least = s.splat(f64::NEG_INFINITY);
    let mut max = least;
    let mut c = 0;
    while c < width {
        let mask = s.first(width - c);
        // SAFETY: the caller's; the mask ends with the row.
        let v = s.select(mask, unsafe { s.load_masked(x.add(c), mask) }, least);
        max = s.greater(max, v);
        c += S::LANES;
    }
    let mut lanes = Chunk::new(T::from_f64(f64::NEG_INFINITY));
    lanes.merge(s, 0, max, |_, v| v);
    lanes.max()
}

/// `Σ e^(x - max)`; the exponentials themselves go to `y`, if that is not null.
///
/// # Safety
/// `x`, and `y` if not null, hold `width` numbers.
#[inline(always)]
unsafe fn exponentials<T: Scalar, S: Simd<T>>(s: S, x: *const T, width: usize, max: T, y: *mut T) -> T {
    let max = s.set(max);
    let mut partial = Chunk::new(T::ZERO);
    let mut c = 0;
    while c < width {
        let mask = s.first(width - c);
        // SAFETY: the caller's; the mask ends with the row.
        let e = s.exp(unsafe { s.load_masked(x.add(c), mask) } - max);
        if !y.is_null() {
            // SAFETY: as above.
            unsafe { s.store_masked(y.add(c), mask, e) }
        }
        partial.merge(s, c, s.select(mask, e, s.set(T::ZERO)), |a, b| a + b);
        c += S::LANES;
    }
    partial.sum()
}

/// `max - mean x`
///
/// # Safety
/// `x` holds `width` numbers.
#[inline(always)]
unsafe fn mean_below<T: Scalar, S: Simd<T>>(s: S, x: *const T, width: usize, max: T) -> T {
    let max = s.set(max);
    let mut partial = Chunk::new(T::ZERO);
    let mut c = 0;
    while c < width {
        let mask = s.first(width - c);
        // SAFETY: the caller's; the mask ends with the row.
        let below = max - unsafe { s.load_masked(x.add(c), mask) };
        partial.merge(s, c, s.select(mask, below, s.set(T::ZERO)), |a, b| a + b);
        c += S::LANES;
    }
    partial.sum() / T::from_f64(width as f64)
}

/// `y[c] = f(x[c])`
///
/// # Safety
/// `x` and `y` hold `width` numbers; they are the same or apart.
#[inline(always)]
unsafe fn each<T: Scalar, S: Simd<T>>(s: S, x: *const T, y: *mut T, width: usize, f: impl Fn(S::V) -> S::V) {
    let mut c = 0;
    while c < width {
        let mask = s.first(width - c);
        // SAFETY: the caller's; the mask ends with the row.
        unsafe { s.store_masked(y.add(c), mask, f(s.load_masked(x.add(c), mask))) };
        c += S::LANES;
    }
}

#[inline(always)]
fn first_lane<T: Scalar, S: Simd<T>>(s: S, v: S::V) -> T {
    let mut lanes = Chunk::new(T::ZERO);
    lanes.merge(s, 0, v, |_, v| v);
    lanes.0[0]
}

pub(crate) fn softmax<T: Scalar>(rows: usize, width: usize, x: Operand<'_, T>, y: &mut [T], log: bool) {
    ensure!(y.len() == rows * width, "the output's length");
    let y = y.as_mut_ptr();
    let x = full_or_own(rows * width, x, Some(y));
    T::softmax(&Softmax {
        rows,
        width,
        x,
        y,
        log,
    });
}

#[expect(clippy::too_many_arguments, reason = "the loss, its options and its gradient")]
pub(crate) fn cross_entropy<T: Scalar>(
    rows: usize,
    width: usize,
    x: Operand<'_, T>,
    labels: &[u32],
    smoothing: T,
    class_weights: &[T],
    scale: T,
    loss: &mut [T],
    dx: Option<&mut [T]>,
    gradient_scale: T,
) {
    ensure!(
        labels.len() == rows && loss.len() == rows,
        "lengths of labels and loss"
    );
    ensure!(
        class_weights.is_empty() || class_weights.len() == width,
        "the class weights' length"
    );
    ensure!(
        dx.as_ref().is_none_or(|dx| dx.len() == rows * width),
        "the gradient's length"
    );
    let dx = dx.map(<[T]>::as_mut_ptr);
    let x = full_or_own(rows * width, x, dx);
    T::cross_entropy(&CrossEntropy {
        rows,
        width,
        x,
        labels: labels.as_ptr(),
        smoothing,
        class_weights: if class_weights.is_empty() {
            core::ptr::null()
        } else {
            class_weights.as_ptr()
        },
        scale,
        loss: loss.as_mut_ptr(),
        dx: dx.unwrap_or(core::ptr::null_mut()),
        gradient_scale,
    });
}

/// The operand's numbers, or the output's.
pub(super) fn full_or_own<T: Scalar>(len: usize, x: Operand<'_, T>, own: Option<*mut T>) -> *const T {
    match (x, own) {
        (Operand::Full(x), _) => {
            ensure!(x.len() == len, "the operand's length");
            x.as_ptr()
        }
        (Operand::Own, Some(own)) => own,
        _ => panic!("expected a full operand, or `Own` and an output"),
    }
}
