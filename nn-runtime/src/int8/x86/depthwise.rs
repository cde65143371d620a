//! Depthwise convolutions: lanes go over the channels.

use super::super::conv::Job;
use super::super::rescale::LANES;
use super::Kernel;

/// Of a job whose lengths fit.
pub(in super::super) struct Depthwise<'a, 'b>(&'b Job<'a>);

impl<'a, 'b> Depthwise<'a, 'b> {
    /// # Safety
    /// The job's lengths fit.
    pub(in super::super) const unsafe fn new(job: &'b Job<'a>) -> Self {
        Self(job)
    }
}

impl Kernel for Depthwise<'_, '_> {
    #[inline(always)]
    fn run(self) {
        let job = self.0;
        let channels = job.conv.outputs;
        let mut y = job.y;
        for i in 0..job.conv.window.output[0] {
            for j in 0..job.conv.window.output[1] {
                let mut c = 0;
                while c < channels {
                    let lanes = LANES.min(channels - c);
                    // SAFETY: the pixel and the channels are some of the job's, whose lengths fit as `new` demands.
                    unsafe {
                        if lanes == LANES {
                            pixel(job, [i, j], c, LANES, y.add(c));
                        } else {
                            pixel(job, [i, j], c, lanes, y.add(c));
                        }
                    }
                    c += lanes;
                }
                // SAFETY: as above.
                y = unsafe { y.add(channels) };
            }
        }
    }
}

/// # Safety
/// As [`Depthwise::new`]; the pixel is one of the job's, which has `lanes` channels from `c` on.
#[inline(always)]
unsafe fn pixel(job: &Job<'_>, pixel: [usize; 2], c: usize, lanes: usize, y: *mut i8) {
    let window = &job.conv.window;
    let [rows, columns] = [0, 1].map(|axis| window.inside(axis, pixel[axis]));
    let outside = [job.zero; LANES];
    let mut sums = [0i32; LANES];
    // SAFETY: the caller's; the taps that are read lie inside.
    unsafe {
        for (l, sum) in sums.iter_mut().enumerate().take(lanes) {
            *sum = *job.b.add(c + l);
        }
        for i in 0..window.kernel[0] {
            for j in 0..window.kernel[1] {
                let inside = rows.0 <= i && i < rows.1 && columns.0 <= j && j < columns.1;
                let x = if inside {
                    job.source(pixel, [i, j]).add(c)
                } else {
                    outside.as_ptr()
                };
                let w = job.w.add((i * window.kernel[1] + j) * job.conv.outputs + c);
                for (l, sum) in sums.iter_mut().enumerate().take(lanes) {
                    *sum += i32::from(*x.add(l)) * i32::from(*w.add(l));
                }
            }
        }
        job.r.apply_lanes(c, lanes, &sums, y);
    }
}
