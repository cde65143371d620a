// A shape has sizes; a single number is `Tensor<1>`.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor) -> Tensor<2> {
        x.dense(2)
    }

    pub Other(x: Tensor<>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {}
