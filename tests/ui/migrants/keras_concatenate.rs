// Keras: a list of tensors.
use nn_runtime::prelude::*;

network! {
    pub Net(a: Tensor<4>, b: Tensor<4>) -> Tensor<2> {
        Concatenate([a, b]).dense(2)
    }
}

fn main() {}
