// Two comparisons are joined by `&&`.
use nn_runtime::prelude::*;

network! {
    const N: usize = 3;

    pub Net(x: Tensor<4>) -> Tensor<2> {
        let h = if 1 < N < 4 { x.dense(8) } else { x };
        h.dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
