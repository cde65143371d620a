// One loss per output.
use nn_runtime::prelude::*;

network! {
    #[loss(mean_squared_error)]
    pub Net(x: Tensor<4>) -> (Tensor<2>, Tensor<1>) {
        let h = x.dense(8).tanh();
        (h.dense(2), h.dense(1))
    }
}

fn main() {}
