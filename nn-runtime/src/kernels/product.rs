//! Large products outside the training step, by matrixmultiply (which packs its operands into a buffer of its own).

/// A matrix in f64, seen along its rows or its columns.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    data: &'a [f64],
    shape: [usize; 2],
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// Rows of `columns` numbers, one after the other.
    pub(crate) fn rows(data: &'a [f64], columns: usize) -> Self {
        assert!(data.len().is_multiple_of(columns), "a matrix of whole rows");
        Self {
            data,
            shape: [data.len() / columns, columns],
            strides: [columns, 1],
        }
    }

    /// Rows as columns.
    pub(crate) fn transposed(self) -> Self {
        let ([rows, columns], [row, column]) = (self.shape, self.strides);
        Self {
            data: self.data,
            shape: [columns, rows],
            strides: [column, row],
        }
    }
}

/// `c = alpha · a · b + beta · c`, with `c` `[rows of a, columns of b]`.
pub(crate) fn product(alpha: f64, a: Matrix<'_>, b: Matrix<'_>, beta: f64, c: &mut [f64]) {
    let ([m, k], [k_too, n]) = (a.shape, b.shape);
    assert!(k == k_too && c.len() == m * n, "the shapes of a product");
    let ([ars, acs], [brs, bcs]) = (a.strides.map(|s| s as isize), b.strides.map(|s| s as isize));
    let (pa, pb, pc) = (a.data.as_ptr(), b.data.as_ptr(), c.as_mut_ptr());
    // SAFETY: `Matrix` holds slices of rows times columns numbers under the strides that go with them, `c` holds m · n
    // (assertion above), and it is borrowed mutably, so apart from `a` and `b`.
    unsafe {
        matrixmultiply::dgemm(
            m, k, n, alpha, pa, ars, acs, pb, brs, bcs, beta, pc, n as isize, 1,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposed_and_accumulating() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let mut c = [1.0; 4];
        // [2, 3] by its own transpose.
        product(
            2.0,
            Matrix::rows(&a, 3),
            Matrix::rows(&a, 3).transposed(),
            10.0,
            &mut c,
        );
        assert_eq!(c, [38.0, 74.0, 74.0, 164.0]);
    }
}
