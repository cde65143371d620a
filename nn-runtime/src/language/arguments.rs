//! The arguments of the layers, a module each. Written from the compiler's own descriptions by a test of nn-macros, in one file however long.

/// Of `avg_pool1d`.
pub mod avg_pool1d {
    use super::super::kinds::*;

    /// length of the window; must be given.
    pub const size: Extents = Extents;

    /// steps from one window to the next; the window's size if left out.
    pub const stride: Extents = Extents;

    /// `same`, `valid`, one number for both ends, or `[before, after]`; `valid` if left out.
    pub const padding: Extents = Extents;

    /// what lies outside: not counted, as in Keras, or counted as zeros, as PyTorch's default; `skip` if left out.
    pub const edge: Word = Word;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `avg_pool2d`.
pub mod avg_pool2d {
    use super::super::kinds::*;

    /// size of the window: one number, or `[height, width]`; must be given.
    pub const size: Extents = Extents;

    /// steps from one window to the next; the window's size if left out.
    pub const stride: Extents = Extents;

    /// `same`, `valid`, one number for all sides, `[vertical, horizontal]` or `[top, bottom, left, right]`; `valid` if left out.
    pub const padding: Extents = Extents;

    /// what lies outside: not counted, as in Keras, or counted as zeros, as PyTorch's default; `skip` if left out.
    pub const edge: Word = Word;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `batch_norm`.
pub mod batch_norm {
    use super::super::kinds::*;

    /// the new batch's part in the running statistics; `0.1` if left out.
    pub const momentum: Number = Number;

    /// added to the variance; `1e-5` if left out.
    pub const eps: Number = Number;

    /// whether to learn `w`; `true` if left out.
    pub const scale: Flag = Flag;

    /// whether to learn `b`; `true` if left out.
    pub const shift: Flag = Flag;

    /// keep the weights as they are in training; `false` if left out.
    pub const frozen: Flag = Flag;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `concat`.
pub mod concat {
    use super::super::kinds::*;

    /// the axis along which they are joined; `-1` if left out.
    pub const axis: Integer = Integer;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `conv1d`.
pub mod conv1d {
    use super::super::kinds::*;

    /// number of output channels; must be given.
    pub const filters: Size = Size;

    /// length of the window; must be given.
    pub const kernel: Extents = Extents;

    /// steps from one window to the next; `1` if left out.
    pub const stride: Extents = Extents;

    /// `same`, `valid`, one number for both ends, or `[before, after]`; `valid` if left out.
    pub const padding: Extents = Extents;

    /// steps from one element of the window to the next; `1` if left out.
    pub const dilation: Extents = Extents;

    /// groups of channels that know nothing of each other; `1` if left out.
    pub const groups: Size = Size;

    /// whether to add `b`; `true` if left out.
    pub const bias: Flag = Flag;

    /// how `w` starts; `b` starts at zero; `glorot_uniform` if left out.
    pub const init: Initialiser = Initialiser;

    /// adds `l2 · Σ w²` to the loss; `0.0` if left out.
    pub const l2: Number = Number;

    /// keep the weights as they are in training; `false` if left out.
    pub const frozen: Flag = Flag;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `conv2d`.
pub mod conv2d {
    use super::super::kinds::*;

    /// number of output channels; must be given.
    pub const filters: Size = Size;

    /// size of the window: one number, or `[height, width]`; must be given.
    pub const kernel: Extents = Extents;

    /// steps from one window to the next; `1` if left out.
    pub const stride: Extents = Extents;

    /// `same`, `valid`, one number for all sides, `[vertical, horizontal]` or `[top, bottom, left, right]`; `valid` if left out.
    pub const padding: Extents = Extents;

    /// steps from one element of the window to the next; `1` if left out.
    pub const dilation: Extents = Extents;

    /// groups of channels that know nothing of each other; `1` if left out.
    pub const groups: Size = Size;

    /// whether to add `b`; `true` if left out.
    pub const bias: Flag = Flag;

    /// how `w` starts; `b` starts at zero; `glorot_uniform` if left out.
    pub const init: Initialiser = Initialiser;

    /// adds `l2 · Σ w²` to the loss; `0.0` if left out.
    pub const l2: Number = Number;

    /// keep the weights as they are in training; `false` if left out.
    pub const frozen: Flag = Flag;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `conv_transpose2d`.
pub mod conv_transpose2d {
    use super::super::kinds::*;

    /// number of output channels; must be given.
    pub const filters: Size = Size;

    /// size of the window: one number, or `[height, width]`; must be given.
    pub const kernel: Extents = Extents;

    /// steps from one window to the next; `1` if left out.
    pub const stride: Extents = Extents;

    /// `same`, `valid`, one number for all sides, `[vertical, horizontal]` or `[top, bottom, left, right]`; `valid` if left out.
    pub const padding: Extents = Extents;

    /// steps from one element of the window to the next; `1` if left out.
    pub const dilation: Extents = Extents;

    /// groups of channels that know nothing of each other; `1` if left out.
    pub const groups: Size = Size;

    /// whether to add `b`; `true` if left out.
    pub const bias: Flag = Flag;

    /// how `w` starts; `b` starts at zero; `glorot_uniform` if left out.
    pub const init: Initialiser = Initialiser;

    /// adds `l2 · Σ w²` to the loss; `0.0` if left out.
    pub const l2: Number = Number;

    /// keep the weights as they are in training; `false` if left out.
    pub const frozen: Flag = Flag;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `crop`.
pub mod crop {
    use super::super::kinds::*;

    /// one number for all sides, one for each axis, or one for each side; must be given.
    pub const sides: Extents = Extents;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `dense`.
pub mod dense {
    use super::super::kinds::*;

    /// number of outputs; must be given.
    pub const units: Size = Size;

    /// whether to add `b`; `true` if left out.
    pub const bias: Flag = Flag;

    /// how `w` starts; `b` starts at zero; `glorot_uniform` if left out.
    pub const init: Initialiser = Initialiser;

    /// adds `l2 · Σ w²` to the loss; `0.0` if left out.
    pub const l2: Number = Number;

    /// keep the weights as they are in training; `false` if left out.
    pub const frozen: Flag = Flag;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `depthwise_conv2d`.
pub mod depthwise_conv2d {
    use super::super::kinds::*;

    /// filters for each channel; `1` if left out.
    pub const multiplier: Size = Size;

    /// size of the window: one number, or `[height, width]`; must be given.
    pub const kernel: Extents = Extents;

    /// steps from one window to the next; `1` if left out.
    pub const stride: Extents = Extents;

    /// `same`, `valid`, one number for all sides, `[vertical, horizontal]` or `[top, bottom, left, right]`; `valid` if left out.
    pub const padding: Extents = Extents;

    /// steps from one element of the window to the next; `1` if left out.
    pub const dilation: Extents = Extents;

    /// whether to add `b`; `true` if left out.
    pub const bias: Flag = Flag;

    /// how `w` starts; `b` starts at zero; `glorot_uniform` if left out.
    pub const init: Initialiser = Initialiser;

    /// adds `l2 · Σ w²` to the loss; `0.0` if left out.
    pub const l2: Number = Number;

    /// keep the weights as they are in training; `false` if left out.
    pub const frozen: Flag = Flag;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `dropout`.
pub mod dropout {
    use super::super::kinds::*;

    /// the part of the elements that is zeroed; must be given.
    pub const rate: Number = Number;

    /// zero whole channels of a sample (spatial dropout); `false` if left out.
    pub const channels: Flag = Flag;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `elu`.
pub mod elu {
    use super::super::kinds::*;

    /// `-alpha` is the limit on the negative side; `1.0` if left out.
    pub const alpha: Number = Number;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `flatten`.
pub mod flatten {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `gelu`.
pub mod gelu {
    use super::super::kinds::*;

    /// `tanh`: the approximation that GPT-2 was trained with; `none` if left out.
    pub const approximate: Word = Word;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `global_avg_pool1d`.
pub mod global_avg_pool1d {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `global_avg_pool2d`.
pub mod global_avg_pool2d {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `global_max_pool1d`.
pub mod global_max_pool1d {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `global_max_pool2d`.
pub mod global_max_pool2d {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `group_norm`.
pub mod group_norm {
    use super::super::kinds::*;

    /// number of groups of channels; must be given.
    pub const groups: Size = Size;

    /// added to the variance; `1e-5` if left out.
    pub const eps: Number = Number;

    /// whether to learn `w`; `true` if left out.
    pub const scale: Flag = Flag;

    /// whether to learn `b`; `true` if left out.
    pub const shift: Flag = Flag;

    /// keep the weights as they are in training; `false` if left out.
    pub const frozen: Flag = Flag;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `hard_sigmoid`.
pub mod hard_sigmoid {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `hard_swish`.
pub mod hard_swish {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `layer_norm`.
pub mod layer_norm {
    use super::super::kinds::*;

    /// added to the variance; `1e-5` if left out.
    pub const eps: Number = Number;

    /// whether to learn `w`; `true` if left out.
    pub const scale: Flag = Flag;

    /// whether to learn `b`; `true` if left out.
    pub const shift: Flag = Flag;

    /// keep the weights as they are in training; `false` if left out.
    pub const frozen: Flag = Flag;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `leaky_relu`.
pub mod leaky_relu {
    use super::super::kinds::*;

    /// slope of the negative side; `0.01` if left out.
    pub const slope: Number = Number;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `log_softmax`.
pub mod log_softmax {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `max_pool1d`.
pub mod max_pool1d {
    use super::super::kinds::*;

    /// length of the window; must be given.
    pub const size: Extents = Extents;

    /// steps from one window to the next; the window's size if left out.
    pub const stride: Extents = Extents;

    /// `same`, `valid`, one number for both ends, or `[before, after]`; `valid` if left out.
    pub const padding: Extents = Extents;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `max_pool2d`.
pub mod max_pool2d {
    use super::super::kinds::*;

    /// size of the window: one number, or `[height, width]`; must be given.
    pub const size: Extents = Extents;

    /// steps from one window to the next; the window's size if left out.
    pub const stride: Extents = Extents;

    /// `same`, `valid`, one number for all sides, `[vertical, horizontal]` or `[top, bottom, left, right]`; `valid` if left out.
    pub const padding: Extents = Extents;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `pad`.
pub mod pad {
    use super::super::kinds::*;

    /// one number for all sides, one for each axis, or one for each side; must be given.
    pub const sides: Extents = Extents;

    /// the border's numbers; `0.0` if left out.
    pub const value: Number = Number;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `prelu`.
pub mod prelu {
    use super::super::kinds::*;

    /// a slope for each channel (the last axis) instead of one for all; `false` if left out.
    pub const per_channel: Flag = Flag;

    /// how the slope starts; `constant(0.25)` if left out.
    pub const init: Initialiser = Initialiser;

    /// keep the weights as they are in training; `false` if left out.
    pub const frozen: Flag = Flag;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `relu`.
pub mod relu {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `reshape`.
pub mod reshape {
    use super::super::kinds::*;

    /// the new axes, without the batch; must be given.
    pub const sizes: Sizes = Sizes;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `rms_norm`.
pub mod rms_norm {
    use super::super::kinds::*;

    /// added to the mean square; `1e-6` if left out.
    pub const eps: Number = Number;

    /// keep the weights as they are in training; `false` if left out.
    pub const frozen: Flag = Flag;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `selu`.
pub mod selu {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `sigmoid`.
pub mod sigmoid {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `silu`.
pub mod silu {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `slice`.
pub mod slice {
    use super::super::kinds::*;

    /// the first element taken; must be given.
    pub const start: Integer = Integer;

    /// the element after the last one taken; must be given.
    pub const end: Integer = Integer;

    /// the axis that is cut; `-1` if left out.
    pub const axis: Integer = Integer;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `softmax`.
pub mod softmax {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `softplus`.
pub mod softplus {
    use super::super::kinds::*;

    /// how sharp the bend is; `1.0` if left out.
    pub const beta: Number = Number;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `split`.
pub mod split {
    use super::super::kinds::*;

    /// the number of parts; must be given.
    pub const parts: Size = Size;

    /// the axis that is divided; `-1` if left out.
    pub const axis: Integer = Integer;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `tanh`.
pub mod tanh {
    use super::super::kinds::*;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `transpose`.
pub mod transpose {
    use super::super::kinds::*;

    /// every axis of the input once, counted from 0; must be given.
    pub const axes: Extents = Extents;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}

/// Of `upsample2d`.
pub mod upsample2d {
    use super::super::kinds::*;

    /// the factor: one number, or `[vertical, horizontal]`; `2` if left out.
    pub const size: Extents = Extents;

    /// how the pixels between are made; `nearest` if left out.
    pub const mode: Word = Word;

    /// the layer's name in files and summaries.
    pub const name: Text = Text;
}
