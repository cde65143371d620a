// A formula of an output and its target is a loss.
use nn_runtime::prelude::*;

network! {
    #[loss(quantile)]
    pub Net(x: Tensor<4>) -> Tensor<1> {
        x.dense(1)
    }

    #[loss(act)]
    pub Other(x: Tensor<4>) -> Tensor<1> {
        x.dense(1)
    }

    fn quantile(y, t, tau) = if t > y { tau * (t - y) } else { (1.0 - tau) * (y - t) };
    fn act(x) = tanh(x);
}

fn main() {}
