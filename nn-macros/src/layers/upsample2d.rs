//! `upsample2d`: a larger image.

use super::windows::{Image, Rank};
use super::{ArgKind, ArgSpec, Args, Backward, Call, Forward, Layer, LayerSpec, NAME};
use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::geometry::{Pooling, Window};
use crate::ir::{ParamId, Shape, ValueId};

pub static SPEC: LayerSpec = LayerSpec {
    name: "upsample2d",
    call: Call::Method,
    doc: "\
An image made larger by a whole factor.

`nearest` repeats each pixel: `y[i, j, c] = x[⌊i / size⌋, ⌊j / size⌋, c]`. `bilinear` weights the four pixels whose centres lie
around `(i + 1/2) / size - 1/2`, the outermost pixels going on beyond the edge.

# Shapes
`[height, width, channels]` gives `[size · height, size · width, channels]`.

# Gradient
Each pixel gets the sum of `dy` over the pixels that it went into, with its weights in them.

# Source
Keras `UpSampling2D`, PyTorch `Upsample` (`align_corners = False`).",
    args: &[
        ArgSpec::at(
            0,
            "size",
            Rank::Two.pair(),
            "2",
            "the factor: one number, or `[vertical, horizontal]`",
        ),
        ArgSpec::named(
            "mode",
            ArgKind::Choice(&["nearest", "bilinear"]),
            "nearest",
            "how the pixels between are made",
        ),
        NAME,
    ],
    build,
};

struct Upsample {
    image: Image,
    factor: [usize; 2],
    bilinear: bool,
}

fn build(args: &mut Args<'_>, inputs: &[Shape]) -> Result<Box<dyn Layer>, Reported> {
    let image = Rank::Two.image(args, &inputs[0])?;
    Ok(Box::new(Upsample {
        image,
        factor: image.pair(args, "size", [2, 2]),
        bilinear: args.choice("mode") == Some("bilinear"),
    }))
}

impl Upsample {
    fn size(&self) -> [usize; 2] {
        [0, 1].map(|a| self.image.size[a] * self.factor[a])
    }

    fn output(&self) -> Shape {
        self.image.with(self.size(), self.image.channels)
    }

    /// The pool whose gradient repeats pixels: sums over blocks of the larger image.
    fn blocks(&self) -> Window {
        Window {
            input: self.size(),
            output: self.image.size,
            kernel: self.factor,
            stride: self.factor,
            dilation: [1, 1],
            before: [0, 0],
        }
    }

    fn resize(&self, b: &mut Builder<'_>, suffix: &str, x: ValueId, gradient: bool) -> ValueId {
        let channels = self.image.channels;
        let shape = if gradient {
            self.image.shape()
        } else {
            self.output()
        };
        b.bilinear(
            suffix,
            x,
            self.image.size,
            self.size(),
            channels,
            gradient,
            &shape,
        )
    }
}

impl Layer for Upsample {
    fn outputs(&self) -> Vec<Shape> {
        vec![self.output()]
    }

    fn forward(&self, b: &mut Builder<'_>, inputs: &[ValueId], _: &[ParamId]) -> Forward {
        if self.bilinear {
            return self.resize(b, "", inputs[0], false).into();
        }
        let (window, channels) = (self.blocks(), self.image.channels);
        b.pool_grad(
            "",
            inputs[0],
            None,
            window,
            channels,
            Pooling::Sum(1.0),
            &self.output(),
        )
        .into()
    }

    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>> {
        vec![io.needs[0].then(|| {
            if self.bilinear {
                return self.resize(b, "x", io.dy[0], true);
            }
            let (window, channels) = (self.blocks(), self.image.channels);
            let sum = Pooling::Sum(1.0);
            b.pool(io.dy[0], window, channels, sum, false, &self.image.shape())
                .0
        })]
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::Mode;
    use crate::layers::Arg;
    use crate::testing::{assert_all_close, check_layer, forward, layer, shape};

    fn given(size: &[usize], mode: &str) -> Vec<(&'static str, Arg)> {
        vec![
            ("size", Arg::Sizes(size.to_vec())),
            ("mode", Arg::Choice(mode.into())),
        ]
    }

    #[test]
    fn repeats_or_interpolates() {
        let s = shape(&[1, 2, 1]);
        let run = |size: &[usize], mode| {
            let up = layer("upsample2d", given(size, mode), std::slice::from_ref(&s));
            forward(&*up, &[(s.clone(), vec![0.0, 4.0])], &[], Mode::Inference).remove(0)
        };
        assert_all_close(&run(&[2], "nearest"), &[0.0, 0.0, 4.0, 4.0, 0.0, 0.0, 4.0, 4.0]);
        assert_all_close(&run(&[1, 2], "bilinear"), &[0.0, 1.0, 3.0, 4.0]);
        // PyTorch: F.interpolate(torch.tensor([[[0., 4.]]]), scale_factor=3, mode="linear")
        let third = 4.0 / 3.0;
        assert_all_close(
            &run(&[1, 3], "bilinear"),
            &[0.0, 0.0, third, 2.0 * third, 4.0, 4.0],
        );
    }

    #[test]
    fn gradients_are_central_differences() {
        for mode in ["nearest", "bilinear"] {
            for (dims, size) in [
                (&[2, 3, 2], &[2][..]),
                (&[1, 2, 1], &[3, 2]),
                (&[2, 1, 3], &[1, 4]),
            ] {
                let inputs = [shape(dims)];
                check_layer(&*layer("upsample2d", given(size, mode), &inputs), &inputs);
            }
        }
    }
}
