//! Softmax, and softmax with cross-entropy.

use crate::Scalar;
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
    fn run<S: Simd<T>>(self, _: S) {
        for r in 0..self.rows {
            // SAFETY: `softmax` checked the lengths.
            let (x, y) = unsafe { (self.x.add(r * self.width), self.y.add(r * self.width)) };
            // SAFETY: `c` is below the width.
            let x = |c: usize| unsafe { x.add(c).read() }.to_f64();
            let (max, sum) = max_and_sum(self.width, x);
            for c in 0..self.width {
                let value = if self.log {
                    x(c) - max - ln(sum)
                } else {
                    exp(x(c) - max) / sum
                };
                // SAFETY: as above.
                unsafe { y.add(c).write(T::from_f64(value)) }
            }
        }
    }
}

impl<T: Scalar> Kernel<T> for &CrossEntropy<T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, _: S) {
        let s = self.smoothing.to_f64();
        for r in 0..self.rows {
            // SAFETY: `cross_entropy` checked the lengths.
            unsafe {
                let x = self.x.add(r * self.width);
                let x = |c: usize| x.add(c).read().to_f64();
                let label = self.labels.add(r).read() as usize;
                let (max, sum) = max_and_sum(self.width, x);
                let lse = max + ln(sum);
                let mut mean = 0.0;
                for c in 0..self.width {
                    mean += x(c) / self.width as f64;
                }
                let (weight, loss) = if label < self.width {
                    let weight = if self.class_weights.is_null() {
                        1.0
                    } else {
                        self.class_weights.add(label).read().to_f64()
                    };
                    (weight, weight * ((1.0 - s) * (lse - x(label)) + s * (lse - mean)))
                } else {
                    (f64::NAN, f64::NAN)
                };
                self.loss.add(r).write(T::from_f64(self.scale.to_f64() * loss));
                if !self.dx.is_null() {
                    let scale = self.gradient_scale.to_f64() * weight;
                    for c in 0..self.width {
                        let target = (1.0 - s) * f64::from(u8::from(c == label)) + s / self.width as f64;
                        let value = scale * (exp(x(c) - max) / sum - target);
                        self.dx.add(r * self.width + c).write(T::from_f64(value));
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn max_and_sum(width: usize, x: impl Fn(usize) -> f64) -> (f64, f64) {
    let mut max = f64::NEG_INFINITY;
    for c in 0..width {
        max = if x(c) > max { x(c) } else { max };
    }
    let mut sum = 0.0;
    for c in 0..width {
        sum += exp(x(c) - max);
    }
    (max, sum)
}

fn exp(x: f64) -> f64 {
    Simd::<f64>::exp(crate::simd::Portable::new(), x)
}

fn ln(x: f64) -> f64 {
    Simd::<f64>::ln(crate::simd::Portable::new(), x)
}

pub(crate) fn softmax<T: Scalar>(rows: usize, width: usize, x: Operand<'_, T>, y: &mut [T], log: bool) {
    assert!(y.len() == rows * width, "the output's length");
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
    assert!(
        labels.len() == rows && loss.len() == rows,
        "lengths of labels and loss"
    );
    assert!(
        class_weights.is_empty() || class_weights.len() == width,
        "the class weights' length"
    );
    assert!(
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
            assert!(x.len() == len, "the operand's length");
            x.as_ptr()
        }
        (Operand::Own, Some(own)) => own,
        _ => panic!("expected a full operand, or `Own` and an output"),
    }
}
