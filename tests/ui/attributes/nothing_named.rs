// An attribute says what it is about.
use nn_runtime::prelude::*;

network! {
    #[]
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }

    #[loss]
    pub Other(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {}
