//! MicroFlow's speech recognition in 8-bit integers.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use firmware::{exit, measure, named};
use firmware_networks::microflow::{checksum, fill, speech};

#[entry]
fn main() -> ! {
    let (mut x, mut arena, mut y) = ([0; 1960], [0; 4004], [0; 4]);
    fill(&mut x);
    let cost = measure(|| speech(black_box(&x), &mut arena, &mut y));
    named("checksum", checksum(&arena) ^ checksum(&y));
    cost.print();
    named("arena", size_of_val(&arena) as u32);
    exit(0)
}
