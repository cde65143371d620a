//! A network in int8 on a host.

use std::marker::PhantomData;

use super::integers::{Integers, Parameters};
use super::program::Memory;
use super::quantizer::Quantizer;
use super::scales::{Calibration, Scales};
use super::{Quantize, Value};
use crate::counts::{count_samples, same_count};
use crate::int8::{dequantize, quantize};
use crate::parallel;
use crate::{Error, Result};

/// A network in int8: 8-bit weights, a scale per output channel, and the scales of all values.
#[derive(Clone, Debug)]
pub struct Quantized<N> {
    pub(super) bytes: Vec<i8>,
    pub(super) words: Vec<i32>,
    network: PhantomData<fn() -> N>,
}

/// Samples that a thread takes at a time.
const CHUNK: usize = 16;

impl<N: Quantize> Quantized<N> {
    /// Quantises a network with the ranges of these samples, one slice for each input: [`Scales::calibrate`], then
    /// [`Self::new`].
    ///
    /// # Errors
    /// As [`Scales::calibrate`].
    pub fn calibrated(network: &N, inputs: &[&[f32]], how: Calibration) -> Result<Self> {
        Ok(Self::new(network, &Scales::calibrate(network, inputs, how)?))
    }

    /// Quantises a network: weights per output channel, symmetric, so that the largest is 127; biases to 32 bits.
    #[must_use]
    pub fn new(network: &N, scales: &Scales<N>) -> Self {
        let layout = N::INT8;
        let mut quantizer = Quantizer {
            parameters: network.parameters(),
            scales: &scales.pairs,
            weights: &scales.weights,
            bytes: vec![0; layout.bytes],
            words: vec![0; layout.words],
        };
        for (i, (scale, zero)) in scales.pairs.iter().enumerate() {
            quantizer.words[i] = scale.to_bits() as i32;
            quantizer.bytes[i] = *zero;
        }
        N::int8(&mut quantizer);
        Self::from_parts(quantizer.bytes, quantizer.words)
    }

    pub(super) fn from_parts(bytes: Vec<i8>, words: Vec<i32>) -> Self {
        Self {
            bytes,
            words,
            network: PhantomData,
        }
    }

    /// From the two parts as a program holds them.
    #[doc(hidden)]
    #[must_use]
    pub fn baked(bytes: &[i8], words: &[i32]) -> Self {
        Self::from_parts(bytes.to_vec(), words.to_vec())
    }

    pub(super) fn parameters(&self) -> Parameters<'_> {
        Parameters {
            bytes: &self.bytes,
            words: &self.words,
        }
    }

    /// Scale and zero point of an input, by its place.
    ///
    /// # Panics
    /// If there is no such input.
    #[must_use]
    pub fn input_scale(&self, input: usize) -> (f32, i8) {
        self.parameters().scale(N::INT8.inputs[input])
    }

    /// Scale and zero point of an output, by its place.
    ///
    /// # Panics
    /// If there is no such output.
    #[must_use]
    pub fn output_scale(&self, output: usize) -> (f32, i8) {
        self.parameters().scale(N::INT8.outputs[output])
    }

    /// Bytes of the parameters.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.bytes.len() + size_of_val(self.words.as_slice())
    }

    /// Predicts samples, one slice for each input; gives a vector for each output. Samples are spread over threads.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::SampleCount`], [`Error::Empty`].
    pub fn predict(&self, inputs: &[&[f32]]) -> Result<Vec<Vec<f32>>> {
        count::<N, f32>(inputs)?;
        let bytes = self.quantize_inputs(inputs);
        let bytes: Vec<&[i8]> = bytes.iter().map(Vec::as_slice).collect();
        let outputs = self.predict_int8(&bytes)?;
        let real = |(i, bytes): (usize, Vec<i8>)| {
            let (scale, zero) = self.output_scale(i);
            let mut real = vec![0.0; bytes.len()];
            dequantize(&bytes, scale, zero, &mut real);
            real
        };
        Ok(outputs.into_iter().enumerate().map(real).collect())
    }

    /// Predicts samples that are bytes of the inputs' scales; gives bytes of the outputs' scales.
    ///
    /// # Errors
    /// As [`Self::predict`].
    pub fn predict_int8(&self, inputs: &[&[i8]]) -> Result<Vec<Vec<i8>>> {
        let samples = count::<N, i8>(inputs)?;
        let elems: Vec<usize> = N::INT8.outputs.iter().map(|v| v.elems).collect();
        // All outputs of a sample lie side by side, so that a thread has one piece.
        let row: usize = elems.iter().sum();
        let mut rows = vec![0; samples * row];
        parallel::for_each_chunk_mut(&mut rows, CHUNK * row, |first, chunk| {
            let mut buffers = Buffers::new::<N>();
            for (i, row_of) in chunk.chunks_exact_mut(row).enumerate() {
                let inputs = of_sample::<N, i8>(inputs, first / row + i);
                self.run(&inputs, &mut buffers, |_, _| {});
                let outputs = buffers.outputs.iter().flatten();
                row_of.iter_mut().zip(outputs).for_each(|(to, from)| *to = *from);
            }
        });
        let mut outputs: Vec<Vec<i8>> = elems.iter().map(|e| Vec::with_capacity(e * samples)).collect();
        for mut row in rows.chunks_exact(row) {
            for (output, elems) in outputs.iter_mut().zip(&elems) {
                let (part, rest) = row.split_at(*elems);
                output.extend_from_slice(part);
                row = rest;
            }
        }
        Ok(outputs)
    }

    /// Every value of one sample by its name, in the order in which they are computed: to look for where a difference comes
    /// from.
    ///
    /// # Errors
    /// As [`Self::predict`]; [`Error::Row`] where there is no such sample.
    pub fn trace(&self, inputs: &[&[i8]], sample: usize) -> Result<Vec<(&'static str, Vec<i8>)>> {
        let samples = count::<N, i8>(inputs)?;
        if sample >= samples {
            return Err(Error::Row {
                found: sample,
                samples,
            });
        }
        let mut values = Vec::new();
        self.run(
            &of_sample::<N, i8>(inputs, sample),
            &mut Buffers::new::<N>(),
            |v, x| {
                values.push((N::INT8.values[v.index].0, x.to_vec()));
            },
        );
        Ok(values)
    }

    /// Bytes of the inputs' scales.
    pub(super) fn quantize_inputs(&self, inputs: &[&[f32]]) -> Vec<Vec<i8>> {
        let bytes = |(i, x): (usize, &&[f32])| {
            let (scale, zero) = self.input_scale(i);
            let mut bytes = vec![0; x.len()];
            quantize(x, scale, zero, &mut bytes);
            bytes
        };
        inputs.iter().enumerate().map(bytes).collect()
    }

    /// One sample; the outputs are in the buffers.
    pub(super) fn run(
        &self,
        inputs: &[&[i8]],
        buffers: &mut Buffers<i8>,
        mut seen: impl FnMut(Value, &[i8]),
    ) {
        for (v, x) in N::INT8.inputs.iter().zip(inputs) {
            seen(*v, x);
        }
        let mut outputs: Vec<&mut [i8]> = buffers.outputs.iter_mut().map(Vec::as_mut_slice).collect();
        let memory = Memory {
            inputs,
            arena: &mut buffers.arena,
            outputs: &mut outputs,
        };
        N::int8(&mut Integers {
            parameters: self.parameters(),
            memory,
            seen,
        });
    }
}

/// What a sample needs.
pub(super) struct Buffers<T> {
    pub(super) arena: Vec<T>,
    pub(super) outputs: Vec<Vec<T>>,
}

impl<T: Copy + Default> Buffers<T> {
    pub(super) fn new<N: Quantize>() -> Self {
        Self {
            arena: vec![T::default(); N::INT8.arena],
            outputs: N::INT8
                .outputs
                .iter()
                .map(|v| vec![T::default(); v.elems])
                .collect(),
        }
    }
}

/// The number of samples in all inputs.
pub(super) fn count<N: Quantize, T>(inputs: &[&[T]]) -> Result<usize> {
    let layout = N::INT8;
    let expected = format_args!("{} slices, one for each input", layout.inputs.len()).to_string();
    crate::optimizers::expect(
        "inputs",
        inputs.len() == layout.inputs.len(),
        &expected,
        inputs.len(),
    )?;
    let mut samples = None;
    for (v, x) in layout.inputs.iter().zip(inputs) {
        let n = count_samples(layout.values[v.index].0, x.len(), v.elems)?;
        same_count(*samples.get_or_insert(n), n)?;
    }
    match samples {
        Some(0) | None => Err(Error::Empty),
        Some(samples) => Ok(samples),
    }
}

/// The inputs of one sample.
pub(super) fn of_sample<'a, N: Quantize, T>(inputs: &[&'a [T]], sample: usize) -> Vec<&'a [T]> {
    let part = |(v, x): (&Value, &&'a [T])| &x[sample * v.elems..(sample + 1) * v.elems];
    N::INT8.inputs.iter().zip(inputs).map(part).collect()
}
