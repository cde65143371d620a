// A shape that fits one instance alone.
use nn_runtime::prelude::*;

network! {
    pub Mlp<const FEATURES: usize = 4>(x: Tensor<8>) -> Tensor<2> {
        x.reshape(2, FEATURES).flatten().dense(2)
    }

    pub type Wide = Mlp<FEATURES = 6>;
}

fn main() {
    let mut net = Wide::new(1);
    let scores = net.predict(&[0.0; 8]);
    assert!(scores[0] < scores[1]);
}
