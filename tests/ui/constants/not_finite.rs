// Numbers in a network are finite.
use nn_runtime::prelude::*;

network! {
    const HUGE: f32 = 1e300 * 1e300;

    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dropout(1.0 / 0.0).dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
