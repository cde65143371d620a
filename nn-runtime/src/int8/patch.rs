//! The elements under a window's position as one row.

use super::conv::Job;

/// The group's patch of a pixel, `[taps, inputs / groups]`: where it lies in the image in one piece, else copied to `buffer`.
///
/// # Safety
/// The job's lengths fit, `pixel` is one of the output's, the group's channels begin at `first`, and `buffer` has room for
/// a patch.
#[inline(always)]
pub(super) unsafe fn patch(job: &Job<'_>, pixel: [usize; 2], first: usize, buffer: *mut i8) -> *const i8 {
    let window = &job.conv.window;
    let [rows, columns] = [0, 1].map(|axis| window.inside(axis, pixel[axis]));
    let [height, width] = window.kernel;
    if height == 1 && width == 1 && rows.1 == 1 && columns.1 == 1 {
        // SAFETY: the tap lies inside.
        return unsafe { job.source(pixel, [0, 0]).add(first) };
    }
    // Taps of a row that follow each other in the image are one piece.
    let joined = window.dilation[1] == 1 && job.inputs == job.conv.inputs;
    let mut to = buffer;
    for i in 0..height {
        // SAFETY: the buffer holds every tap; those within `columns` of a row within `rows` lie inside the image.
        unsafe {
            if rows.0 <= i && i < rows.1 && columns.0 < columns.1 {
                to = fill(to, job.zero, columns.0 * job.inputs);
                if joined {
                    let from = job.source(pixel, [i, columns.0]);
                    to = copy(from, to, (columns.1 - columns.0) * job.inputs);
                } else {
                    for j in columns.0..columns.1 {
                        to = copy(job.source(pixel, [i, j]).add(first), to, job.inputs);
                    }
                }
                to = fill(to, job.zero, (width - columns.1) * job.inputs);
            } else {
                to = fill(to, job.zero, width * job.inputs);
            }
        }
    }
    buffer
}

/// The end of what was written.
///
/// # Safety
/// Both have room for `count` bytes.
#[inline(always)]
unsafe fn copy(from: *const i8, to: *mut i8, count: usize) -> *mut i8 {
    // SAFETY: the caller's.
    unsafe {
        #[cfg(all(target_arch = "arm", nn_dsp))]
        super::dsp::copy(from, to, count);
        #[cfg(not(all(target_arch = "arm", nn_dsp)))]
        core::ptr::copy_nonoverlapping(from, to, count);
        to.add(count)
    }
}

/// As [`copy`].
#[inline(always)]
unsafe fn fill(to: *mut i8, value: i8, count: usize) -> *mut i8 {
    // SAFETY: the caller's.
    unsafe {
        core::ptr::write_bytes(to, value as u8, count);
        to.add(count)
    }
}
