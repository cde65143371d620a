//! Neural networks that the Rust compiler checks, differentiates and turns into SIMD code.
#![cfg_attr(not(feature = "std"), no_std)]

// The expansion of `network!` names `::nn_runtime`, also inside this crate's own tests.
extern crate self as nn_runtime;

mod agreement;
#[cfg(feature = "std")]
mod aligned;
mod baked;
#[cfg(feature = "std")]
mod counts;
#[cfg(feature = "std")]
pub mod data;
#[cfg(feature = "std")]
mod error;
#[doc(hidden)]
pub mod expansion;
mod fault;
#[cfg(feature = "std")]
pub mod files;
mod geometry;
#[cfg(feature = "std")]
#[cfg(feature = "image")]
pub mod images;
mod info;
#[cfg(feature = "std")]
pub mod init;
pub mod int8;
mod isa;
mod kernels;
// Editors and this crate's tests alone see it: it costs a build nothing.
#[cfg(any(rust_analyzer, test))]
#[doc(hidden)]
pub mod language;
#[cfg(feature = "std")]
pub mod metrics;
#[cfg(feature = "std")]
mod model;
#[cfg(feature = "std")]
mod network;
pub mod ops;
#[cfg(feature = "std")]
pub mod optimizers;
mod origin;
#[cfg(feature = "std")]
mod parallel;
#[cfg(feature = "plot")]
pub mod plot;
mod program;
pub mod quantized;
mod rng;
mod samples;
mod scalar;
#[cfg(feature = "std")]
pub mod schedules;
pub mod simd;
mod step;
#[cfg(feature = "std")]
mod summary;
#[cfg(feature = "std")]
pub mod training;
pub mod wide;

#[cfg(feature = "std")]
pub use error::{Error, Result};
pub use info::{Init, LayerInfo, ParameterInfo, ParameterKind};
pub use isa::Isa;
#[cfg(feature = "std")]
pub use network::{Learn, Network, Tensor};
pub use nn_macros::network;
pub use origin::Origin;
#[cfg(feature = "std")]
pub use parallel::set_threads;
pub use rng::Rng;
pub use samples::{Batch, Classes, IntoBatch, Rows, Samples};
pub use scalar::Scalar;
#[cfg(feature = "std")]
pub use summary::Summary;

/// All that a user of `network!` imports.
pub mod prelude {
    #[cfg(feature = "std")]
    pub use crate::metrics::{Average, Confusion, Metric};
    #[cfg(feature = "std")]
    pub use crate::optimizers::{Adagrad, Adam, AdamW, Optimizer, RmsProp, Sgd};
    #[cfg(feature = "std")]
    pub use crate::schedules::{Cosine, Exponential, OneCycle, StepDecay, Warmup};
    #[cfg(feature = "std")]
    pub use crate::training::{Control, History, Progress, Trainer, evaluate};
    pub use crate::{Batch, Classes, Rng, Rows, Samples, network};
    #[cfg(feature = "std")]
    pub use crate::{Error, Learn, Network, Result};
}
