// Keras: a convolutional network.
use nn_runtime::prelude::*;

network! {
    pub Net(image: Tensor<28, 28, 1>) -> Tensor<10> {
        image
            .Conv2D(32, (3, 3), padding = "same")
            .MaxPooling2D((2, 2))
            .conv2d(64, kernel_size = 3, strides = 2)
            .Flatten()
            .dense(10)
    }
}

fn main() {}
