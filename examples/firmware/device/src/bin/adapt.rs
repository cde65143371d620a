//! A convolutional network that the host has taught the digits up to 7 learns 8 and 9 on the board: its last layer does.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use firmware::{Cost, bits, exit, line, measure, named, number, text};
use firmware_networks::training::{EPOCHS, RATE, batches};
use firmware_networks::{Late, images};

#[entry]
fn main() -> ! {
    let mut parameters = *Late::WEIGHTS;
    let (mut arena, mut gradients) = ([0.0; Late::TRAINING_ARENA], [0.0; Late::TRAINABLE]);
    named("right_before", right(&parameters));
    let mut most = Cost::default();
    for _ in 0..EPOCHS {
        for (pixels, digits) in batches() {
            let cost = measure(|| {
                Late::sgd_step(
                    &mut parameters,
                    black_box(&pixels),
                    &digits,
                    RATE,
                    &mut arena,
                    &mut gradients,
                );
            });
            most = most.or(cost);
        }
    }
    text("weights_after");
    number(0);
    parameters.iter().take(Late::TRAINABLE).for_each(|&w| bits(w));
    line();
    named("right_after", right(&parameters));
    named("images", images::exam().count() as u32);
    named("step_instructions", most.instructions);
    named("stack", most.stack);
    named("training_ram", Late::TRAINING_RAM_BYTES as u32);
    exit(0)
}

/// How many images of the exam are read rightly.
#[inline(never)]
fn right(parameters: &[f32; Late::FLAT]) -> u32 {
    let (mut arena, mut scores) = ([0.0; Late::ARENA], [0.0; 10]);
    let mut right = 0;
    for image in images::exam() {
        Late::infer(parameters, &image.pixels(), &mut arena, &mut scores);
        let (mut best, mut class) = (f32::NEG_INFINITY, 0);
        for (digit, &score) in scores.iter().enumerate() {
            if score > best {
                (best, class) = (score, digit as u32);
            }
        }
        right += u32::from(class == image.digit);
    }
    right
}
