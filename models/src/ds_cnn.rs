//! MLPerf Tiny's key word spotter.

use nn_runtime::prelude::*;

network! {
    /// DS-CNN for Speech Commands (Zhang et al., Hello edge, 2017): 49 frames of 10 cepstral coefficients to ten words,
    /// silence and the unknown.
    #[loss(softmax_cross_entropy)]
    #[quantize(int8)]
    pub DsCnn(features: Tensor<49, 10, 1>) -> Tensor<12> {
        features
            .conv2d(64, kernel = [10, 4], stride = 2, padding = same, l2 = 1e-4).norm().relu().dropout(0.2)
            .repeat(4, separable())
            .dropout(0.4)
            .avg_pool2d([24, 5])
            .flatten()
            .dense(12)
    }

    /// A depthwise convolution, then one of single pixels.
    block separable(x) {
        x
            .depthwise_conv2d(kernel = 3, padding = same, l2 = 1e-4).norm().relu()
            .conv2d(64, kernel = 1, l2 = 1e-4).norm().relu()
    }

    block norm(x) {
        x.batch_norm(momentum = 0.01, eps = 1e-3)
    }
}
