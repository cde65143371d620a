// What the attribute asks for is not to be had.
use nn_runtime::prelude::*;

network! {
    #[quantize(int4)]
    pub Four(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }

    #[quantize(int8, file = "net.int8.safetensors")]
    pub Named(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }

    #[quantize(int8, weights = 8)]
    pub Number(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }

    #[quantize(int8, weights = "nowhere.int8.safetensors")]
    pub Missing(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }

    #[quantize(int8, weights = "trained.safetensors")]
    pub Real(x: Tensor<4>) -> Tensor<2> {
        x.dense(3).relu().dense(2)
    }

    #[scalar(f64)]
    #[quantize(int8)]
    pub Fine(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }

    #[quantize]
    pub Bare(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {
    // A network whose file could not be read has its methods all the same.
    let _ = (Missing::INT8_INPUTS, Missing::INT8_ARENA, Real::quantized());
}
