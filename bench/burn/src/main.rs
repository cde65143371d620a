//! Burn on its CPU backend `flex` with AVX-512 products: its own layers, losses and optimizers.

use burn::module::{Module, Param};
use burn::nn::loss::{BinaryCrossEntropyLossConfig, CrossEntropyLossConfig};
use burn::nn::{Linear, LinearConfig};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation::{relu, tanh};
use burn::tensor::{Device, Int, Tensor, TensorData};
use protocol::{BATCHES, Contender, Prediction, Training};

#[derive(Module, Debug)]
struct Mlp {
    layers: Vec<Linear>,
}

impl Mlp {
    fn load(workload: &str, device: &Device) -> Self {
        let tensors = protocol::tensors(workload, "weights.safetensors");
        let layers = tensors
            .chunks_exact(2)
            .map(|pair| {
                let (w, b) = (&pair[0].1, &pair[1].1);
                let mut layer = LinearConfig::new(w.shape[1], w.shape[0]).init(device);
                // Files hold `[out, in]`, Burn `[in, out]`.
                let weight = Tensor::<2>::from_data(TensorData::new(w.data.clone(), w.shape.clone()), device);
                let weight = Tensor::<2>::from_data(weight.transpose().into_data(), device);
                layer.weight = Param::from_tensor(weight);
                let bias = TensorData::new(b.data.clone(), b.shape.clone());
                layer.bias = Some(Param::from_tensor(Tensor::from_data(bias, device)));
                layer
            })
            .collect();
        Self { layers }
    }

    fn forward(&self, mut x: Tensor<2>, activation: fn(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
        let (last, hidden) = self.layers.split_last().expect("a layer at least");
        for layer in hidden {
            x = activation(layer.forward(x));
        }
        last.forward(x)
    }
}

fn activation(workload: &str) -> fn(Tensor<2>) -> Tensor<2> {
    if workload == "xor" { tanh } else { relu }
}

fn inputs(workload: &str, batch: usize, device: &Device) -> Vec<Tensor<2>> {
    let x = protocol::tensor(workload, "data.safetensors", "input").expect("the file has an input");
    let width: usize = x.shape[1..].iter().product();
    x.data
        .chunks_exact(width * batch)
        .take(BATCHES)
        .map(|x| Tensor::from_data(TensorData::new(x.to_vec(), [batch, width]), device))
        .collect()
}

/// Targets by the loss that reads them.
enum Target {
    Classes(Tensor<1, Int>),
    Binary(Tensor<2, Int>),
}

fn targets(workload: &str, batch: usize, device: &Device) -> Vec<Target> {
    let y = protocol::tensor(workload, "data.safetensors", "target").expect("the file has a target");
    if workload == "xor" {
        let binary: Vec<i32> = y.data.iter().map(|&y| y as i32).collect();
        let chunks = binary.chunks_exact(batch).take(BATCHES);
        return chunks
            .map(|y| Target::Binary(Tensor::from_data(TensorData::new(y.to_vec(), [batch, 1]), device)))
            .collect();
    }
    let classes: Vec<i32> = y.classes().iter().map(|&y| y as i32).collect();
    let chunks = classes.chunks_exact(batch).take(BATCHES);
    chunks
        .map(|y| Target::Classes(Tensor::from_data(TensorData::new(y.to_vec(), [batch]), device)))
        .collect()
}

struct Trainer {
    workload: String,
    device: Device,
    net: Option<Mlp>,
    optimizer: ModuleOptimizer,
    batches: Vec<(Tensor<2>, Target)>,
    next: usize,
}

impl Trainer {
    fn new(workload: &str, batch: usize) -> Self {
        let device = Device::flex().autodiff();
        let batches = inputs(workload, batch, &device).into_iter().zip(targets(workload, batch, &device)).collect();
        Self {
            workload: workload.to_owned(),
            net: Some(Mlp::load(workload, &device)),
            optimizer: Self::optimizer(workload),
            batches,
            next: 0,
            device,
        }
    }

    fn optimizer(workload: &str) -> ModuleOptimizer {
        if workload == "mlp_wide" {
            let momentum = MomentumConfig::new().with_momentum(0.9).with_dampening(0.0);
            return SgdConfig::new().with_momentum(Some(momentum)).init();
        }
        AdamConfig::new().with_epsilon(1e-8).init()
    }

    fn step(&mut self) -> Tensor<1> {
        let (x, y) = &self.batches[self.next % self.batches.len()];
        self.next += 1;
        let net = self.net.take().expect("every step puts it back");
        let z = net.forward(x.clone(), activation(&self.workload));
        let loss = match y {
            Target::Classes(y) => CrossEntropyLossConfig::new().init(&self.device).forward(z, y.clone()),
            Target::Binary(y) => {
                BinaryCrossEntropyLossConfig::new().with_logits(true).init(&self.device).forward(z, y.clone())
            }
        };
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        let rate = if self.workload == "mlp" { 1e-3 } else { 1e-2 };
        self.net = Some(self.optimizer.step(rate, net, gradients));
        loss
    }
}

impl Training for Trainer {
    fn reset(&mut self) {
        self.net = Some(Mlp::load(&self.workload, &self.device));
        self.optimizer = Self::optimizer(&self.workload);
        self.next = 0;
    }

    fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            self.step();
        }
    }

    fn loss(&mut self) -> f64 {
        f64::from(self.step().into_scalar::<f32>())
    }
}

struct Predictor {
    net: Mlp,
    activation: fn(Tensor<2>) -> Tensor<2>,
    batches: Vec<Tensor<2>>,
}

impl Prediction for Predictor {
    fn run(&mut self, steps: usize) {
        for step in 0..steps {
            self.net.forward(self.batches[step % self.batches.len()].clone(), self.activation);
        }
    }

    fn outputs(&mut self) -> Vec<f32> {
        let y = self.net.forward(self.batches[0].clone(), self.activation);
        y.into_data().try_to_vec().expect("outputs are f32")
    }
}

/// What this program has a model for.
fn known(workload: &str) -> bool {
    ["xor", "mlp", "mlp_wide"].contains(&workload)
}

fn main() {
    protocol::serve(&Contender {
        version: "0.22.1",
        train: |workload, batch| known(workload).then(|| Box::new(Trainer::new(workload, batch)) as Box<dyn Training>),
        infer: |workload, batch| {
            known(workload).then(|| {
                let device = Device::flex();
                Box::new(Predictor {
                    net: Mlp::load(workload, &device),
                    activation: activation(workload),
                    batches: inputs(workload, batch, &device),
                }) as Box<dyn Prediction>
            })
        },
    });
}
