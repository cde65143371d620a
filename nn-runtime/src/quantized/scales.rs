//! Scales and zero points of a network's values.

use std::marker::PhantomData;

use super::floats::{Floats, Fold, Folded};
use super::model::{Buffers, count, of_sample};
use super::program::Memory;
use super::{Quantize, Value};
use crate::optimizers::expect;
use crate::{Error, Result};

/// How a range of bytes is chosen for the numbers of a value that were seen.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Calibration {
    /// From the least to the greatest.
    MinMax,
    /// The range that holds so many percent of them, the rest cut off in halves at both ends: outliers are clamped, and the
    /// others have finer steps. 99.9 is a good first choice.
    Percentile(f64),
}

/// Scale and zero point of every value of a network: `real = (byte - zero) · scale`.
///
/// Values that are moved and not computed (pooling, padding, concatenation, reshaping) share one pair with what they are
/// moved from, as in TensorFlow Lite.
#[derive(Clone, Debug)]
pub struct Scales<N> {
    pub(super) pairs: Vec<(f32, i8)>,
    /// Per value, scales of the weights that it is computed with; empty where they follow from the weights.
    pub(super) weights: Vec<Vec<f32>>,
    network: PhantomData<fn() -> N>,
}

/// Bins of the histograms behind percentiles.
const BINS: usize = 4096;

impl<N: Quantize> Scales<N> {
    /// Runs the network in real numbers on samples, one slice for each input, and chooses ranges for what comes by.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::SampleCount`], [`Error::Empty`]; [`Error::NotFinite`] with the value's name;
    /// [`Error::Setting`] for a percentile that is not above 50 and at most 100.
    pub fn calibrate(network: &N, inputs: &[&[f32]], how: Calibration) -> Result<Self> {
        let mut ranges = vec![[f32::INFINITY, f32::NEG_INFINITY]; N::INT8.scales];
        let mut finite = vec![true; N::INT8.values.len()];
        observe(network, inputs, |v, x| {
            let range = &mut ranges[v.scale];
            for x in x {
                range[0] = range[0].min(*x);
                range[1] = range[1].max(*x);
                finite[v.index] &= x.is_finite();
            }
        })?;
        if let Some(i) = finite.iter().position(|finite| !finite) {
            return Err(Error::NotFinite {
                what: N::INT8.values[i].0.to_owned(),
            });
        }
        if let Calibration::Percentile(percent) = how {
            let range = "above 50 and at most 100";
            expect("percentile", percent > 50.0 && percent <= 100.0, range, percent)?;
            ranges = percentiles(network, inputs, &ranges, percent)?;
        }
        let mut pairs: Vec<(f32, i8)> = ranges.into_iter().map(pair).collect();
        for (i, scale, zero) in N::INT8.fixed {
            pairs[*i] = (*scale, *zero);
        }
        let weights = vec![Vec::new(); N::INT8.values.len()];
        Ok(Self {
            pairs,
            weights,
            network: PhantomData,
        })
    }

    /// Scale and zero point of a value by its name: an input's, or a layer's as in the summary; `None` where there is none of
    /// that name, because it was fused into the next layer, say.
    #[must_use]
    pub fn get(&self, value: &str) -> Option<(f32, i8)> {
        let (_, scale) = N::INT8.values.iter().find(|(name, _)| *name == value)?;
        Some(self.pairs[*scale])
    }

    /// The names of all values.
    pub fn names() -> impl Iterator<Item = &'static str> {
        N::INT8.values.iter().map(|(name, _)| *name)
    }

    /// Sets the range of a value, and of those that share its scale, by hand.
    ///
    /// # Errors
    /// [`Error::Setting`] for a name that no value has, numbers that are no range, or a value whose scale follows from its
    /// operation (a softmax).
    pub fn set_range(&mut self, value: &str, low: f32, high: f32) -> Result<()> {
        let sound = low.is_finite() && high.is_finite() && low <= high;
        expect(
            "range",
            sound,
            "finite numbers in order",
            format_args!("{low} to {high}"),
        )?;
        let (scale, zero) = pair([low, high]);
        self.set(value, scale, zero)
    }

    /// Sets scale and zero point of a value, and of those that share them, by hand.
    ///
    /// # Errors
    /// As [`Self::set_range`].
    pub fn set(&mut self, value: &str, scale: f32, zero: i8) -> Result<()> {
        expect(
            "scale",
            scale.is_finite() && scale > 0.0,
            "a number above 0",
            scale,
        )?;
        let (_, i) = &N::INT8.values[Self::index(value)?];
        let fixed = N::INT8.fixed.iter().find(|(fixed, _, _)| fixed == i);
        let free = fixed.is_none_or(|(_, s, z)| (*s, *z) == (scale, zero));
        expect(
            "value",
            free,
            "one whose scale does not follow from its operation",
            value,
        )?;
        self.pairs[*i] = (scale, zero);
        Ok(())
    }

    /// Sets the scales of the weights of a dense layer or convolution by hand, one for each output channel, by the name of its
    /// value: to run a network with the very scales of another converter. Without it the largest weight of a channel is 127.
    ///
    /// # Errors
    /// [`Error::Setting`] for a name that no such layer has, another number of scales, or one that is not above 0.
    pub fn set_weights(&mut self, value: &str, scales: &[f32]) -> Result<()> {
        let i = Self::index(value)?;
        let bias = format!("{value}.bias");
        let channels = N::INT8
            .sections
            .iter()
            .find(|s| s.name == bias)
            .map_or(0, |s| s.shape[0]);
        let expected = format!("{channels} scales, one for each output channel of `{value}`");
        expect("weights", scales.len() == channels, &expected, scales.len())?;
        let bad = |scale: &&f32| !(scale.is_finite() && **scale > 0.0);
        if let Some(scale) = scales.iter().find(bad) {
            expect("scale", false, "a number above 0", scale)?;
        }
        self.weights[i] = scales.to_vec();
        Ok(())
    }

    fn index(value: &str) -> Result<usize> {
        N::INT8
            .values
            .iter()
            .position(|(name, _)| *name == value)
            .ok_or_else(|| {
                let names: Vec<&str> = Self::names().collect();
                let message = format!("expected one of `{}`, found `{value}`", names.join("`, `"));
                Error::Setting {
                    name: "value",
                    message,
                }
            })
    }
}

/// Of a range, which is made to hold 0: a padding's 0 and a relu's must be exact.
fn pair([low, high]: [f32; 2]) -> (f32, i8) {
    let (low, high) = (low.min(0.0), high.max(0.0));
    if low == high {
        return (1.0, 0);
    }
    let scale = ((f64::from(high) - f64::from(low)) / 255.0) as f32;
    // The numbers of one sign alone may be too small for a step.
    let scale = scale.max(f32::MIN_POSITIVE);
    let zero = (-128.0 - f64::from(low) / f64::from(scale))
        .round()
        .clamp(-128.0, 127.0);
    (scale, zero as i8)
}

/// Calls `seen` with every value of every sample, in real numbers.
pub(super) fn observe<N: Quantize>(
    network: &N,
    inputs: &[&[f32]],
    mut seen: impl FnMut(Value, &[f32]),
) -> Result<()> {
    let samples = count::<N, f32>(inputs)?;
    let products = fold(network);
    let mut buffers = Buffers::new::<N>();
    for sample in 0..samples {
        let inputs = of_sample::<N, f32>(inputs, sample);
        run_floats::<N>(&products, &inputs, &mut buffers, &mut seen);
    }
    Ok(())
}

/// Every product's weights with the normalisation behind it.
pub(super) fn fold<N: Quantize>(network: &N) -> Vec<Folded> {
    let mut fold = Fold {
        parameters: network.parameters(),
        products: Vec::new(),
    };
    N::int8(&mut fold);
    fold.products
}

/// One sample in real numbers.
pub(super) fn run_floats<N: Quantize>(
    products: &[Folded],
    inputs: &[&[f32]],
    buffers: &mut Buffers<f32>,
    mut seen: impl FnMut(Value, &[f32]),
) {
    for (v, x) in N::INT8.inputs.iter().zip(inputs) {
        seen(*v, x);
    }
    let mut outputs: Vec<&mut [f32]> = buffers.outputs.iter_mut().map(Vec::as_mut_slice).collect();
    let memory = Memory {
        inputs,
        arena: &mut buffers.arena,
        outputs: &mut outputs,
    };
    N::int8(&mut Floats {
        products,
        memory,
        seen,
    });
}

fn percentiles<N: Quantize>(
    network: &N,
    inputs: &[&[f32]],
    ranges: &[[f32; 2]],
    percent: f64,
) -> Result<Vec<[f32; 2]>> {
    let mut bins = vec![[0u64; BINS]; ranges.len()];
    let width = |[low, high]: [f32; 2]| (f64::from(high) - f64::from(low)) / BINS as f64;
    observe(network, inputs, |v, x| {
        let (range, bins) = (ranges[v.scale], &mut bins[v.scale]);
        let width = width(range);
        for x in x {
            let bin = (f64::from(*x) - f64::from(range[0])) / width;
            bins[(bin as usize).min(BINS - 1)] += 1;
        }
    })?;
    let cut = |(range, bins): (&[f32; 2], &[u64; BINS])| {
        let total: u64 = bins.iter().sum();
        let spare = (total as f64 * (1.0 - percent / 100.0) / 2.0) as u64;
        // Bins whose numbers may all go.
        let free = |bins: &mut dyn Iterator<Item = &u64>| {
            let mut gone = 0;
            bins.take_while(|n| {
                gone += **n;
                gone <= spare
            })
            .count()
        };
        let (below, above) = (free(&mut bins.iter()), free(&mut bins.iter().rev()));
        let step = width(*range);
        [
            (f64::from(range[0]) + below as f64 * step) as f32,
            (f64::from(range[1]) - above as f64 * step) as f32,
        ]
    };
    Ok(ranges.iter().zip(&bins).map(cut).collect())
}

#[cfg(test)]
mod tests {
    use super::pair;

    #[test]
    fn a_range_holds_zero_exactly() {
        assert_eq!(pair([0.0, 2.55]), (0.01, -128));
        assert_eq!(pair([1.0, 2.55]), (0.01, -128));
        assert_eq!(pair([-2.55, -1.0]), (0.01, 127));
        assert_eq!(pair([-1.28, 1.27]), (0.01, 0));
        assert_eq!(pair([0.0, 0.0]), (1.0, 0));
    }
}
