//! A dense and a convolutional network, run in static memory. The exit code says whether the scores are numbers.
#![no_std]
#![no_main]

use core::hint::black_box;

use nn_runtime::prelude::*;

network! {
    #[weights("../../examples/firmware/networks/data/digits.safetensors")]
    pub Digits(image: Tensor<64>) -> Tensor<10> {
        image.dense(64).relu().dense(10)
    }

    pub Small(image: Tensor<8, 8, 1>) -> Tensor<3> {
        image
            .conv2d(4, kernel = 3, padding = same).batch_norm().relu()
            .depthwise_conv2d(kernel = 3, stride = 2, padding = same).hard_swish()
            .max_pool2d(2)
            .flatten()
            .dense(3).softmax()
    }
}

static WEIGHTS: [f32; Small::FLAT] = [0.25; Small::FLAT];

#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    let image = black_box([0.5; 64]);
    let (mut arena, mut scores) = ([0.0; Digits::ARENA], [0.0; 10]);
    Digits::infer_trained(&image, &mut arena, &mut scores);
    let (mut arena, mut shares) = ([0.0; Small::ARENA], [0.0; 3]);
    Small::infer(black_box(&WEIGHTS), &image, &mut arena, &mut shares);
    let sum: f32 = shares.iter().sum();
    let sound = scores.iter().all(|s| s.is_finite()) && (sum - 1.0).abs() < 1e-5;
    i32::from(!black_box(sound))
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}
