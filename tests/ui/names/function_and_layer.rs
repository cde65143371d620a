// Functions take tensors in parentheses, layers are called with a dot.
use nn_runtime::prelude::*;

network! {
    pub Net(a: Tensor<4>, b: Tensor<4>) -> Tensor<2> {
        let joined = a.concat(b);
        let hidden = dense(a, 8);
        let act = relu(b);
        (joined + hidden + act).dense(2)
    }
}

fn main() {}
