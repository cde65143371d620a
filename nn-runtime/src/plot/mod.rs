//! Pictures of a training and of its result, as PNG: loss curves, confusion matrices, images with captions.
//!
//! They need no font or library of the system, so that they come out the same everywhere.
//!
//! ```no_run
//! use nn_runtime::plot::{CurveOptions, Series, loss_curve};
//!
//! let (train, validation) = ([2.3, 1.1, 0.6, 0.4], [2.2, 1.2, 0.8, 0.75]);
//! loss_curve(
//!     "loss.png",
//!     &[Series::new("training", &train), Series::new("validation", &validation)],
//!     &CurveOptions { title: "Digits".into(), ..CurveOptions::default() },
//! )?;
//! # Ok::<(), nn_runtime::Error>(())
//! ```

mod axis;
mod canvas;
mod confusion;
mod curve;
mod images;

pub use confusion::{ConfusionOptions, confusion};
pub use curve::{CurveOptions, Series, history, loss_curve};
pub use images::{Images, images};
