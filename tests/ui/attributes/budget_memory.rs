// Memory of a prediction, of the parameters and of a training step, each with the layer that takes the most.
use nn_runtime::prelude::*;

network! {
    #[loss(softmax_cross_entropy)]
    #[budget(ram <= 40 KiB, flash <= 16 KiB, training_ram <= 100 kB)]
    pub Net(image: Tensor<32, 32, 1>) -> Tensor<10> {
        image
            .conv2d(8, kernel = 3, padding = same).relu()
            .conv2d(8, kernel = 3, padding = same).relu().max_pool2d(4)
            .flatten()
            .dense(10)
    }

    #[budget(training_ram <= 64 KiB)]
    pub Other(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {}
