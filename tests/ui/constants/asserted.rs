// What a program asserts of a network's constants, and does not hold.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(16).relu().dense(2)
    }
}

const _: () = assert!(Net::PARAMS < 100, "`Net` has grown too large for its device");

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
