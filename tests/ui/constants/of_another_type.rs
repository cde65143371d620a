// A constant that repeats one of another type.
use nn_runtime::prelude::*;

/// What the rest of the program counts on.
pub const WIDTH: u32 = 64;

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
