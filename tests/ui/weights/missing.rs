// A file that is not there, and what is no file.
use nn_runtime::prelude::*;

network! {
    #[weights("nowhere.safetensors")]
    pub Missing(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }

    #[weights(digits)]
    pub Unquoted(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }

    #[weights("a.safetensors", "b.safetensors")]
    pub Two(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {
    // A network whose weights could not be read has them all the same.
    let _ = (Missing::WEIGHTS, Unquoted::trained());
}
