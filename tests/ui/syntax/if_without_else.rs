// An `if` is an expression.
use nn_runtime::prelude::*;

network! {
    const DEEP: bool = true;

    pub Net(x: Tensor<4>) -> Tensor<2> {
        let h = if DEEP { x.dense(8) };
        h.dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
