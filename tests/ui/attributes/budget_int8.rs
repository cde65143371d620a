// Memory of a prediction in 8-bit integers and of its parameters, and a budget of them without a program in integers.
use nn_runtime::prelude::*;

network! {
    #[quantize(int8)]
    #[budget(int8_ram <= 12 KiB, int8_flash <= 5 KiB)]
    pub Net(image: Tensor<32, 32, 1>) -> Tensor<10> {
        image
            .conv2d(8, kernel = 3, padding = same).relu()
            .conv2d(8, kernel = 3, padding = same).relu().max_pool2d(4)
            .flatten()
            .dense(10)
    }

    #[budget(int8_ram <= 64 KiB)]
    pub Real(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {
    let _ = Net::INT8_RAM_BYTES;
}
