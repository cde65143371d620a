// Over its budget, a network does not build.
use nn_runtime::prelude::*;

network! {
    #[budget(params <= 500, macs <= 100_000)]
    pub Net(x: Tensor<64>) -> Tensor<10> {
        x.dense(32).relu().dense(10)
    }

    #[budget(ram <= 48 KiB, parms <= 10)]
    pub Other(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {}
