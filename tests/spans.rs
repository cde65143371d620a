//! Where the messages point: `spans.txt` says for each message of each case which piece of the source is wrong, and the
//! text under the first span must be that piece. A line of the table is `case<TAB>line<TAB>piece`.

use std::fmt::Write;
use std::fs;

use nn_tests::cases::{cases, root, topics};

/// The pieces that the messages of a case underline, in order.
fn underlined(source: &str, messages: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut place: Option<(usize, usize)> = None;
    let mut open = false;
    for line in messages.lines() {
        if line.starts_with("error") {
            (open, place) = (true, None);
        } else if !open {
        } else if let Some((_, at)) = line.split_once("--> ") {
            let mut numbers = at.rsplit(':').map(|n| n.parse().expect("a line and a column"));
            let (column, row) = (numbers.next(), numbers.next());
            place = column.zip(row).map(|(column, row)| (row, column));
        } else if let (Some((row, column)), Some(from)) = (place, line.find('^')) {
            let count = line[from..].chars().take_while(|c| *c == '^').count();
            let line = source.lines().nth(row - 1).unwrap_or_default();
            found.push((row, line.chars().skip(column - 1).take(count).collect()));
            open = false;
        }
    }
    found
}

#[test]
fn the_first_span_is_on_what_is_wrong() {
    let root = root();
    let mut found = String::new();
    for case in topics().iter().flat_map(|topic| cases(topic)) {
        let source = fs::read_to_string(&case).expect("a case");
        let messages = fs::read_to_string(case.with_extension("stderr")).expect("its messages");
        let name = case.strip_prefix(&root).expect("inside").with_extension("");
        let errors = messages.lines().filter(|l| l.starts_with("error")).count();
        let pieces = underlined(&source, &messages);
        assert_eq!(
            pieces.len(),
            errors,
            "{}: a message without a span",
            name.display()
        );
        for (line, piece) in pieces {
            let _ = writeln!(found, "{}\t{line}\t{piece}", name.display());
        }
    }
    let table = fs::read_to_string(root.with_file_name("spans.txt")).expect("the table");
    let (found, expected): (Vec<&str>, Vec<&str>) = (found.lines().collect(), table.lines().collect());
    let right = found.iter().filter(|line| expected.contains(line)).count();
    println!("{right} of {} first spans are on what is wrong", found.len());
    let wrong: Vec<&&str> = found.iter().filter(|line| !expected.contains(line)).collect();
    let gone: Vec<&&str> = expected.iter().filter(|line| !found.contains(line)).collect();
    assert!(
        found == expected,
        "spans that `tests/spans.txt` does not have: {wrong:#?}; and those it has alone: {gone:#?}"
    );
}

#[test]
fn a_span_is_read() {
    let messages =
        "error: unknown layer `desne`\n --> ui/a.rs:2:6\n  |\n2 |   ab.desne(3)\n  |      ^^^^^ here\n";
    assert_eq!(
        underlined("//\n  ab.desne(3)\n", messages),
        [(2, "desne".to_string())]
    );
}
