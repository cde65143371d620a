// Sizes are given by name, each once, with a value.
use nn_runtime::prelude::*;

network! {
    pub Mlp<const HIDDEN: usize = 64>(x: Tensor<8>) -> Tensor<2> {
        x.dense(HIDDEN).relu().dense(2)
    }

    pub type Small = Mlp<16>;
    pub type Large = Mlp<HIDDEN = 128, HIDDEN = 256>;
    pub type Same = Mlp;
}

fn main() {
    let mut net = Small::new(1);
    let scores = net.predict(&[0.0; 8]);
    assert!(scores[0] < scores[1]);
}
