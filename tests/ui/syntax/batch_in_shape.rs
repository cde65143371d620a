// Shapes leave out the batch.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<_, 4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {}
