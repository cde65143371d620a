// A distribution has a width.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(8, init = normal(0.0, -1.0)).dense(2, init = uniform(1.0, 1.0))
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
