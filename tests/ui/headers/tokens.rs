// Class indices as inputs are not there yet, and never are outputs.
use nn_runtime::prelude::*;

network! {
    pub Reads(text: Tokens<64, vocab = 96>) -> Tensor<2> {
        text.dense(2)
    }

    pub Writes(x: Tensor<4>) -> Tokens<64, vocab = 96> {
        x.dense(64)
    }
}

fn main() {}
