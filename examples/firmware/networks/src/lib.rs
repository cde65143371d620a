//! Networks that the host trains and checks and the board runs, and the images that both look at.
#![no_std]

use nn_runtime::prelude::*;

pub mod images;
pub mod microflow;
pub mod training;

network! {
    /// Reads one digit: 8 x 8 pixels from 0 (paper) to 1 (ink).
    #[loss(softmax_cross_entropy)]
    #[weights("data/digits.safetensors")]
    #[budget(ram <= 1 KiB, flash <= 20 KiB)]
    #[quantize(int8, weights = "data/digits.int8.safetensors")]
    pub Digits(image: Tensor<64>) -> Tensor<10> {
        image.dropout(0.1).dense(64).relu().dropout(0.2).dense(10)
    }

    /// Learns on the board, from nothing.
    #[loss(binary_cross_entropy)]
    #[budget(training_ram <= 256)]
    pub Xor(x: Tensor<2>) -> Tensor<1> {
        x.dense(4).tanh().dense(1)
    }

    /// Learns the digits up to 7 on the host.
    #[loss(softmax_cross_entropy)]
    pub Early(image: Tensor<8, 8, 1>) -> Tensor<10> {
        image.features(false).dense(10)
    }

    /// `Early` on the board, where its last layer learns 8 and 9 too.
    #[loss(softmax_cross_entropy)]
    #[weights("data/early.safetensors")]
    #[budget(training_ram <= 32 KiB)]
    pub Late(image: Tensor<8, 8, 1>) -> Tensor<10> {
        image.features(true).dense(10)
    }

    block features(image, frozen) {
        image
            .conv2d(8, kernel = 3, padding = same, frozen = frozen).relu().max_pool2d(2)
            .conv2d(16, kernel = 3, padding = same, frozen = frozen).relu()
            .flatten()
    }
}
