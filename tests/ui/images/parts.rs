//! Parts of a tensor that are not there.

use nn_runtime::prelude::*;

network! {
    Crop(image: Tensor<4, 9, 1>) -> Tensor<4> {
        image.crop([2, 0]).flatten().dense(4)
    }

    Slice(x: Tensor<2, 6>) -> Tensor<2, 4> {
        x.slice(3, 7)
    }

    Empty(x: Tensor<2, 6>) -> Tensor<2, 4> {
        x.slice(4, 4)
    }

    Twice(x: Tensor<2, 6>) -> Tensor<6, 2> {
        x.transpose([1, 1])
    }

    Split(image: Tensor<8, 8, 3>) -> Tensor<8, 8, 1> {
        let (a, _b) = image.split(2);
        a
    }
}

fn main() {}
