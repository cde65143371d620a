//! Branches and outputs whose shapes do not agree.

use nn_runtime::prelude::*;

network! {
    Skip(image: Tensor<32, 32, 3>) -> Tensor<10> {
        let main = image.conv2d(16, kernel = 3, stride = 2, padding = same);
        let skip = image.conv2d(16, kernel = 1);
        (main + skip).relu().global_avg_pool2d().dense(10)
    }

    Branches(image: Tensor<9, 9, 3>) -> Tensor<10> {
        concat(image.max_pool2d(2), image.conv2d(4, kernel = 3)).flatten().dense(10)
    }

    Declared(image: Tensor<28, 28, 1>) -> Tensor<10> {
        image.conv2d(6, kernel = 5).global_avg_pool2d()
    }
}

fn main() {}
