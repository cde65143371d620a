// A constant has a name, a type, a value and an end.
use nn_runtime::prelude::*;

network! {
    const: usize = 8;
    const WIDE = 8;
    const DEEP: usize;
    const SIZE: usize = 8

    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(SIZE).dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
