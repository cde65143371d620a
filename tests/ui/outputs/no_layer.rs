// A network does something.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<4> {
        x
    }

    pub Number(x: Tensor<4>) -> Tensor<1> {
        3
    }
}

fn main() {}
