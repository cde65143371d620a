//! A dense and a convolutional network, run in static memory. The exit code says whether the scores are numbers.
#![no_std]
#![no_main]

use core::hint::black_box;

use nn_runtime::int8;
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
    i32::from(!black_box(sound && integers()))
}

/// Every kernel on bytes: a convolution of ones and zeros, then all that may follow it.
fn integers() -> bool {
    let window = int8::Window2d {
        input: [4, 4],
        output: [4, 4],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        before: [1, 1],
    };
    let rescale = |channels| int8::Rescale {
        multipliers: black_box(&[1 << 30; 4]).split_at(channels).0,
        shifts: black_box(&[-2; 4]).split_at(channels).0,
        zero: 0,
        low: -128,
        high: 127,
    };
    let conv = |groups| int8::Conv2d {
        window,
        inputs: 4,
        outputs: 4,
        groups,
    };
    let x = black_box([8i8; 64]);
    let (mut a, mut b, mut c) = ([0; 64], [0; 64], [0; 64]);
    int8::conv2d(&conv(1), &x, 0, &[1; 4 * 36], &[0; 4], rescale(4), &mut a);
    int8::conv2d(&conv(4), &a, 0, &[1; 36], &[0; 4], rescale(4), &mut b);
    int8::max_pool2d(&window, 4, &b, &mut a);
    int8::average_pool2d(&window, 4, &a, -128, 127, &mut b);
    let sum = int8::Add::new([(0.5, 0), (0.25, 0)], (1.0, 0), -128, 127);
    int8::add(&a, &b, &sum, &mut c);
    int8::lookup(&c, black_box(&[3; 256]), &mut a);
    let (mut scores, mut shares) = ([0; 2], [0; 2]);
    int8::dense(1, 64, 2, &a, &[1; 128], &[0; 2], rescale(2), &mut scores);
    int8::softmax(1, 2, &scores, &int8::Softmax::new(0.1), &mut shares);
    let (mut reals, mut bytes) = ([0.0; 2], [0; 2]);
    int8::dequantize(&shares, 1.0 / 256.0, -128, &mut reals);
    int8::quantize(&reals, 1.0 / 256.0, -128, &mut bytes);
    // 64 · 3 / 8, and two equal shares.
    scores == [24, 24] && bytes == [0, 0]
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}
