// The shapes of a block are those of its calls.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.wide().dense(2)
    }

    block wide(x: Tensor<4>) -> Tensor<8> {
        x.dense(8)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
