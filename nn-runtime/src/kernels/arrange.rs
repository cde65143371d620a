//! Numbers in another place: permuted axes, padding and cropping, and resized images.

use super::images::Images;
use crate::Scalar;
use crate::fault::ensure;
use crate::simd::Simd;

pub(crate) fn permute<T: Scalar>(samples: usize, dims: [usize; 4], axes: [usize; 4], x: &[T], y: &mut [T]) {
    let elems: usize = dims.iter().product();
    ensure!(
        x.len() == samples * elems && y.len() == samples * elems,
        "lengths of a permutation"
    );
    let to = axes.map(|a| dims[a]);
    ensure!(to.iter().product::<usize>() == elems, "the axes of a permutation");
    let images = x.chunks_exact(elems.max(1)).zip(y.chunks_exact_mut(elems.max(1)));
    for (x, y) in images {
        permute_one(dims, axes, x, y);
    }
}

/// One image, of any numbers; what the lengths do not hold is left out, without a path that panics.
#[inline]
pub(crate) fn permute_one<T: Copy>(dims: [usize; 4], axes: [usize; 4], x: &[T], y: &mut [T]) {
    let mut strides = [1; 4];
    for axis in (0..3).rev() {
        strides[axis] = strides[axis + 1] * dims[axis + 1];
    }
    // Of the result's axes.
    let (to, step) = (axes.map(|a| dims[a % 4]), axes.map(|a| strides[a % 4]));
    let mut rows = y.chunks_exact_mut(to[3].max(1));
    for a in 0..to[0] {
        for b in 0..to[1] {
            for c in 0..to[2] {
                let start = a * step[0] + b * step[1] + c * step[2];
                let (Some(x), Some(y)) = (x.get(start..), rows.next()) else {
                    return;
                };
                if step[3] == 1 {
                    y.iter_mut().zip(x).for_each(|(y, x)| *y = *x);
                } else {
                    let x = x.iter().step_by(step[3].max(1));
                    y.iter_mut().zip(x).for_each(|(y, x)| *y = *x);
                }
            }
        }
    }
}

pub(crate) fn copy_box<T: Scalar>(
    samples: usize,
    from: [usize; 3],
    to: [usize; 3],
    at: [isize; 3],
    fill: T,
    x: &[T],
    y: &mut [T],
) {
    let (given, result) = (from.iter().product::<usize>(), to.iter().product::<usize>());
    ensure!(
        x.len() == samples * given && y.len() == samples * result,
        "lengths of a padding"
    );
    for (n, y) in y.chunks_exact_mut(result.max(1)).enumerate() {
        copy_box_one(from, to, at, fill, x.get(n * given..).unwrap_or_default(), y);
    }
}

/// One image, of any numbers, as [`permute_one`].
#[inline]
pub(crate) fn copy_box_one<T: Copy>(
    from: [usize; 3],
    to: [usize; 3],
    at: [isize; 3],
    fill: T,
    x: &[T],
    y: &mut [T],
) {
    let inside = |axis: usize, i: usize| {
        let p = i as isize - at[axis];
        (0..from[axis] as isize).contains(&p).then_some(p as usize)
    };
    // Of a row of the result, what comes from the input, and where that begins there.
    let start = at[2].clamp(0, to[2] as isize) as usize;
    let end = (at[2] + from[2] as isize).clamp(start as isize, to[2] as isize) as usize;
    let first = (start as isize - at[2]).max(0) as usize;
    let mut rows = y.chunks_exact_mut(to[2].max(1));
    for i in 0..to[0] {
        for j in 0..to[1] {
            let Some(y) = rows.next() else {
                return;
            };
            let row = inside(0, i)
                .zip(inside(1, j))
                .map(|(i, j)| (i * from[1] + j) * from[2]);
            let Some(x) = row.and_then(|row| x.get(row + first..row + first + (end - start))) else {
                y.fill(fill);
                continue;
            };
            for outside in [0..start, end..to[2]] {
                if let Some(y) = y.get_mut(outside) {
                    y.fill(fill);
                }
            }
            if let Some(y) = y.get_mut(start..end) {
                y.iter_mut().zip(x).for_each(|(y, x)| *y = *x);
            }
        }
    }
}

/// Bilinear interpolation, or its gradient.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Bilinear<T> {
    samples: usize,
    from: [usize; 2],
    to: [usize; 2],
    channels: usize,
    /// The smaller or larger image that is read.
    x: *const T,
    y: *mut T,
    gradient: bool,
}

/// The two elements that element `o` of the result lies between, and the second one's share.
#[inline(always)]
fn between(from: usize, to: usize, o: usize) -> (usize, usize, f64) {
    let at = (o as f64 + 0.5) * from as f64 / to as f64 - 0.5;
    let at = if at > 0.0 { at } else { 0.0 };
    let low = (at as usize).min(from - 1);
    (low, (low + 1).min(from - 1), at - low as f64)
}

impl<T: Scalar> Bilinear<T> {
    /// # Safety
    /// The pointers hold what the sizes say.
    #[inline(always)]
    pub(crate) unsafe fn run<S: Simd<T>>(&self, s: S) {
        let (small, large) = (self.from[0] * self.from[1], self.to[0] * self.to[1]);
        for pixel in 0..self.samples * large {
            let (n, rest) = (pixel / large, pixel % large);
            let (top, bottom, down) = between(self.from[0], self.to[0], rest / self.to[1]);
            let (left, right, across) = between(self.from[1], self.to[1], rest % self.to[1]);
            let corner = |r: usize, c: usize, share: f64| {
                ((n * small + r * self.from[1] + c) * self.channels, s.splat(share))
            };
            let corners = [
                corner(top, left, (1.0 - down) * (1.0 - across)),
                corner(top, right, (1.0 - down) * across),
                corner(bottom, left, down * (1.0 - across)),
                corner(bottom, right, down * across),
            ];
            for c in (0..self.channels).step_by(S::LANES) {
                let mask = s.first(self.channels - c);
                let at = pixel * self.channels + c;
                // SAFETY: the pixel is one of the larger image's, the corners are the smaller one's; the mask leaves the
                // channels.
                unsafe {
                    if self.gradient {
                        let dy = s.load_masked(self.x.wrapping_add(at), mask);
                        for (corner, share) in corners {
                            let dx = self.y.wrapping_add(corner + c);
                            s.store_masked(dx, mask, s.mul_add(dy, share, s.load_masked(dx, mask)));
                        }
                    } else {
                        let mut sum = s.set(T::ZERO);
                        for (corner, share) in corners {
                            let x = s.load_masked(self.x.wrapping_add(corner + c), mask);
                            sum = s.mul_add(x, share, sum);
                        }
                        s.store_masked(self.y.wrapping_add(at), mask, sum);
                    }
                }
            }
        }
    }
}

fn check(samples: usize, from: [usize; 2], to: [usize; 2], channels: usize, small: usize, large: usize) {
    ensure!(
        small == samples * from[0] * from[1] * channels && large == samples * to[0] * to[1] * channels,
        "lengths of a resized image"
    );
    ensure!(from[0] > 0 && from[1] > 0, "an image of no pixels");
}

pub(crate) fn bilinear<T: Scalar>(
    samples: usize,
    from: [usize; 2],
    to: [usize; 2],
    channels: usize,
    x: &[T],
    y: &mut [T],
) {
    check(samples, from, to, channels, x.len(), y.len());
    T::images(&Images::Bilinear(Bilinear {
        samples,
        from,
        to,
        channels,
        x: x.as_ptr(),
        y: y.as_mut_ptr(),
        gradient: false,
    }));
}

pub(crate) fn bilinear_grad<T: Scalar>(
    samples: usize,
    from: [usize; 2],
    to: [usize; 2],
    channels: usize,
    dy: &[T],
    dx: &mut [T],
) {
    check(samples, from, to, channels, dx.len(), dy.len());
    dx.fill(T::ZERO);
    T::images(&Images::Bilinear(Bilinear {
        samples,
        from,
        to,
        channels,
        x: dy.as_ptr(),
        y: dx.as_mut_ptr(),
        gradient: true,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::forced::on_every_isa;
    use crate::kernels::conv::tests::numbers;

    #[test]
    fn permutes() {
        let dims = [2, 3, 4, 5];
        let x: Vec<f32> = (0..240).map(|i| i as f32).collect();
        for axes in [
            [0, 1, 2, 3],
            [3, 2, 1, 0],
            [0, 3, 2, 1],
            [1, 0, 3, 2],
            [2, 0, 1, 3],
        ] {
            let mut y = vec![0.0; 240];
            permute(2, dims, axes, &x, &mut y);
            let to = axes.map(|a| dims[a]);
            for (i, y) in y.iter().enumerate() {
                let mut rest = i % 120;
                let mut from = [0; 4];
                for a in (0..4).rev() {
                    from[axes[a]] = rest % to[a];
                    rest /= to[a];
                }
                let at = ((from[0] * 3 + from[1]) * 4 + from[2]) * 5 + from[3];
                assert_eq!(*y, (i / 120 * 120 + at) as f32, "{axes:?}");
            }
        }
    }

    #[test]
    fn pads_and_crops() {
        let x: Vec<f32> = (1..=6).map(|i| i as f32).collect();
        let mut y = vec![9.0; 12];
        copy_box(1, [2, 3, 1], [3, 4, 1], [1, 0, 0], 0.5, &x, &mut y);
        assert_eq!(y, [0.5, 0.5, 0.5, 0.5, 1.0, 2.0, 3.0, 0.5, 4.0, 5.0, 6.0, 0.5]);
        let mut back = vec![9.0; 6];
        copy_box(1, [3, 4, 1], [2, 3, 1], [-1, 0, 0], 0.0, &y, &mut back);
        assert_eq!(back, x);
        // Along the last axis, two samples.
        let mut y = vec![9.0; 8];
        copy_box(2, [1, 1, 3], [1, 1, 4], [0, 0, -1], 0.0, &x, &mut y);
        assert_eq!(y, [2.0, 3.0, 0.0, 0.0, 5.0, 6.0, 0.0, 0.0]);
        copy_box(2, [1, 1, 3], [1, 1, 4], [0, 0, 5], 7.0, &x, &mut y);
        assert_eq!(y, [7.0; 8]);
    }

    #[test]
    fn one_image_of_bytes() {
        let mut y = [0; 6];
        permute_one([1, 1, 2, 3], [0, 1, 3, 2], &[1i8, 2, 3, 4, 5, 6], &mut y);
        assert_eq!(y, [1, 4, 2, 5, 3, 6]);
        let mut y = [0; 4];
        copy_box_one([1, 1, 2], [1, 1, 4], [0, 0, 1], 9i8, &[1, 2], &mut y);
        assert_eq!(y, [9, 1, 2, 9]);
        let mut y = [0; 2];
        copy_box_one([1, 1, 4], [1, 1, 2], [0, 0, -1], 9i8, &[1, 2, 3, 4], &mut y);
        assert_eq!(y, [2, 3]);
    }

    #[test]
    fn interpolates() {
        on_every_isa(|isa| {
            // As PyTorch and Keras: pixel centres at halves.
            let mut y = vec![0.0f64; 4];
            bilinear(1, [1, 2], [1, 4], 1, &[0.0, 4.0], &mut y);
            assert_eq!(y, [0.0, 1.0, 3.0, 4.0], "{isa:?}");
            // <dy, A x> = <Aᵀ dy, x>
            for (from, to, channels) in [([3, 2], [6, 6], 1), ([2, 5], [4, 15], 19), ([1, 1], [3, 2], 4)] {
                let x = numbers(2 * from[0] * from[1] * channels, 1);
                let dy = numbers(2 * to[0] * to[1] * channels, 2);
                let (mut y, mut dx) = (vec![0.0; dy.len()], vec![1.0; x.len()]);
                bilinear(2, from, to, channels, &x, &mut y);
                bilinear_grad(2, from, to, channels, &dy, &mut dx);
                let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                assert!((dot(&y, &dy) - dot(&dx, &x)).abs() < 1e-10, "{isa:?}");
            }
        });
    }
}
