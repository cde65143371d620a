// Shapes have so many sizes, and not more.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<2, 2, 2, 2, 2, 2, 2, 2, 2>) -> Tensor<2> {
        x.flatten().dense(2)
    }
}

fn main() {}
