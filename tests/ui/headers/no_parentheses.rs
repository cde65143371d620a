// The inputs stand in parentheses.
use nn_runtime::prelude::*;

network! {
    pub Net x: Tensor<4> -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {}
