//! An MLP for digits, trained for a few steps: the program whose build is measured.

use nn_runtime::prelude::*;

network! {
    #[loss(softmax_cross_entropy)]
    Mlp(x: Tensor<784>) -> Tensor<10> {
        x.dense(128).relu().dense(64).relu().dense(10)
    }
}

fn main() -> Result<()> {
    let x: Vec<f32> = (0..32 * 784).map(|i| (i % 255) as f32 / 255.0).collect();
    let y: Vec<u32> = (0..32).map(|i| i % 10).collect();
    let mut net = Mlp::new(0);
    let mut adam = Adam::new(1e-3);
    for _ in 0..10 {
        let loss = net.gradient(&x, &y)?;
        adam.step(&mut net)?;
        println!("{loss}");
    }
    Ok(())
}
