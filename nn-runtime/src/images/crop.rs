//! Cutting out, adding a border, mirroring.

use super::Image;
use super::image::elems;
use crate::{Error, Result};

impl Image {
    /// The `height` x `width` pixels from row `top` and column `left` on.
    ///
    /// # Errors
    /// [`Error::Setting`] where they do not lie inside.
    pub fn crop(&self, top: usize, left: usize, height: usize, width: usize) -> Result<Self> {
        elems(height, width, self.channels())?;
        let inside =
            |start: usize, len: usize, all: usize| start.checked_add(len).is_some_and(|end| end <= all);
        if !inside(top, height, self.height()) || !inside(left, width, self.width()) {
            return Err(Error::Setting {
                name: "crop",
                message: format!(
                    "expected {height} x {width} pixels from row {top} and column {left} on, the image has {} x {}",
                    self.height(),
                    self.width()
                ),
            });
        }
        let channels = self.channels();
        let mut data = Vec::with_capacity(height * width * channels);
        for y in top..top + height {
            data.extend_from_slice(&self.row(y)[left * channels..(left + width) * channels]);
        }
        Self::new(height, width, channels, data)
    }

    /// The middle; an odd pixel stays at the end.
    ///
    /// # Errors
    /// [`Error::Setting`] where the picture is smaller.
    pub fn center_crop(&self, height: usize, width: usize) -> Result<Self> {
        let start = |all: usize, len: usize| all.saturating_sub(len) / 2;
        self.crop(
            start(self.height(), height),
            start(self.width(), width),
            height,
            width,
        )
    }

    /// With a border of `pixels` pixels of one value on all sides.
    ///
    /// # Errors
    /// [`Error::Setting`] where the picture would not fit the memory.
    pub fn pad(&self, pixels: usize, value: f32) -> Result<Self> {
        let wider = |side: usize| pixels.saturating_mul(2).saturating_add(side);
        let mut padded = Self::filled(wider(self.height()), wider(self.width()), self.channels(), value)?;
        let (len, width) = (self.width() * self.channels(), padded.width());
        for y in 0..self.height() {
            let start = ((y + pixels) * width + pixels) * self.channels();
            padded.data_mut()[start..start + len].copy_from_slice(self.row(y));
        }
        Ok(padded)
    }

    /// Left and right exchanged, in place.
    pub fn flip_horizontal(&mut self) {
        let (width, channels) = (self.width(), self.channels());
        for row in self.data_mut().chunks_exact_mut(width * channels) {
            for x in 0..width / 2 {
                let (left, right) = row.split_at_mut((width - 1 - x) * channels);
                left[x * channels..(x + 1) * channels].swap_with_slice(&mut right[..channels]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(h: usize, w: usize) -> Image {
        let pixels = (0..h * w).flat_map(|i| [i as f32, -(i as f32)]);
        Image::new(h, w, 2, pixels.collect()).unwrap()
    }

    fn first(image: &Image) -> Vec<f32> {
        image.data().iter().copied().step_by(2).collect()
    }

    #[test]
    fn crops() {
        let image = image(4, 5);
        assert_eq!(
            first(&image.crop(1, 2, 2, 3).unwrap()),
            [7., 8., 9., 12., 13., 14.]
        );
        assert_eq!(first(&image.center_crop(1, 2).unwrap()), [6., 7.]);
        assert_eq!(image.center_crop(4, 5).unwrap(), image);
        assert_eq!(image.crop(3, 4, 1, 1).unwrap().data(), [19., -19.]);
        for (t, l, h, w) in [(3, 0, 2, 1), (0, 5, 1, 1), (0, 0, 0, 1), (usize::MAX, 0, 2, 1)] {
            assert!(image.crop(t, l, h, w).is_err(), "{t} {l} {h} {w}");
        }
        let message = image.center_crop(5, 5).unwrap_err().to_string();
        assert!(
            message.contains("expected 5 x 5") && message.contains("has 4 x 5"),
            "{message}"
        );
    }

    #[test]
    fn borders() {
        let padded = image(1, 2).pad(1, 9.0).unwrap();
        assert_eq!(padded.shape(), [3, 4, 2]);
        assert_eq!(first(&padded), [9., 9., 9., 9., 9., 0., 1., 9., 9., 9., 9., 9.]);
        assert_eq!(padded.crop(1, 1, 1, 2).unwrap(), image(1, 2));
        assert!(image(1, 1).pad(usize::MAX, 0.0).is_err());
    }

    #[test]
    fn mirrored_twice_is_the_same() {
        for width in 1..6 {
            let mut flipped = image(2, width);
            flipped.flip_horizontal();
            assert_eq!(flipped.pixel(1, 0), image(2, width).pixel(1, width - 1));
            assert_eq!(flipped.pixel(0, width - 1), image(2, width).pixel(0, 0));
            flipped.flip_horizontal();
            assert_eq!(flipped, image(2, width));
        }
    }
}
