//! What all convolutions share: the operations behind `conv1d`, `conv2d`, `depthwise_conv2d` and `conv_transpose2d`.

use super::windows::{Image, Rank};
use super::{ArgKind, ArgSpec, Args, Backward, FROZEN, Forward, Layer, NAME};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::builder::{Builder, full, param};
use crate::ir::geometry::{Conv, Window};
use crate::ir::{Init, ParamId, ParamKind, ParamSpec, Shape, ValueId};

pub const FILTERS: ArgSpec = ArgSpec::required(0, "filters", ArgKind::Size, "number of output channels");
pub const GROUPS: ArgSpec = ArgSpec::named(
    "groups",
    ArgKind::Size,
    "1",
    "groups of channels that know nothing of each other",
);
pub const BIAS: ArgSpec = ArgSpec::named("bias", ArgKind::Flag, "true", "whether to add `b`");
pub const INIT: ArgSpec = ArgSpec::named(
    "init",
    ArgKind::Init,
    "glorot_uniform",
    "how `w` starts; `b` starts at zero",
);
pub const L2: ArgSpec = ArgSpec::named("l2", ArgKind::Number, "0.0", "adds `l2 · Σ w²` to the loss");
pub const FROZEN_WEIGHTS: ArgSpec = FROZEN;
pub const LAYER_NAME: ArgSpec = NAME;

/// The window's size: by name, and required.
pub const fn kernel(rank: Rank) -> ArgSpec {
    ArgSpec {
        name: "kernel",
        kind: rank.pair(),
        position: None,
        default: None,
        doc: match rank {
            Rank::One => "length of the window",
            Rank::Two => "size of the window: one number, or `[height, width]`",
        },
    }
}

pub const fn stride(rank: Rank) -> ArgSpec {
    ArgSpec::named("stride", rank.pair(), "1", "steps from one window to the next")
}

pub const fn dilation(rank: Rank) -> ArgSpec {
    ArgSpec::named(
        "dilation",
        rank.pair(),
        "1",
        "steps from one element of the window to the next",
    )
}

/// A convolution, or one run backwards.
pub struct Convolution {
    conv: Conv,
    /// The layer's output is the convolution's input.
    transposed: bool,
    /// The image on the convolution's input side, and on its output side.
    input: Shape,
    output: Shape,
    bias: bool,
    init: Init,
    l2: f64,
    frozen: bool,
}

/// Builds a convolution of `filters` output channels, in `groups`.
pub fn build(
    args: &Args<'_>,
    image: &Image,
    filters: usize,
    groups: usize,
    transposed: bool,
) -> Result<Convolution, Reported> {
    let kernel = image.pair(args, "kernel", [1, 1]);
    let stride = image.pair(args, "stride", [1, 1]);
    let dilation = image.pair(args, "dilation", [1, 1]);
    let window = if transposed {
        transposed_window(args, image, kernel, stride, dilation)?
    } else {
        image.window(args, kernel, stride, dilation)?
    };
    if !(image.channels.is_multiple_of(groups) && filters.is_multiple_of(groups)) {
        let both: Vec<String> = (1..=image.channels.min(filters).min(64))
            .filter(|d| image.channels.is_multiple_of(*d) && filters.is_multiple_of(*d))
            .map(|d| d.to_string())
            .collect();
        return Err(args.misfit(
            "groups",
            format!(
                "`groups` of `{}` must divide the input's {} channels and the {filters} filters, found {groups}",
                args.layer, image.channels
            ),
            format!("both can be divided by {}", both.join(", ")),
        ));
    }
    let (inputs, outputs) = if transposed {
        (filters, image.channels)
    } else {
        (image.channels, filters)
    };
    Ok(Convolution {
        conv: Conv {
            window,
            inputs,
            outputs,
            groups,
        },
        transposed,
        input: image.with(window.input, inputs),
        output: image.with(window.output, outputs),
        bias: args.flag("bias").unwrap_or(true),
        init: args.init("init").unwrap_or(Init::GlorotUniform),
        l2: args.at_least_zero("l2", 0.0, "1e-4")?,
        frozen: args.flag("frozen").unwrap_or(false),
    })
}

fn transposed_window(
    args: &Args<'_>,
    image: &Image,
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
) -> Result<Window, Reported> {
    let window = Window::transposed(image.size, kernel, stride, dilation, image.padding(args));
    window.ok_or_else(|| {
        args.misfit(
            "padding",
            format!("`padding` of `{}` leaves nothing of the output", args.text),
            "of a transposed convolution the padding is cut off: `padding = same` gives the input's size times the stride",
        )
    })
}

impl Convolution {
    /// Channels of the layer's output.
    fn filters(&self) -> usize {
        if self.transposed {
            self.conv.inputs
        } else {
            self.conv.outputs
        }
    }

    fn out(&self) -> &Shape {
        if self.transposed {
            &self.input
        } else {
            &self.output
        }
    }
}

impl Layer for Convolution {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.out().clone()]
    }

    fn params(&self) -> Vec<ParamSpec> {
        let (taps, groups) = (self.conv.window.taps(), self.conv.groups);
        let filters = self.filters();
        let channels = if self.transposed {
            self.conv.outputs
        } else {
            self.conv.inputs
        };
        let weight = ParamSpec {
            suffix: "weight",
            shape: self.conv.weight_shape(),
            init: self.init.clone(),
            fan_in: taps * channels / groups,
            fan_out: taps * filters,
            l2: self.l2,
            kind: ParamKind::of(self.frozen),
            // In files [outputs, inputs / groups, height, width]: PyTorch's, for a transposed one too.
            file_axes: vec![3, 2, 0, 1],
        };
        let bias = self.bias.then(|| ParamSpec {
            suffix: "bias",
            shape: Shape(vec![filters]),
            init: Init::Zeros,
            l2: 0.0,
            file_axes: vec![0],
            ..weight.clone()
        });
        std::iter::once(weight).chain(bias).collect()
    }

    fn macs(&self) -> u64 {
        self.conv.macs()
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], params: &[ParamId]) -> Forward {
        let bias = params.get(1).copied();
        if !self.transposed {
            return b
                .conv2d(inputs[0], params[0], bias, self.conv, &self.output)
                .into();
        }
        let Some(bias) = bias else {
            return b
                .conv2d_grad_input("", inputs[0], params[0], self.conv, &self.input)
                .into();
        };
        let y = b.conv2d_grad_input("product", inputs[0], params[0], self.conv, &self.input);
        b.map("", &self.input, vec![full(y), param(bias)], x(0) + x(1))
            .into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        let dy = io.dy[0];
        if io.needs_params[0] {
            let (input, output) = if self.transposed {
                (dy, io.x[0])
            } else {
                (io.x[0], dy)
            };
            b.conv2d_grad_weight(io.params[0], input, output, self.conv);
        }
        if self.bias && io.needs_params[1] {
            b.param_reduce(io.params[1], self.out(), vec![full(dy)], x(0));
        }
        vec![io.needs[0].then(|| {
            if self.transposed {
                b.conv2d(dy, io.params[0], None, self.conv, &self.output)
            } else {
                b.conv2d_grad_input("x", dy, io.params[0], self.conv, &self.input)
            }
        })]
    }
}
