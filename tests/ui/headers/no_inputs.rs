// A network has at least one input.
use nn_runtime::prelude::*;

network! {
    pub Net() -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {}
