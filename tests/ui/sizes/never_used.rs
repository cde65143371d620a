// A size that nothing uses.
use nn_runtime::prelude::*;

network! {
    pub Mlp<const HIDDEN: usize = 64, const DEPTH: usize = 2>(x: Tensor<8>) -> Tensor<2> {
        x.dense(HIDDEN).relu().dense(2)
    }
}

fn main() {
    let mut net = Mlp::new(1);
    let scores = net.predict(&[0.0; 8]);
    assert!(scores[0] < scores[1]);
}
