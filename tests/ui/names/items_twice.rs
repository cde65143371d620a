// Each name means one thing.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>, x: Tensor<4>) -> Tensor<2> {
        x.act().dense(2)
    }

    fn act(x) = tanh(x);
    fn act(x) = sigmoid(x);
}

fn main() {}
