// A fault inside a block is reported once, with the call that led there.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.residual(8).residual(16).dense(2)
    }

    block residual(x, units) {
        x + x.dense(units).relu()
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
