// A size that only one instance has wrong.
use nn_runtime::prelude::*;

network! {
    pub Mlp<const HIDDEN: usize = 64>(x: Tensor<8>) -> Tensor<2> {
        x.dense(HIDDEN).relu().dense(2)
    }

    pub type Small = Mlp<HIDDEN = 16>;
    pub type None = Mlp<HIDDEN = 0>;
}

fn main() {
    let mut net = Small::new(1);
    let scores = net.predict(&[0.0; 8]);
    assert!(scores[0] < scores[1]);
}
