//! Data sets of drawn pictures, made from a seed, so that the image examples run without a download.

mod canvas;
mod cifar;
mod pets;

pub use cifar::write_cifar;
pub use pets::{draw_pet, write_pets};
