//! How long something takes: by the wall, or by the processor time of all threads (`NN_BENCH_CLOCK=cpu`).

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Runs `f` and gives its time.
pub fn time(f: impl FnOnce()) -> Duration {
    static CPU: OnceLock<bool> = OnceLock::new();
    if *CPU.get_or_init(|| std::env::var("NN_BENCH_CLOCK").is_ok_and(|clock| clock == "cpu")) {
        let start = processor_time();
        f();
        processor_time() - start
    } else {
        let start = Instant::now();
        f();
        start.elapsed()
    }
}

fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a `timespec` of ours.
    let code = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    assert_eq!(code, 0, "the processor's clock");
    Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).expect("below a second"))
}
