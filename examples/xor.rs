//! The smallest problem that needs a hidden layer: exclusive or.
//!
//! The text-book's script (two inputs, a hidden layer, two outputs, binary cross-entropy, Adam, 1000 epochs over the four
//! cases) with one change: three hidden units do not find the answer from every start, eight do.

use nn_examples::Arguments;
use nn_runtime::prelude::*;

network! {
    /// One output for "no", one for "yes".
    #[loss(binary_cross_entropy)]
    pub Xor(x: Tensor<2>) -> Tensor<2> {
        x.dense(8).tanh().dense(2)
    }
}

const CASES: [[f32; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
const ANSWERS: [[f32; 2]; 4] = [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]];

/// Learns from all four cases at once, `epochs` times; tells `watch` the epoch and the loss.
fn train(seed: u64, epochs: usize, mut watch: impl FnMut(usize, f64)) -> Result<Xor> {
    let mut network = Xor::new(seed);
    let mut optimizer = Adam::new(0.02);
    for epoch in 1..=epochs {
        let loss = network.gradient(&CASES, &ANSWERS)?;
        optimizer.step(&mut network)?;
        watch(epoch, loss);
    }
    Ok(network)
}

/// Whether "yes" is the likelier answer.
fn answer(network: &mut Xor, case: &[f32; 2]) -> bool {
    let [no, yes] = network.predict(case);
    yes > no
}

fn main() -> Result<()> {
    let mut arguments = Arguments::new("xor", "Learns exclusive or.");
    let epochs = arguments.option("epochs", 1000, "times through the four cases");
    let seed = arguments.option("seed", 0, "of the weights");
    arguments.finish();

    println!("{}", Xor::summary());
    let mut network = train(seed, epochs, |epoch, loss| {
        if epoch % 100 == 0 {
            println!("epoch {epoch:4}  loss {loss:.6}");
        }
    })?;
    println!();
    for (case, [_, expected]) in CASES.iter().zip(ANSWERS) {
        // The loss works on logits; the sigmoid makes probabilities of them.
        let [_, yes] = network.predict(case).map(|logit| 1.0 / (1.0 + (-logit).exp()));
        let verdict = if answer(&mut network, case) == (expected == 1.0) {
            "right"
        } else {
            "wrong"
        };
        println!("{} xor {} = {yes:.3}  {verdict}", case[0], case[1]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_one_of_20_seeds_learns_it() {
        for seed in 0..20 {
            let mut network = train(seed, 1000, |_, _| ()).unwrap();
            for (case, [_, expected]) in CASES.iter().zip(ANSWERS) {
                assert_eq!(
                    answer(&mut network, case),
                    expected == 1.0,
                    "seed {seed}, {case:?}"
                );
            }
        }
    }
}
