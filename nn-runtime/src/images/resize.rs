//! Other sizes: nearest pixel, bilinear, and bilinear with antialiasing.
//!
//! Every filter is separable: an output pixel is a weighted sum of some neighbouring columns, then of some neighbouring
//! rows. Pixel `i` covers `i .. i + 1`, so its centre is at `i + 1/2` (the half-pixel convention of PIL, torchvision and
//! TensorFlow 2).

use super::Image;
use super::image::elems;
use crate::Result;

/// How a pixel follows from its neighbours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Filter {
    /// The pixel whose square holds the centre: PIL's `NEAREST`, PyTorch's `nearest-exact`.
    Nearest,
    /// Between the four pixels around the centre. Much smaller pictures flicker: most pixels are never looked at.
    Bilinear,
    /// As bilinear, with the triangle as wide as the reduction, so that every pixel counts: PIL's `BILINEAR`, PyTorch's
    /// `bilinear` with `antialias`. The same as [`Filter::Bilinear`] where the picture grows.
    Antialiased,
}

impl Image {
    /// This picture at another size.
    ///
    /// With `scale = old / new` and `center = (i + 1/2) · scale`, output pixel `i` of an axis is
    /// `Σ_j w((j + 1/2 - center) / s) · x_j / Σ_j w(…)` with the triangle `w(t) = max(0, 1 - |t|)` and `s = 1`
    /// (bilinear) or `s = max(1, scale)` (antialiased); pixels outside count as the nearest inside.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] where a size is 0.
    ///
    /// # Source
    /// Pillow, `src/libImaging/Resample.c`, for the antialiased filter.
    pub fn resize(&self, height: usize, width: usize, filter: Filter) -> Result<Self> {
        let channels = self.channels();
        elems(height, width, channels)?;
        let columns = taps(self.width(), width, filter);
        // [old height, new width, channels]
        let mut narrow = vec![0.0; elems(self.height(), width, channels)?];
        for (y, row) in narrow.chunks_exact_mut(width * channels).enumerate() {
            let source = self.row(y);
            for (pixel, taps) in row.chunks_exact_mut(channels).zip(&columns) {
                let from = source[taps.first * channels..].chunks_exact(channels);
                for (x, &w) in from.zip(&taps.weights) {
                    for (y, x) in pixel.iter_mut().zip(x) {
                        *y += w * x;
                    }
                }
            }
        }
        let row_elems = width * channels;
        let mut data = vec![0.0; height * row_elems];
        let rows = taps(self.height(), height, filter);
        for (row, taps) in data.chunks_exact_mut(row_elems).zip(&rows) {
            let from = narrow[taps.first * row_elems..].chunks_exact(row_elems);
            for (x, &w) in from.zip(&taps.weights) {
                for (y, x) in row.iter_mut().zip(x) {
                    *y += w * x;
                }
            }
        }
        Self::new(height, width, channels, data)
    }

    /// This picture with its shorter side at `side` pixels and its proportions kept (the longer side is rounded down,
    /// as torchvision's `Resize(side)` has it).
    ///
    /// # Errors
    /// [`crate::Error::Setting`] where `side` is 0.
    pub fn resize_shorter(&self, side: usize, filter: Filter) -> Result<Self> {
        let (h, w) = (self.height(), self.width());
        let long = |long: usize, short: usize| (side as u128 * long as u128 / short as u128) as usize;
        if h < w {
            self.resize(side, long(w, h), filter)
        } else {
            self.resize(long(h, w), side, filter)
        }
    }
}

/// What one output pixel of an axis is made of: input pixels from `first` on.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

fn taps(old: usize, new: usize, filter: Filter) -> Vec<Taps> {
    let scale = old as f64 / new as f64;
    let reach = match filter {
        Filter::Antialiased => scale.max(1.0),
        Filter::Bilinear | Filter::Nearest => 1.0,
    };
    let tap = |i: usize| {
        let center = (i as f64 + 0.5) * scale;
        if filter == Filter::Nearest {
            return Taps {
                first: (center as usize).min(old - 1),
                weights: vec![1.0],
            };
        }
        // Pixels whose centre is less than `reach` away; at an edge, leaving the ones outside out of the weighted
        // mean is the same as counting the nearest inside, as far as the triangle is symmetric: for `reach` 1 exactly.
        let first = (center - reach + 0.5).max(0.0) as usize;
        let end = ((center + reach + 0.5) as usize).min(old);
        let weight = |j: usize| (1.0 - ((j as f64 + 0.5 - center) / reach).abs()).max(0.0);
        let sum: f64 = (first..end).map(weight).sum();
        Taps {
            first,
            weights: (first..end).map(|j| (weight(j) / sum) as f32).collect(),
        }
    };
    (0..new).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILTERS: [Filter; 3] = [Filter::Nearest, Filter::Bilinear, Filter::Antialiased];

    fn ramp(h: usize, w: usize, c: usize) -> Image {
        Image::new(h, w, c, (0..h * w * c).map(|i| i as f32).collect()).unwrap()
    }

    #[test]
    fn the_same_size_is_the_same_picture() {
        for filter in FILTERS {
            let image = ramp(5, 7, 3);
            assert_eq!(image.resize(5, 7, filter).unwrap(), image, "{filter:?}");
        }
    }

    #[test]
    fn a_pixel_grows_to_a_plane_and_a_plane_keeps_its_colour() {
        for filter in FILTERS {
            for (h, w) in [(1, 1), (3, 4), (17, 5)] {
                let image = Image::new(h, w, 2, [0.25, 0.75].repeat(h * w)).unwrap();
                for (to_h, to_w) in [(1, 1), (2, 9), (40, 3)] {
                    let out = image.resize(to_h, to_w, filter).unwrap();
                    assert_eq!(out.shape(), [to_h, to_w, 2]);
                    for pixel in out.data().chunks(2) {
                        assert!((pixel[0] - 0.25).abs() < 1e-6 && (pixel[1] - 0.75).abs() < 1e-6);
                    }
                }
            }
        }
    }

    #[test]
    fn antialiasing_looks_at_every_pixel() {
        // One white pixel among 16, reduced to one: the plain filter misses it, the mean does not.
        let mut image = Image::filled(1, 16, 1, 0.0).unwrap();
        image.data_mut()[3] = 1.0;
        assert_eq!(image.resize(1, 2, Filter::Bilinear).unwrap().data()[0], 0.5);
        assert_eq!(image.resize(1, 1, Filter::Bilinear).unwrap().data(), [0.0]);
        assert!(image.resize(1, 1, Filter::Antialiased).unwrap().data()[0] > 0.03);
    }

    #[test]
    fn proportions_are_kept() {
        let shape = |h, w| {
            ramp(h, w, 1)
                .resize_shorter(10, Filter::Bilinear)
                .unwrap()
                .shape()
        };
        assert_eq!(shape(20, 35), [10, 17, 1]);
        assert_eq!(shape(35, 20), [17, 10, 1]);
        assert_eq!(shape(3, 3), [10, 10, 1]);
        assert_eq!(shape(1, 1), [10, 10, 1]);
        assert!(ramp(2, 2, 1).resize_shorter(0, Filter::Nearest).is_err());
        assert!(ramp(2, 2, 1).resize(0, 4, Filter::Bilinear).is_err());
    }
}
