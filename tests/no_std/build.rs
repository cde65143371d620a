//! The C library starts the program; nothing else is taken from it.

fn main() {
    println!("cargo:rustc-link-lib=c");
    println!("cargo:rerun-if-changed=build.rs");
}
