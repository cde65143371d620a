//! Arithmetic on 8-bit integers, equal bit for bit to TensorFlow Lite's reference kernels.
//!
//! A real number `r` is stored as `q = r / scale + zero`, one byte. Weights have zero point 0 and a scale per output
//! channel, activations a zero point and a scale per tensor, sums and biases the scale `input scale · weight scale`:
//!
//! ```text
//! sum[c] = b[c] + Σ w[c, i] · x[i]                  b[c] = bias[c] - zero of x · Σ w[c, i]
//! y[c]   = clamp(sum[c] · multiplier[c] / 2^31 · 2^shift[c] + zero, low, high)
//! ```
//!
//! with the two roundings of `Rescale::apply`. A relu is a clamp. Every other map of one number is a table of 256
//! ([`lookup`]). A call is one sample; nothing is allocated, and without `std` nothing panics.
//!
//! Weights lie as the kernels read them: of [`dense`] and [`conv2d`] `[outputs, padded(taps · inputs / groups)]`, a row per
//! output channel, tap by tap, filled with zeros to a multiple of four bytes; where every channel is a group of its own
//! (`groups == inputs == outputs`, which includes a convolution from one channel to one) `[taps, channels]`.
//!
//! # Source
//! B. Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018;
//! TensorFlow Lite, `kernels/internal/reference/integer_ops` and `kernels/internal/common.h`.

mod add;
mod conv;
mod convert;
mod dense;
mod depthwise;
#[cfg(all(target_arch = "arm", nn_dsp))]
mod dsp;
mod fixed;
mod lookup;
mod mul;
mod pairs;
#[cfg(any(target_arch = "x86_64", all(target_arch = "arm", nn_dsp)))]
mod patch;
mod pool;
mod rescale;
mod softmax;
#[cfg(test)]
mod testing;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use crate::geometry::{Conv2d, Window2d};
pub use add::{Add, add, add_in_place};
pub use conv::conv2d;
pub use convert::{dequantize, quantize};
pub use dense::dense;
pub use lookup::{lookup, lookup_in_place, map_table, rescale_table};
pub use mul::{Mul, mul, mul_in_place};
pub(crate) use pairs::Pair;
pub use pool::{average_pool2d, max_pool2d};
pub use rescale::{Multiplier, Rescale};
pub use softmax::{Softmax, softmax, softmax_in_place};

/// Bytes of a row of `k` weights: the next multiple of four.
#[must_use]
pub const fn padded(k: usize) -> usize {
    k.next_multiple_of(4)
}

/// Bytes of a convolution's weights as [`conv2d`] reads them.
///
/// # Panics
/// If `groups` is 0.
#[must_use]
pub const fn conv2d_weight_bytes(conv: &Conv2d) -> usize {
    let taps = conv.window.taps();
    if conv.is_depthwise() {
        taps * conv.outputs
    } else {
        conv.outputs * padded(taps * (conv.inputs / conv.groups))
    }
}
