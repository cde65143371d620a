// Layers that have no form in int8.
use nn_runtime::prelude::*;

network! {
    #[quantize(int8)]
    pub Normalised(x: Tensor<4>) -> Tensor<4> {
        x.layer_norm().dense(4)
    }

    #[quantize(int8)]
    pub Alone(x: Tensor<4>) -> Tensor<4> {
        x.relu().batch_norm()
    }

    #[quantize(int8)]
    pub Gated(x: Tensor<4>) -> Tensor<4> {
        x.dense(4) - x.dense(4).sigmoid()
    }

    #[quantize(int8)]
    pub Logarithms(x: Tensor<4>) -> Tensor<4> {
        x.dense(4).log_softmax()
    }

    #[quantize(int8)]
    pub Joined(x: Tensor<4>) -> Tensor<8> {
        concat(x.softmax(), x)
    }

    #[quantize(int8)]
    pub Upsampled(x: Tensor<4, 4, 1>) -> Tensor<8, 8, 1> {
        x.upsample2d(2)
    }

    #[quantize(int8)]
    pub Bordered(x: Tensor<4, 4, 1>) -> Tensor<6, 6, 1> {
        x.pad(1, value = 1.0)
    }
}

fn main() {
    let _ = Normalised::INT8_ARENA;
}
