//! Reads handwritten digits with weights that lie in flash.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use firmware::{Cost, bits, exit, line, measure, named, number, text};
use firmware_networks::{Digits, images};

#[entry]
fn main() -> ! {
    let mut most = Cost::default();
    for (i, image) in images::test().enumerate() {
        let mut scores = [0.0; 10];
        let cost = measure(|| read(black_box(&image), &mut scores));
        most = most.or(cost);
        text("scores");
        number(i as u32);
        scores.iter().for_each(|&score| bits(score));
        line();
    }
    named("instructions", most.instructions);
    named("stack", most.stack);
    named("macs", Digits::MACS as u32);
    named("ram", Digits::RAM_BYTES as u32);
    named("flash", Digits::FLASH_BYTES as u32);
    exit(0)
}

/// One prediction, with all the memory that it takes on the stack.
#[inline(never)]
fn read(image: &images::Image, result: &mut [f32; 10]) {
    let (pixels, mut arena, mut scores) = (image.pixels(), [0.0; Digits::ARENA], [0.0; 10]);
    Digits::infer_trained(&pixels, &mut arena, black_box(&mut scores));
    *result = scores;
}
