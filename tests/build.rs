//! Writes the random networks that `random.rs` compiles and checks.
//!
//! The networks follow from `NN_RANDOM_SEED` (0 unless set) and `NN_RANDOM_NETWORKS`, their number.

use std::path::Path;

#[path = "random/generate.rs"]
mod generate;
#[path = "random/images.rs"]
mod images;

/// Networks in one `network!` block.
const PER_BLOCK: usize = 20;

fn main() {
    let variable = |name: &str, default: u64| {
        println!("cargo::rerun-if-env-changed={name}");
        std::env::var(name).map_or(default, |v| v.parse().expect("a number"))
    };
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=random");
    let seed = variable("NN_RANDOM_SEED", 0);
    let networks = variable("NN_RANDOM_NETWORKS", 60);
    let mut text = String::new();
    let numbers: Vec<u64> = (0..networks).collect();
    for block in numbers.chunks(PER_BLOCK) {
        let sources: Vec<_> = block.iter().map(|n| generate::network(seed, *n)).collect();
        write_block(&mut text, &sources, generate::SHARED);
        // Half as many over images.
        let sources: Vec<_> = block
            .iter()
            .filter(|n| n.is_multiple_of(2))
            .map(|n| images::network(seed, *n))
            .collect();
        write_block(&mut text, &sources, images::SHARED);
    }
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("random_networks.rs"), text).expect("OUT_DIR can be written");
}

fn write_block(text: &mut String, sources: &[generate::Source], shared: &str) {
    let networks: String = sources.iter().map(|s| s.text.as_str()).collect();
    let subjects: String = sources
        .iter()
        .map(|s| format!("subject!({});\n", s.subject))
        .collect();
    *text += &format!("network! {{\n{networks}{shared}}}\n{subjects}");
}
