//! Groups that do not divide the channels.

use nn_runtime::prelude::*;

network! {
    Inputs(image: Tensor<4, 4, 6>) -> Tensor<4> {
        image.conv2d(8, kernel = 3, groups = 4).flatten().dense(4)
    }

    Filters(image: Tensor<4, 4, 6>) -> Tensor<4> {
        image.conv2d(8, kernel = 3, groups = 3).flatten().dense(4)
    }

    Normalised(image: Tensor<4, 4, 6>) -> Tensor<4> {
        image.group_norm(4).flatten().dense(4)
    }

    Single(x: Tensor<6>) -> Tensor<6> {
        x.group_norm(6)
    }
}

fn main() {}
