//! Windows that are larger than what they slide over.

use nn_runtime::prelude::*;

network! {
    Kernel(image: Tensor<4, 4, 6>) -> Tensor<4> {
        image.conv2d(16, kernel = 5).flatten().dense(4)
    }

    Dilated(image: Tensor<6, 9, 2>) -> Tensor<4> {
        image.conv2d(16, kernel = [5, 3], dilation = 2, padding = [1, 0]).flatten().dense(4)
    }

    Pool(image: Tensor<5, 1, 6>) -> Tensor<4> {
        image.max_pool2d(2).flatten().dense(4)
    }

    Sequence(signal: Tensor<7, 2>) -> Tensor<4> {
        signal.conv1d(8, kernel = 9).flatten().dense(4)
    }

    Border(image: Tensor<5, 5, 1>) -> Tensor<4> {
        image.avg_pool2d(2, padding = [2, 0]).flatten().dense(4)
    }

    Nothing(image: Tensor<2, 2, 1>) -> Tensor<4> {
        image.conv_transpose2d(3, kernel = 2, padding = 2).flatten().dense(4)
    }
}

fn main() {}
