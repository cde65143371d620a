// The nearest loss is offered.
use nn_runtime::prelude::*;

network! {
    #[loss(softmax_crossentropi)]
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() {
    let mut net = Net::new(1);
    let loss = net.gradient(&[0.0_f32; 8], &[0_u32, 1]);
    assert!(loss.is_ok());
}
