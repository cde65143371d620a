// A constant that is not the crate's it repeats.
use nn_runtime::prelude::*;

/// What the rest of the program counts on.
pub const WIDTH: usize = 32;

network! {
    const WIDTH: usize = 64 == crate::WIDTH;

    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(WIDTH).relu().dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
