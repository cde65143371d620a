//! Every message of the compiler, at its line and column: each case in `ui/<topic>/` must fail with exactly the text
//! beside it. After a wanted change, `TRYBUILD=overwrite cargo test -p nn-tests --test ui` writes the new texts, and
//! `docs/errors.md` from them.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use nn_runtime::prelude::*;
use nn_tests::cases::{cases, topics};

network! {
    /// Whose weights the cases of `ui/weights` are given.
    pub Trained(x: Tensor<4>) -> Tensor<2> {
        x.dense(3).relu().dense(2)
    }
}

/// The files that `ui/weights` names, in the package that `trybuild` makes of the cases.
fn write_weights() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tests/trybuild/nn-tests");
    fs::create_dir_all(&folder).expect("the cases' package");
    let file = |name: &str| folder.join(format!("{name}.safetensors"));
    Trained::new(1).save(file("trained")).expect("weights are saved");
    let whole = fs::read(file("trained")).expect("weights were saved");
    fs::write(file("cut"), &whole[..whole.len() - 10]).expect("a shorter file");
    fs::write(file("text"), "Weights, in words: one, a half, none.").expect("a text");
}

#[test]
fn messages() {
    write_weights();
    let tests = trybuild::TestCases::new();
    tests.compile_fail("ui/*/*.rs");
    // The cases run when it is dropped; the page is held against the texts that they leave.
    drop(tests);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    if std::env::var_os("TRYBUILD").is_some_and(|v| v == "overwrite") {
        fs::write(&path, page()).expect("docs/errors.md can be written");
    }
    let written = fs::read_to_string(&path).expect("docs/errors.md can be read");
    assert!(
        written == page(),
        "docs/errors.md is out of date: run `TRYBUILD=overwrite cargo test -p nn-tests --test ui`"
    );
}

/// All cases: what each shows, its network, the messages.
fn page() -> String {
    let mut text =
        "# What the compiler says\n\nMistakes and their messages, written from the cases in `tests/ui/`.\n"
            .to_string();
    for topic in topics() {
        let name = topic
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let _ = write!(text, "\n## {}{}\n", name[..1].to_uppercase(), &name[1..]);
        for case in cases(&topic) {
            let source = fs::read_to_string(&case).expect("a case");
            let messages = fs::read_to_string(case.with_extension("stderr")).expect("its messages");
            let title = source
                .lines()
                .next()
                .unwrap_or_default()
                .trim_start_matches("// ");
            let network: Vec<&str> = source
                .lines()
                .skip_while(|l| !l.starts_with("network!"))
                .take_while(|l| *l != "}")
                .skip(1)
                .map(|l| l.strip_prefix("    ").unwrap_or(l))
                .collect();
            // The lines of the source are right above: the messages alone.
            let messages: Vec<&str> = messages
                .lines()
                .map(str::trim_start)
                .filter(|l| {
                    ["error", "note: ", "help: "]
                        .iter()
                        .any(|start| l.starts_with(start))
                })
                .collect();
            let _ = write!(
                text,
                "\n{title}\n\n```text\n{}\n```\n\n```text\n{}\n```\n",
                network.join("\n"),
                messages.join("\n")
            );
        }
    }
    text
}
