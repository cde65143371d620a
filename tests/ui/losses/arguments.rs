// A loss has arguments as a layer has.
use nn_runtime::prelude::*;

network! {
    #[loss(huber(dleta = 2.0))]
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }

    #[loss(softmax_cross_entropy, smoothing = 1.5)]
    pub Other(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }

    #[loss(-1.0 * hinge, tau = 3)]
    pub Third(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {}
