use std::str::FromStr;

use proc_macro2::TokenStream;

use super::editor;

/// The statements for editors, without spaces.
fn shown(text: &str) -> String {
    let tokens = editor(TokenStream::from_str(text).expect("tokens")).to_string();
    syn::parse_str::<syn::File>(&tokens).unwrap_or_else(|e| panic!("{text}: {e}: {tokens}"));
    tokens.replace(' ', "")
}

#[track_caller]
fn shows(text: &str, expected: &[&str]) {
    let shown = shown(text);
    let mut rest = &shown[..];
    for e in expected {
        let at = rest
            .find(e)
            .unwrap_or_else(|| panic!("{e} is missing, or out of order: {shown}"));
        rest = &rest[at + e.len()..];
    }
}

/// As in a network's body.
fn body(text: &str) -> String {
    format!("#[loss(huber, delta = 2.0)] N(x: Tensor<2>) -> Tensor<1> {{ {text} }}")
}

#[test]
fn layers_arguments_and_words_are_named() {
    shows(
        &body(
            "let y = x.conv2d(16, kernel = 5, padding = same).relu(); y.dense(1, init = normal(std = 0.1))",
        ),
        &[
            "fnnetwork(x:language::types::Tensor){",
            "let_=language::attributes::loss;",
            "let_=language::losses::huber;",
            "let_=language::loss_arguments::huber::delta;",
            "let_=language::types::Tensor;",
            "let_=x;",
            "let_=layers::conv2d;",
            "let_=arguments::conv2d::kernel;",
            "let_=arguments::conv2d::padding;",
            "let_=language::words::same_or_valid::same;",
            "let_=layers::relu;",
            "lety=language::types::Tensor;",
            "let_=y;",
            "let_=layers::dense;",
            "let_=arguments::dense::init;",
            "let_=language::initialisers::normal;}",
        ],
    );
}

#[test]
fn sizes_of_a_network_are_constants_in_it() {
    shows(
        "pub Mlp<const HIDDEN: usize = 64, const WIDE: usize = 2 * HIDDEN>(x: Tensor<HIDDEN>) -> Tensor<1> { x.dense(WIDE) }
        type Small = Mlp<HIDDEN = WIDTH>;
        const WIDTH: usize = 3;",
        &[
            "fnnetwork(x:language::types::Tensor){",
            "constHIDDEN:usize=64;",
            "constWIDE:usize=language::kinds::any();",
            "let_=HIDDEN;",
            "let_=layers::dense;",
            "let_=WIDE;",
            "fninstance(){let_:Mlp;",
            "let_=WIDTH;",
            "constWIDTH:usize=3;",
        ],
    );
    for half in [
        "Mlp<",
        "Mlp<const",
        "Mlp<const A: usize = >(x)",
        "type A = ",
        "type A = B<C =",
        "type A = B<C = ;",
    ] {
        shown(half);
    }
}

#[test]
fn what_is_half_written_is_named_as_far_as_it_goes() {
    shows(&body("x.con"), &["let_=x;", "let_=layers::con;"]);
    shows(
        &body("x.dense(3)."),
        &["let_=x;", "let_=layers::dense;", "let_=layers::missing;"],
    );
    shows(
        &body("x.relu().con.dense(3, bi)"),
        &[
            "layers::relu;",
            "layers::con;",
            "layers::dense;",
            "arguments::dense::bi;",
        ],
    );
    shows(
        "N(x: Ten) -> Tensor<1 { let y = ; y. }",
        &["language::types::Ten;", "lety=", "let_=y;"],
    );
}

#[test]
fn blocks_formulas_and_constants_are_the_users_own() {
    shows(
        "const WIDTH: usize = 8;
         N(x: Tensor<WIDTH>) -> Tensor<1> { x.residual(WIDTH, act = tanh).mish().dense(crate::sizes::W) }
         /// Around.
         block residual(x, hidden, act = relu) { x + x.dense(hidden).act() }
         fn mish(x) = x * tanh(x);",
        &[
            "pubfnresidual(hidden:Argument){}",
            "pubfnmish(){}",
            "pubmodresidual{",
            "pubconstact:Argument=Argument;",
            "constWIDTH:usize=8;",
            "let_=WIDTH;",
            "let_=layers::residual;",
            "let_=WIDTH;",
            "let_=arguments::residual::act;",
            "let_=layers::tanh;",
            "let_=layers::mish;",
            "let_=crate::sizes::W;",
            "let_=hidden;",
            "let_=act;",
            "let_=language::functions::tanh;",
        ],
    );
}
