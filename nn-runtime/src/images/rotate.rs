//! Turning a picture about its centre.

use super::Image;

impl Image {
    /// Turned by `degrees` counter-clockwise about the centre, at the same size; what comes from outside is `fill`.
    ///
    /// Bilinear: an output pixel lies between four pixels of the source, of which those outside have the value `fill`,
    /// so that the edge is smooth (PyTorch's `grid_sample` with `align_corners=False`, where `fill` is 0).
    #[must_use]
    pub fn rotate(&self, degrees: f64, fill: f32) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let [height, width, channels] = self.shape();
        let middle = |side: usize| (side as f64 - 1.0) / 2.0;
        let (middle_y, middle_x) = (middle(height), middle(width));
        let mut out = self.clone();
        for (i, pixel) in out.data_mut().chunks_exact_mut(channels).enumerate() {
            let (dy, dx) = ((i / width) as f64 - middle_y, (i % width) as f64 - middle_x);
            let (y, x) = (middle_y + sin * dx + cos * dy, middle_x + cos * dx - sin * dy);
            self.sample(y, x, fill, pixel);
        }
        out
    }

    /// The value between four pixels, at row `y` and column `x` (pixel centres are whole numbers).
    fn sample(&self, y: f64, x: f64, fill: f32, out: &mut [f32]) {
        let (top, left) = (y.floor(), x.floor());
        let (down, right) = ((y - top) as f32, (x - left) as f32);
        out.fill(0.0);
        for (row, column, weight) in [
            (top, left, (1.0 - down) * (1.0 - right)),
            (top, left + 1.0, (1.0 - down) * right),
            (top + 1.0, left, down * (1.0 - right)),
            (top + 1.0, left + 1.0, down * right),
        ] {
            let inside =
                row >= 0.0 && column >= 0.0 && row < self.height() as f64 && column < self.width() as f64;
            if inside {
                for (y, x) in out.iter_mut().zip(self.pixel(row as usize, column as usize)) {
                    *y += weight * x;
                }
            } else {
                out.iter_mut().for_each(|y| *y += weight * fill);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: &Image, b: &[f32]) -> bool {
        a.data().len() == b.len() && a.data().iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    }

    #[test]
    fn quarter_turns_move_pixels() {
        let image = Image::new(2, 2, 1, vec![1., 2., 3., 4.]).unwrap();
        assert!(near(&image.rotate(90.0, 0.0), &[2., 4., 1., 3.]));
        assert!(near(&image.rotate(-90.0, 0.0), &[3., 1., 4., 2.]));
        assert!(near(&image.rotate(180.0, 0.0), &[4., 3., 2., 1.]));
        assert!(near(&image.rotate(720.0, 0.0), image.data()));
    }

    #[test]
    fn corners_are_filled() {
        let out = Image::filled(9, 9, 1, 0.5).unwrap().rotate(45.0, 0.9);
        assert!((out.pixel(4, 4)[0] - 0.5).abs() < 1e-6);
        assert_eq!(out.pixel(0, 0), [0.9]);
        let one = Image::filled(1, 1, 3, 0.5).unwrap();
        assert!(near(&one.rotate(33.0, 0.0), one.data()));
    }
}
