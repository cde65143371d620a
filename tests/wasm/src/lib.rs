//! A classifier of digits, and what `tests/wasm.rs` holds against the host. The caller writes into the module's memory and reads
//! from it.
#![no_std]

mod networks;

use core::ptr::{addr_of, addr_of_mut};

use nn_runtime::prelude::*;

network! {
    #[weights("../../examples/firmware/networks/data/digits.safetensors")]
    pub Digits(image: Tensor<64>) -> Tensor<10> {
        image.dense(64).relu().dense(10)
    }
}

static mut IMAGE: [f32; 64] = [0.0; 64];
static mut SCORES: [f32; 10] = [0.0; 10];
static mut IMAGES: [f32; networks::Images::FLAT] = [0.0; networks::Images::FLAT];
static mut NUMBERS: [f64; networks::Numbers::FLAT] = [0.0; networks::Numbers::FLAT];

/// Where the pixels go.
#[unsafe(no_mangle)]
extern "C" fn image() -> *mut f32 {
    addr_of_mut!(IMAGE).cast()
}

/// Reads the image; gives the scores.
#[unsafe(no_mangle)]
extern "C" fn read() -> *const f32 {
    let mut arena = [0.0; Digits::ARENA];
    // SAFETY: the module has one thread, and nobody else holds these while it runs.
    let (image, scores) = unsafe { (&*addr_of!(IMAGE), &mut *addr_of_mut!(SCORES)) };
    Digits::infer_trained(image, &mut arena, scores);
    scores.as_ptr()
}

/// Trains; gives the parameters.
#[unsafe(no_mangle)]
extern "C" fn images() -> *const f32 {
    // SAFETY: as above.
    unsafe { addr_of_mut!(IMAGES).write(networks::images()) };
    addr_of!(IMAGES).cast()
}

/// Trains; gives the parameters.
#[unsafe(no_mangle)]
extern "C" fn numbers() -> *const f64 {
    // SAFETY: as above.
    unsafe { addr_of_mut!(NUMBERS).write(networks::numbers()) };
    addr_of!(NUMBERS).cast()
}

/// Whether the kernels use vectors.
#[unsafe(no_mangle)]
extern "C" fn vectors() -> u32 {
    u32::from(nn_runtime::Isa::current() == nn_runtime::Isa::Simd128)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
