// The faulty one of several outputs.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> (Tensor<2>, Tensor<1>) {
        let h = x.dense(8).tanh();
        (h.dense(2), h.dense(3))
    }
}

fn main() {}
