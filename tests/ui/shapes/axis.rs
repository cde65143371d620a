// Axes are counted from 0.
use nn_runtime::prelude::*;

network! {
    pub Net(a: Tensor<2, 3>, b: Tensor<2, 3>) -> Tensor<2> {
        concat(a, b, axis = 2).flatten().dense(2)
    }
}

fn main() {}
