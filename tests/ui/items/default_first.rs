// Parameters with a default come last.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.wide(8).dense(2)
    }

    block wide(x, scale = 2, n) {
        x.dense(scale * n)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
