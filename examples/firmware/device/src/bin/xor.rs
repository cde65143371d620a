//! Learns exclusive or on the board, from random numbers.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use firmware::{bits, exit, line, measure, named, number, text};
use firmware_networks::Xor;
use firmware_networks::training::{CASES, VALUES, XOR_LOSS, XOR_RATE, XOR_STEPS, xor_start};

#[entry]
fn main() -> ! {
    let mut parameters = xor_start();
    let mut loss = step(&mut parameters);
    text("loss_before");
    number(0);
    bits(loss as f32);
    line();
    let cost = measure(|| {
        loss = step(black_box(&mut parameters));
    });
    for _ in 2..XOR_STEPS {
        loss = step(&mut parameters);
    }
    text("loss_after");
    number(0);
    bits(loss as f32);
    line();
    text("weights_after");
    number(0);
    parameters.iter().for_each(|&w| bits(w));
    line();
    named("steps", XOR_STEPS as u32);
    named("step_instructions", cost.instructions);
    named("stack", cost.stack);
    named("training_ram", Xor::TRAINING_RAM_BYTES as u32);
    exit(u32::from(loss > XOR_LOSS))
}

/// One step over all cases; its memory is its own.
#[inline(never)]
fn step(parameters: &mut [f32; Xor::FLAT]) -> f64 {
    let (mut arena, mut gradients) = ([0.0; Xor::TRAINING_ARENA], [0.0; Xor::TRAINABLE]);
    Xor::sgd_step(parameters, &CASES, &VALUES, XOR_RATE, &mut arena, &mut gradients)
}
