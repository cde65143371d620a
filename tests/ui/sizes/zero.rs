// A size below 1, by default.
use nn_runtime::prelude::*;

network! {
    pub Mlp<const HIDDEN: usize = 0>(x: Tensor<8>) -> Tensor<2> {
        x.dense(HIDDEN).relu().dense(2)
    }
}

fn main() {
    let mut net = Mlp::new(1);
    let scores = net.predict(&[0.0; 8]);
    assert!(scores[0] < scores[1]);
}
