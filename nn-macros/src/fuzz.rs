//! The whole compiler on programs gone wrong: an answer, and one that is Rust.
//!
//! The programs are all `network!` blocks of the repository (those of `tests/ui` are wrong to begin with), their tokens
//! removed, doubled, swapped, replaced, nested, and mixed with another program's. The ordinary tests run a few hundred;
//! `NN_FUZZ_MINUTES=10 NN_FUZZ_SEED=1 cargo test --release -p nn-macros fuzz -- --nocapture` runs as long as one likes,
//! on stable. `fuzz/` hands the same question to libFuzzer.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};

use crate::pipeline;
use crate::testing::Random;
use crate::testing::tokens::mutate;

/// Inputs of the ordinary tests.
const INPUTS: u64 = 300;

/// More than this for one input is no answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Memory of the whole process, over all inputs.
const MEMORY_KIB: u64 = 2 << 20;

/// The stack that rustc gives a macro.
const STACK_BYTES: usize = 8 << 20;

/// Appends the blocks of every `network! { … }` under a folder.
fn collect(folder: &Path, blocks: &mut Vec<Vec<TokenTree>>) {
    let entries = std::fs::read_dir(folder).expect("a folder of the repository");
    let mut paths: Vec<_> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, blocks);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source file");
            if let Ok(tokens) = text.parse::<TokenStream>() {
                inside(tokens, blocks);
            }
        }
    }
}

fn inside(tokens: TokenStream, blocks: &mut Vec<Vec<TokenTree>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (i, tree) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = tree else { continue };
        let is_network = matches!(
            (i.checked_sub(2).map(|i| &tokens[i]), i.checked_sub(1).map(|i| &tokens[i])),
            (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(mark))) if name == "network" && mark.as_char() == '!'
        );
        if is_network {
            blocks.push(group.stream().into_iter().collect());
        } else {
            inside(group.stream(), blocks);
        }
    }
}

/// Tokens at some level of a program.
fn part(tokens: &[TokenTree], random: &mut Random) -> Vec<TokenTree> {
    let from = random.below(tokens.len().max(1));
    let to = (from + 1 + random.below(6)).min(tokens.len());
    match tokens.get(from) {
        Some(TokenTree::Group(group)) if random.below(4) > 0 => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            part(&inner, random)
        }
        _ => tokens.get(from..to).unwrap_or_default().to_vec(),
    }
}

/// Does `change` to the tokens at some level.
fn at_some_level(
    tokens: &mut Vec<TokenTree>,
    random: &mut Random,
    change: &mut dyn FnMut(&mut Vec<TokenTree>, usize),
) {
    let i = random.below(tokens.len() + 1);
    match tokens.get(i) {
        Some(TokenTree::Group(group)) if random.below(5) > 0 => {
            let mut inner: Vec<TokenTree> = group.stream().into_iter().collect();
            at_some_level(&mut inner, random, change);
            tokens[i] = Group::new(group.delimiter(), inner.into_iter().collect()).into();
        }
        _ => change(tokens, i),
    }
}

/// Numbers at the edges of what is allowed.
const EDGES: &[&str] = &[
    "0",
    "1",
    "64",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "1e308",
    "1e-320",
    "0.1e1000",
    "1_000_000",
    "0xff",
    "0b11",
    "1u8",
    "1f32",
    "'c'",
    "\"\"",
    "b\"x\"",
    "r#\"x\"#",
];

fn edge(random: &mut Random) -> TokenTree {
    let text = EDGES[random.below(EDGES.len())];
    let literal = text.parse::<Literal>().expect("a literal");
    literal.into()
}

/// One input: a program of the repository, changed.
fn input(blocks: &[Vec<TokenTree>], random: &mut Random) -> TokenStream {
    let mut tokens = blocks[random.below(blocks.len())].clone();
    for _ in 0..random.below(5) {
        let other = part(&blocks[random.below(blocks.len())], random);
        match random.below(12) {
            0..6 => mutate(&mut tokens, random, 0),
            6..8 => at_some_level(&mut tokens, random, &mut |tokens, i| {
                tokens.splice(i..i, other.clone());
            }),
            8..10 => {
                let number = edge(random);
                at_some_level(&mut tokens, random, &mut |tokens, i| {
                    match tokens.get(i) {
                        Some(TokenTree::Literal(_)) | None => {
                            tokens.splice(i..(i + 1).min(tokens.len()), [number.clone()])
                        }
                        Some(_) => {
                            let near = tokens.iter().position(|t| matches!(t, TokenTree::Literal(_)));
                            let i = near.unwrap_or(i);
                            tokens.splice(i..=i, [number.clone()])
                        }
                    }
                    .for_each(drop)
                });
            }
            10 => {
                let depth = 1 << random.below(11);
                let delimiter =
                    [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket][random.below(3)];
                at_some_level(&mut tokens, random, &mut |tokens, i| {
                    let mut nested: TokenStream = other.iter().cloned().collect();
                    for _ in 0..depth {
                        nested = TokenTree::from(Group::new(delimiter, nested)).into();
                    }
                    tokens.splice(i..i, nested);
                });
            }
            _ => {
                let times = 1 << random.below(9);
                at_some_level(&mut tokens, random, &mut |tokens, i| {
                    let many = (0..times).flat_map(|_| other.clone()).collect::<Vec<_>>();
                    tokens.splice(i..i, many);
                });
            }
        }
    }
    tokens.into_iter().collect()
}

/// What is wrong with the compiler's answer; `None` where it is errors or code, and Rust.
fn fault(tokens: TokenStream) -> Option<String> {
    let answer = match catch_unwind(AssertUnwindSafe(|| pipeline::compile(tokens))) {
        Ok(answer) => answer,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            return Some(format!("panicked: {}", text.unwrap_or_default()));
        }
    };
    match syn::parse2::<syn::File>(answer) {
        Ok(_) => None,
        Err(error) => Some(format!("the answer is no Rust: {error}")),
    }
}

/// The most memory that this process ever had, where Linux tells.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn every_input_is_answered() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let minutes = setting("NN_FUZZ_MINUTES");
    let seed = setting("NN_FUZZ_SEED").unwrap_or(1);
    let (send, receive) = channel::<(u64, Option<String>)>();
    let work = move || {
        // Token streams belong to their thread.
        let mut blocks = Vec::new();
        for folder in ["tests/ui", "models/src", "examples", "nn-runtime/src"] {
            collect(&repository.join(folder), &mut blocks);
        }
        assert!(blocks.len() > 80, "only {} programs", blocks.len());
        let start = Instant::now();
        for number in 0.. {
            let goes_on = match minutes {
                Some(minutes) => start.elapsed() < Duration::from_secs(60 * minutes),
                None => number < INPUTS,
            };
            if !goes_on {
                break;
            }
            let mut random = Random::new(seed.wrapping_mul(1 << 32).wrapping_add(number));
            let tokens = input(&blocks, &mut random);
            let text = tokens.to_string();
            if text.contains("# [print") {
                continue;
            }
            if send.send((number, Some(text))).is_err() {
                break;
            }
            let found = fault(tokens);
            if send.send((number, found.map(|f| format!("{f}\n")))).is_err() {
                break;
            }
        }
    };
    let worker = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(work)
        .expect("a thread");
    let mut findings: BTreeMap<String, String> = BTreeMap::new();
    let (mut inputs, mut slowest) = (0u64, (Duration::ZERO, 0));
    while let Ok((number, text)) = receive.recv() {
        let (text, start) = (text.unwrap_or_default(), Instant::now());
        match receive.recv_timeout(PATIENCE) {
            Ok((_, Some(found))) => {
                if findings.len() < 20 {
                    findings
                        .entry(found)
                        .or_insert_with(|| format!("input {number} of seed {seed}: {text}"));
                }
            }
            Ok((_, None)) => {}
            Err(RecvTimeoutError::Timeout) => {
                panic!("no answer within {PATIENCE:?} to input {number} of seed {seed}: {text}")
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
        inputs += 1;
        if start.elapsed() > slowest.0 {
            slowest = (start.elapsed(), number);
        }
    }
    worker.join().expect("the fuzzer's own thread");
    let peak = peak_kib().unwrap_or(0);
    println!(
        "{inputs} inputs of seed {seed}, the slowest ({}) {:?}, peak memory {} MiB, {} findings",
        slowest.1,
        slowest.0,
        peak / 1024,
        findings.len()
    );
    assert!(peak < MEMORY_KIB, "{peak} KiB of memory");
    assert!(
        findings.is_empty(),
        "{}",
        findings
            .iter()
            .map(|(fault, text)| format!("{fault}{text}\n\n"))
            .collect::<String>()
    );
}
