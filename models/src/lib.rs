//! Well-known networks, each one `network!` block: LeNet-5, and the four by which the MLPerf Tiny benchmark judges
//! embedded systems (Banbury et al., MLPerf Tiny benchmark, 2021).
//!
//! Layers and sizes are those of the benchmark's reference implementation, the normalisation's constants Keras' (whose
//! momentum of 0.99 is 0.01 here).

mod autoencoder;
mod ds_cnn;
mod lenet;
mod mobilenet;
mod resnet8;

pub use autoencoder::Autoencoder;
pub use ds_cnn::DsCnn;
pub use lenet::LeNet;
pub use mobilenet::MobileNet;
pub use resnet8::ResNet8;
