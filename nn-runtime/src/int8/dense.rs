//! Dense layers: to the kernels a convolution of single pixels, the rows.

use super::conv::{Job, product};
use super::{Rescale, padded};
use crate::fault::ensure;
use crate::geometry::{Conv2d, Window2d};

/// `y[r, c] = rescale(b[c] + Σ w[c, i] · x[r, i])`
///
/// # Shapes
/// `x: [rows, k]`, `w: [n, padded(k)]`, `b: [n]`, `y: [rows, n]`
///
/// # Panics
/// If a length is another one.
#[allow(clippy::too_many_arguments)]
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn dense(rows: usize, k: usize, n: usize, x: &[i8], w: &[i8], b: &[i32], r: Rescale<'_>, y: &mut [i8]) {
    ensure!(
        x.len() == rows * k && y.len() == rows * n,
        "lengths of a dense layer"
    );
    ensure!(
        w.len() == n * padded(k) && b.len() == n,
        "the parameters of a dense layer"
    );
    ensure!(
        r.multipliers.len() == n && r.shifts.len() == n,
        "the multipliers of a dense layer"
    );
    let job = Job {
        conv: Conv2d {
            window: Window2d {
                input: [1, rows],
                output: [1, rows],
                kernel: [1; 2],
                stride: [1; 2],
                dilation: [1; 2],
                before: [0; 2],
            },
            inputs: k,
            outputs: n,
            groups: 1,
        },
        inputs: k,
        outputs: n,
        x: x.as_ptr(),
        zero: 0,
        w: w.as_ptr(),
        b: b.as_ptr(),
        r,
        y: y.as_mut_ptr(),
    };
    // SAFETY: the lengths were checked.
    unsafe {
        #[cfg(all(target_arch = "arm", nn_dsp))]
        if rows == 1 {
            return super::dsp::row(k, n, job.x, job.w, job.b, &job.r, job.y);
        }
        product(&job);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Channels, bytes};
    use super::*;
    use crate::isa::forced::on_every_isa;

    #[test]
    fn by_definition() {
        for (rows, k, n) in [
            (1, 1, 1),
            (1, 16, 16),
            (3, 7, 5),
            (2, 130, 9),
            (4, 64, 4),
            (9, 33, 21),
            (5, 300, 3),
        ] {
            let x = bytes(rows * k, 1);
            let channels = Channels::new(n, k, 2);
            let w = channels.rows();
            let mut expected = vec![0; rows * n];
            for (o, y) in expected.iter_mut().enumerate() {
                let (row, c) = (o / n, o % n);
                let sum: i32 = (0..k)
                    .map(|i| i32::from(x[row * k + i]) * i32::from(channels.w[c * k + i]))
                    .sum();
                *y = channels.expect(c, sum);
            }
            on_every_isa(|isa| {
                let mut y = vec![0; rows * n];
                dense(rows, k, n, &x, &w, &channels.b, channels.rescale(), &mut y);
                assert_eq!(y, expected, "{isa:?}: {rows} × {k} × {n}");
            });
        }
    }
}
