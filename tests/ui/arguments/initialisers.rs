// Initialisers have names of their own.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(8, init = he_norml)
            .dense(8, init = xavier_uniform)
            .dense(8, init = uniform(0.1))
            .dense(8, init = uniform(0.1, -0.1))
            .dense(8, init = 0.5)
            .dense(2, init = zeros(1))
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
