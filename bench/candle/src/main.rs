//! candle: its own layers, losses and AdamW (which is Adam without decay).

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::optim::{AdamW, Optimizer, ParamsAdamW};
use candle_nn::{Linear, Module};
use protocol::{BATCHES, Contender, Prediction, Training};

/// The workloads that candle can do: it has no momentum.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Xor,
    Mlp,
}

impl Kind {
    fn of(workload: &str) -> Option<Self> {
        match workload {
            "xor" => Some(Self::Xor),
            "mlp" => Some(Self::Mlp),
            _ => None,
        }
    }

    fn rate(self) -> f64 {
        match self {
            Self::Xor => 1e-2,
            Self::Mlp => 1e-3,
        }
    }
}

struct Net {
    kind: Kind,
    vars: Vec<Var>,
    layers: Vec<Linear>,
}

impl Net {
    fn load(workload: &str, kind: Kind) -> Result<Self> {
        let tensors = protocol::tensors(workload, "weights.safetensors");
        let vars = tensors
            .into_iter()
            .map(|(_, t)| Var::from_tensor(&Tensor::from_vec(t.data, t.shape, &Device::Cpu)?))
            .collect::<Result<Vec<_>>>()?;
        let layers = vars
            .chunks_exact(2)
            .map(|pair| Linear::new(pair[0].as_tensor().clone(), Some(pair[1].as_tensor().clone())))
            .collect();
        Ok(Self { kind, vars, layers })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut x = x.clone();
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&x)?;
            if i + 1 < self.layers.len() {
                x = if self.kind == Kind::Xor { x.tanh()? } else { x.relu()? };
            }
        }
        Ok(x)
    }
}

/// The batches that a run cycles through.
fn batches(workload: &str, name: &str, batch: usize) -> Result<Vec<Tensor>> {
    let t = protocol::tensor(workload, "data.safetensors", name).expect("the file has it");
    let (samples, classes) = (t.shape[0], t.classes());
    let all = if t.shape.len() == 1 {
        Tensor::from_vec(classes, t.shape, &Device::Cpu)?
    } else {
        Tensor::from_vec(t.data, t.shape, &Device::Cpu)?
    };
    (0..BATCHES.min(samples / batch)).map(|i| all.narrow(0, i * batch, batch)?.copy()).collect()
}

struct Trainer {
    workload: String,
    net: Net,
    optimizer: AdamW,
    batches: Vec<(Tensor, Tensor)>,
    next: usize,
}

impl Trainer {
    fn new(workload: &str, batch: usize) -> Result<Option<Self>> {
        let Some(kind) = Kind::of(workload) else { return Ok(None) };
        let (net, optimizer) = Self::start(workload, kind)?;
        let (x, y) = (batches(workload, "input", batch)?, batches(workload, "target", batch)?);
        let batches = x.into_iter().zip(y).collect();
        Ok(Some(Self { workload: workload.to_owned(), net, optimizer, batches, next: 0 }))
    }

    fn start(workload: &str, kind: Kind) -> Result<(Net, AdamW)> {
        let net = Net::load(workload, kind)?;
        let adam = ParamsAdamW { lr: kind.rate(), weight_decay: 0.0, ..ParamsAdamW::default() };
        let optimizer = AdamW::new(net.vars.clone(), adam)?;
        Ok((net, optimizer))
    }

    fn step(&mut self) -> Result<Tensor> {
        let (x, y) = &self.batches[self.next % self.batches.len()];
        self.next += 1;
        let z = self.net.forward(x)?;
        let loss = match self.net.kind {
            Kind::Xor => candle_nn::loss::binary_cross_entropy_with_logit(&z, y)?,
            Kind::Mlp => candle_nn::loss::cross_entropy(&z, y)?,
        };
        self.optimizer.backward_step(&loss)?;
        Ok(loss)
    }
}

impl Training for Trainer {
    fn reset(&mut self) {
        (self.net, self.optimizer) = Self::start(&self.workload, self.net.kind).expect("it started before");
        self.next = 0;
    }

    fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            self.step().expect("the shapes fit");
        }
    }

    fn loss(&mut self) -> f64 {
        let loss = self.step().and_then(|loss| loss.to_dtype(DType::F64)?.to_scalar());
        loss.expect("the shapes fit")
    }
}

struct Predictor {
    net: Net,
    batches: Vec<Tensor>,
}

impl Predictor {
    fn new(workload: &str, batch: usize) -> Result<Option<Self>> {
        let kind = match workload {
            "mlp_wide" => Kind::Mlp,
            _ => match Kind::of(workload) {
                Some(kind) => kind,
                None => return Ok(None),
            },
        };
        let mut net = Net::load(workload, kind)?;
        // Plain tensors instead of variables: no graph is kept.
        for layer in &mut net.layers {
            *layer = Linear::new(layer.weight().detach(), layer.bias().map(Tensor::detach));
        }
        Ok(Some(Self { net, batches: batches(workload, "input", batch)? }))
    }
}

impl Prediction for Predictor {
    fn run(&mut self, steps: usize) {
        for step in 0..steps {
            self.net.forward(&self.batches[step % self.batches.len()]).expect("the shapes fit");
        }
    }

    fn outputs(&mut self) -> Vec<f32> {
        let y = self.net.forward(&self.batches[0]).and_then(|y| y.flatten_all()?.to_vec1());
        y.expect("the shapes fit")
    }
}

fn main() {
    protocol::serve(&Contender {
        version: "0.11.1",
        train: |workload, batch| {
            let trainer = Trainer::new(workload, batch).expect("the files are the driver's");
            trainer.map(|t| Box::new(t) as Box<dyn Training>)
        },
        infer: |workload, batch| {
            let predictor = Predictor::new(workload, batch).expect("the files are the driver's");
            predictor.map(|p| Box::new(p) as Box<dyn Prediction>)
        },
    });
}
