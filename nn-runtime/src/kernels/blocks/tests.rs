//! The same bits as on one thread, for any number of threads.

use super::Grid;
use crate::ops::{self, Operand};
use crate::simd::{Formula, Simd};
use crate::{Scalar, wide};

/// `max(x, 0) + y`
#[derive(Clone, Copy)]
struct Tail;

impl Formula<2> for Tail {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, [x, y]: [S::V; 2]) -> S::V {
        s.max(x, s.splat(0.0)) + y
    }
}

fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count)
        .map(|i| ((i * 7919 + seed * 31) % 1000) as f32 / 500.0 - 1.0)
        .collect()
}

/// Runs `f` in pools of several sizes.
pub(in crate::kernels) fn on_pools(f: impl Fn() + Sync + Send) {
    #[cfg(feature = "rayon")]
    for threads in [1, 2, 8] {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(&f);
    }
    #[cfg(not(feature = "rayon"))]
    f();
}

#[test]
fn products() {
    for (rows, k, n) in [(300, 130, 500), (1, 2000, 3000), (129, 1000, 97), (3, 2, 1)] {
        let (x, w, b) = (numbers(rows * k, 1), numbers(k * n, 2), numbers(n, 3));
        let (dy, row, labels) = (numbers(rows * n, 4), numbers(rows, 5), vec![1; rows]);
        let mut y = vec![0.0; rows * n];
        let (mut dx, mut dw) = (numbers(rows * k, 6), numbers(k * n, 7));
        let (old_dx, old_dw) = (dx.clone(), dw.clone());
        let forward_tail = [Operand::Own, Operand::Row(&row)];
        let backward_tail = [Operand::Own, Operand::OneHot(&labels)];
        ops::dense(rows, k, n, &x, &w, Some(&b), &mut y, forward_tail, Tail);
        ops::dense_grad_input(rows, k, n, &dy, &w, &mut dx, backward_tail, Tail);
        ops::dense_grad_weight(rows, k, n, &x, &dy, &mut dw, true);
        on_pools(|| {
            let (mut y2, mut dx2, mut dw2) = (vec![0.0; rows * n], old_dx.clone(), old_dw.clone());
            wide::dense(rows, k, n, &x, &w, Some(&b), &mut y2, forward_tail, Tail);
            wide::dense_grad_input(rows, k, n, &dy, &w, &mut dx2, backward_tail, Tail);
            wide::dense_grad_weight(rows, k, n, &x, &dy, &mut dw2, true);
            assert!(y == y2 && dx == dx2 && dw == dw2, "{rows} x {k} x {n}");
        });
    }
}

#[test]
fn maps_and_column_sums() {
    for (rows, width) in [
        (1000, 200),
        (1, 200_000),
        (3, 70_001),
        (70_000, 3),
        (0, 5),
        (5, 0),
    ] {
        let (x, column) = (numbers(rows * width, 1), numbers(width, 2));
        let (mut y, mut sums) = (vec![0.0; rows * width], numbers(width, 3));
        let old = sums.clone();
        let operands = [Operand::Full(&x[..]), Operand::Col(&column)];
        ops::map(rows, width, &mut y, operands, Tail);
        ops::col_reduce(rows, width, &mut sums, true, operands, Tail);
        on_pools(|| {
            let (mut y2, mut sums2) = (vec![0.0; rows * width], old.clone());
            wide::map(rows, width, &mut y2, operands, Tail);
            wide::col_reduce(rows, width, &mut sums2, true, operands, Tail);
            assert!(y == y2 && sums == sums2, "{rows} x {width}");
        });
    }
}

#[test]
fn a_grid_covers_its_matrix_once() {
    for (rows, width, k) in [
        (1, 1, 1),
        (300, 500, 130),
        (1, 3000, 2000),
        (129, 97, 1000),
        (7, 7, 0),
    ] {
        for grid in [Grid::product(rows, width, k), Grid::map(rows, width)] {
            let mut seen = vec![0; rows * width];
            for i in 0..grid.count() {
                let area = grid.area(i);
                for r in area.first_row..area.first_row + area.rows {
                    for c in area.first_column..area.first_column + area.width {
                        seen[r * width + c] += 1;
                    }
                }
            }
            assert!(seen.iter().all(|&n| n == 1), "{rows} x {width} x {k}");
        }
    }
}
