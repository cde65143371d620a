//! What the layers with a sliding window share: their arguments, and how a tensor is an image.

use super::{ArgKind, ArgSpec, Args};
use crate::diagnostics::Reported;
use crate::ir::Shape;
use crate::ir::geometry::{Padding, Window};

/// Sequences are images of height 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rank {
    /// `[length, channels]`
    One,
    /// `[height, width, channels]`
    Two,
}

impl Rank {
    /// Sizes that may be given: one for both axes, or one for each.
    pub const fn pair(self) -> ArgKind {
        ArgKind::Extents {
            least: 1,
            lengths: match self {
                Rank::One => &[1],
                Rank::Two => &[1, 2],
            },
            words: &[],
        }
    }

    /// Numbers of rows and columns beside an image.
    pub const fn sides(self, words: &'static [&'static str]) -> ArgKind {
        ArgKind::Extents {
            least: 0,
            lengths: match self {
                Rank::One => &[1, 2],
                Rank::Two => &[1, 2, 4],
            },
            words,
        }
    }

    /// Height and width of an input, and its channels.
    pub fn image(self, args: &Args<'_>, input: &Shape) -> Result<Image, Reported> {
        match (self, input.0.as_slice()) {
            (Rank::One, &[length, channels]) => Ok(Image {
                rank: self,
                size: [1, length],
                channels,
            }),
            (Rank::Two, &[height, width, channels]) => Ok(Image {
                rank: self,
                size: [height, width],
                channels,
            }),
            (_, dims) => {
                let needs = match self {
                    Rank::One => "length x channels",
                    Rank::Two => "height x width x channels",
                };
                let message = format!("`{}` needs an input of {needs}, found {input}", args.layer);
                Err(args.fault_here(message, self.other(args.layer, dims)))
            }
        }
    }

    fn other(self, layer: &str, dims: &[usize]) -> String {
        let stem = layer.trim_end_matches("1d").trim_end_matches("2d");
        match (self, dims.len()) {
            (Rank::One, 3) => format!("`{stem}2d` takes images"),
            (Rank::Two, 2) if layer != "upsample2d" && !layer.starts_with("depthwise") => {
                format!("`{stem}1d` takes sequences; `reshape` adds an axis for the channels")
            }
            (Rank::One, _) => "`reshape(length, channels)` gives it that shape".to_string(),
            (Rank::Two, _) => "`reshape(height, width, channels)` gives it that shape".to_string(),
        }
    }
}

/// A tensor as an image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Image {
    pub rank: Rank,
    pub size: [usize; 2],
    pub channels: usize,
}

impl Image {
    pub fn shape(&self) -> Shape {
        self.with(self.size, self.channels)
    }

    /// The shape of an image of this rank.
    pub fn with(&self, size: [usize; 2], channels: usize) -> Shape {
        match self.rank {
            Rank::One => Shape(vec![size[1], channels]),
            Rank::Two => Shape(vec![size[0], size[1], channels]),
        }
    }

    /// A size for each axis from an argument; `default` where it is left out.
    pub fn pair(&self, args: &Args<'_>, name: &str, default: [usize; 2]) -> [usize; 2] {
        match (self.rank, args.sizes(name).as_deref()) {
            (Rank::One, Some(&[n])) => [1, n],
            (Rank::Two, Some(&[n])) => [n, n],
            (Rank::Two, Some(&[height, width])) => [height, width],
            _ => default,
        }
    }

    /// Above, below, left, right from an argument: one number for all sides, one for each axis, or one for each side.
    pub fn sides(&self, args: &Args<'_>, name: &str) -> [usize; 4] {
        match (self.rank, args.sizes(name).as_deref()) {
            (Rank::One, Some(&[n])) => [0, 0, n, n],
            (Rank::One, Some(&[before, after])) => [0, 0, before, after],
            (Rank::Two, Some(&[n])) => [n; 4],
            (Rank::Two, Some(&[v, h])) => [v, v, h, h],
            (Rank::Two, Some(&[top, bottom, left, right])) => [top, bottom, left, right],
            _ => [0; 4],
        }
    }

    pub fn padding(&self, args: &Args<'_>) -> Padding {
        match args.choice("padding") {
            Some("same") => Padding::Same,
            Some(_) => Padding::Valid,
            None => Padding::Explicit(self.sides(args, "padding")),
        }
    }

    /// `5 x 5`, or `5` of a sequence.
    pub fn text(&self, size: [usize; 2]) -> String {
        match self.rank {
            Rank::One => size[1].to_string(),
            Rank::Two => format!("{} x {}", size[0], size[1]),
        }
    }

    /// The window over this image, or what it lacks.
    pub fn window(
        &self,
        args: &Args<'_>,
        kernel: [usize; 2],
        stride: [usize; 2],
        dilation: [usize; 2],
    ) -> Result<Window, Reported> {
        let padding = self.padding(args);
        if let Some(window) = Window::new(self.size, kernel, stride, dilation, padding) {
            return Ok(window);
        }
        let extent = [0, 1].map(|a| dilation[a] * (kernel[a] - 1) + 1);
        let sides = match padding {
            Padding::Explicit(sides) => sides,
            _ => [0; 4],
        };
        let least = [0, 1].map(|a| extent[a].saturating_sub(sides[2 * a] + sides[2 * a + 1]).max(1));
        let message = format!(
            "`{}` needs an input of at least {}, found {}",
            args.text,
            self.text(least),
            self.shape()
        );
        let help = format!(
            "`padding = same` keeps {}, or drop one of the pooling layers above",
            self.text([0, 1].map(|a| self.size[a].div_ceil(stride[a])))
        );
        Err(args.fault_here(message, help))
    }
}

/// `padding` of layers whose windows may reach over the edge.
pub const fn padding(rank: Rank) -> ArgSpec {
    ArgSpec::named(
        "padding",
        rank.sides(&["same", "valid"]),
        "valid",
        match rank {
            Rank::One => "`same`, `valid`, one number for both ends, or `[before, after]`",
            Rank::Two => {
                "`same`, `valid`, one number for all sides, `[vertical, horizontal]` or `[top, bottom, left, right]`"
            }
        },
    )
}
