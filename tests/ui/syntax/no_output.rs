// The output is declared.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) {
        x.dense(2)
    }
}

fn main() {}
