// A parameter is named once.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.wide(8).half().dense(2)
    }

    block wide(x, n, n) {
        x.dense(n)
    }

    fn half(x, x) = x / 2.0;
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
