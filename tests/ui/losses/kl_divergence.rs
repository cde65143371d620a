// A divergence is between distributions.
use nn_runtime::prelude::*;

network! {
    #[loss(kl_divergence)]
    pub Net(x: Tensor<4>) -> Tensor<1> {
        x.dense(1)
    }
}

fn main() {}
