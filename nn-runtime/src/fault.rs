//! What happens where the compiler was wrong: with `std` a panic that says so. Without, the processor stops at an
//! instruction that does not exist, so that a firmware holds neither text nor panic machinery for what cannot happen.

/// As `assert!`, for what follows from the compiler's plan.
#[cfg(feature = "std")]
macro_rules! ensure {
    ($($condition:tt)*) => { assert!($($condition)*) };
}

/// As `assert!`, for what follows from the compiler's plan.
#[cfg(not(feature = "std"))]
macro_rules! ensure {
    ($condition:expr, $($text:tt)*) => {
        if !$condition {
            $crate::fault::stop();
        }
    };
}
pub(crate) use ensure;

/// Ends the program.
#[cfg(not(feature = "std"))]
#[cold]
#[inline(never)]
pub(crate) fn stop() -> ! {
    // SAFETY: an undefined instruction, which the processor answers with an exception.
    #[cfg(target_arch = "arm")]
    unsafe {
        core::arch::asm!("udf #0", options(noreturn, nomem, nostack))
    }
    // SAFETY: as above.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        core::arch::asm!("ud2", options(noreturn, nomem, nostack))
    }
    #[cfg(not(any(target_arch = "arm", target_arch = "x86_64")))]
    loop {
        core::hint::spin_loop();
    }
}
