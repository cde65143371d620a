//! tract: the ONNX file of the workload, optimised for a fixed batch.

use protocol::{BATCHES, Contender, Prediction, tensor};
use std::sync::Arc;
use tract_onnx::prelude::*;

struct Predictor {
    plan: Arc<TypedRunnableModel>,
    batches: Vec<TValue>,
}

impl Predictor {
    fn new(workload: &str, batch: usize) -> TractResult<Self> {
        let input = tensor(workload, "data.safetensors", "input").expect("the file has an input");
        let mut shape = input.shape.clone();
        let width: usize = shape[1..].iter().product();
        let count = BATCHES.min(shape[0] / batch);
        shape[0] = batch;
        let mut given = shape.clone();
        if let [_, height, width, channels] = shape[..] {
            given = vec![batch, channels, height, width];
        }
        let plan = tract_onnx::onnx()
            .model_for_path(protocol::path(workload, "onnx"))?
            .with_input_fact(0, f32::fact(&given).into())?
            .into_optimized()?
            .into_runnable()?;
        let batches = input
            .data
            .chunks_exact(batch * width)
            .take(count)
            .map(|x| {
                let x = Tensor::from_shape(&shape, x)?;
                // ONNX has images channels first.
                let x = if shape.len() == 4 { x.permute_axes(&[0, 3, 1, 2])? } else { x };
                Ok(x.into())
            })
            .collect::<TractResult<_>>()?;
        Ok(Self { plan, batches })
    }
}

impl Prediction for Predictor {
    fn run(&mut self, steps: usize) {
        for step in 0..steps {
            let x = self.batches[step % self.batches.len()].clone();
            self.plan.run(tvec!(x)).expect("the plan was made for this batch");
        }
    }

    fn outputs(&mut self) -> Vec<f32> {
        let y = self.plan.run(tvec!(self.batches[0].clone())).expect("the plan was made for this batch");
        let view = y[0].to_plain_array_view::<f32>().expect("outputs are f32");
        view.iter().copied().collect()
    }
}

fn main() {
    if protocol::threads() > 1 {
        multithread::set_default_executor(multithread::Executor::multithread(protocol::threads()));
    }
    protocol::serve(&Contender {
        version: "0.23.9",
        train: |_, _| None,
        infer: |workload, batch| match Predictor::new(workload, batch) {
            Ok(predictor) => Some(Box::new(predictor)),
            Err(fault) => {
                eprintln!("{workload}: {fault:?}");
                None
            }
        },
    });
}
