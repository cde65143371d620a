// A constant of the crate is repeated inside the block, where its number is known.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(crate::WIDTH).dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
