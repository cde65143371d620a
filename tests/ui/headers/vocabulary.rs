// A vocabulary belongs to class indices, not to numbers.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4, vocab = 96>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {}
