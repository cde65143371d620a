//! A program without `std` and without `alloc` links, runs, and holds nothing that its text does not name: no panic path, no
//! allocation, no formatting. `tests/no_std` is that program; `examples/firmware/run` looks at those for a board likewise.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::path::Path;
use std::process::Command;

/// Parts of symbols that nobody asked for: mangled names hold them as they are.
const HIDDEN: [&str; 6] = [
    "panicking",
    "rust_begin_unwind",
    "__rust_alloc",
    "4core3fmt",
    "5alloc",
    // What `nn-runtime` does where a check of its own fails: every check was decided while it was compiled.
    "5fault4stop",
];

#[test]
fn a_network_needs_nothing_but_its_memory() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("no_std");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no_std");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        // The caller's flags may ask for what this build has not: a sanitizer, a coverage.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .status()
        .expect("cargo runs");
    assert!(built.success(), "a program without `std` does not link");
    let program = target.join("release/nn-no-std");
    let ran = Command::new(&program).status().expect("it runs");
    assert_eq!(ran.code(), Some(0), "its scores are no numbers");
    let bytes = std::fs::read(&program).expect("it was linked");
    let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds("nn_runtime"), "the program was stripped of its symbols");
    let found: Vec<&str> = HIDDEN.into_iter().filter(|name| holds(name)).collect();
    assert!(found.is_empty(), "the program holds {found:?}");
}
