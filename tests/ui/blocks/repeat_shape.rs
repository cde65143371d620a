// A repeated block must take what it gives.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.repeat(3, grow()).dense(2)
    }

    block grow(x) {
        x + x.dense(4).reshape(2, 2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
