//! A picture in memory.

use std::fmt;

use crate::{Error, Result};

/// A picture: `f32` in the order `[height, width, channels]`, from 0 (black) to 1 (white) as it is decoded.
///
/// There is at least one pixel and one channel.
///
/// ```
/// use nn_runtime::images::{Filter, Image};
///
/// let image = Image::new(1, 2, 1, vec![0.0, 1.0])?;
/// assert_eq!(image.resize(1, 4, Filter::Bilinear)?.data(), [0.0, 0.25, 0.75, 1.0]);
/// # Ok::<(), nn_runtime::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Image {
    height: usize,
    width: usize,
    channels: usize,
    data: Vec<f32>,
}

impl Image {
    /// A picture of `height · width · channels` numbers.
    ///
    /// # Errors
    /// [`Error::Setting`] where a size is 0; [`Error::Length`] for another number of numbers.
    pub fn new(height: usize, width: usize, channels: usize, data: Vec<f32>) -> Result<Self> {
        let expected = elems(height, width, channels)?;
        if data.len() == expected {
            Ok(Self {
                height,
                width,
                channels,
                data,
            })
        } else {
            Err(Error::Length {
                what: "image".into(),
                expected_multiple_of: expected,
                found: data.len(),
            })
        }
    }

    /// A picture of one value.
    ///
    /// # Errors
    /// [`Error::Setting`] where a size is 0.
    pub fn filled(height: usize, width: usize, channels: usize, value: f32) -> Result<Self> {
        let data = vec![value; elems(height, width, channels)?];
        Ok(Self {
            height,
            width,
            channels,
            data,
        })
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Numbers per pixel: 3 (red, green, blue), 1 (grey), or as many as it was made with.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// `[height, width, channels]`
    #[must_use]
    pub fn shape(&self) -> [usize; 3] {
        [self.height, self.width, self.channels]
    }

    /// All numbers, `[height, width, channels]`.
    #[must_use]
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// The same, to change.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// All numbers, without a copy.
    #[must_use]
    pub fn into_data(self) -> Vec<f32> {
        self.data
    }

    /// The channels of one pixel.
    ///
    /// # Panics
    /// Where it lies outside.
    #[must_use]
    pub fn pixel(&self, y: usize, x: usize) -> &[f32] {
        assert!(x < self.width, "a pixel outside the image");
        let start = (y * self.width + x) * self.channels;
        &self.data[start..start + self.channels]
    }

    /// One row: `[width, channels]`.
    pub(super) fn row(&self, y: usize) -> &[f32] {
        let len = self.width * self.channels;
        &self.data[y * len..(y + 1) * len]
    }
}

impl fmt::Debug for Image {
    /// The sizes: nobody reads a million numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} x {} x {})", self.height, self.width, self.channels)
    }
}

/// The number of numbers, if there are some and they can be counted.
pub(super) fn elems(height: usize, width: usize, channels: usize) -> Result<usize> {
    let product = height.checked_mul(width).and_then(|n| n.checked_mul(channels));
    match product {
        Some(n) if n > 0 && n <= isize::MAX as usize / size_of::<f32>() => Ok(n),
        _ => Err(Error::Setting {
            name: "size",
            message: format!(
                "expected at least 1 x 1 pixels, and no more than fit the memory, found {height} x {width} x {channels}"
            ),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_checked() {
        for (h, w, c) in [(0, 3, 1), (3, 0, 1), (3, 3, 0), (usize::MAX, 2, 1)] {
            assert!(
                matches!(Image::new(h, w, c, vec![]), Err(Error::Setting { .. })),
                "{h} x {w} x {c}"
            );
            assert!(Image::filled(h, w, c, 0.0).is_err());
        }
        assert!(matches!(
            Image::new(2, 2, 3, vec![0.0; 11]),
            Err(Error::Length { found: 11, .. })
        ));
        let image = Image::new(2, 2, 2, (0..8u8).map(f32::from).collect()).unwrap();
        assert_eq!(image.pixel(1, 0), [4.0, 5.0]);
    }
}
