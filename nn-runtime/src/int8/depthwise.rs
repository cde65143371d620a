//! Convolutions whose every channel is a group of its own.

use super::conv::Job;

/// # Safety
/// The job's lengths fit.
pub(super) unsafe fn run(job: &Job<'_>) {
    // SAFETY: the caller's.
    unsafe { scalar(job) };
}

/// # Safety
/// The job's lengths fit.
#[inline(never)]
unsafe fn scalar(job: &Job<'_>) {
    let window = &job.conv.window;
    let channels = job.conv.outputs;
    let mut y = job.y;
    for i in 0..window.output[0] {
        for j in 0..window.output[1] {
            for c in 0..channels {
                // SAFETY: the pixel and the channel are some of the job's.
                unsafe {
                    *y = job.r.apply(c, *job.b.add(c) + sum(job, [i, j], c));
                    y = y.add(1);
                }
            }
        }
    }
}

/// Of one pixel and channel.
///
/// # Safety
/// As [`run`].
#[inline(always)]
unsafe fn sum(job: &Job<'_>, pixel: [usize; 2], c: usize) -> i32 {
    let window = &job.conv.window;
    let inside = [0, 1].map(|axis| window.inside(axis, pixel[axis]));
    let mut sum = 0;
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
    sum
}
