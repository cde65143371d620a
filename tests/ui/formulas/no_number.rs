// A formula works on numbers.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.f().g().h().dense(2)
    }

    fn f(x) = x > 0.0;
    fn g(x) = if x { 1.0 } else { "two" };
    fn h(x) = max(x) + pow(x, x) + x % 2;
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
