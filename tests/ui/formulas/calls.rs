// A formula as a layer.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        let a = x.gate();
        let b = gate(x, x.dense(8));
        let c = x.exp();
        let d = gate(1.0, 2.0);
        (a + b + c + d).dense(2)
    }

    fn gate(a, b) = a * sigmoid(b);
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
