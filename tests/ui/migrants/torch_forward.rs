// PyTorch: functions on tensors.
use nn_runtime::prelude::*;

network! {
    pub Net(x: Tensor<4>) -> Tensor<2> {
        let x = F.relu(x.dense(8));
        let x = sigmoid(x);
        x.view(-1, 8).dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
}
