//! Numbers with a shape, as array files hold them.

/// What an array file held: numbers in row-major order (the last axis varies fastest).
#[derive(Clone, Debug, PartialEq)]
pub struct Array<T> {
    /// Lengths of the axes; the first one counts samples. Empty for a single number.
    pub shape: Vec<usize>,
    /// `shape.iter().product()` numbers.
    pub data: Vec<T>,
}

impl<T> Array<T> {
    /// Length of the first axis.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// Numbers per sample: the product of the other axes.
    #[must_use]
    pub fn width(&self) -> usize {
        self.shape.iter().skip(1).product()
    }
}
