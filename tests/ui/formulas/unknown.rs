// Names and functions of a formula.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.mish().dense(2)
    }

    fn mish(x) = x * tnah(log(1.0 + exp(y)));
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
