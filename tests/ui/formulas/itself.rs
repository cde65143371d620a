// A formula cannot repeat.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.f().dense(2)
    }

    fn f(x) = g(x) + 1.0;
    fn g(x) = f(x) * 2.0;
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
