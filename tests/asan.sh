#!/bin/sh
# The kernels' tests, on every instruction set of this machine, under AddressSanitizer: a read or write outside a
# buffer ends the run with a report. Needs a nightly toolchain (`rustup toolchain install nightly`).
set -e
cd "$(dirname "$0")/.."
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="-Zsanitizer=address" ASAN_OPTIONS=detect_leaks=1 \
    cargo +nightly test --target "$host" --target-dir target/asan -p nn-runtime --lib -- kernels simd
