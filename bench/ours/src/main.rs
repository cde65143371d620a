//! Our side of the benches: the workloads' networks and the line protocol.

mod networks;

use networks::{Autoencoder, Cnn, DsCnn, LeNet, Mlp, MlpWide, MobileNet, ResNet8, Xor};
use nn_runtime::prelude::*;
use nn_runtime::{Learn, Network};
use protocol::{BATCHES, Contender, Prediction, Tensor, Training};

/// A network of the benches: how it reads the data file, and how it is trained.
trait Workload: Learn<Scalar = f32> {
    /// The rule of the table.
    type Optimizer: Optimizer<f32>;

    fn initial() -> Self;
    fn optimizer() -> Self::Optimizer;
    fn inputs(data: &[f32]) -> Self::Inputs<'_>;
    fn targets(data: &Targets) -> Self::Targets<'_>;
}

/// Targets of one batch, as numbers and as class indices.
struct Targets {
    values: Vec<f32>,
    classes: Vec<u32>,
}

macro_rules! workload {
    ($network:ident, $targets:ident, $optimizer:ty = $settings:expr) => {
        impl Workload for $network {
            type Optimizer = $optimizer;

            fn initial() -> Self {
                Self::new(0)
            }

            fn optimizer() -> Self::Optimizer {
                $settings
            }

            fn inputs(data: &[f32]) -> Self::Inputs<'_> {
                data.into()
            }

            fn targets(data: &Targets) -> Self::Targets<'_> {
                data.$targets.as_slice().into()
            }
        }
    };
}

workload!(Xor, values, Adam<f32> = Adam::new(1e-2));
workload!(Mlp, classes, Adam<f32> = Adam::new(1e-3));
workload!(LeNet, classes, Adam<f32> = Adam::new(1e-3));
workload!(Cnn, classes, Adam<f32> = Adam::new(1e-3));
workload!(ResNet8, classes, Adam<f32> = Adam::new(1e-3));
workload!(DsCnn, classes, Adam<f32> = Adam::new(1e-3));
workload!(MobileNet, classes, Adam<f32> = Adam::new(1e-3));
workload!(Autoencoder, values, Adam<f32> = Adam::new(1e-3));
workload!(MlpWide, classes, Sgd<f32> = Sgd::new(1e-2).momentum(0.9));

/// One tensor of the data file, cut into the batches that a run cycles through.
fn batches(workload: &str, name: &str, batch: usize) -> Vec<Tensor> {
    let Some(all) = protocol::tensor(workload, "data.safetensors", name) else {
        return Vec::new();
    };
    let width: usize = all.shape[1..].iter().product();
    all.data
        .chunks_exact(width * batch)
        .take(BATCHES)
        .map(|data| Tensor {
            shape: vec![batch, width],
            data: data.to_vec(),
        })
        .collect()
}

struct Session<W: Workload> {
    net: W,
    optimizer: W::Optimizer,
    initial: Vec<f32>,
    inputs: Vec<Vec<f32>>,
    targets: Vec<Targets>,
    next: usize,
}

impl<W: Workload> Session<W> {
    fn new(workload: &str, batch: usize) -> Self {
        let mut net = W::initial();
        net.load(protocol::path(workload, "weights.safetensors"))
            .expect("the file is of this network");
        let mut targets = batches(workload, "target", batch);
        if targets.is_empty() {
            // An autoencoder's target is its input.
            targets = batches(workload, "input", batch);
        }
        Self {
            initial: net.parameters().to_vec(),
            net,
            optimizer: W::optimizer(),
            inputs: batches(workload, "input", batch)
                .into_iter()
                .map(|t| t.data)
                .collect(),
            targets: targets
                .into_iter()
                .map(|t| Targets {
                    classes: t.classes(),
                    values: t.data,
                })
                .collect(),
            next: 0,
        }
    }

    fn step(&mut self) -> f64 {
        let at = self.next % self.inputs.len();
        self.next += 1;
        let (x, y) = (W::inputs(&self.inputs[at]), W::targets(&self.targets[at]));
        let loss = self.net.gradient_rows(x, y, Rows::All).expect("the data fit");
        self.optimizer
            .step(&mut self.net)
            .expect("the gradients are there");
        loss
    }
}

impl<W: Workload> Training for Session<W> {
    fn reset(&mut self) {
        self.net.parameters_mut().copy_from_slice(&self.initial);
        self.optimizer = W::optimizer();
        self.next = 0;
    }

    fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            self.step();
        }
    }

    fn loss(&mut self) -> f64 {
        self.step()
    }
}

impl<W: Workload> Prediction for Session<W> {
    fn run(&mut self, steps: usize) {
        for step in 0..steps {
            let x = W::inputs(&self.inputs[step % self.inputs.len()]);
            self.net.predict_rows(x, Rows::All).expect("the data fit");
        }
    }

    fn outputs(&mut self) -> Vec<f32> {
        let x = W::inputs(&self.inputs[0]);
        self.net
            .predict_rows(x, Rows::All)
            .expect("the data fit")
            .to_vec()
    }
}

/// A session of the network that carries the workload's name.
macro_rules! session {
    ($workload:expr, $batch:expr) => {
        session!($workload, $batch, "xor" => Xor, "mlp" => Mlp, "mlp_wide" => MlpWide, "lenet" => LeNet, "cnn" => Cnn,
            "resnet8" => ResNet8, "dscnn" => DsCnn, "mobilenet" => MobileNet, "autoencoder" => Autoencoder)
    };
    ($workload:expr, $batch:expr, $($name:literal => $network:ident),*) => {
        match $workload {
            $($name => Some(Box::new(Session::<$network>::new($workload, $batch))),)*
            _ => None,
        }
    };
}

fn train(workload: &str, batch: usize) -> Option<Box<dyn Training>> {
    session!(workload, batch)
}

fn infer(workload: &str, batch: usize) -> Option<Box<dyn Prediction>> {
    session!(workload, batch)
}

fn main() {
    protocol::serve(&Contender {
        version: "0.1.0",
        train,
        infer,
    });
}
