//! Shared by the integration tests.

pub mod cases;
pub mod hashed;

/// The programs of the reference compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/language.md")]
pub struct Reference;

/// Targets are typed by the loss: class indices where values are wanted do not compile.
///
/// ```compile_fail,E0277
/// use nn_runtime::prelude::*;
///
/// network! {
///     #[loss(mean_squared_error)]
///     pub Net(x: Tensor<4>) -> Tensor<2> {
///         x.dense(2)
///     }
/// }
///
/// let labels: [u32; 2] = [0, 1];
/// let _ = Net::new(1).gradient(&[0.0_f32; 8], &labels);
/// ```
///
/// ```
/// use nn_runtime::prelude::*;
///
/// network! {
///     #[loss(softmax_cross_entropy)]
///     pub Net(x: Tensor<4>) -> Tensor<2> {
///         x.dense(2)
///     }
/// }
///
/// let labels: [u32; 2] = [0, 1];
/// assert!(Net::new(1).gradient(&[0.0_f32; 8], &labels).is_ok());
/// ```
#[cfg(doctest)]
pub struct Targets;
