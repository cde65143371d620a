//! LeNet-5, with rectified linear units and maxima in place of the original's sigmoids and means.

use nn_runtime::prelude::*;

network! {
    /// LeNet-5 (LeCun et al., 1998): a 28 x 28 image of one channel to ten classes.
    #[loss(softmax_cross_entropy)]
    #[quantize(int8)]
    pub LeNet(image: Tensor<28, 28, 1>) -> Tensor<10> {
        image
            .conv2d(6, kernel = 5, padding = same).relu().max_pool2d(2)
            .conv2d(16, kernel = 5).relu().max_pool2d(2)
            .flatten()
            .dense(120).relu()
            .dense(84).relu()
            .dense(10)
    }
}
