//! Networks in int8: `#[quantize(int8)]`.
//!
//! A trained network is calibrated from samples, quantised, compared and saved:
//!
//! ```
//! use nn_runtime::prelude::*;
//! use nn_runtime::quantized::{Calibration, Quantized};
//!
//! network! {
//!     #[loss(softmax_cross_entropy)]
//!     #[quantize(int8)]
//!     Classifier(x: Tensor<8>) -> Tensor<3> {
//!         x.dense(16).relu().dense(3)
//!     }
//! }
//!
//! # fn main() -> Result<()> {
//! let network = Classifier::new(1); // trained
//! let samples: Vec<f32> = (0..80).map(|i| (i as f32 * 0.7).sin()).collect();
//!
//! let quantized = Quantized::calibrated(&network, &[&samples], Calibration::MinMax)?;
//! let outputs = quantized.predict(&[&samples])?;
//! assert_eq!(outputs[0].len(), 10 * 3);
//! println!("{}", quantized.report(&network, &[&samples], None)?);
//! # Ok(()) }
//! ```
//!
//! The arithmetic is that of [`crate::int8`]: TensorFlow Lite's, bit for bit. Normalisations are folded into the product
//! before them, a relu is a clamp, any other activation a table of 256 bytes. A device runs the same program from a saved
//! file: `#[quantize(int8, weights = "…")]`.

#[cfg(feature = "std")]
mod aware;
#[cfg(feature = "safetensors")]
mod files;
#[cfg(feature = "std")]
mod floats;
mod integers;
#[cfg(feature = "std")]
mod model;
#[doc(hidden)]
pub mod program;
#[cfg(feature = "std")]
mod quantizer;
#[cfg(feature = "std")]
mod report;
#[cfg(feature = "std")]
mod scales;

#[cfg(feature = "std")]
pub use aware::Aware;
#[doc(hidden)]
pub use integers::{Integers, Parameters, integers};
#[cfg(feature = "std")]
pub use model::Quantized;
#[doc(hidden)]
pub use program::*;
#[cfg(feature = "std")]
pub use report::{LayerReport, Report};
#[cfg(feature = "std")]
pub use scales::{Calibration, Scales};

/// A network under `#[quantize(int8)]`.
#[cfg(feature = "std")]
pub trait Quantize: crate::Network<Scalar = f32> {
    /// Values, scales and parameters of the program in int8.
    #[doc(hidden)]
    const INT8: Layout;

    /// The program.
    #[doc(hidden)]
    fn int8<A: Arithmetic>(a: &mut A);
}
