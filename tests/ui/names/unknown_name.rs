// A tensor that was never named.
use nn_runtime::prelude::*;

network! {
    pub Net(image: Tensor<4>) -> Tensor<2> {
        let hidden = imag.dense(8);
        hidden.dense(2)
    }
}

fn main() {}
