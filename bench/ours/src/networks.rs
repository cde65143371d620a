//! The workloads as a user writes them; `harness/workloads.py` has the same for the others.

use nn_runtime::prelude::*;

network! {
    /// The smallest network that can learn XOR.
    #[loss(binary_cross_entropy)]
    pub Xor(x: Tensor<2>) -> Tensor<1> {
        x.dense(3).tanh().dense(1)
    }

    /// Digits by two hidden layers.
    #[loss(softmax_cross_entropy)]
    pub Mlp(x: Tensor<784>) -> Tensor<10> {
        x.dense(128).relu().dense(64).relu().dense(10)
    }

    /// Layers that are products and little else.
    #[loss(softmax_cross_entropy)]
    pub MlpWide(x: Tensor<784>) -> Tensor<10> {
        x.dense(1024).relu().dense(1024).relu().dense(10)
    }
}
