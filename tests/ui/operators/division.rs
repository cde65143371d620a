// What `+ - *` do not cover is a formula.
use nn_runtime::prelude::*;

network! {
    pub Net(a: Tensor<4>, b: Tensor<4>) -> Tensor<2> {
        let ratio = a / b;
        let larger = a > b;
        (ratio * larger).dense(2)
    }
}

fn main() {}
