// An attribute stands once.
use nn_runtime::prelude::*;

network! {
    #[loss(mean_squared_error)]
    #[loss(hinge)]
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }

    #[loss]
    pub Other(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {}
