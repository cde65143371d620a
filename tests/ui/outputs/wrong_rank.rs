// A shape of another rank.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<2, 2>) -> Tensor<4> {
        x.dense(2).relu()
    }
}

fn main() {}
