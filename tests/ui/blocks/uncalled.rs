// A block that nothing calls is checked all the same.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }

    block spare(x, units) {
        let h = x.dens(units);
        h.relu(1).dense(uints)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
