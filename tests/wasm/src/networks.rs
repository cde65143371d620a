//! Networks that the module and the test both train, from the same numbers: most kernels, in both number types.

use nn_runtime::prelude::*;

network! {
    #[loss(softmax_cross_entropy)]
    pub Images(image: Tensor<9, 9, 3>) -> Tensor<5> {
        image
            .conv2d(6, kernel = 3, padding = same).batch_norm(frozen = true).relu()
            .depthwise_conv2d(kernel = 3, stride = 2, padding = same).hard_swish()
            .conv2d(7, kernel = 1).layer_norm().gelu()
            .max_pool2d(2)
            .flatten()
            .dense(11).tanh()
            .dense(5)
    }

    #[scalar(f64)]
    #[loss(mean_squared_error)]
    pub Numbers(x: Tensor<7>) -> Tensor<3> {
        x.dense(19).silu().dense(10).softplus().layer_norm().dense(3).softmax()
    }
}

const BATCH: usize = 3;
const STEPS: usize = 4;

/// The parameters of `Images` after some steps.
pub fn images() -> [f32; Images::FLAT] {
    let mut rng = Rng::new(5);
    let mut number = || rng.uniform() as f32 - 0.4;
    let mut parameters = [(); Images::FLAT].map(|()| number());
    let (mut arena, mut gradients) = ([0.0; Images::TRAINING_ARENA], [0.0; Images::TRAINABLE]);
    for step in 0..STEPS {
        let x = [(); BATCH].map(|()| [(); 9 * 9 * 3].map(|()| number()));
        let labels = [step as u32, 4, 1];
        Images::sgd_step(&mut parameters, &x, &labels, 0.01, &mut arena, &mut gradients);
    }
    parameters
}

/// The parameters of `Numbers` after some steps.
pub fn numbers() -> [f64; Numbers::FLAT] {
    let mut rng = Rng::new(6);
    let mut number = || rng.uniform() - 0.4;
    let mut parameters = [(); Numbers::FLAT].map(|()| number());
    let (mut arena, mut gradients) = ([0.0; Numbers::TRAINING_ARENA], [0.0; Numbers::TRAINABLE]);
    for _ in 0..STEPS {
        let x = [(); BATCH].map(|()| [(); 7].map(|()| number()));
        let y = [(); BATCH].map(|()| [(); 3].map(|()| number()));
        Numbers::sgd_step(&mut parameters, &x, &y, 0.1, &mut arena, &mut gradients);
    }
    parameters
}
