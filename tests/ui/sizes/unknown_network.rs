// An instance is of a network of the same block, not of an instance.
use nn_runtime::prelude::*;

network! {
    pub Mlp<const HIDDEN: usize = 64>(x: Tensor<8>) -> Tensor<2> {
        x.dense(HIDDEN).relu().dense(2)
    }

    pub type Small = Mpl<HIDDEN = 16>;
    pub type Large = Mlp<HIDDEN = 128>;
    pub type Larger = Large<HIDDEN = 256>;
}

fn main() {
    let mut net = Small::new(1);
    let scores = net.predict(&[0.0; 8]);
    assert!(scores[0] < scores[1]);
}
