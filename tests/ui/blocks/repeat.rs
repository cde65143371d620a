// What `repeat` takes.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        let a = x.repeat(dense(4), 4);
        let b = x.repeat(3);
        let c = x.repeat(0, relu);
        let d = x.repeat(2, 16);
        let e = x.repeat(2, dense(8) + 1);
        (a + b + c + d + e).dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
