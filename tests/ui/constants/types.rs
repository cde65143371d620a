// A constant has the type that it says.
use nn_runtime::prelude::*;

network! {
    const WIDTH: usize = 1.5;
    const RATE: f64 = 1;
    const NAME: String = "net";
    const LOOP: usize = LOOP + 1;

    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(WIDTH).dropout(RATE).dense(LOOP).dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
