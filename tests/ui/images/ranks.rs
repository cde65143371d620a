//! Layers on tensors that are no images, or no sequences.

use nn_runtime::prelude::*;

network! {
    Flat(x: Tensor<16>) -> Tensor<4> {
        x.conv2d(4, kernel = 3).flatten().dense(4)
    }

    NoChannels(x: Tensor<28, 28>) -> Tensor<4> {
        x.conv2d(4, kernel = 3).flatten().dense(4)
    }

    Image(x: Tensor<28, 28, 3>) -> Tensor<4> {
        x.conv1d(4, kernel = 3).flatten().dense(4)
    }

    PooledTwice(x: Tensor<8, 8, 3>) -> Tensor<3> {
        x.global_avg_pool2d().global_max_pool2d()
    }

    Depthwise(x: Tensor<8, 3>) -> Tensor<4> {
        x.depthwise_conv2d(kernel = 3).flatten().dense(4)
    }

    Larger(x: Tensor<9, 3>) -> Tensor<18, 3> {
        x.upsample2d(2)
    }

    Sides(x: Tensor<9, 3>) -> Tensor<4> {
        x.pad([1, 2, 3, 4]).flatten().dense(4)
    }
}

fn main() {}
