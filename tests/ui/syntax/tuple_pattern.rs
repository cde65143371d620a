// The parts of a tuple have names.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        let (a, 2) = x.split(2);
        a.dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
