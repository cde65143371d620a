// Blocks are not stacked without end.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.a().dense(2)
    }

    block a(x) {
        x.repeat(100, b)
    }

    block b(x) {
        x.repeat(100, c)
    }

    block c(x) {
        x.relu()
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
