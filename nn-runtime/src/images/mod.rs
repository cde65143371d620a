//! Photographs: reading folders of them, bringing them to one size, and varying them anew in every epoch.
//!
//! An [`Image`] holds `f32` in `[height, width, channels]` order, from 0 (black) to 1 (white), which is what a
//! network's `Tensor<H, W, C>` takes. What does not change from epoch to epoch (decoding, the first resizing) is done
//! once, by [`ImageFolder::load`]; what does is done by a [`Pipeline`] in the background, while the network trains on
//! the batch before ([`Augmented`]). Every random choice follows from the seed, the epoch and the sample's index, never
//! from the number of threads or from their timing.

mod augment;
mod color;
mod crop;
mod decode;
mod encode;
mod folder;
mod image;
mod normalize;
mod pipeline;
mod prefetch;
mod resize;
mod rotate;
mod set;
#[cfg(test)]
mod testing;

pub use augment::{Augmented, Batches, ImageBatch, sample_rng};
pub use decode::{Color, Decoder};
pub use folder::{ImageFolder, Skipped, Unreadable};
pub use image::Image;
pub use normalize::Normalizer;
pub use pipeline::Pipeline;
pub use resize::Filter;
pub use set::{ImageSet, ImageSource, Streamed};
