// All axes but one must agree.
use nn_runtime::prelude::*;

network! {
    pub Net(a: Tensor<2, 3>, b: Tensor<4, 3>) -> Tensor<2> {
        concat(a, b).flatten().dense(2)
    }
}

fn main() {}
