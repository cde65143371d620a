// A file that is cut short, and one that is something else.
use nn_runtime::prelude::*;

network! {
    #[weights("cut.safetensors")]
    pub Cut(x: Tensor<4>) -> Tensor<2> {
        x.dense(3).relu().dense(2)
    }

    #[weights("text.safetensors")]
    pub Text(x: Tensor<4>) -> Tensor<2> {
        x.dense(3).relu().dense(2)
    }
}

fn main() {}
