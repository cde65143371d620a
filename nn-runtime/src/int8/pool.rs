//! Pools: the output has the scale and zero point of the input.

use crate::fault::ensure;
use crate::geometry::Window2d;

/// The mean of the elements of each window that lie inside, rounded to nearest, halves away from zero, then clamped to
/// `[low, high]`.
///
/// # Shapes
/// `x: [input height, input width, channels]`, `y: [output height, output width, channels]`
///
/// # Panics
/// If a length is another one, or the window does not move.
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn average_pool2d(window: &Window2d, channels: usize, x: &[i8], low: i8, high: i8, y: &mut [i8]) {
    check(window, channels, x, y);
    // SAFETY: the lengths were checked.
    unsafe { walk::<Mean>(window, channels, x.as_ptr(), low, high, y.as_mut_ptr()) };
}

/// The maximum of the elements of each window that lie inside; the least number where none does.
///
/// # Shapes
/// `x: [input height, input width, channels]`, `y: [output height, output width, channels]`
///
/// # Panics
/// If a length is another one, or the window does not move.
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn max_pool2d(window: &Window2d, channels: usize, x: &[i8], y: &mut [i8]) {
    check(window, channels, x, y);
    // SAFETY: the lengths were checked.
    unsafe { walk::<Max>(window, channels, x.as_ptr(), i8::MIN, i8::MAX, y.as_mut_ptr()) };
}

#[inline(always)]
fn check(window: &Window2d, channels: usize, x: &[i8], y: &[i8]) {
    window.check();
    ensure!(
        x.len() == window.inputs() * channels && y.len() == window.outputs() * channels,
        "lengths of a pool"
    );
}

/// What becomes of a window.
trait Pool {
    const START: i32;
    fn add(sum: i32, x: i32) -> i32;
    fn finish(sum: i32, count: i32) -> i32;
}

struct Mean;

impl Pool for Mean {
    const START: i32 = 0;

    #[inline(always)]
    fn add(sum: i32, x: i32) -> i32 {
        sum + x
    }

    #[inline(always)]
    fn finish(sum: i32, count: i32) -> i32 {
        let half = if sum > 0 { count / 2 } else { -(count / 2) };
        // A window that lies outside altogether, and the quotient that does not fit: neither occurs.
        (sum + half).checked_div(count).unwrap_or(0)
    }
}

struct Max;

impl Pool for Max {
    const START: i32 = i8::MIN as i32;

    #[inline(always)]
    fn add(sum: i32, x: i32) -> i32 {
        sum.max(x)
    }

    #[inline(always)]
    fn finish(sum: i32, _: i32) -> i32 {
        sum
    }
}

/// # Safety
/// `x` and `y` have the window's pixels of `channels` elements.
#[inline(never)]
unsafe fn walk<P: Pool>(window: &Window2d, channels: usize, x: *const i8, low: i8, high: i8, mut y: *mut i8) {
    let [height, width] = window.output;
    for i in 0..height {
        let rows = window.inside(0, i);
        for j in 0..width {
            let columns = window.inside(1, j);
            let count = (rows.1 - rows.0) * (columns.1 - columns.0);
            for c in 0..channels {
                let mut sum = P::START;
                for ti in rows.0..rows.1 {
                    let row = i * window.stride[0] + ti * window.dilation[0] - window.before[0];
                    for tj in columns.0..columns.1 {
                        let column = j * window.stride[1] + tj * window.dilation[1] - window.before[1];
                        // SAFETY: the tap lies inside.
                        let x = unsafe { *x.add((row * window.input[1] + column) * channels + c) };
                        sum = P::add(sum, i32::from(x));
                    }
                }
                let mean = P::finish(sum, count as i32);
                // SAFETY: one element for each pixel and channel.
                unsafe {
                    *y = mean.max(i32::from(low)).min(i32::from(high)) as i8;
                    y = y.add(1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::bytes;
    use super::*;
    use crate::isa::forced::on_every_isa;
    use crate::kernels::conv::tests::windows;

    #[test]
    fn by_definition() {
        for (i, window) in windows().into_iter().enumerate() {
            for channels in [1, 3, 8, 21, 70] {
                let x = bytes(window.inputs() * channels, i as u64);
                let (mut means, mut maxima) = (Vec::new(), Vec::new());
                for o in 0..window.outputs() * channels {
                    let (pixel, c) = (o / channels, o % channels);
                    let inside: Vec<i32> = (0..window.taps())
                        .filter_map(|tap| window.source(pixel, tap))
                        .map(|source| i32::from(x[source * channels + c]))
                        .collect();
                    let mean = f64::from(inside.iter().sum::<i32>()) / inside.len() as f64;
                    means.push((mean.round() as i8).clamp(-100, 90));
                    maxima.push(*inside.iter().max().expect("no window outside") as i8);
                }
                on_every_isa(|isa| {
                    let mut y = vec![0; means.len()];
                    average_pool2d(&window, channels, &x, -100, 90, &mut y);
                    assert_eq!(y, means, "{isa:?}: means of {window:?}, {channels}");
                    max_pool2d(&window, channels, &x, &mut y);
                    assert_eq!(y, maxima, "{isa:?}: maxima of {window:?}, {channels}");
                });
            }
        }
    }
}
