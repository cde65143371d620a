//! MLPerf Tiny's person detector.

use nn_runtime::prelude::*;

network! {
    /// MobileNet v1 (Howard et al., 2017) at a quarter of the width, for Visual Wake Words: whether a 96 x 96 image shows a
    /// person.
    #[loss(softmax_cross_entropy)]
    #[quantize(int8)]
    pub MobileNet(image: Tensor<96, 96, 3>) -> Tensor<2> {
        image
            .conv2d(8, kernel = 3, stride = 2, padding = same, init = he_normal, l2 = 1e-4).norm().relu()
            .separable(16, 1)
            .separable(32, 2)
            .separable(32, 1)
            .separable(64, 2)
            .separable(64, 1)
            .separable(128, 2)
            .repeat(5, separable(128, 1))
            .separable(256, 2)
            .separable(256, 1)
            .global_avg_pool2d()
            .dense(2)
    }

    /// A depthwise convolution, then one of single pixels.
    block separable(x, channels, stride) {
        x
            .depthwise_conv2d(kernel = 3, stride = stride, padding = same, init = he_normal, l2 = 1e-4).norm().relu()
            .conv2d(channels, kernel = 1, init = he_normal, l2 = 1e-4).norm().relu()
    }

    block norm(x) {
        x.batch_norm(momentum = 0.01, eps = 1e-3)
    }
}
