// Weights of another network: a shape, a name and a type that differ.
use nn_runtime::prelude::*;

network! {
    #[weights("trained.safetensors")]
    pub Wider(x: Tensor<4>) -> Tensor<2> {
        x.dense(5).relu().dense(2)
    }

    #[weights("trained.safetensors")]
    pub Longer(x: Tensor<4>) -> Tensor<2> {
        x.dense(3).relu().dense(2, name = "head")
    }

    #[weights("trained.safetensors")]
    #[scalar(f64)]
    pub Finer(x: Tensor<4>) -> Tensor<2> {
        x.dense(3).relu().dense(2)
    }
}

fn main() {}
