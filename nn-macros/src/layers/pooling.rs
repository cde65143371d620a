//! What all pools share: the operations behind `max_pool1d`, `avg_pool2d`, `global_max_pool2d` and their like.

use super::windows::{Image, Rank};
use super::{ArgSpec, Args, Backward, Forward, Layer};
use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::geometry::{Padding, Pooling, Window};
use crate::ir::{Mode, ParamId, Shape, ValueId};

/// The window's size.
pub const fn size(rank: Rank) -> ArgSpec {
    ArgSpec::required(
        0,
        "size",
        rank.pair(),
        match rank {
            Rank::One => "length of the window",
            Rank::Two => "size of the window: one number, or `[height, width]`",
        },
    )
}

pub const fn stride(rank: Rank) -> ArgSpec {
    ArgSpec::named(
        "stride",
        rank.pair(),
        "",
        "steps from one window to the next; the window's size if left out",
    )
}

pub struct Pool {
    window: Window,
    channels: usize,
    how: Pooling,
    input: Shape,
    output: Shape,
}

/// Builds a pool over windows.
pub fn build(args: &Args<'_>, rank: Rank, input: &Shape, how: Pooling) -> Result<Pool, Reported> {
    let image = rank.image(args, input)?;
    let size = image.pair(args, "size", [1, 1]);
    let stride = image.pair(args, "stride", size);
    let window = image.window(args, size, stride, [1, 1])?;
    if let Padding::Explicit(sides) = image.padding(args)
        && let Some(side) = (0..4).find(|s| sides[*s] >= size[s / 2])
    {
        return Err(args.fault(
            "padding",
            format!(
                "`padding` of `{}` must be smaller than its window, found {} for {}",
                args.text,
                sides[side],
                image.text(size)
            ),
            "a window that lies wholly outside has no value; `pad` puts numbers around an image",
        ));
    }
    let how = match how {
        Pooling::Mean if args.choice("edge") == Some("zeros") => Pooling::Sum(1.0 / window.taps() as f64),
        how => how,
    };
    Ok(Pool {
        output: image.with(window.output, image.channels),
        channels: image.channels,
        input: input.clone(),
        window,
        how,
    })
}

/// Builds a pool over the whole of each channel.
pub fn global(args: &Args<'_>, rank: Rank, input: &Shape, how: Pooling) -> Result<Pool, Reported> {
    let image: Image = rank.image(args, input)?;
    Ok(Pool {
        window: Window {
            input: image.size,
            output: [1, 1],
            kernel: image.size,
            stride: [1, 1],
            dilation: [1, 1],
            before: [0, 0],
        },
        channels: image.channels,
        how,
        input: input.clone(),
        output: Shape(vec![image.channels]),
    })
}

impl Layer for Pool {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.output.clone()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        let index = b.mode == Mode::Training && self.how == Pooling::Max;
        let (y, index) = b.pool(
            inputs[0],
            self.window,
            self.channels,
            self.how,
            index,
            &self.output,
        );
        Forward {
            outputs: vec![y],
            saved: index.into_iter().collect(),
        }
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        vec![io.needs[0].then(|| {
            let index = io.saved.first().copied();
            b.pool_grad(
                "x",
                io.dy[0],
                index,
                self.window,
                self.channels,
                self.how,
                &self.input,
            )
        })]
    }
}
