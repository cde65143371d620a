//! Prints, as JSON lines, the peak of fused multiply-adds that this core reaches now, and our products' share of it.
//!
//! A machine that others use has no fixed peak: the peak is measured before and after every product, and the share is
//! the median over rounds.

use std::hint::black_box;

use nn_runtime::Isa;
use nn_runtime::expansion::{Identity, Operand, ops};
use protocol::clock;

/// Rounds; the median counts.
const ROUNDS: usize = 9;

/// Operations of one measurement of the peak (about 2 ms).
const PEAK_STEPS: usize = 200_000;

/// Independent chains: enough for two units of a latency of 4 to 5 cycles.
const CHAINS: usize = 24;

fn main() {
    let isa = format!("{:?}", Isa::current()).to_lowercase();
    println!(
        "{{\"isa\": \"{isa}\", \"peak_gflops\": {:.1}}}",
        median(&mut peaks())
    );
    for (what, rows, k, n) in [
        ("dense", 1, 784, 128),
        ("dense", 32, 784, 128),
        ("dense", 128, 784, 128),
        ("dense", 128, 128, 64),
        ("dense", 128, 784, 1024),
        ("dense", 128, 1024, 1024),
        ("dense", 512, 512, 512),
        ("dense_grad_input", 128, 1024, 1024),
        ("dense_grad_weight", 32, 784, 128),
        ("dense_grad_weight", 128, 784, 128),
        ("dense_grad_weight", 128, 1024, 1024),
    ] {
        let (gflops, share) = product(what, rows, k, n);
        println!(
            "{{\"op\": \"{what}\", \"rows\": {rows}, \"k\": {k}, \"n\": {n}, \"gflops\": {gflops:.1}, \"share\": {share:.3}}}"
        );
    }
}

fn peaks() -> Vec<f64> {
    (0..ROUNDS).map(|_| peak()).collect()
}

/// GFLOP/s of one product and its share of the peak beside it.
fn product(what: &str, rows: usize, k: usize, n: usize) -> (f64, f64) {
    let numbers = |len: usize| {
        (0..len)
            .map(|i| (i * 7919 % 256) as f32 / 256.0 - 0.5)
            .collect::<Vec<f32>>()
    };
    let (mut x, mut w, mut y) = (numbers(rows * k), numbers(k * n), numbers(rows * n));
    let mut run = |times: usize| {
        for _ in 0..times {
            match what {
                "dense" => ops::dense(rows, k, n, &x, &w, None, &mut y, [Operand::Own], Identity),
                "dense_grad_input" => {
                    ops::dense_grad_input(rows, k, n, &y, &w, &mut x, [Operand::Own], Identity)
                }
                _ => ops::dense_grad_weight(rows, k, n, &x, &y, &mut w, false),
            }
        }
        black_box((&x, &w, &y));
    };
    let flop = 2.0 * (rows * k * n) as f64;
    let times = (2e9 / flop).ceil().max(1.0) as usize / 4 + 1;
    run(times);
    let mut gflops = Vec::new();
    let mut shares = Vec::new();
    for _ in 0..ROUNDS {
        let before = peak();
        let speed = flop * times as f64 / clock::time(|| run(times)).as_secs_f64() / 1e9;
        gflops.push(speed);
        shares.push(speed / before.max(peak()));
    }
    (median(&mut gflops), median(&mut shares))
}

fn median(x: &mut [f64]) -> f64 {
    x.sort_by(f64::total_cmp);
    x[x.len() / 2]
}

/// GFLOP/s of fused multiply-adds that wait for nothing.
fn peak() -> f64 {
    let time = clock::time(|| match Isa::current() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the instruction set is one that the processor has.
        Isa::Avx512 => unsafe { x86::avx512() },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Isa::Avx2 => unsafe { x86::avx2() },
        _ => plain(),
    });
    let lanes = match Isa::current() {
        Isa::Avx512 => 16,
        Isa::Avx2 => 8,
        _ => 4,
    };
    (2 * lanes * CHAINS * PEAK_STEPS) as f64 / time.as_secs_f64() / 1e9
}

/// Left to the compiler's own vectors of four.
fn plain() {
    let (a, b) = (black_box(0.999f32), black_box(0.001f32));
    let mut x = [[1.0f32; 4]; CHAINS];
    for _ in 0..PEAK_STEPS {
        for x in x.as_flattened_mut() {
            *x = *x * a + b;
        }
    }
    black_box(x);
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{CHAINS, PEAK_STEPS};
    use std::arch::x86_64::*;
    use std::hint::black_box;

    #[target_feature(enable = "avx512f")]
    pub fn avx512() {
        let (a, b) = (_mm512_set1_ps(black_box(0.999)), _mm512_set1_ps(black_box(0.001)));
        let mut x = [b; CHAINS];
        for _ in 0..PEAK_STEPS {
            for x in &mut x {
                *x = _mm512_fmadd_ps(*x, a, b);
            }
        }
        black_box(x);
    }

    #[target_feature(enable = "avx2,fma")]
    pub fn avx2() {
        // 16 registers: two for the constants.
        let (a, b) = (_mm256_set1_ps(black_box(0.999)), _mm256_set1_ps(black_box(0.001)));
        let mut x = [b; CHAINS / 2];
        for _ in 0..2 * PEAK_STEPS {
            for x in &mut x {
                *x = _mm256_fmadd_ps(*x, a, b);
            }
        }
        black_box(x);
    }
}
