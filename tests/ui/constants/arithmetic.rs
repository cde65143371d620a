// Sizes are computed without wrapping.
use nn_runtime::prelude::*;

network! {
    const HUGE: usize = 4_000_000_000 * 4_000_000_000;
    const RATIO: usize = 4 / 0;

    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(HUGE).dense(RATIO).dense(2 - 2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
