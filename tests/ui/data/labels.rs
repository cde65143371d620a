// Labels of another type than `u32`.
use nn_runtime::prelude::*;

network! {
    #[loss(softmax_cross_entropy)]
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() -> Result<()> {
    let mut net = Net::new(1);
    let (samples, labels) = (vec![0.0f32; 8], vec![0i64, 1]);
    net.loss(&samples, &labels)?;
    Ok(())
}
