//! Rewrites of networks as they are written: where they happen, and that they keep every result.

use super::{assert_same, results, run, step, verified};
use crate::ir::builder::Program;
use crate::ir::{Mode, OpKind};
use crate::passes::{fuse, lanes, lower};
use crate::testing::Random;
use crate::testing::graph::{Data, compiled};

/// Samples side by side: the same numbers, one operation where they turn, none where nothing gains.
#[test]
fn samples_in_lanes_keep_every_result() {
    for (layers, turns) in [
        // The image in; the last pool out, and its gradient in.
        (
            "conv2d(6, kernel = 5, padding = same).relu().max_pool2d(2).conv2d(16, kernel = 3).tanh().max_pool2d(2)",
            Some(3),
        ),
        (
            "conv2d(4, kernel = (3, 2), dilation = 2).avg_pool2d(2).relu()",
            Some(3),
        ),
        // A dropout draws its mask by the element: out and in again, forward and backward.
        (
            "conv2d(4, kernel = 3).relu().dropout(0.5).conv2d(5, kernel = 3)",
            Some(7),
        ),
        ("conv2d(16, kernel = 3).relu()", None),
        ("conv2d(4, kernel = 3, stride = 2).relu()", None),
        ("conv2d(4, kernel = 3, groups = 2).relu()", None),
        ("conv2d(4, kernel = 1).relu()", None),
    ] {
        let graph = compiled(&format!(
            "#[loss(mean_squared_error)] #[scalar(f64)]
            Net(x: Tensor<12, 10, 2>) -> Tensor<3> {{ x.{layers}.flatten().dense(3) }}"
        ));
        let mut program = step(&graph);
        fuse::fuse(&mut program);
        let found = lanes::lanes(&program);
        let count = |p: &Program| {
            p.ops
                .iter()
                .filter(|op| matches!(op.kind, OpKind::Turn { .. }))
                .count()
        };
        assert_eq!(found.as_ref().map(count), turns, "{layers}");
        let Some(turned) = found else { continue };
        verified(&graph, &turned, "lanes");
        let data = Data::random(&graph, &mut Random::new(5));
        assert_same(
            &results(&turned, &run(&turned, &data)),
            &results(&program, &run(&program, &data)),
            || layers.to_string(),
        );
    }
}

/// Where each row of the convolution lies in one window, the pool is part of it, in inference; elsewhere it is not.
#[test]
fn a_pool_becomes_part_of_its_convolution() {
    for (pool, fused) in [
        ("max_pool2d(2)", true),
        ("avg_pool2d((3, 2), padding = same)", true),
        ("max_pool2d(3, stride = 2)", false),
        ("global_max_pool2d()", false),
    ] {
        let graph = compiled(&format!(
            "#[loss(mean_squared_error)]
            Pooled(image: Tensor<24, 25, 2>) -> Tensor<1> {{
                image.conv2d(6, kernel = 3, padding = same).batch_norm().relu().{pool}.flatten().dense(1)
            }}"
        ));
        let data = Data::random(&graph, &mut Random::new(3));
        let program = lower::lower(&graph, Mode::Inference).program;
        let mut after = program.clone();
        fuse::fuse(&mut after);
        verified(&graph, &after, "fuse");
        let found = results(&after, &run(&after, &data));
        assert_same(&found, &results(&program, &run(&program, &data)), || {
            pool.to_string()
        });
        let is_fused = |program: &Program| {
            program
                .ops
                .iter()
                .any(|op| matches!(op.kind, OpKind::Conv2d { pool: Some(_), .. }))
        };
        assert_eq!(is_fused(&after), fused, "{pool}");
        let mut training = step(&graph);
        fuse::fuse(&mut training);
        assert!(
            !is_fused(&training),
            "{pool}: its gradient asks for the whole image"
        );
    }
}
