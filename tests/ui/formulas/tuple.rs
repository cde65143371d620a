// A formula gives one number.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.both().named().dense(2)
    }

    fn both(x) = (x, x);

    fn named(x) = max(x, other = 0.0);
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
