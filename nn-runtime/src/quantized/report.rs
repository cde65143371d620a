//! A network in int8 beside the same in real numbers.

use std::fmt;

use super::floats::Folded;
use super::model::{Buffers, count, of_sample};
use super::scales::{fold, run_floats};
use super::{Quantize, Quantized};
use crate::metrics::argmax;
use crate::{Error, Result};

/// What quantisation does to a network on some samples.
#[derive(Clone, Debug)]
pub struct Report {
    /// Every value, in the order in which they are computed.
    pub layers: Vec<LayerReport>,
    /// Share of the samples whose class the first output finds, in `f32` and in int8; `None` without labels.
    pub accuracy: Option<(f64, f64)>,
}

/// What quantisation does to one value.
#[derive(Clone, Debug)]
pub struct LayerReport {
    /// Its name: an input's, or a layer's.
    pub name: &'static str,
    /// `10 · log10(Σ real² / Σ (real - int8)²)`, in dB, errors of the layers before it included: 6 dB are a bit.
    pub signal_to_noise: f64,
    /// The largest `|real - int8|`.
    pub largest_error: f64,
    /// Share of the real numbers that lie outside what the bytes can say.
    pub clamped: f64,
}

#[derive(Clone, Default)]
struct Sums {
    signal: f64,
    noise: f64,
    largest: f64,
    clamped: usize,
    count: usize,
}

impl<N: Quantize> Quantized<N> {
    /// Runs samples, one slice for each input, in `f32` and in int8, and compares every value. With labels, one class a
    /// sample, it compares accuracies, too.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::SampleCount`], [`Error::Empty`].
    pub fn report(&self, network: &N, inputs: &[&[f32]], labels: Option<&[u32]>) -> Result<Report> {
        let samples = count::<N, f32>(inputs)?;
        if let Some(targets) = labels.map(<[u32]>::len)
            && targets != samples
        {
            return Err(Error::SampleCount {
                inputs: samples,
                targets,
            });
        }
        let layout = N::INT8;
        let bytes = self.quantize_inputs(inputs);
        let bytes: Vec<&[i8]> = bytes.iter().map(Vec::as_slice).collect();
        let products: Vec<Folded> = fold(network);
        let (mut floats, mut integers) = (Buffers::new::<N>(), Buffers::new::<N>());
        let mut sums = vec![Sums::default(); layout.values.len()];
        let mut hits = [0, 0];
        for sample in 0..samples {
            let mut real: Vec<Vec<f32>> = vec![Vec::new(); layout.values.len()];
            let x = of_sample::<N, f32>(inputs, sample);
            run_floats::<N>(&products, &x, &mut floats, |v, x| real[v.index] = x.to_vec());
            self.run(&of_sample::<N, i8>(&bytes, sample), &mut integers, |v, q| {
                sums[v.index].see(&real[v.index], q, self.parameters().scale(v));
            });
            if let Some(labels) = labels {
                let label = labels[sample] as usize;
                hits[0] += usize::from(argmax(&floats.outputs[0]) == label);
                let scores: Vec<f32> = integers.outputs[0].iter().map(|b| f32::from(*b)).collect();
                hits[1] += usize::from(argmax(&scores) == label);
            }
        }
        let layer = |((name, _), sums): (&(&'static str, usize), &Sums)| LayerReport {
            name,
            signal_to_noise: 10.0 * (sums.signal / sums.noise).log10(),
            largest_error: sums.largest,
            clamped: sums.clamped as f64 / sums.count.max(1) as f64,
        };
        let share = |hits: usize| hits as f64 / samples as f64;
        Ok(Report {
            layers: layout.values.iter().zip(&sums).map(layer).collect(),
            accuracy: labels.map(|_| (share(hits[0]), share(hits[1]))),
        })
    }
}

impl Sums {
    fn see(&mut self, real: &[f32], bytes: &[i8], (scale, zero): (f32, i8)) {
        let (scale, zero) = (f64::from(scale), f64::from(zero));
        for (real, byte) in real.iter().zip(bytes) {
            let real = f64::from(*real);
            let error = real - (f64::from(*byte) - zero) * scale;
            self.signal += real * real;
            self.noise += error * error;
            self.largest = self.largest.max(error.abs());
            let step = real / scale + zero;
            self.clamped += usize::from(!(-128.5..=127.5).contains(&step));
        }
        self.count += real.len();
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .layers
            .iter()
            .map(|l| l.name.chars().count())
            .max()
            .unwrap_or(0)
            .max(5);
        writeln!(
            f,
            "{:width$} {:>12} {:>14} {:>9}",
            "value", "signal/noise", "largest error", "clamped"
        )?;
        for layer in &self.layers {
            let LayerReport {
                name,
                signal_to_noise,
                largest_error,
                clamped,
            } = layer;
            let clamped = clamped * 100.0;
            writeln!(
                f,
                "{name:width$} {signal_to_noise:>9.1} dB {largest_error:>14.5} {clamped:>7.2} %"
            )?;
        }
        if let Some((real, int8)) = self.accuracy {
            writeln!(
                f,
                "accuracy: {:.2} % in f32, {:.2} % in int8",
                real * 100.0,
                int8 * 100.0
            )?;
        }
        Ok(())
    }
}
