// What is never used is a mistake.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>, extra: Tensor<4>) -> Tensor<2> {
        let skip = x.dense(8);
        x.dense(2)
    }
}

fn main() {}
