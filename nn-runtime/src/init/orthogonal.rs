//! Random matrices with orthonormal rows or columns.

use crate::kernels::product::{Matrix, product};
use crate::{Rng, Scalar};

/// Below this many vectors a group is orthogonalised one by one.
const LEAF: usize = 8;

/// Fills a tensor, seen as a matrix `[rest, last axis]`, with `gain` times a uniformly (Haar) distributed matrix whose
/// shorter side's vectors are orthonormal.
///
/// The orthogonalisation of Gaussian vectors by Gram and Schmidt is such a matrix: the factor `R` it leaves out has a
/// positive diagonal (Stewart, 1980). It runs in f64, recursively, so that nearly all of the work is in matrix
/// products, and twice: the first pass leaves errors in proportion to the condition number, the second to 1.
pub(super) fn orthogonal<T: Scalar>(shape: &[usize], gain: f64, rng: &mut Rng, out: &mut [T]) {
    let columns = shape.last().copied().unwrap_or(1);
    if out.is_empty() {
        return;
    }
    let rows = out.len() / columns;
    let (vectors, len) = (rows.min(columns), rows.max(columns));
    // [vectors, len]
    let mut q: Vec<f64> = (0..vectors * len).map(|_| rng.normal()).collect();
    let mut overlaps = vec![0.0; vectors * vectors];
    for _ in 0..2 {
        orthonormalise(len, &mut q, &mut overlaps);
    }
    for (r, row) in out.chunks_exact_mut(columns).enumerate() {
        for (c, o) in row.iter_mut().enumerate() {
            let at = if rows <= columns { r * len + c } else { c * len + r };
            *o = T::from_f64(gain * q[at]);
        }
    }
}

/// Makes the vectors of `q`, `[vectors, len]`, orthonormal, each with a positive share of what it was.
fn orthonormalise(len: usize, q: &mut [f64], overlaps: &mut [f64]) {
    let vectors = q.len() / len;
    if vectors <= LEAF {
        for i in 0..vectors {
            let (earlier, rest) = q.split_at_mut(i * len);
            let vector = &mut rest[..len];
            for other in earlier.chunks_exact(len) {
                let overlap = dot(other, vector);
                vector.iter_mut().zip(other).for_each(|(v, o)| *v -= overlap * o);
            }
            let scale = 1.0 / dot(vector, vector).sqrt();
            vector.iter_mut().for_each(|v| *v *= scale);
        }
        return;
    }
    let (first, second) = q.split_at_mut(vectors / 2 * len);
    orthonormalise(len, first, overlaps);
    subtract_projection(len, first, second, overlaps);
    orthonormalise(len, second, overlaps);
}

/// `second -= second · firstᵀ · first`, with `first` orthonormal.
fn subtract_projection(len: usize, first: &[f64], second: &mut [f64], overlaps: &mut [f64]) {
    let (m, n) = (second.len() / len, first.len() / len);
    // [m, n]
    let overlaps = &mut overlaps[..m * n];
    product(
        1.0,
        Matrix::rows(second, len),
        Matrix::rows(first, len).transposed(),
        0.0,
        overlaps,
    );
    product(
        -1.0,
        Matrix::rows(overlaps, n),
        Matrix::rows(first, len),
        1.0,
        second,
    );
}

/// In eight interleaved partial sums, added in order.
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut partial = [0.0; 8];
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<8>(), y.as_chunks::<8>());
    for (x, y) in x.iter().zip(y) {
        for lane in 0..8 {
            partial[lane] += x[lane] * y[lane];
        }
    }
    partial.iter().sum::<f64>() + x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest deviation of the Gram matrix of the shorter side from `gain²` times the identity.
    fn deviation(shape: &[usize], gain: f64) -> f64 {
        let columns = shape[shape.len() - 1];
        let rows = shape.iter().product::<usize>() / columns;
        let mut w = vec![0f64; rows * columns];
        orthogonal(shape, gain, &mut Rng::new(9), &mut w);
        let (vectors, len) = (rows.min(columns), rows.max(columns));
        let at = |v: usize, i: usize| {
            if rows <= columns {
                w[v * len + i]
            } else {
                w[i * columns + v]
            }
        };
        let mut worst = 0f64;
        for a in 0..vectors {
            for b in 0..=a {
                let overlap: f64 = (0..len).map(|i| at(a, i) * at(b, i)).sum();
                worst = worst.max((overlap - if a == b { gain * gain } else { 0.0 }).abs());
            }
        }
        worst
    }

    #[test]
    fn the_shorter_side_is_orthonormal() {
        for shape in [
            &[1, 1][..],
            &[5, 5],
            &[7, 3],
            &[3, 7],
            &[64, 64],
            &[100, 33],
            &[33, 100],
            &[3, 3, 4, 6],
            &[5],
        ] {
            assert!(
                deviation(shape, 1.0) < 1e-13,
                "{shape:?}: {}",
                deviation(shape, 1.0)
            );
        }
        assert!(deviation(&[40, 40], 2.0) < 4e-13);
    }

    #[test]
    fn no_direction_is_preferred() {
        // Entries of a Haar matrix have mean 0 and variance 1/n; signs of the diagonal are even.
        const N: usize = 6;
        let rng = Rng::new(10);
        let (mut trace, mut square) = (0.0, 0.0);
        for stream in 0..4000 {
            let mut w = [0f64; N * N];
            orthogonal(&[N, N], 1.0, &mut rng.split(stream), &mut w);
            trace += w[0] + w[N + 1] + w[N * N - 1];
            square += w[N * N - 1] * w[N * N - 1];
        }
        assert!(
            (trace / 12_000.0).abs() < 4.0 * (1.0 / (N as f64 * 12_000.0)).sqrt(),
            "{trace}"
        );
        assert!((square / 4000.0 * N as f64 - 1.0).abs() < 0.08, "{square}");
    }
}
