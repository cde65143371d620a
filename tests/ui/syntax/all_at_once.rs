// Every syntax fault of a block is reported in one build.
use nn_runtime::prelude::*;

network! {
    pub First(x: Tensor[4]) -> Tensor<2> {
        x.dense(2)
    }

    pub Second(x: Tensor<4>) -> Tensor<2> {
        let hidden = x.dense(units: 8);
        let activated = hidden.relu;
        activated.dense(2);
    }

    fn half(x) {
        x / 2.0
    }
}

fn main() {}
