// A number, one number per axis, or a word.
use nn_runtime::prelude::*;

network! {
    pub Net(image: Tensor<12, 12, 1>) -> Tensor<2> {
        image
            .conv2d(6, kernel = [3, 3, 3])
            .conv2d(6, kernel = 0)
            .conv2d(6, kernel = 3, padding = smae)
            .conv2d(6, kernel = 3, padding = "same")
            .conv2d(6, kernel = 3, stride = 1.5)
            .conv2d(6)
            .flatten()
            .dense(2)
    }
}

fn main() {}
