//! MicroFlow's person detection in 8-bit integers.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use firmware::{exit, measure, named};
use firmware_networks::microflow::{PERSON_ARENA, checksum, fill, person};

#[entry]
fn main() -> ! {
    let (mut arena, mut y) = ([0; PERSON_ARENA], [0; 2]);
    fill(&mut arena[..9216]);
    let cost = measure(|| person(&mut arena, &mut y));
    named("checksum", checksum(&arena) ^ checksum(&y));
    cost.print();
    named("arena", size_of_val(&arena) as u32);
    exit(0)
}
