// A name of a layer goes into files and functions.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(8, name = "my layer").dense(2, name = "")
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
