// A block may not contain itself.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.ping().pong().dense(2)
    }

    block ping(x) {
        x.relu().pong()
    }

    block pong(x) {
        x.ping()
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
