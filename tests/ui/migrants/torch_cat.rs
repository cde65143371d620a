// PyTorch: `cat` with a dimension.
use nn_runtime::prelude::*;

network! {
    pub Net(a: Tensor<4>, b: Tensor<4>) -> Tensor<2> {
        cat(a, b, dim = 1).dense(2)
    }
}

fn main() {}
