//! A WebAssembly module with vectors of 128 bits, run under Node and held against the host: a classifier of digits, and two
//! networks that are trained in it.
//!
//! It needs Node and `rustup target add wasm32-unknown-unknown`; where one of them is missing the test says so and passes.
//! Where rustup has no such target, `NN_WASM_RUSTC` names a compiler that comes with the source of its library, from which `core`
//! is built, and `NN_LINKER` the linker, `rust-lld`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nn_runtime::prelude::*;

#[path = "wasm/src/networks.rs"]
mod networks;

network! {
    #[weights("../examples/firmware/networks/data/digits.safetensors")]
    pub Digits(image: Tensor<64>) -> Tensor<10> {
        image.dense(64).relu().dense(10)
    }
}

const TARGET: &str = "wasm32-unknown-unknown";

/// Whether a program runs at all.
fn runs(program: &str) -> bool {
    let ran = Command::new(program).arg("--version").output();
    ran.is_ok_and(|output| output.status.success())
}

/// Whether the toolchain has a library for the target.
fn has_target() -> bool {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output();
    output.is_ok_and(|o| Path::new(String::from_utf8_lossy(&o.stdout).trim()).is_dir())
}

/// Builds the module; `None` where that is not possible here.
fn module() -> Option<PathBuf> {
    let rustc = std::env::var_os("NN_WASM_RUSTC");
    if rustc.is_none() && !has_target() {
        println!("no WebAssembly here: `rustup target add {TARGET}` brings it");
        return None;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("wasm");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasm");
    let mut build = Command::new(env!("CARGO"));
    build
        .args([
            "build",
            "--release",
            "--quiet",
            "--target",
            TARGET,
            "--manifest-path",
        ])
        .arg(root.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", "-C target-feature=+simd128");
    if let Some(rustc) = rustc {
        build
            .args(["-Z", "build-std=core"])
            .env("RUSTC", rustc)
            .env("RUSTC_BOOTSTRAP", "1");
    }
    if let Some(linker) = std::env::var_os("NN_LINKER") {
        build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    assert!(
        build.status().expect("cargo runs").success(),
        "the module does not build"
    );
    Some(target.join(TARGET).join("release/nn_wasm.wasm"))
}

/// What the module says, line by line: a word and numbers.
fn run(module: &Path, pixels: &[f32]) -> Vec<(String, Vec<f64>)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("wasm/run.mjs");
    let mut node = Command::new("node")
        .arg(script)
        .arg(module)
        .args([
            networks::Images::FLAT.to_string(),
            networks::Numbers::FLAT.to_string(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    let bytes: Vec<u8> = pixels.iter().flat_map(|p| p.to_le_bytes()).collect();
    node.stdin
        .take()
        .expect("it reads")
        .write_all(&bytes)
        .expect("it takes the images");
    let output = node.wait_with_output().expect("it ends");
    assert!(output.status.success(), "the module fails");
    let line = |line: &str| {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default().to_string();
        (name, words.map(|word| word.parse().expect("a number")).collect())
    };
    String::from_utf8(output.stdout)
        .expect("text")
        .lines()
        .map(line)
        .collect()
}

fn assert_near(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        assert!(
            (f - e).abs() <= tolerance * e.abs().max(1.0),
            "{what} {i}: expected {e}, found {f}"
        );
    }
}

fn wide(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().map(|&x| f64::from(x)).collect()
}

#[test]
fn a_module_computes_what_the_host_does() {
    if !runs("node") {
        println!("no Node here");
        return;
    }
    let Some(module) = module() else { return };
    // A digit, then 64 pixels from 0 to 16.
    let shipped = include_bytes!("../examples/firmware/networks/data/test.bin");
    let pixels: Vec<f32> = shipped
        .as_chunks::<65>()
        .0
        .iter()
        .flat_map(|record| &record[1..])
        .map(|&b| f32::from(b) / 16.0)
        .collect();
    let said = run(&module, &pixels);
    let lines =
        |name: &str| -> Vec<&Vec<f64>> { said.iter().filter(|l| l.0 == name).map(|l| &l.1).collect() };

    assert_eq!(
        lines("vectors"),
        [&[1.0]],
        "the module was built without its vectors"
    );
    let images = pixels.as_chunks::<64>().0;
    assert_eq!(lines("scores").len(), images.len());
    let mut network = Digits::trained();
    for (image, scores) in images.iter().zip(lines("scores")) {
        assert_near("score", scores, &wide(network.predict(image)), 1e-5);
    }
    assert_near(
        "parameter of images",
        lines("images")[0],
        &wide(&networks::images()),
        1e-4,
    );
    assert_near(
        "parameter of numbers",
        lines("numbers")[0],
        &networks::numbers(),
        1e-12,
    );
}
