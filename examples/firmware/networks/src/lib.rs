//! Networks that the host trains and checks and the board runs, and the images that both look at.
#![no_std]

use nn_runtime::prelude::*;

pub mod images;

network! {
    /// Reads one digit: 8 x 8 pixels from 0 (paper) to 1 (ink).
    #[loss(softmax_cross_entropy)]
    #[weights("data/digits.safetensors")]
    pub Digits(image: Tensor<64>) -> Tensor<10> {
        image.dropout(0.1).dense(64).relu().dropout(0.2).dense(10)
    }
}
