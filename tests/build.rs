//! Writes the random networks that `random.rs` compiles and checks.
//!
//! The networks follow from `NN_RANDOM_SEED` (0 unless set) and `NN_RANDOM_NETWORKS`, their number.

use std::fmt::Write as _;
use std::path::Path;

#[path = "random/generate.rs"]
mod generate;

/// Networks in one `network!` block.
const PER_BLOCK: u64 = 20;

fn main() {
    let variable = |name: &str, default: u64| {
        println!("cargo::rerun-if-env-changed={name}");
        std::env::var(name).map_or(default, |v| v.parse().expect("a number"))
    };
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=random/generate.rs");
    let seed = variable("NN_RANDOM_SEED", 0);
    let networks = variable("NN_RANDOM_NETWORKS", 60);
    let mut text = String::new();
    let numbers: Vec<u64> = (0..networks).collect();
    for block in numbers.chunks(PER_BLOCK as usize) {
        text.push_str("network! {\n");
        let sources: Vec<_> = block.iter().map(|n| generate::network(seed, *n)).collect();
        for source in &sources {
            text.push_str(&source.text);
        }
        text.push_str(generate::SHARED);
        text.push_str("}\n");
        for source in &sources {
            writeln!(text, "subject!({});", source.subject).expect("writing to a string");
        }
    }
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("random_networks.rs"), text).expect("OUT_DIR can be written");
}
