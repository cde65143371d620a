// PyTorch: channels in and out, and a shape with channels first.
use nn_runtime::prelude::*;

network! {
    pub Net(image: Tensor<1, 28, 28>) -> Tensor<10> {
        image
            .Conv2d(1, 32, kernel_size = 3)
            .max_pool2d(2)
            .view(-1, 100)
            .dense(10)
    }
}

fn main() {}
