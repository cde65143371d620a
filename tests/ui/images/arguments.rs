//! Arguments of layers over images.

use nn_runtime::prelude::*;

network! {
    Missing(image: Tensor<8, 8, 3>) -> Tensor<4> {
        image.conv2d(8).flatten().dense(4)
    }

    Misspelt(image: Tensor<8, 8, 3>) -> Tensor<4> {
        image.conv2d(8, kernel = 3, padding = sane).flatten().dense(4)
    }

    Unknown(image: Tensor<8, 8, 3>) -> Tensor<4> {
        image.conv2d(8, kernel = 3, strides = 2).flatten().dense(4)
    }

    Zero(image: Tensor<8, 8, 3>) -> Tensor<4> {
        image.conv2d(8, kernel = 3, stride = 0).flatten().dense(4)
    }

    Negative(image: Tensor<8, 8, 3>) -> Tensor<4> {
        image.conv2d(8, kernel = 3, padding = -1).flatten().dense(4)
    }

    Many(image: Tensor<8, 8, 3>) -> Tensor<4> {
        image.max_pool2d([2, 2, 2]).flatten().dense(4)
    }

    Edge(image: Tensor<8, 8, 3>) -> Tensor<4> {
        image.avg_pool2d(2, edge = zero).flatten().dense(4)
    }

    Mode(image: Tensor<8, 8, 3>) -> Tensor<16, 16, 3> {
        image.upsample2d(2, mode = linear)
    }

    Decay(image: Tensor<8, 8, 3>) -> Tensor<4> {
        image.conv2d(8, kernel = 3, l2 = -0.1).flatten().dense(4)
    }
}

fn main() {}
