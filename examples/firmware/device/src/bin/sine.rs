//! MicroFlow's sine in 8-bit integers.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use firmware::{exit, measure, named};
use firmware_networks::microflow::{checksum, sine};

#[entry]
fn main() -> ! {
    let (mut arena, mut y) = ([0; 32], [0]);
    let cost = measure(|| sine(black_box(&[5]), &mut arena, &mut y));
    named("checksum", checksum(&arena) ^ checksum(&y));
    cost.print();
    named("arena", size_of_val(&arena) as u32);
    exit(0)
}
