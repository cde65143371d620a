// The condition of an `if` is known at compile time.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        let h = if x > 0.0 { x } else { x.relu() };
        let g = if 3 { h } else { h.relu() };
        g.dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
