//! Tells the kernels on 8-bit integers whether the target has Arm's DSP extension, which the compiler does not show them:
//! `cfg(nn_dsp)`. A Cortex-M4 and M7 always have it; for a Cortex-M33 or M55 with it, build with `RUSTFLAGS="--cfg nn_dsp"`.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(nn_dsp)");
    println!("cargo::rerun-if-changed=build.rs");
    let target = std::env::var("TARGET").expect("cargo sets TARGET");
    if target.starts_with("thumbv7em") {
        println!("cargo::rustc-cfg=nn_dsp");
    }
}
