//! An MLP for digits, trained for a few steps: the program whose build is measured.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::optim::{AdamW, Optimizer, ParamsAdamW};
use candle_nn::{Linear, Module, VarBuilder, VarMap, linear, loss};

struct Mlp {
    first: Linear,
    second: Linear,
    third: Linear,
}

impl Mlp {
    fn new(vars: VarBuilder) -> Result<Self> {
        Ok(Self {
            first: linear(784, 128, vars.pp("first"))?,
            second: linear(128, 64, vars.pp("second"))?,
            third: linear(64, 10, vars.pp("third"))?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let x = self.first.forward(x)?.relu()?;
        self.third.forward(&self.second.forward(&x)?.relu()?)
    }
}

fn main() -> Result<()> {
    let device = Device::Cpu;
    let x: Vec<f32> = (0..32 * 784).map(|i| (i % 255) as f32 / 255.0).collect();
    let y: Vec<u32> = (0..32).map(|i| i % 10).collect();
    let (x, y) = (Tensor::from_vec(x, (32, 784), &device)?, Tensor::from_vec(y, 32, &device)?);
    let vars = VarMap::new();
    let net = Mlp::new(VarBuilder::from_varmap(&vars, DType::F32, &device))?;
    let settings = ParamsAdamW { lr: 1e-3, weight_decay: 0.0, ..ParamsAdamW::default() };
    let mut adam = AdamW::new(vars.all_vars(), settings)?;
    for _ in 0..10 {
        let loss = loss::cross_entropy(&net.forward(&x)?, &y)?;
        adam.backward_step(&loss)?;
        println!("{}", loss.to_scalar::<f32>()?);
    }
    Ok(())
}
