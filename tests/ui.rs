//! Every message of the compiler, at its line and column: each case in `ui/<topic>/` must fail with exactly the text
//! beside it. After a wanted change, `TRYBUILD=overwrite cargo test -p nn-tests --test ui` writes the new texts.

#[test]
fn messages() {
    trybuild::TestCases::new().compile_fail("ui/*/*.rs");
}
