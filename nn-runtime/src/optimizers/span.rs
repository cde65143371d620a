//! The part of an optimizer that touches memory: a formula over parameters, gradients and moments, over threads.

use std::ops::Range;

use super::Update;
use crate::aligned::Aligned;
use crate::kernels::update::{self, Clip};
use crate::{Scalar, parallel};

/// Parameters per piece of work, so that a piece takes longer than to hand it to a thread (an Adam step of one: about
/// 60 microseconds). Pieces depend on the sizes alone.
const PIECE: usize = 128 * 1024;

/// A run of parameters to be updated, with their gradients and moments.
#[derive(Debug)]
pub struct Span<'a, T> {
    pub(super) parameters: &'a mut [T],
    pub(super) gradients: &'a [T],
    pub(super) moments: &'a mut [Aligned<T>],
    /// Of the moments.
    pub(super) range: Range<usize>,
    pub(super) clip: Clip,
}

impl<T: Scalar> Span<'_, T> {
    /// Updates each parameter and its moments by the formula, vectorised and over threads.
    ///
    /// # Panics
    /// If the formula takes more moments than [`super::Rule::moments`] names.
    pub fn sweep<const M: usize, F: Update<M>>(self, formula: F) {
        let Self {
            parameters,
            gradients,
            moments,
            range,
            clip,
        } = self;
        assert!(
            moments.len() >= M,
            "a formula of {M} moments in a rule with {}",
            moments.len()
        );
        let mut each = moments.iter_mut();
        let moments = std::array::from_fn(|_| match each.next() {
            Some(moment) => &mut moment[range.clone()],
            None => &mut [],
        });
        halve(parameters, gradients, moments, &|w, g, m| {
            update::sweep(w, g, m, clip, formula)
        });
    }
}

/// Cuts the parameters in halves, at multiples of a piece, until a piece is left.
fn halve<T: Scalar, const M: usize>(
    parameters: &mut [T],
    gradients: &[T],
    moments: [&mut [T]; M],
    f: &(impl Fn(&mut [T], &[T], [&mut [T]; M]) + Sync),
) {
    let Some(middle) = middle(parameters.len()) else {
        return f(parameters, gradients, moments);
    };
    let (w, w_rest) = parameters.split_at_mut(middle);
    let (g, g_rest) = gradients.split_at(middle);
    let mut rests: [&mut [T]; M] = std::array::from_fn(|_| &mut [][..]);
    let mut i = 0;
    let moments = moments.map(|moment| {
        let (first, rest) = moment.split_at_mut(middle);
        rests[i] = rest;
        i += 1;
        first
    });
    parallel::join(|| halve(w, g, moments, f), || halve(w_rest, g_rest, rests, f));
}

fn middle(len: usize) -> Option<usize> {
    let pieces = len.div_ceil(PIECE);
    (pieces > 1).then(|| pieces / 2 * PIECE)
}

/// Sum of the squares of the gradients after clamping to `bound`, in an order that the length alone decides.
pub(super) fn sum_of_squares<T: Scalar>(gradients: &[T], bound: f64) -> f64 {
    match middle(gradients.len()) {
        None => update::sum_of_squares(gradients, bound),
        Some(middle) => {
            let (first, rest) = gradients.split_at(middle);
            let (a, b) = parallel::join(|| sum_of_squares(first, bound), || sum_of_squares(rest, bound));
            a + b
        }
    }
}

/// Euclidean norm of the gradients after clamping to `bound`.
pub(super) fn norm<T: Scalar>(gradients: &[T], bound: f64) -> f64 {
    sum_of_squares(gradients, bound).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_whole_and_cover_everything() {
        for len in [0, 1, PIECE, PIECE + 1, 2 * PIECE, 5 * PIECE + 7] {
            let mut w = vec![1f32; len];
            let g = vec![0f32; len];
            let mut m = vec![2f32; len];
            halve(&mut w, &g, [&mut m], &|w, g, [m]| {
                assert!(w.len() <= PIECE && w.len() == g.len() && w.len() == m.len());
                w.iter_mut().for_each(|w| *w += 1.0);
                m.iter_mut().for_each(|m| *m += 1.0);
            });
            assert!(
                w.iter().all(|&w| w == 2.0) && m.iter().all(|&m| m == 3.0),
                "{len}"
            );
            assert_eq!(sum_of_squares(&w, 1.5), len as f64 * 2.25);
        }
    }
}
