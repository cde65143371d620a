//! An MLP for digits, trained for a few steps: the program whose build is measured.

use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor, TensorData};

#[derive(Module, Debug)]
struct Mlp {
    first: Linear,
    second: Linear,
    third: Linear,
}

impl Mlp {
    fn new(device: &Device) -> Self {
        Self {
            first: LinearConfig::new(784, 128).init(device),
            second: LinearConfig::new(128, 64).init(device),
            third: LinearConfig::new(64, 10).init(device),
        }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = relu(self.first.forward(x));
        self.third.forward(relu(self.second.forward(x)))
    }
}

fn main() {
    let device = Device::flex().autodiff();
    let x: Vec<f32> = (0..32 * 784).map(|i| (i % 255) as f32 / 255.0).collect();
    let y: Vec<i32> = (0..32).map(|i| i % 10).collect();
    let x = Tensor::<2>::from_data(TensorData::new(x, [32, 784]), &device);
    let y = Tensor::<1, Int>::from_data(TensorData::new(y, [32]), &device);
    let mut net = Mlp::new(&device);
    let mut adam = AdamConfig::new().init();
    let criterion = CrossEntropyLossConfig::new().init(&device);
    for _ in 0..10 {
        let loss = criterion.forward(net.forward(x.clone()), y.clone());
        println!("{}", loss.clone().into_scalar::<f32>());
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        net = adam.step(1e-3, net, gradients);
    }
}
