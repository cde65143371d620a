// A kernel larger than what it slides over.
use nn_runtime::prelude::*;

network! {
    pub Net(image: Tensor<12, 12, 1>) -> Tensor<2> {
        image
            .conv2d(6, kernel = 5).relu().max_pool2d(2)
            .conv2d(16, kernel = 5).relu()
            .flatten()
            .dense(2)
    }
}

fn main() {}
