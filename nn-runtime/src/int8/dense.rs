//! Dense layers.

use super::{Rescale, padded};
use crate::fault::ensure;

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
    // SAFETY: the lengths were checked.
    unsafe { scalar(rows, k, n, x.as_ptr(), w.as_ptr(), b.as_ptr(), &r, y.as_mut_ptr()) };
}

/// # Safety
/// The lengths are as [`dense`] demands.
#[allow(clippy::too_many_arguments)]
#[inline(never)]
unsafe fn scalar(
    rows: usize,
    k: usize,
    n: usize,
    x: *const i8,
    w: *const i8,
    b: *const i32,
    r: &Rescale<'_>,
    y: *mut i8,
) {
    for row in 0..rows {
        for c in 0..n {
            // SAFETY: `row < rows`, `c < n`.
            unsafe {
                let (x, w) = (x.add(row * k), w.add(c * padded(k)));
                let mut sum = *b.add(c);
                for i in 0..k {
                    sum += i32::from(*x.add(i)) * i32::from(*w.add(i));
                }
                *y.add(row * n + c) = r.apply(c, sum);
            }
        }
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
