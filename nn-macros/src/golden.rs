//! Golden expansions: what a person reviews when generated code changes.

use crate::diagnostics::Diagnostics;
use crate::{emit, passes};

/// The programs and their plans as text.
fn programs(source: &str) -> String {
    compile(source, false)
}

/// The programs and their plans, then the expansion as a person reads it.
fn expand(source: &str) -> String {
    compile(source, true)
}

fn compile(source: &str, code: bool) -> String {
    let tokens = source.parse().expect("the source is no Rust tokens");
    let diagnostics = Diagnostics::default();
    let parsed = passes::parse::parse(tokens, &diagnostics);
    let graphs = passes::shape::shape(&parsed, &diagnostics);
    assert_eq!(
        diagnostics
            .take()
            .into_iter()
            .map(|d| d.message)
            .collect::<Vec<_>>(),
        Vec::<String>::new()
    );
    let mut text = String::new();
    for graph in &graphs {
        let programs = emit::programs(graph);
        for planned in programs.plans() {
            text.push_str(&emit::print::ir(graph, planned));
            text.push_str(&emit::print::plan(graph, planned));
            text.push('\n');
        }
        let expansion = emit::emit(graph, &programs).on_host();
        let file = syn::parse2(expansion).expect("the expansion is no Rust");
        if code {
            text.push_str(&prettyplease::unparse(&file));
        }
    }
    text
}

#[test]
fn xor() {
    insta::assert_snapshot!(expand(
        "/// The smallest network that can learn XOR.
        #[loss(binary_cross_entropy)]
        pub Xor(x: Tensor<2>) -> Tensor<1> {
            x.dense(3).tanh().dense(1)
        }"
    ));
}

#[test]
fn a_block_with_statistics_of_the_batch() {
    insta::assert_snapshot!(programs(
        "#[loss(softmax_cross_entropy)]
        pub Residual(x: Tensor<8>) -> Tensor<3> {
            let wide = x.dense(16, bias = false).batch_norm().relu();
            wide.repeat(2, skip(rate = 0.25)).layer_norm().dense(3)
        }

        /// A dense layer beside a skip connection.
        block skip(x, rate) {
            (x.dense(16).mish().dropout(rate) + x).relu()
        }

        fn mish(x) = x * tanh(ln(1.0 + exp(x)));"
    ));
}

#[test]
fn two_inputs_two_outputs() {
    insta::assert_snapshot!(expand(
        "#[scalar(f64)]
        #[loss(softmax_cross_entropy, 0.5 * mean_squared_error)]
        pub ActorCritic(position: Tensor<4>, velocity: Tensor<4>) -> (Tensor<2>, Tensor<1>) {
            let trunk = concat(position, velocity).dense(6).tanh();
            (trunk.dense(2), trunk.dense(1))
        }"
    ));
}

/// In inference the normalisation, the skip connection and the rectifier run in the convolution's epilogue, in one
/// segment without a sync point.
#[test]
fn a_normalised_convolution() {
    let text = programs(
        "#[loss(softmax_cross_entropy)]
        pub Small(image: Tensor<8, 8, 3>) -> Tensor<4> {
            let x = image.conv2d(8, kernel = 3, padding = same).batch_norm().relu();
            let y = x.depthwise_conv2d(kernel = 3, stride = 2, padding = same).max_pool2d(2);
            (x.conv2d(8, kernel = 3, stride = 4, padding = same).batch_norm() + y).relu().global_avg_pool2d().dense(4)
        }",
    );
    let infer = text
        .split("program `evaluate`")
        .next()
        .expect("the first program is `infer`");
    let has = |line: &str| assert!(infer.contains(line), "no `{line}` in\n{infer}");
    has("then max(0, x0 * x1 + x2) with col batch_norm_1_scale, col batch_norm_1_shift\n");
    has("then max(0, x0 * x1 + x2 + x3) with col batch_norm_2_scale, col batch_norm_2_shift, max_pool2d_1\n");
    has("segment 1, tile by tile");
    assert!(!infer.contains("segment 2"), "a sync point in\n{infer}");
    insta::assert_snapshot!(text);
}

/// In inference a few rows of the convolution are rectified and pooled at a time; training keeps the whole image.
#[test]
fn a_pooled_convolution() {
    insta::assert_snapshot!(programs(
        "#[loss(softmax_cross_entropy)]
        pub Pooled(image: Tensor<28, 28, 1>) -> Tensor<10> {
            image.conv2d(6, kernel = 5).relu().max_pool2d(2).flatten().dense(10)
        }"
    ));
}
