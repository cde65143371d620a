// A header alone is no network.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2>

    pub Other(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {}
