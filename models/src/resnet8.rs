//! MLPerf Tiny's image classifier.

use nn_runtime::prelude::*;

network! {
    /// ResNet-8 for CIFAR-10: a 32 x 32 image of three channels to ten classes.
    #[loss(softmax_cross_entropy)]
    #[quantize(int8)]
    pub ResNet8(image: Tensor<32, 32, 3>) -> Tensor<10> {
        image
            .conv2d(16, kernel = 3, padding = same, init = he_normal, l2 = 1e-4).norm().relu()
            .residual(16, 1)
            .residual(32, 2)
            .residual(64, 2)
            .global_avg_pool2d()
            .dense(10, init = he_normal)
    }

    /// Two 3 x 3 convolutions beside a skip connection.
    block residual(x, channels, stride) {
        let main = x
            .conv2d(channels, kernel = 3, stride = stride, padding = same, init = he_normal, l2 = 1e-4).norm().relu()
            .conv2d(channels, kernel = 3, padding = same, init = he_normal, l2 = 1e-4).norm();
        let skip = if stride == 1 {
            x
        } else {
            x.conv2d(channels, kernel = 1, stride = stride, init = he_normal, l2 = 1e-4)
        };
        (main + skip).relu()
    }

    block norm(x) {
        x.batch_norm(momentum = 0.01, eps = 1e-3)
    }
}
