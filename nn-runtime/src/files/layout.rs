//! Between memory's axis order and the file's.

use crate::ParameterInfo;

/// The shape that the file holds.
pub(super) fn file_shape(parameter: &ParameterInfo) -> Vec<usize> {
    parameter
        .file_axes
        .iter()
        .map(|&axis| parameter.shape[axis])
        .collect()
}

/// The places in memory (from the parameter's start), in the order of the file's elements.
pub(super) fn file_order(parameter: &ParameterInfo) -> impl Iterator<Item = usize> {
    let shape = file_shape(parameter);
    let mut memory_strides = vec![1; parameter.shape.len()];
    for axis in (1..parameter.shape.len()).rev() {
        memory_strides[axis - 1] = memory_strides[axis] * parameter.shape[axis];
    }
    let strides: Vec<usize> = parameter
        .file_axes
        .iter()
        .map(|&axis| memory_strides[axis])
        .collect();
    let mut index = vec![0; shape.len()];
    let mut place = 0;
    (0..parameter.len()).map(move |_| {
        let current = place;
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            place += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            place -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
        current
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Init, ParameterKind};

    #[test]
    fn axes_are_permuted() {
        let mut parameter = ParameterInfo {
            name: "w",
            shape: &[2, 3],
            file_axes: &[1, 0],
            offset: 0,
            init: Init::Zeros,
            fan_in: 1,
            fan_out: 1,
            l2: 0.0,
            kind: ParameterKind::Trainable,
        };
        assert_eq!(file_shape(&parameter), [3, 2]);
        assert_eq!(file_order(&parameter).collect::<Vec<_>>(), [0, 3, 1, 4, 2, 5]);
        // A convolution's [KH, KW, in, out] as PyTorch's [out, in, KH, KW].
        parameter.shape = &[1, 2, 3, 2];
        parameter.file_axes = &[3, 2, 0, 1];
        assert_eq!(file_shape(&parameter), [2, 3, 1, 2]);
        let places = [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11];
        assert_eq!(file_order(&parameter).collect::<Vec<_>>(), places);
    }
}
