//! Numbers moved and not computed, whatever they are.

use super::program::Columns;

pub(super) fn columns<T: Copy>(parts: &Columns, x: &[T], y: &mut [T]) {
    let rows = x
        .chunks_exact(parts.from.max(1))
        .zip(y.chunks_exact_mut(parts.to.max(1)));
    for (x, y) in rows.take(parts.rows) {
        let x = x.iter().skip(parts.from_at).take(parts.width);
        y.iter_mut().skip(parts.to_at).zip(x).for_each(|(y, x)| *y = *x);
    }
}

pub(super) fn permute<T: Copy>(dims: [usize; 4], axes: [usize; 4], x: &[T], y: &mut [T]) {
    let mut strides = [1; 4];
    for axis in (0..3).rev() {
        strides[axis] = strides[axis + 1] * dims[axis + 1];
    }
    let (sizes, steps) = (axes.map(|a| dims[a % 4]), axes.map(|a| strides[a % 4]));
    let mut y = y.iter_mut();
    for a in 0..sizes[0] {
        for b in 0..sizes[1] {
            for c in 0..sizes[2] {
                let start = a * steps[0] + b * steps[1] + c * steps[2];
                let row = x.iter().skip(start).step_by(steps[3].max(1));
                y.by_ref().take(sizes[3]).zip(row).for_each(|(y, x)| *y = *x);
            }
        }
    }
}

pub(super) fn copy_box<T: Copy>(
    from: [usize; 3],
    to: [usize; 3],
    at: [isize; 3],
    fill: T,
    x: &[T],
    y: &mut [T],
) {
    let source = |axis: usize, i: usize| {
        let i = i as isize - at[axis];
        (i >= 0 && i < from[axis] as isize).then_some(i as usize)
    };
    let mut y = y.iter_mut();
    for a in 0..to[0] {
        for b in 0..to[1] {
            for c in 0..to[2] {
                let inside = source(0, a).zip(source(1, b)).zip(source(2, c));
                let x = inside.and_then(|((a, b), c)| x.get((a * from[1] + b) * from[2] + c));
                if let Some(y) = y.next() {
                    *y = x.copied().unwrap_or(fill);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_rows() {
        let parts = Columns {
            rows: 2,
            from: 3,
            from_at: 1,
            to: 4,
            to_at: 2,
            width: 2,
        };
        let mut y = [0; 8];
        columns(&parts, &[1, 2, 3, 4, 5, 6], &mut y);
        assert_eq!(y, [0, 0, 2, 3, 0, 0, 5, 6]);
    }

    #[test]
    fn axes_change_places() {
        let mut y = [0; 6];
        permute([1, 1, 2, 3], [0, 1, 3, 2], &[1, 2, 3, 4, 5, 6], &mut y);
        assert_eq!(y, [1, 4, 2, 5, 3, 6]);
    }

    #[test]
    fn boxes_are_padded_and_cut() {
        let mut y = [0; 4];
        copy_box([1, 1, 2], [1, 1, 4], [0, 0, 1], 9, &[1, 2], &mut y);
        assert_eq!(y, [9, 1, 2, 9]);
        let mut y = [0; 2];
        copy_box([1, 1, 4], [1, 1, 2], [0, 0, -1], 9, &[1, 2, 3, 4], &mut y);
        assert_eq!(y, [2, 3]);
    }
}
