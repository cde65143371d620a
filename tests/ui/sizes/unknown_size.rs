// An instance gives a size that the network does not have.
use nn_runtime::prelude::*;

network! {
    pub Mlp<const HIDDEN: usize = 64>(x: Tensor<8>) -> Tensor<2> {
        x.dense(HIDDEN).relu().dense(2)
    }

    pub type Small = Mlp<HIDEN = 16>;
    pub type Deep = Mlp<HIDDEN = 16, DEPTH = 4>;
}

fn main() {
    let mut net = Small::new(1);
    let scores = net.predict(&[0.0; 8]);
    assert!(scores[0] < scores[1]);
}
