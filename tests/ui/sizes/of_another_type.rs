// A size whose value is not of its type, and what is no size.
use nn_runtime::prelude::*;

network! {
    pub Mlp<const HIDDEN: usize = 64.0>(x: Tensor<8>) -> Tensor<2> {
        x.dense(HIDDEN).relu().dense(2)
    }

    pub Wide<HIDDEN = 64>(x: Tensor<8>) -> Tensor<2> {
        x.dense(HIDDEN).relu().dense(2)
    }
}

fn main() {
    let mut net = Mlp::new(1);
    let scores = net.predict(&[0.0; 8]);
    assert!(scores[0] < scores[1]);
}
