// A block is called as a layer is.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.residual(8)
            .residual(8, 2, 3)
            .residual(8, strid = 2)
            .residual(8, 2, units = 4)
            .dense(2)
    }

    block residual(x, units, stride) {
        x.dense(units * stride)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
