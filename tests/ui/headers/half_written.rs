// A header at the end of the block, as while one types.
use nn_runtime::prelude::*;

network! {
    #[loss(softmax_cross_entropy)]
    pub Net(x: Tensor<4>) -> Tensor<2>
}

fn main() -> Result<()> {
    let mut net = Net::new(1);
    let scores = net.predict(&[0.0; 4]);
    assert!(scores[0] < scores[1]);
    net.loss(&[0.0; 4], &[1])?;
    Ok(())
}
