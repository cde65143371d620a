//! The layers, called as `x.dense(8)` and `concat(a, b)`. Written from the compiler's own descriptions by a test of nn-macros, in one file however long.

use super::kinds::*;

/// `x.avg_pool1d(size, padding = valid, edge = skip)`: the mean of each window of a sequence, channel by channel.
///
/// `y[i, c] = mean over u of x[i · stride + u - before, c]`; what lies outside the sequence does not count, or as zeros with
/// `edge = zeros`.
///
/// # Shapes
/// `[length, channels]` gives `[⌊(length + before + after - size) / stride⌋ + 1, channels]`. What does not fill a window is left out.
///
/// # Gradient
/// Each element of a window gets an equal share of its `dy`.
///
/// # Source
/// Keras `AveragePooling1D`, PyTorch `AvgPool1d`.
///
/// # Arguments
/// - `size`: length of the window
/// - `stride`: steps from one window to the next; the window's size if left out
/// - `padding`: `same`, `valid`, one number for both ends, or `[before, after]`
/// - `edge`: what lies outside: not counted, as in Keras, or counted as zeros, as PyTorch's default
/// - `name`: the layer's name in files and summaries
pub fn avg_pool1d(size: Extents) {}

/// `x.avg_pool2d(size, padding = valid, edge = skip)`: the mean of each window of an image, channel by channel.
///
/// `y[i, j, c] = mean over u, v of x[i · stride + u - top, j · stride + v - left, c]`; what lies outside the image does not count, or as
/// zeros with `edge = zeros`.
///
/// # Shapes
/// `[height, width, channels]` gives `[⌊(height + top + bottom - size) / stride⌋ + 1, …, channels]`. What does not fill a window is left out.
///
/// # Gradient
/// Each element of a window gets an equal share of its `dy`.
///
/// # Source
/// Keras `AveragePooling2D`, PyTorch `AvgPool2d`.
///
/// # Arguments
/// - `size`: size of the window: one number, or `[height, width]`
/// - `stride`: steps from one window to the next; the window's size if left out
/// - `padding`: `same`, `valid`, one number for all sides, `[vertical, horizontal]` or `[top, bottom, left, right]`
/// - `edge`: what lies outside: not counted, as in Keras, or counted as zeros, as PyTorch's default
/// - `name`: the layer's name in files and summaries
pub fn avg_pool2d(size: Extents) {}

/// `x.batch_norm(momentum = 0.1, eps = 1e-5, scale = true, shift = true, frozen = false)`: each feature (the last axis) to mean 0 and variance 1 over the batch, then scaled and shifted.
///
/// `y = (x - μ) · r · w + b`, `r = 1 / √(σ² + eps)`
///
/// In training `μ` and `σ²` are the feature's mean and biased variance over all rows of all samples of the batch, and the
/// running statistics follow them: `running = (1 - momentum) · running + momentum · batch`, the variance unbiased, as
/// PyTorch has it. (Keras' `momentum` is 1 minus this one, its running variance the biased one, its `eps` 1e-3.) In
/// inference, and always with `frozen = true`, `μ` and `σ²` are the running statistics: `y = x · s + t` with `s = w · r` and
/// `t = b - μ · s`, which is folded into the product before it.
///
/// # Shapes
/// `[…, n]`; the output has the same. `w: [n]`, `b: [n]`, `running_mean: [n]`, `running_var: [n]`.
///
/// # Gradient
/// With `z = (x - μ) · r` and the means over all rows of the batch: `dx = w · r · (dy - mean dy - z · mean(dy · z))`,
/// `dw = Σ dy · z`, `db = Σ dy`. The input, `μ`, `r` and `w · r` are kept. Frozen: `dx = dy · s`, and
/// the factor alone is kept.
///
/// # Source
/// Ioffe and Szegedy, Batch normalization, 2015.
///
/// # Arguments
/// - `momentum`: the new batch's part in the running statistics
/// - `eps`: added to the variance
/// - `scale`: whether to learn `w`
/// - `shift`: whether to learn `b`
/// - `frozen`: keep the weights as they are in training
/// - `name`: the layer's name in files and summaries
pub fn batch_norm() {}

/// `concat(a, b, axis = -1)`: two or more tensors side by side along an axis.
///
/// `concat(a, b, …, axis = -1)`
///
/// # Shapes
/// All sizes but the axis' are equal; the axis' sizes add up. A negative axis counts from the last one.
///
/// # Gradient
/// Each input's is its part of `dy`.
///
/// # Source
/// Keras `Concatenate`, PyTorch `cat`.
///
/// # Arguments
/// - `axis`: the axis along which they are joined
/// - `name`: the layer's name in files and summaries
pub fn concat() {}

/// `x.conv1d(filters, kernel, stride = 1, padding = valid, dilation = 1, groups = 1, bias = true, init = glorot_uniform, l2 = 0.0, frozen = false)`: a convolution over sequences.
///
/// `y[i, o] = b[o] + Σ over u, c of x[i · stride + u · dilation - before, c] · w[u, c, o]`
///
/// What lies outside the sequence is 0. `padding = same` gives `⌈length / stride⌉`; an odd step goes to the end, as in Keras.
/// `padding = [before, after]` writes out any other: `[kernel - 1, 0]` looks at the past alone.
///
/// # Shapes
/// `[length, channels]` gives `[⌊(length + before + after - dilation · (kernel - 1) - 1) / stride⌋ + 1, filters]`;
/// `w: [kernel, channels / groups, filters]` (in files `[filters, channels / groups, kernel]`, as PyTorch), `b: [filters]`.
///
/// # Gradient
/// `dx` is the convolution run backwards, `dw[u, c, o] = Σ over steps of x · dy` under that tap, `db = Σ dy`; the input is kept.
///
/// # Source
/// Keras `Conv1D`, PyTorch `Conv1d`.
///
/// # Arguments
/// - `filters`: number of output channels
/// - `kernel`: length of the window
/// - `stride`: steps from one window to the next
/// - `padding`: `same`, `valid`, one number for both ends, or `[before, after]`
/// - `dilation`: steps from one element of the window to the next
/// - `groups`: groups of channels that know nothing of each other
/// - `bias`: whether to add `b`
/// - `init`: how `w` starts; `b` starts at zero
/// - `l2`: adds `l2 · Σ w²` to the loss
/// - `frozen`: keep the weights as they are in training
/// - `name`: the layer's name in files and summaries
pub fn conv1d(filters: Size, kernel: Extents) {}

/// `x.conv2d(filters, kernel, stride = 1, padding = valid, dilation = 1, groups = 1, bias = true, init = glorot_uniform, l2 = 0.0, frozen = false)`: a convolution over images.
///
/// `y[i, j, o] = b[o] + Σ over u, v, c of x[i · stride + u · dilation - top, j · stride + v · dilation - left, c] · w[u, v, c, o]`
///
/// What lies outside the image is 0. `padding = same` gives `⌈size / stride⌉`; an odd row or column goes to the end, as in
/// Keras. `padding = [top, bottom, left, right]` writes out any other, PyTorch's included.
///
/// # Shapes
/// `[height, width, channels]` gives `[⌊(height + top + bottom - dilation · (kernel - 1) - 1) / stride⌋ + 1, …, filters]`;
/// `w: [kernel, kernel, channels / groups, filters]` (in files `[filters, channels / groups, kernel, kernel]`, as
/// PyTorch), `b: [filters]`.
///
/// # Gradient
/// `dx` is the convolution run backwards, `dw[u, v, c, o] = Σ over pixels of x · dy` under that tap, `db = Σ dy`; the input is
/// kept.
///
/// # Source
/// LeCun et al., Gradient-based learning applied to document recognition, 1998; Keras `Conv2D`, PyTorch `Conv2d`.
///
/// # Arguments
/// - `filters`: number of output channels
/// - `kernel`: size of the window: one number, or `[height, width]`
/// - `stride`: steps from one window to the next
/// - `padding`: `same`, `valid`, one number for all sides, `[vertical, horizontal]` or `[top, bottom, left, right]`
/// - `dilation`: steps from one element of the window to the next
/// - `groups`: groups of channels that know nothing of each other
/// - `bias`: whether to add `b`
/// - `init`: how `w` starts; `b` starts at zero
/// - `l2`: adds `l2 · Σ w²` to the loss
/// - `frozen`: keep the weights as they are in training
/// - `name`: the layer's name in files and summaries
pub fn conv2d(filters: Size, kernel: Extents) {}

/// `x.conv_transpose2d(filters, kernel, stride = 1, padding = valid, dilation = 1, groups = 1, bias = true, init = glorot_uniform, l2 = 0.0, frozen = false)`: a convolution run backwards: each pixel of the input adds a window to the output.
///
/// `y[i · stride + u · dilation - top, j · stride + v · dilation - left, o] += Σ over c of x[i, j, c] · w[u, v, o, c]`, from `b[o]` on
///
/// `padding` is cut off the result: `same` gives `size · stride`. PyTorch's `output_padding` is a smaller padding at the end:
/// its `padding = 1, output_padding = 1` is `padding = [1, 0, 1, 0]`.
///
/// # Shapes
/// `[height, width, channels]` gives `[(height - 1) · stride + dilation · (kernel - 1) + 1 - top - bottom, …, filters]`;
/// `w: [kernel, kernel, filters / groups, channels]` (in files `[channels, filters / groups, kernel, kernel]`, as PyTorch),
/// `b: [filters]`.
///
/// # Gradient
/// `dx` is the convolution of `dy`, `dw[u, v, o, c] = Σ over pixels of dy · x` under that tap, `db = Σ dy`; the input is kept.
///
/// # Source
/// Zeiler et al., Deconvolutional networks, 2010; PyTorch `ConvTranspose2d`, Keras `Conv2DTranspose` (which gives `size · stride`
/// where the kernel is smaller than the stride, too).
///
/// # Arguments
/// - `filters`: number of output channels
/// - `kernel`: size of the window: one number, or `[height, width]`
/// - `stride`: steps from one window to the next
/// - `padding`: `same`, `valid`, one number for all sides, `[vertical, horizontal]` or `[top, bottom, left, right]`
/// - `dilation`: steps from one element of the window to the next
/// - `groups`: groups of channels that know nothing of each other
/// - `bias`: whether to add `b`
/// - `init`: how `w` starts; `b` starts at zero
/// - `l2`: adds `l2 · Σ w²` to the loss
/// - `frozen`: keep the weights as they are in training
/// - `name`: the layer's name in files and summaries
pub fn conv_transpose2d(filters: Size, kernel: Extents) {}

/// `x.crop(sides)`: an image or a sequence without its border.
///
/// `crop(1)`, `crop([vertical, horizontal])`, `crop([top, bottom, left, right])`; of a sequence `crop([before, after])`
///
/// # Shapes
/// `[height, width, channels]` gives `[height - top - bottom, width - left - right, channels]`; `[length, channels]` gives
/// `[length - before - after, channels]`.
///
/// # Gradient
/// `dx` is `dy` with zeros for the border.
///
/// # Source
/// Keras `Cropping2D`.
///
/// # Arguments
/// - `sides`: one number for all sides, one for each axis, or one for each side
/// - `name`: the layer's name in files and summaries
pub fn crop(sides: Extents) {}

/// `x.dense(units, bias = true, init = glorot_uniform, l2 = 0.0, frozen = false)`: a fully connected layer over the last axis.
///
/// `y = x · w + b`
///
/// # Shapes
/// `[…, k]` gives `[…, units]`; `w: [k, units]` (in files `[units, k]`, as PyTorch), `b: [units]`.
///
/// # Gradient
/// `dx = dy · wᵀ`, `dw = xᵀ · dy`, `db = Σ dy`, summed over rows and samples.
///
/// # Source
/// Keras `Dense`, PyTorch `Linear`.
///
/// # Arguments
/// - `units`: number of outputs
/// - `bias`: whether to add `b`
/// - `init`: how `w` starts; `b` starts at zero
/// - `l2`: adds `l2 · Σ w²` to the loss
/// - `frozen`: keep the weights as they are in training
/// - `name`: the layer's name in files and summaries
pub fn dense(units: Size) {}

/// `x.depthwise_conv2d(multiplier = 1, kernel, stride = 1, padding = valid, dilation = 1, bias = true, init = glorot_uniform, l2 = 0.0, frozen = false)`: a convolution of each channel of an image by itself.
///
/// `y[i, j, c · m + k] = b[c · m + k] + Σ over u, v of x[i · stride + u · dilation - top, j · stride + v · dilation - left, c] · w[u, v, 0, c · m + k]`
///
/// with `m` filters for each channel. Followed by `conv2d(filters, kernel = 1)` it is a depthwise separable convolution.
///
/// # Shapes
/// `[height, width, channels]` gives `[…, …, m · channels]`, sized as by `conv2d`; `w: [kernel, kernel, 1, m · channels]` (in
/// files `[m · channels, 1, kernel, kernel]`, as PyTorch with as many groups as channels), `b: [m · channels]`.
///
/// # Gradient
/// As `conv2d`'s with as many groups as channels; the input is kept.
///
/// # Source
/// Howard et al., MobileNets, 2017; Keras `DepthwiseConv2D`.
///
/// # Arguments
/// - `multiplier`: filters for each channel
/// - `kernel`: size of the window: one number, or `[height, width]`
/// - `stride`: steps from one window to the next
/// - `padding`: `same`, `valid`, one number for all sides, `[vertical, horizontal]` or `[top, bottom, left, right]`
/// - `dilation`: steps from one element of the window to the next
/// - `bias`: whether to add `b`
/// - `init`: how `w` starts; `b` starts at zero
/// - `l2`: adds `l2 · Σ w²` to the loss
/// - `frozen`: keep the weights as they are in training
/// - `name`: the layer's name in files and summaries
pub fn depthwise_conv2d(kernel: Extents) {}

/// `x.dropout(rate, channels = false)`: zeroes elements at random in training, and scales the others up so that the mean stays.
///
/// `y = x · m / (1 - rate)` in training, `m` 1 with probability `1 - rate`, else 0; `y = x` in inference
///
/// The mask is a function of the network's seed, the step, the sample and the element: nothing is stored, and the number
/// of threads changes nothing.
///
/// With `channels = true` one draw is made for each channel (the last axis) of a sample: neighbouring pixels tell the same, and
/// zeroing some of them would take nothing away.
///
/// # Shapes
/// Any; the output has the same.
///
/// # Gradient
/// `dx = dy · m / (1 - rate)`, with the mask computed again.
///
/// # Source
/// Srivastava et al., Dropout, 2014; scaled in training, as Keras and PyTorch; by channels as
/// Keras `SpatialDropout2D` and PyTorch `Dropout2d`, after Tompson et al., 2015.
///
/// # Arguments
/// - `rate`: the part of the elements that is zeroed
/// - `channels`: zero whole channels of a sample (spatial dropout)
/// - `name`: the layer's name in files and summaries
pub fn dropout(rate: Number) {}

/// `x.elu(alpha = 1.0)`: an exponential linear unit.
///
/// `y = x` where `x > 0`, else `alpha · (e^x - 1)`
///
/// # Shapes
/// Any; the output has the same.
///
/// # Gradient
/// `dx = dy` where `y > 0`, else `dy · (y + alpha)`. Only the output is kept, which is why `alpha` must be above 0.
///
/// # Source
/// Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by exponential linear units, 2016.
///
/// # Arguments
/// - `alpha`: `-alpha` is the limit on the negative side
/// - `name`: the layer's name in files and summaries
pub fn elu() {}

/// `x.flatten()`: all elements of a sample in one row, the last axis running fastest; costs nothing.
///
/// # Shapes
/// `[d0, …, dk]` gives `[d0 · … · dk]`.
///
/// # Gradient
/// `dx` is `dy` in the input's shape.
///
/// # Source
/// Keras `Flatten`, PyTorch `Flatten`.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn flatten() {}

/// `x.gelu(approximate = none)`: the Gaussian error linear unit.
///
/// `y = x · Φ(x)`, `Φ(x) = (1 + erf(x / √2)) / 2`; with `approximate = tanh`,
/// `y = x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2`
///
/// # Shapes
/// Any; the output has the same.
///
/// # Gradient
/// `dx = dy · (Φ(x) + x · φ(x))`, `φ(x) = e^(-x²/2) / √(2π)`; for the approximation, with `t` the tanh and `u` what is
/// inside it, `dx = dy · ((1 + t) + x · (1 - t²) · u') / 2`. The input is kept.
///
/// # Source
/// Hendrycks and Gimpel, Gaussian error linear units, 2016.
///
/// # Arguments
/// - `approximate`: `tanh`: the approximation that GPT-2 was trained with
/// - `name`: the layer's name in files and summaries
pub fn gelu() {}

/// `x.global_avg_pool1d()`: the mean of each channel of a sequence.
///
/// `y[c] = mean over i of x[i, c]`
///
/// # Shapes
/// `[length, channels]` gives `[channels]`.
///
/// # Gradient
/// Each element of a channel gets an equal share of its `dy`.
///
/// # Source
/// Lin, Chen and Yan, Network in network, 2014; Keras `GlobalAveragePooling1D`.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn global_avg_pool1d() {}

/// `x.global_avg_pool2d()`: the mean of each channel of an image.
///
/// `y[c] = mean over i, j of x[i, j, c]`
///
/// # Shapes
/// `[height, width, channels]` gives `[channels]`.
///
/// # Gradient
/// Each element of a channel gets an equal share of its `dy`.
///
/// # Source
/// Lin, Chen and Yan, Network in network, 2014; Keras `GlobalAveragePooling2D`.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn global_avg_pool2d() {}

/// `x.global_max_pool1d()`: the maximum of each channel of a sequence.
///
/// `y[c] = max over i of x[i, c]`
///
/// # Shapes
/// `[length, channels]` gives `[channels]`.
///
/// # Gradient
/// `dy` goes to where the maximum was, the first of equals; that place is kept.
///
/// # Source
/// Keras `GlobalMaxPooling1D`.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn global_max_pool1d() {}

/// `x.global_max_pool2d()`: the maximum of each channel of an image.
///
/// `y[c] = max over i, j of x[i, j, c]`
///
/// # Shapes
/// `[height, width, channels]` gives `[channels]`.
///
/// # Gradient
/// `dy` goes to where the maximum was, the first of equals; that place is kept.
///
/// # Source
/// Keras `GlobalMaxPooling2D`.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn global_max_pool2d() {}

/// `x.group_norm(groups, eps = 1e-5, scale = true, shift = true, frozen = false)`: each group of channels of a sample to mean 0 and variance 1, then each channel scaled and shifted.
///
/// `y = (x - μ) · r · w + b`, `r = 1 / √(σ² + eps)`, `μ` and `σ²` the mean and the biased variance of the group's channels over all
/// pixels of the sample. One group is a layer norm over the whole sample; as many groups as channels an instance norm.
///
/// # Shapes
/// `[…, channels]`; the output has the same. `w: [channels]`, `b: [channels]`.
///
/// # Gradient
/// With `z = (x - μ) · r`, `g = dy · w` and the means over the group: `dx = r · (g - mean g - z · mean(g · z))`, `dw = Σ dy · z`,
/// `db = Σ dy`. `z` and `r` are kept.
///
/// # Source
/// Wu and He, Group normalization, 2018; PyTorch `GroupNorm`, Keras `GroupNormalization` (whose `eps` is 1e-3).
///
/// # Arguments
/// - `groups`: number of groups of channels
/// - `eps`: added to the variance
/// - `scale`: whether to learn `w`
/// - `shift`: whether to learn `b`
/// - `frozen`: keep the weights as they are in training
/// - `name`: the layer's name in files and summaries
pub fn group_norm(groups: Size) {}

/// `x.hard_sigmoid()`: the sigmoid in three straight pieces.
///
/// `y = min(1, max(0, x / 6 + 1/2))`
///
/// This is PyTorch's and Keras 3's; older versions of Keras had a slope of 1/5.
///
/// # Shapes
/// Any; the output has the same.
///
/// # Gradient
/// `dx = dy / 6` where `0 < y < 1`, else 0. Only the output is kept.
///
/// # Source
/// Howard et al., Searching for MobileNetV3, 2019, section 5.2.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn hard_sigmoid() {}

/// `x.hard_swish()`: swish in three pieces, without an exponential.
///
/// `y = x · min(1, max(0, x / 6 + 1/2))`
///
/// # Shapes
/// Any; the output has the same.
///
/// # Gradient
/// `dx = dy · (x / 3 + 1/2)` where `-3 < x < 3`, 0 below, `dy` above. The input is kept.
///
/// # Source
/// Howard et al., Searching for MobileNetV3, 2019, section 5.2.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn hard_swish() {}

/// `x.layer_norm(eps = 1e-5, scale = true, shift = true, frozen = false)`: each row to mean 0 and variance 1 over the last axis, then scaled and shifted per column.
///
/// `y = (x - μ) · r · w + b`, `r = 1 / √(σ² + eps)`, with `μ` and `σ²` the row's mean and (biased) variance
///
/// # Shapes
/// `[…, n]`; the output has the same. `w: [n]`, `b: [n]`.
///
/// # Gradient
/// With `z = (x - μ) · r` and `g = dy · w`: `dx = r · (g - mean g - z · mean(g · z))`, the means over the row;
/// `dw = Σ dy · z`, `db = Σ dy`. The input, `μ` and `r` are kept.
///
/// # Source
/// Ba, Kiros and Hinton, Layer normalization, 2016; PyTorch's `eps` of 1e-5 (Keras: 1e-3).
///
/// # Arguments
/// - `eps`: added to the variance
/// - `scale`: whether to learn `w`
/// - `shift`: whether to learn `b`
/// - `frozen`: keep the weights as they are in training
/// - `name`: the layer's name in files and summaries
pub fn layer_norm() {}

/// `x.leaky_relu(slope = 0.01)`: a rectified linear unit that lets a little of the negative side through.
///
/// `y = x` where `x > 0`, else `slope · x`
///
/// # Shapes
/// Any; the output has the same.
///
/// # Gradient
/// `dx = dy` where `y > 0`, else `slope · dy`. Only the output is kept, which is why a slope below 0 is refused.
///
/// # Source
/// Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, 2013; PyTorch's slope of 0.01
/// (Keras: 0.3).
///
/// # Arguments
/// - `slope`: slope of the negative side
/// - `name`: the layer's name in files and summaries
pub fn leaky_relu() {}

/// `x.log_softmax()`: scores to the logarithms of probabilities along the last axis.
///
/// `y[i] = x[i] - ln Σ e^x[j]`, computed on `x - max x`, so that nothing overflows
///
/// # Shapes
/// `[…, classes]`; the output has the same.
///
/// # Gradient
/// `dx = dy - e^y · Σ dy`, the sum over the row. Only the output is kept.
///
/// # Source
/// PyTorch `LogSoftmax`.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn log_softmax() {}

/// `x.max_pool1d(size, padding = valid)`: the maximum of each window of a sequence, channel by channel.
///
/// `y[i, c] = max over u of x[i · stride + u - before, c]`; what lies outside the sequence does not count.
///
/// # Shapes
/// `[length, channels]` gives `[⌊(length + before + after - size) / stride⌋ + 1, channels]`. What does not fill a window is left out.
///
/// # Gradient
/// `dy` goes to where the maximum was, the first of equals; that place is kept.
///
/// # Source
/// Keras `MaxPooling1D`, PyTorch `MaxPool1d`.
///
/// # Arguments
/// - `size`: length of the window
/// - `stride`: steps from one window to the next; the window's size if left out
/// - `padding`: `same`, `valid`, one number for both ends, or `[before, after]`
/// - `name`: the layer's name in files and summaries
pub fn max_pool1d(size: Extents) {}

/// `x.max_pool2d(size, padding = valid)`: the maximum of each window of an image, channel by channel.
///
/// `y[i, j, c] = max over u, v of x[i · stride + u - top, j · stride + v - left, c]`; what lies outside the image does not count.
///
/// # Shapes
/// `[height, width, channels]` gives `[⌊(height + top + bottom - size) / stride⌋ + 1, …, channels]`. What does not fill a window is left out.
///
/// # Gradient
/// `dy` goes to where the maximum was, the first of equals; that place is kept.
///
/// # Source
/// Keras `MaxPooling2D`, PyTorch `MaxPool2d`.
///
/// # Arguments
/// - `size`: size of the window: one number, or `[height, width]`
/// - `stride`: steps from one window to the next; the window's size if left out
/// - `padding`: `same`, `valid`, one number for all sides, `[vertical, horizontal]` or `[top, bottom, left, right]`
/// - `name`: the layer's name in files and summaries
pub fn max_pool2d(size: Extents) {}

/// `x.pad(sides, value = 0.0)`: a border of constant numbers around an image or a sequence.
///
/// `pad(1)`, `pad([vertical, horizontal])`, `pad([top, bottom, left, right])`; of a sequence `pad([before, after])`
///
/// # Shapes
/// `[height, width, channels]` gives `[height + top + bottom, width + left + right, channels]`; `[length, channels]` gives
/// `[length + before + after, channels]`.
///
/// # Gradient
/// `dx` is `dy` without the border.
///
/// # Source
/// Keras `ZeroPadding2D`, PyTorch `ConstantPad2d`.
///
/// # Arguments
/// - `sides`: one number for all sides, one for each axis, or one for each side
/// - `value`: the border's numbers
/// - `name`: the layer's name in files and summaries
pub fn pad(sides: Extents) {}

/// `x.prelu(per_channel = false, init = constant(0.25), frozen = false)`: a leaky rectified linear unit whose slope `a` is learned.
///
/// `y = x` where `x > 0`, else `a · x`
///
/// # Shapes
/// Any; the output has the same. `a: [1]`, or `[channels]` with `per_channel = true`, the channels being the last axis.
///
/// # Gradient
/// `dx = dy` where `x > 0`, else `a · dy`; `da = Σ x · dy` over the elements where `x` is not above 0. The input is kept.
///
/// # Source
/// He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015; one slope, of 0.25, as PyTorch (Keras: 0, one for
/// each element).
///
/// # Arguments
/// - `per_channel`: a slope for each channel (the last axis) instead of one for all
/// - `init`: how the slope starts
/// - `frozen`: keep the weights as they are in training
/// - `name`: the layer's name in files and summaries
pub fn prelu() {}

/// `x.relu()`: a rectified linear unit.
///
/// `y = max(0, x)`
///
/// # Shapes
/// Any; the output has the same.
///
/// # Gradient
/// `dx = dy` where `y > 0`, else 0 (0 at 0, as PyTorch). Only the output is kept.
///
/// # Source
/// Nair and Hinton, Rectified linear units improve restricted Boltzmann machines, 2010.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn relu() {}

/// `x.reshape(sizes)`: the same elements under other axes, in the same order (the last axis running fastest); costs nothing.
///
/// # Shapes
/// Any gives `[sizes…]`, of equally many elements.
///
/// # Gradient
/// `dx` is `dy` in the input's shape.
///
/// # Source
/// Keras `Reshape`, PyTorch `Unflatten`.
///
/// # Arguments
/// - `sizes`: the new axes, without the batch
/// - `name`: the layer's name in files and summaries
pub fn reshape(sizes: Sizes) {}

/// `x.rms_norm(eps = 1e-6, frozen = false)`: each row to a root mean square of 1 over the last axis, then scaled per column.
///
/// `y = x · r · w`, `r = 1 / √(mean x² + eps)`, the mean over the row
///
/// # Shapes
/// `[…, n]`; the output has the same. `w: [n]`.
///
/// # Gradient
/// With `g = dy · w`: `dx = r · (g - x · r² · mean(g · x))`, the mean over the row; `dw = Σ dy · x · r`. The input and `r`
/// are kept.
///
/// # Source
/// Zhang and Sennrich, Root mean square layer normalization, 2019, equation 4; `eps` of 1e-6, as Keras.
///
/// # Arguments
/// - `eps`: added to the mean square
/// - `frozen`: keep the weights as they are in training
/// - `name`: the layer's name in files and summaries
pub fn rms_norm() {}

/// `x.selu()`: a self-normalising exponential linear unit.
///
/// `y = s · x` where `x > 0`, else `s · a · (e^x - 1)`, with `a` = 1.6732632423543772, `s` = 1.0507009873554805; to be used
/// with `init = lecun_normal`
///
/// # Shapes
/// Any; the output has the same.
///
/// # Gradient
/// `dx = s · dy` where `y > 0`, else `dy · (y + s · a)`. Only the output is kept.
///
/// # Source
/// Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks, 2017, equation 2.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn selu() {}

/// `x.sigmoid()`: the logistic function.
///
/// `y = 1 / (1 + e^-x)`
///
/// Before `binary_cross_entropy` it is left out: that loss takes the logit.
///
/// # Shapes
/// Any; the output has the same.
///
/// # Gradient
/// `dx = dy · y · (1 - y)`. Only the output is kept.
///
/// # Source
/// PyTorch `Sigmoid`, Keras `sigmoid`.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn sigmoid() {}

/// `x.silu()`: the sigmoid-weighted linear unit, also called swish.
///
/// `y = x · σ(x)`, `σ(x) = 1 / (1 + e^-x)`
///
/// # Shapes
/// Any; the output has the same.
///
/// # Gradient
/// `dx = dy · σ(x) · (1 + x · (1 - σ(x)))`. The input is kept.
///
/// # Source
/// Hendrycks and Gimpel, Gaussian error linear units, 2016; Ramachandran, Zoph and Le, Searching for activation functions, 2017.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn silu() {}

/// `x.slice(start, end, axis = -1)`: the elements `start .. end` of an axis.
///
/// `x.slice(0, 3)`, `x.slice(-2, 8, axis = 0)`; negative numbers count from the end
///
/// # Shapes
/// The axis' size becomes `end - start`; the others stay.
///
/// # Gradient
/// `dx` is `dy` with zeros around.
///
/// # Source
/// NumPy's and PyTorch's slices.
///
/// # Arguments
/// - `start`: the first element taken
/// - `end`: the element after the last one taken
/// - `axis`: the axis that is cut
/// - `name`: the layer's name in files and summaries
pub fn slice(start: Integer, end: Integer) {}

/// `x.softmax()`: scores to probabilities along the last axis.
///
/// `y[i] = e^x[i] / Σ e^x[j]`, computed on `x - max x`, so that nothing overflows
///
/// Before `softmax_cross_entropy` it is left out: that loss takes the scores.
///
/// # Shapes
/// `[…, classes]`; the output has the same, each row adding up to 1.
///
/// # Gradient
/// `dx = y · (dy - Σ dy · y)`, the sum over the row. Only the output is kept.
///
/// # Source
/// Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn softmax() {}

/// `x.softplus(beta = 1.0)`: a smooth rectified linear unit.
///
/// `y = ln(1 + e^(beta · x)) / beta`, computed so that nothing overflows
///
/// # Shapes
/// Any; the output has the same.
///
/// # Gradient
/// `dx = dy · σ(beta · x) = dy · (1 - e^(-beta · y))`. Only the output is kept.
///
/// # Source
/// Dugas et al., Incorporating second-order functional knowledge for better option pricing, 2000.
///
/// # Arguments
/// - `beta`: how sharp the bend is
/// - `name`: the layer's name in files and summaries
pub fn softplus() {}

/// `x.split(parts, axis = -1)`: a tensor in equal parts along an axis.
///
/// `let (a, b) = x.split(2, axis = -1);`
///
/// # Shapes
/// The axis' size is divided by `parts`; the others stay.
///
/// # Gradient
/// `dx` is the parts' gradients side by side.
///
/// # Source
/// PyTorch `chunk`, Keras `ops.split`.
///
/// # Arguments
/// - `parts`: the number of parts
/// - `axis`: the axis that is divided
/// - `name`: the layer's name in files and summaries
pub fn split(parts: Size) {}

/// `x.tanh()`: the hyperbolic tangent.
///
/// `y = tanh(x)`
///
/// # Shapes
/// Any; the output has the same.
///
/// # Gradient
/// `dx = dy · (1 - y²)`. Only the output is kept.
///
/// # Source
/// LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998, section 4.4.
///
/// # Arguments
/// - `name`: the layer's name in files and summaries
pub fn tanh() {}

/// `x.transpose(axes)`: the axes in another order.
///
/// Axis `i` of the output is axis `axes[i]` of the input: `x.transpose([2, 0, 1])` puts the channels of an image first, as
/// PyTorch has them. The batch is no axis.
///
/// # Shapes
/// At most 4 axes; the sizes move with them.
///
/// # Gradient
/// `dx` is `dy` with the axes back in their places.
///
/// # Source
/// NumPy `transpose`, PyTorch `permute`, Keras `Permute` (which counts from 1).
///
/// # Arguments
/// - `axes`: every axis of the input once, counted from 0
/// - `name`: the layer's name in files and summaries
pub fn transpose(axes: Extents) {}

/// `x.upsample2d(size = 2, mode = nearest)`: an image made larger by a whole factor.
///
/// `nearest` repeats each pixel: `y[i, j, c] = x[⌊i / size⌋, ⌊j / size⌋, c]`. `bilinear` weights the four pixels whose centres lie
/// around `(i + 1/2) / size - 1/2`, the outermost pixels going on beyond the edge.
///
/// # Shapes
/// `[height, width, channels]` gives `[size · height, size · width, channels]`.
///
/// # Gradient
/// Each pixel gets the sum of `dy` over the pixels that it went into, with its weights in them.
///
/// # Source
/// Keras `UpSampling2D`, PyTorch `Upsample` (`align_corners = False`).
///
/// # Arguments
/// - `size`: the factor: one number, or `[vertical, horizontal]`
/// - `mode`: how the pixels between are made
/// - `name`: the layer's name in files and summaries
pub fn upsample2d() {}
