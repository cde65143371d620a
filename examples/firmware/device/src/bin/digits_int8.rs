//! Reads handwritten digits in 8-bit integers, with weights that lie in flash.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use firmware::{Cost, bits, exit, line, measure, named, number, text};
use firmware_networks::{Digits, images};

#[entry]
fn main() -> ! {
    let mut arena = [0; Digits::INT8_ARENA];
    let mut scores = [0; 10];
    let mut most = Cost::default();
    for (i, image) in images::test().enumerate() {
        let pixels = image.quantized(Digits::INT8_INPUTS[0]);
        let cost = measure(|| Digits::infer_int8(black_box(&pixels), &mut arena, &mut scores));
        most = most.or(cost);
        text("scores");
        number(i as u32);
        scores.iter().for_each(|&score| bits(f32::from(score)));
        line();
    }
    named("instructions", most.instructions);
    named("stack", most.stack);
    named("macs", Digits::MACS as u32);
    named("arena", size_of_val(&arena) as u32);
    named("weights", Digits::INT8_FLASH_BYTES as u32);
    exit(0)
}
