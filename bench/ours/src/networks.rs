//! The workloads as a user writes them; `harness/workloads.py` has the same for the others.

use nn_runtime::prelude::*;

network! {
    /// The smallest network that can learn XOR.
    #[loss(binary_cross_entropy)]
    pub Xor(x: Tensor<2>) -> Tensor<1> {
        x.dense(3).tanh().dense(1)
    }

    /// Digits by two hidden layers.
    #[loss(softmax_cross_entropy)]
    pub Mlp(x: Tensor<784>) -> Tensor<10> {
        x.dense(128).relu().dense(64).relu().dense(10)
    }

    /// Layers that are products and little else.
    #[loss(softmax_cross_entropy)]
    pub MlpWide(x: Tensor<784>) -> Tensor<10> {
        x.dense(1024).relu().dense(1024).relu().dense(10)
    }
}

network! {
    /// LeNet-5 (LeCun et al., 1998), with today's activations.
    #[loss(softmax_cross_entropy)]
    pub LeNet(image: Tensor<28, 28, 1>) -> Tensor<10> {
        image
            .conv2d(6, kernel = 5, padding = same).relu().max_pool2d(2)
            .conv2d(16, kernel = 5).relu().max_pool2d(2)
            .flatten()
            .dense(120).relu()
            .dense(84).relu()
            .dense(10)
    }

    /// What tutorials teach for CIFAR-10.
    #[loss(softmax_cross_entropy)]
    pub Cnn(image: Tensor<32, 32, 3>) -> Tensor<10> {
        image
            .conv2d(32, kernel = 3, padding = same).relu()
            .conv2d(32, kernel = 3, padding = same).relu().max_pool2d(2)
            .conv2d(64, kernel = 3, padding = same).relu()
            .conv2d(64, kernel = 3, padding = same).relu().max_pool2d(2)
            .flatten()
            .dense(512).relu()
            .dense(10)
    }
}

// MLPerf Tiny's four. Where a window moves by two, the padding is written out, so that every framework has its own
// fast path for it.
network! {
    /// Image classification.
    #[loss(softmax_cross_entropy)]
    pub ResNet8(image: Tensor<32, 32, 3>) -> Tensor<10> {
        image
            .conv2d(16, kernel = 3, padding = same).batch_norm().relu()
            .residual(16)
            .downsampling(32)
            .downsampling(64)
            .global_avg_pool2d()
            .dense(10)
    }

    block residual(x, channels) {
        let main = x
            .conv2d(channels, kernel = 3, padding = same).batch_norm().relu()
            .conv2d(channels, kernel = 3, padding = same).batch_norm();
        (main + x).relu()
    }

    block downsampling(x, channels) {
        let main = x
            .conv2d(channels, kernel = 3, stride = 2, padding = [1, 1, 1, 1]).batch_norm().relu()
            .conv2d(channels, kernel = 3, padding = same).batch_norm();
        (main + x.conv2d(channels, kernel = 1, stride = 2)).relu()
    }
}

network! {
    /// Keyword spotting; without its two dropouts.
    #[loss(softmax_cross_entropy)]
    pub DsCnn(spectrum: Tensor<49, 10, 1>) -> Tensor<12> {
        spectrum
            .conv2d(64, kernel = [10, 4], stride = 2, padding = [5, 5, 1, 1]).batch_norm().relu()
            .repeat(4, separable())
            .global_avg_pool2d()
            .dense(12)
    }

    block separable(x) {
        x.depthwise_conv2d(kernel = 3, padding = same).batch_norm().relu()
            .conv2d(64, kernel = 1).batch_norm().relu()
    }
}

network! {
    /// Visual wake words: MobileNet v1 of width 0.25.
    #[loss(softmax_cross_entropy)]
    pub MobileNet(image: Tensor<96, 96, 3>) -> Tensor<2> {
        image
            .conv2d(8, kernel = 3, stride = 2, padding = [1, 1, 1, 1], bias = false).batch_norm().relu()
            .separable(16, 1)
            .separable(32, 2).separable(32, 1)
            .separable(64, 2).separable(64, 1)
            .separable(128, 2).repeat(5, separable(128, 1))
            .separable(256, 2).separable(256, 1)
            .global_avg_pool2d()
            .dense(2)
    }

    block separable(x, channels, stride) {
        x.depthwise_conv2d(kernel = 3, stride = stride, padding = [1, 1, 1, 1], bias = false).batch_norm().relu()
            .conv2d(channels, kernel = 1, bias = false).batch_norm().relu()
    }
}

network! {
    /// Anomaly detection.
    #[loss(mean_squared_error)]
    pub Autoencoder(x: Tensor<640>) -> Tensor<640> {
        x.repeat(4, hidden(128)).hidden(8).repeat(4, hidden(128)).dense(640)
    }

    block hidden(x, width) {
        x.dense(width).batch_norm().relu()
    }
}
