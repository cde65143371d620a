//! The losses, given as `#[loss(mean_squared_error)]`. Written from the compiler's own descriptions by a test of nn-macros, in one file however long.

/// `#[loss(binary_cross_entropy)]`: the cross-entropy of yes or no, on logits: the network's last layer is not a `sigmoid`.
///
/// `L = -Σ (t · ln p + (1 - t) · ln(1 - p)) / n`, `p = σ(y)`, computed as `max(0, y) + ln(1 + e^-|y|) - y · t`, so that
/// nothing overflows; `n` counts the elements of all samples
///
/// # Target
/// Numbers from 0 to 1, of the output's shape.
///
/// # Gradient
/// `dy = (σ(y) - t) / n`.
///
/// # Source
/// PyTorch `BCEWithLogitsLoss`, Keras `BinaryCrossentropy(from_logits=True)`.
pub fn binary_cross_entropy() {}

/// `#[loss(cosine)]`: one minus the cosine of the angle between output and target, for embeddings.
///
/// `L = Σ (1 - y · t / (‖y‖ · ‖t‖)) / n`, products and norms over the last axis, norms at least 1e-8, `n` counting the rows
/// of all samples
///
/// # Target
/// Numbers, of the output's shape; their length does not matter.
///
/// # Gradient
/// `dy = (y · cos / ‖y‖² - t / (‖y‖ · ‖t‖)) / n`.
///
/// # Source
/// PyTorch `1 - cosine_similarity`, Keras `CosineSimilarity` plus 1.
pub fn cosine() {}

/// `#[loss(hinge)]`: a margin of 1 between two classes, as in a support vector machine.
///
/// `L = Σ max(0, 1 - t · y) / n`, `n` counting the elements of all samples
///
/// # Target
/// -1 or 1, of the output's shape.
///
/// # Gradient
/// `dy = -t / n` where `t · y < 1`, else 0.
///
/// # Source
/// Cortes and Vapnik, Support-vector networks, 1995; Keras `Hinge`.
pub fn hinge() {}

/// `#[loss(huber(delta = 1.0))]`: squared for small errors, absolute for large ones.
///
/// `L = Σ l(y - t) / n`, `l(e) = e² / 2` where `|e| <= delta`, else `delta · (|e| - delta / 2)`, `n` counting the
/// elements of all samples
///
/// # Target
/// Numbers, of the output's shape.
///
/// # Gradient
/// `dy = min(delta, max(-delta, y - t)) / n`.
///
/// # Source
/// Huber, Robust estimation of a location parameter, 1964; PyTorch `HuberLoss`.
///
/// # Arguments
/// - `delta`: where the parabola ends and the straight lines begin
pub fn huber() {}

/// `#[loss(kl_divergence(logits = false))]`: how far a predicted distribution is from a given one: the Kullback-Leibler divergence.
///
/// `L = Σ t · (ln t - y) / n`, `y` being the logarithms of the predicted probabilities (a network that ends with
/// `log_softmax()`), a target of 0 adding 0, `n` counting the rows of all samples; with `logits = true` `y` is scores, and
/// the `log_softmax` is fused into the loss
///
/// # Target
/// Probabilities along the last axis, of the output's shape.
///
/// # Gradient
/// `dy = -t / n`; with `logits = true`, `dy = (softmax(y) · Σ t - t) / n`.
///
/// # Source
/// Kullback and Leibler, On information and sufficiency, 1951; PyTorch `KLDivLoss(reduction="batchmean")`, which it equals
/// for outputs of one axis.
///
/// # Arguments
/// - `logits`: the output is scores, not logarithms of probabilities
pub fn kl_divergence() {}

/// `#[loss(mean_absolute_error)]`: the mean of the absolute errors, for regression that outliers must not rule.
///
/// `L = Σ |y - t| / n`, `n` counting the elements of all samples
///
/// # Target
/// Numbers, of the output's shape.
///
/// # Gradient
/// `dy = sign(y - t) / n`, 0 where they are equal.
///
/// # Source
/// PyTorch `L1Loss`, Keras `MeanAbsoluteError`.
pub fn mean_absolute_error() {}

/// `#[loss(mean_squared_error(half = false))]`: the mean of the squared errors, for regression.
///
/// `L = Σ (y - t)² / n`, `n` counting the elements of all samples; with `half = true` the text book's `Σ (y - t)² / (2n)`
///
/// # Target
/// Numbers, of the output's shape.
///
/// # Gradient
/// `dy = 2 · (y - t) / n`; with `half = true`, `dy = (y - t) / n`.
///
/// # Source
/// PyTorch `MSELoss`, Keras `MeanSquaredError`.
///
/// # Arguments
/// - `half`: half of it, so that the gradient is the error itself
pub fn mean_squared_error() {}

/// `#[loss(softmax_cross_entropy(target = class, label_smoothing = 0.0))]`: the cross-entropy of one class among several, on scores: the network's last layer is not a `softmax`.
///
/// `L = -Σ q · ln softmax(y) / n` along the last axis, `n` counting the rows of all samples; `q` is 1 at the target class
/// and 0 elsewhere, or the target distribution, and with `label_smoothing = s` becomes `(1 - s) · q + s / classes`. With
/// `class_weights` a row counts as much as its class' weight; the sum is still divided by `n`, as in Keras (PyTorch
/// divides by the sum of the weights).
///
/// # Target
/// A class index for each row (`u32`); with `target = distribution`, probabilities of the output's shape.
///
/// # Gradient
/// `dy = w · (softmax(y) - q) / n`, in one pass with the loss.
///
/// # Source
/// PyTorch `CrossEntropyLoss`, Keras `SparseCategoricalCrossentropy(from_logits=True)`; Szegedy et al., Rethinking the
/// Inception architecture, 2016, section 7, for the smoothing.
///
/// # Arguments
/// - `target`: what a target is: a class index, or a probability for each class
/// - `label_smoothing`: the part of the target that is spread over all classes
/// - `class_weights`: how much each class counts; all the same where left out
pub fn softmax_cross_entropy() {}
