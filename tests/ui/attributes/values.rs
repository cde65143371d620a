// What they may say.
use nn_runtime::prelude::*;

network! {
    #[scalar(f16)]
    #[print(everything)]
    #[budget(params = 100)]
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {}
