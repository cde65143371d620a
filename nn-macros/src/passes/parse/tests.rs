use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

use super::{parse, parse_expression};
use crate::ast::{Source, TensorKind};
use crate::diagnostics::Diagnostics;
use crate::testing::Random;
use crate::testing::tokens::mutate;

fn read(text: &str) -> (Source, Vec<String>) {
    let diagnostics = Diagnostics::default();
    let source = parse(TokenStream::from_str(text).expect("tokens"), &diagnostics);
    let found = diagnostics.take().iter().map(|d| d.text()).collect();
    (source, found)
}

fn good(text: &str) -> Source {
    let (source, found) = read(text);
    assert_eq!(found, Vec::<String>::new(), "{text}");
    source
}

/// First lines of the faults.
fn faults(text: &str) -> Vec<String> {
    let (_, found) = read(text);
    found
        .iter()
        .map(|f| {
            assert!(f.contains("\nhelp: "), "no help: {f}");
            f.lines().next().unwrap_or_default().to_string()
        })
        .collect()
}

/// Faults of a body inside a sound network.
fn body_faults(body: &str) -> Vec<String> {
    faults(&format!("N(x: Tensor<2>) -> Tensor<1> {{ {body} }}"))
}

fn print(text: &str) -> String {
    let diagnostics = Diagnostics::default();
    let expr = parse_expression(TokenStream::from_str(text).expect("tokens"), &diagnostics);
    assert!(diagnostics.is_empty(), "{text}: {:?}", diagnostics.take());
    expr.map(|e| e.to_string()).unwrap_or_default()
}

const PROGRAM: &str = r#"
    const WIDTH: usize = 128;

    /// A network.
    #[loss(0.5 * mean_squared_error, softmax_cross_entropy(smoothing = 0.1))]
    #[scalar(f64)]
    #[budget(params <= 62_000, ram <= 48 KiB)]
    #[allow(dead_code)]
    pub(crate) Actor(state: Tensor<4, WIDTH / 2>, words: Tokens<64, vocab = 96>) -> (Tensor<2>, Tensor<1>) {
        let (a, b) = state.flatten().residual(16, stride = 1).split(2);
        let c = concat(a, b, axis = -1) + 2.0 * a - b;
        let d = if WIDTH == 4 && !(WIDTH > 3) || false { a } else if WIDTH % 2 != 0 { b } else { let e = c; e };
        (d.repeat(4, decoder(heads = 4)).mish(), b.dense(1, init = uniform(-0.1, 0.1), name = "head"))
    }

    /// A block.
    block residual(x, channels, stride = 1) { x + x.dense(channels) }

    fn mish(x) = x * tanh(ln(1.0 + exp(x)));
"#;

#[test]
fn the_whole_grammar() {
    let source = good(PROGRAM);
    assert!(!source.incomplete);
    let network = &source.networks[0];
    assert_eq!(network.name, "Actor");
    assert_eq!(network.visibility.to_string().replace(' ', ""), "pub(crate)");
    assert_eq!(network.passed_attributes.len(), 2);
    assert_eq!(network.inputs[1].ty.kind, TensorKind::Tokens);
    assert_eq!(network.inputs[0].ty.dims[1].to_string(), "WIDTH / 2");
    assert_eq!(network.outputs.len(), 2);
    assert!(network.body.lets[0].tuple);
    assert_eq!(
        network.body.lets[1].value.to_string(),
        "concat(a, b, axis = -1) + 2.0 * a - b"
    );
    assert_eq!(
        network.body.lets[2].value.to_string(),
        "if WIDTH == 4 && !(WIDTH > 3) || false { a } else { if WIDTH % 2 != 0 { b } else { let e = c; e } }"
    );
    assert_eq!(
        network.body.result.to_string(),
        "(d.repeat(4, decoder(heads = 4)).mish(), b.dense(1, init = uniform(-0.1, 0.1), name = \"head\"))"
    );
    assert_eq!(
        network.attributes[0].arguments.to_string(),
        "0.5 * mean_squared_error, softmax_cross_entropy(smoothing = 0.1)"
    );
    assert_eq!(
        network.attributes[2].arguments.to_string(),
        "params <= 62000, ram <= 49152"
    );
    let block = &source.blocks[0];
    assert_eq!(block.parameters.len(), 3);
    assert!(block.parameters[2].1.is_some());
    assert_eq!(source.formulas[0].body.to_string(), "x * tanh(ln(1.0 + exp(x)))");
}

#[test]
fn operators_bind_as_in_rust() {
    for (text, expected) in [
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("(a + b) * c", "(a + b) * c"),
        ("a + b * c", "a + b * c"),
        ("-x.tanh()", "-x.tanh()"),
        ("(-x).tanh()", "(-x).tanh()"),
        ("(a + b).relu()", "(a + b).relu()"),
        ("- -x", "--x"),
        ("!(a == b)", "!(a == b)"),
        ("[1, 2.5, -3]", "[1, 2.5, -3]"),
        ("crate::sizes::WIDTH * 2", "crate::sizes::WIDTH * 2"),
        ("1_000usize", "1000"),
        ("0x10", "16"),
        ("1e-4", "0.0001"),
        ("x.f(axis=-1)", "x.f(axis = -1)"),
        ("(a,)", "(a)"),
    ] {
        assert_eq!(print(text), expected, "{text}");
    }
}

#[test]
fn printing_and_reading_are_inverse() {
    let mut random = Random::new(3);
    for _ in 0..300 {
        let text = expression(&mut random, 4);
        let once = print(&text);
        assert_eq!(print(&once), once, "{text}");
    }
}

fn expression(random: &mut Random, depth: usize) -> String {
    let inner = |random: &mut Random| expression(random, depth - 1);
    match if depth == 0 {
        random.below(4)
    } else {
        random.below(12)
    } {
        0 => "x".into(),
        1 => random.below(100).to_string(),
        2 => "0.25".into(),
        3 => "true".into(),
        4 => format!("({}).relu()", inner(random)),
        5 => format!("f({}, axis = {})", inner(random), inner(random)),
        6 => format!("-({})", inner(random)),
        7 => format!("!({})", inner(random)),
        8 => format!(
            "if {} {{ {} }} else {{ {} }}",
            inner(random),
            inner(random),
            inner(random)
        ),
        9 => format!("[{}, {}]", inner(random), inner(random)),
        _ => {
            let operators = ["+", "-", "*", "/", "%", "==", "<", ">=", "&&", "||"];
            let operator = operators[random.below(operators.len())];
            format!("({}) {operator} ({})", inner(random), inner(random))
        }
    }
}

#[test]
fn all_faults_come_at_once() {
    let found = faults(
        "pub A(x: Tensor(2)) -> Tensor<1> { let y = x.dense(3; y.relu }
         block b(x) { x.dense(units: 3).dense(4 }
         fn f(x) { x }
         const W = 3;
         pub B(x: Tensor<2>) -> Tensor<1> { for i in 0 { x } }"
            .replace("(3;", "(3)?;")
            .replace("(4 }", "(4, a b) }")
            .as_str(),
    );
    assert_eq!(
        found,
        [
            "expected `<`, found `(…)`",
            "expected `;`, found `?`",
            "layer `relu` without parentheses",
            "expected `=` after an argument's name, found `:`",
            "expected `,` or `)`, found `b`",
            "expected `=` and an expression, found `{…}`",
            "expected `:`, found `=`",
            "`for` is not part of the language",
        ]
    );
}

#[test]
fn statements() {
    for (text, expected) in [
        ("", "an empty body"),
        ("let y = x;", "a body without a result"),
        ("x.dense(1);", "`;` after the last expression"),
        ("x.dense(1); x", "the value of this expression is not used"),
        ("let mut y = x; y", "`let mut` inside a network"),
        ("let y: f32 = x; y", "a type on a `let`"),
        ("let y = x let z = y; z", "expected `;` after this, found `let`"),
        (
            "let fn = x; x",
            "expected a name after `let`, found the keyword `fn`",
        ),
        ("y = x; y", "`y` is assigned to without `let`"),
        ("x.dense(1) x.relu()", "expected the end of the body, found `x`"),
        ("x.0", "expected a layer after `.`, found `0`"),
        (
            "x.",
            "expected a layer after `.`, found the end of the expression",
        ),
        ("x.dense::<3>()", "`dense` takes no type arguments"),
        ("x.dense[3]", "layer `dense` without parentheses"),
        (
            "x.dense(a = 1, 3)",
            "an argument without a name after one with a name",
        ),
        ("if true { x }", "`if` without `else`"),
        ("match x { }", "`match` is not part of the language"),
        ("|x| x", "expected an expression, found `|`"),
        ("&x", "expected an expression, found `&`"),
        ("return x", "`return` is not part of the language"),
        ("vec![1]", "a macro call `vec!` inside a network"),
        ("nn::dense(x)", "a function of your crate inside a network"),
        ("x.dense('a')", "a character is not part of the language"),
        ("x.dense(3px)", "unknown ending `px` of a number"),
        (
            "x.dense(99999999999999999999)",
            "the number 99999999999999999999 does not fit in 64 bits",
        ),
        ("x.dense(1e999)", "the number 1e999 is too large"),
        ("1 < 2 < 3", "`<` and `<` in a row"),
        ("()", "expected an expression, found `()`"),
    ] {
        assert_eq!(body_faults(text), [expected], "{text}");
    }
}

#[test]
fn items() {
    for (text, expected) in [
        ("N() -> Tensor<1> { x }", "`N` has no inputs"),
        (
            "N(x) -> Tensor<1> { x }",
            "expected `:` and the shape of `x`, found the end at `)`",
        ),
        (
            "N(x: Tensor<2>) { x }",
            "expected `->` and the output of `N`, found `{…}`",
        ),
        (
            "N(x: Tensor<2>) -> Tensor<1>",
            "expected `{` with the body of `N`, found the end of the block",
        ),
        (
            "N(x: f32) -> Tensor<1> { x }",
            "expected `Tensor<…>`, found `f32`",
        ),
        ("N(x: Tensor<>) -> Tensor<1> { x }", "a shape without sizes"),
        (
            "N(x: Tensor<_, 2>) -> Tensor<1> { x }",
            "expected a size, found `_`",
        ),
        (
            "N(x: Tensor<2, vocab = 3>) -> Tensor<1> { x }",
            "`vocab` of a `Tensor`",
        ),
        ("N(x: Tensor<2>) -> () { x }", "no output"),
        (
            "struct N(x: Tensor<2>) -> Tensor<1> { x }",
            "`struct` before a network's name",
        ),
        ("use foo::bar;", "`use` inside `network!`"),
        ("pub block b(x) { x }", "a visibility on a `block`"),
        ("#[loss(hinge)] block b(x) { x }", "`#[loss]` on a `block`"),
        ("block b(x: Tensor<1>) { x }", "a type on a block's parameter"),
        ("block b(x, x) { x }", "a second parameter `x`"),
        (
            "block b(x, a = 1, c) { x }",
            "`c` without a default after `a` with one",
        ),
        ("block b(x) -> Tensor<1> { x }", "an output type on a `block`"),
        ("fn f() = 1.0;", "`f` has no parameter"),
        ("fn f(x: f32) = x;", "a type on a formula's parameter"),
        ("fn f(x) = x", "expected `;`, found the end of the block"),
        ("const W: usize = ;", "expected an expression, found `;`"),
        (
            "#[loss(hinge)]",
            "expected an item after the attributes, found the end of the block",
        ),
        (
            "#[derive(Clone)] N(x: Tensor<2>) -> Tensor<1> { x }",
            "unknown attribute `derive`",
        ),
        (
            "#[los(hinge)] N(x: Tensor<2>) -> Tensor<1> { x }",
            "unknown attribute `los`",
        ),
        (
            "#[loss] N(x: Tensor<2>) -> Tensor<1> { x }",
            "expected `(` after `loss`, found the end at `]`",
        ),
        (
            "#[loss()] N(x: Tensor<2>) -> Tensor<1> { x }",
            "`#[loss]` names nothing",
        ),
        (
            "#[scalar(f64)] #[scalar(f32)] N(x: Tensor<2>) -> Tensor<1> { x }",
            "a second `#[scalar(…)]`",
        ),
        (
            "#[budget(ram <= 4 KB)] N(x: Tensor<2>) -> Tensor<1> { x }",
            "unknown unit `KB`",
        ),
        ("42", "expected an item, found `42`"),
        (";", "a `;` that ends nothing"),
    ] {
        assert_eq!(faults(text), [expected], "{text}");
    }
}

#[test]
fn a_bad_item_leaves_the_others() {
    let (source, found) =
        read("fn f(x) { x } N(x: Tensor<2>, y: ) -> Tensor<1> { x.relu() } block b(x) { x }");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(source.incomplete && source.networks[0].incomplete);
    assert_eq!(source.networks[0].inputs.len(), 1);
    assert_eq!(source.blocks.len(), 1);
}

#[test]
fn deep_nesting_is_a_fault_and_long_chains_are_not() {
    let deep = format!("{}x{}", "(".repeat(3000), ")".repeat(3000));
    assert_eq!(body_faults(&deep), ["nested more than 64 deep"]);
    assert_eq!(
        body_faults(&format!("{}x", "-".repeat(100_000).replace('-', "- "))),
        ["nested more than 64 deep"]
    );
    let ifs = format!("{}x{}", "if true { x } else ".repeat(3000), "");
    assert_eq!(body_faults(&ifs), ["nested more than 64 deep"]);
    let series = format!("x{}", " + x".repeat(100_000));
    assert_eq!(body_faults(&series), ["an expression of more than 256 levels"]);
    assert_eq!(
        body_faults(&format!("x{}", ".relu()".repeat(20_000))),
        Vec::<String>::new()
    );
}

/// Whatever the tokens are: an answer, and never a panic. A fault left unread would panic too.
#[test]
fn no_token_stream_panics() {
    let program: Vec<TokenTree> = TokenStream::from_str(PROGRAM)
        .expect("tokens")
        .into_iter()
        .collect();
    let mut random = Random::new(7);
    for _ in 0..4000 {
        let mut tokens = program.clone();
        for _ in 0..=random.below(4) {
            mutate(&mut tokens, &mut random, 0);
        }
        let diagnostics = Diagnostics::default();
        let source = parse(tokens.into_iter().collect(), &diagnostics);
        if source.incomplete {
            assert!(!diagnostics.is_empty());
        }
        diagnostics.take();
    }
}
