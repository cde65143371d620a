// Each argument has its kind.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(8.0)
            .dense(-3)
            .dense("eight")
            .dense(8, bias = 1)
            .dense(8, l2 = true)
            .dense(8, name = stem)
            .dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
