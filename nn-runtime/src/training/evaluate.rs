//! How good a network is on data, without training.

use std::ops::Range;

use crate::metrics::{Metric, Score, Tally};
use crate::{Batch, Error, IntoBatch, Learn, Result, Rows};

/// Samples per pass: bounds the working memory, without a hand-off to threads per few samples.
const EVALUATION_BATCH: usize = 256;

/// Loss and metric on some data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// Mean over the samples.
    pub loss: f64,
    /// Value of the metric that was asked for.
    pub metric: f64,
}

/// Loss and metric of a network, in inference mode, on the chosen samples.
///
/// # Errors
/// [`Error::Setting`] where the metric does not suit the targets; [`Error::Length`], [`Error::SampleCount`],
/// [`Error::Label`], [`Error::Row`] and [`Error::Empty`] for what is wrong with the data.
pub fn evaluate<'a, N: Learn>(
    network: &mut N,
    inputs: impl IntoBatch<N::Inputs<'a>>,
    targets: impl IntoBatch<N::Targets<'a>>,
    rows: Rows<'_>,
    metric: Metric,
) -> Result<Evaluation>
where
    N::Targets<'a>: Score,
{
    let (inputs, targets) = (inputs.into_batch(), targets.into_batch());
    let samples = count(network, inputs, targets)?;
    let mut tally = <N::Targets<'a>>::tally(metric)?;
    targets.check()?;
    let loss = pass(network, inputs, targets, samples, &rows, true, Some(&mut tally))?;
    Ok(Evaluation {
        loss: loss.unwrap_or(f64::NAN),
        metric: tally.value(),
    })
}

/// Number of samples, the same in inputs and targets and above 0.
pub(super) fn count<'a, N: Learn>(
    network: &mut N,
    inputs: N::Inputs<'a>,
    targets: N::Targets<'a>,
) -> Result<usize> {
    match (inputs.samples(), targets.samples()) {
        (Ok(0), Ok(0)) => Err(Error::Empty),
        (Ok(inputs), Ok(targets)) if inputs == targets => Ok(inputs),
        (Ok(inputs), Ok(targets)) => Err(Error::SampleCount { inputs, targets }),
        (inputs_result, targets_result) => {
            // The network knows its inputs' names, and says them.
            network.loss_rows(inputs, targets, Rows::Range(0..1))?;
            let (what, fault) = match inputs_result {
                Err(fault) => ("inputs", fault),
                Ok(_) => ("targets", targets_result.err().unwrap_or_default()),
            };
            Err(Error::Length {
                what: what.to_string(),
                expected_multiple_of: fault.1,
                found: fault.0,
            })
        }
    }
}

/// Loss (if wanted) and metric of the chosen of `samples` samples.
pub(super) fn pass<'a, N: Learn>(
    network: &mut N,
    inputs: N::Inputs<'a>,
    targets: N::Targets<'a>,
    samples: usize,
    rows: &Rows<'_>,
    wants_loss: bool,
    mut tally: Option<&mut Tally>,
) -> Result<Option<f64>>
where
    N::Targets<'a>: Score,
{
    let n = match rows {
        Rows::All => samples,
        Rows::Range(range) => range.len(),
        Rows::Index(index) => index.len(),
    };
    if n == 0 {
        return Err(Error::Empty);
    }
    let mut sum = 0.0;
    for start in (0..n).step_by(EVALUATION_BATCH) {
        let part = start..n.min(start + EVALUATION_BATCH);
        let len = part.len() as f64;
        let rows = part_of(rows, part);
        if wants_loss {
            sum += network.loss_rows(inputs, targets, rows.clone())? * len;
        }
        if let Some(tally) = tally.as_deref_mut() {
            let outputs = network.predict_rows(inputs, rows.clone())?;
            targets.gather(&rows, outputs, tally);
        }
    }
    Ok(wants_loss.then_some(sum / n as f64))
}

fn part_of<'r>(rows: &Rows<'r>, part: Range<usize>) -> Rows<'r> {
    match rows {
        Rows::All => Rows::Range(part),
        Rows::Range(range) => Rows::Range(range.start + part.start..range.start + part.end),
        Rows::Index(index) => Rows::Index(&index[part]),
    }
}
