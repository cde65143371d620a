// Samples of another type than the network's, or of another size.
use nn_runtime::prelude::*;

network! {
    #[loss(mean_squared_error)]
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.dense(2)
    }
}

fn main() -> Result<()> {
    let mut net = Net::new(1);
    let (doubles, rows) = (vec![0.0f64; 8], vec![[0.0f32; 3]; 2]);
    net.predict_batch(&doubles)?;
    net.loss(&rows, &[0.0; 4])?;
    Ok(())
}
