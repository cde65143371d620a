//! Convolutions whose every channel is a group of its own.

use super::conv::Job;

/// # Safety
/// The job's lengths fit.
#[inline(never)]
pub(super) unsafe fn scalar(job: &Job<'_>) {
    let mut y = job.y;
    for i in 0..job.conv.window.output[0] {
        for j in 0..job.conv.window.output[1] {
            for c in 0..job.conv.outputs {
                // SAFETY: the pixel and the channel are some of the job's.
                unsafe {
                    *y = channel(job, [i, j], c);
                    y = y.add(1);
                }
            }
        }
    }
}

/// One channel of a pixel.
///
/// # Safety
/// The job's lengths fit, and both are the job's.
#[inline(always)]
pub(super) unsafe fn channel(job: &Job<'_>, pixel: [usize; 2], c: usize) -> i8 {
    let window = &job.conv.window;
    let inside = [0, 1].map(|axis| window.inside(axis, pixel[axis]));
    // SAFETY: the caller's.
    let mut sum = unsafe { *job.b.add(c) };
    for i in 0..window.kernel[0] {
        for j in 0..window.kernel[1] {
            let here = inside[0].0 <= i && i < inside[0].1 && inside[1].0 <= j && j < inside[1].1;
            // SAFETY: the tap lies inside where its element is read.
            unsafe {
                let x = if here {
                    *job.source(pixel, [i, j]).add(c)
                } else {
                    job.zero
                };
                let w = *job.w.add((i * window.kernel[1] + j) * job.conv.outputs + c);
                sum += i32::from(x) * i32::from(w);
            }
        }
    }
    // SAFETY: the caller's.
    unsafe { job.r.apply(c, sum) }
}
