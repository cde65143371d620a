//! Where the first number that is not finite came from: what a step that is run again for that says.
//!
//! An ordinary step looks at its loss alone. The code that `network!` writes for it is generic over whether it also looks at
//! every value that a layer hands on ([`see`]), so that looking costs a step that does not look nothing.

use core::fmt;

use crate::Scalar;

/// Where the first number that is not finite appeared in a training step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Origin {
    /// In the data of an input.
    Input {
        /// The input's name.
        name: &'static str,
        /// Place of the sample in the data that the step was given.
        sample: usize,
    },
    /// In the data of a target.
    Target {
        /// `target`, or `target_2` where there are several.
        name: &'static str,
        /// Place of the sample in the data that the step was given.
        sample: usize,
    },
    /// In a parameter: an update was too large for its numbers, or of a gradient that was not finite.
    Parameter {
        /// `dense_1.weight`
        name: &'static str,
    },
    /// In what a layer computed from finite numbers.
    Output {
        /// `ln_1`
        layer: &'static str,
        /// Layers before it whose outputs are never stored, since they run in one pass with it: it may have been one of
        /// theirs.
        fused: &'static [&'static str],
    },
    /// In the loss, from finite outputs and targets.
    Loss,
    /// In the gradient that a layer passes back to its input, from a finite loss and a finite gradient of its output.
    InputGradient {
        /// `dense_1`
        layer: &'static str,
    },
    /// In the gradient of a parameter, from a finite gradient of its layer's output.
    Gradient {
        /// `dense_1.weight`
        parameter: &'static str,
    },
    /// In the norm of the gradient, whose numbers are all finite.
    Norm,
}

impl Origin {
    /// What may be done about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Input { .. } | Self::Target { .. } => {
                "fill in what is missing, or leave the sample out (`nn_runtime::data` has both)"
            }
            Self::Parameter { .. } => {
                "its update was too large: try a lower rate, or clip the gradient (unless the weights came with it)"
            }
            Self::Output { .. } => {
                "try a lower rate, scale the inputs, or normalise before the layer; a formula may have left its domain \
                 (`ln` of a negative number, a division by zero)"
            }
            Self::Loss => "try a lower rate, or scale the targets",
            Self::InputGradient { .. } | Self::Gradient { .. } => {
                "try a lower rate, scale the targets, or normalise before the layer; the derivative of a formula may be \
                 infinite (`sqrt` at zero)"
            }
            Self::Norm => "try a lower rate, or scale the targets",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { name, sample } => write!(f, "in sample {sample} of the input `{name}`"),
            Self::Target { name, sample } => write!(f, "in sample {sample} of `{name}`"),
            Self::Parameter { name } => write!(f, "the parameter `{name}`"),
            Self::Output { layer, fused: [] } => write!(f, "the output of `{layer}`"),
            Self::Output { layer, fused } => {
                write!(f, "the output of `{layer}`, which runs in one pass with ")?;
                for (i, layer) in fused.iter().enumerate() {
                    let before = if i == 0 { "" } else { ", " };
                    write!(f, "{before}`{layer}`")?;
                }
                Ok(())
            }
            Self::Loss => f.write_str("the loss"),
            Self::InputGradient { layer } => write!(f, "the gradient that `{layer}` passes back"),
            Self::Gradient { parameter } => write!(f, "the gradient of `{parameter}`"),
            Self::Norm => f.write_str("the norm of the gradient"),
        }
    }
}

/// What a step has seen so far that was not finite.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trace {
    /// Values that were looked at before, of those in the same segment and tile; the segment's number above them.
    position: u64,
    first: Option<(u64, Origin)>,
}

impl Trace {
    /// Goes on with a tile of the `segment`-th segment.
    #[cfg(feature = "std")]
    pub(crate) fn start(&mut self, segment: u32) {
        self.position = u64::from(segment) << 32;
    }

    /// The first of both.
    #[cfg(feature = "std")]
    pub(crate) fn earliest(traces: impl Iterator<Item = Self>) -> Option<Origin> {
        let first = traces.filter_map(|trace| trace.first).min_by_key(|first| first.0);
        first.map(|(_, origin)| origin)
    }
}

/// Looks at values that were just written.
#[cold]
#[inline(never)]
pub fn see<T: Scalar>(trace: &mut Option<&mut Trace>, origin: Origin, values: &[T]) {
    let Some(trace) = trace else {
        return;
    };
    trace.position += 1;
    let earlier = trace.first.is_some_and(|first| first.0 <= trace.position);
    if !earlier && !all_finite(values) {
        trace.first = Some((trace.position, origin));
    }
}

/// Whether no number is infinite or NaN.
pub(crate) fn all_finite<T: Scalar>(values: &[T]) -> bool {
    values.iter().all(|x| x.to_f64().is_finite())
}
