//! Brightness, contrast, and grey.

use super::Image;

/// How much red, green and blue add to brightness: ITU-R BT.601, as PIL, torchvision and OpenCV turn colour into grey.
pub(super) const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

impl Image {
    /// Multiplies all by `factor`, in place, and clips to 0..1: 1 changes nothing, 0 gives black.
    pub fn adjust_brightness(&mut self, factor: f32) {
        for x in self.data_mut() {
            *x = (*x * factor).clamp(0.0, 1.0);
        }
    }

    /// Moves all away from (`factor` above 1) or towards the picture's mean grey, in place, and clips to 0..1:
    /// `mean + factor · (x - mean)`.
    pub fn adjust_contrast(&mut self, factor: f32) {
        let channels = self.channels();
        let pixels = self.data().len() / channels;
        let sum: f64 = if channels == 3 {
            self.data().chunks_exact(3).map(|p| f64::from(grey(p))).sum()
        } else {
            self.data().iter().map(|&x| f64::from(x)).sum::<f64>() / channels as f64
        };
        let mean = (sum / pixels as f64) as f32;
        for x in self.data_mut() {
            *x = (mean + factor * (*x - mean)).clamp(0.0, 1.0);
        }
    }
}

/// A pixel of red, green and blue as grey.
pub(super) fn grey(rgb: &[f32]) -> f32 {
    rgb.iter().zip(LUMA).map(|(x, w)| x * w).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brightness_is_clipped() {
        let mut image = Image::new(1, 3, 1, vec![0.0, 0.4, 0.8]).unwrap();
        image.adjust_brightness(1.5);
        assert_eq!(image.data(), [0.0, 0.6, 1.0]);
        image.adjust_brightness(0.0);
        assert_eq!(image.data(), [0.0; 3]);
    }

    #[test]
    fn contrast_keeps_the_mean() {
        let mut image = Image::new(1, 2, 1, vec![0.25, 0.75]).unwrap();
        image.adjust_contrast(0.5);
        assert_eq!(image.data(), [0.375, 0.625]);
        image.adjust_contrast(0.0);
        assert_eq!(image.data(), [0.5; 2]);
        // The mean is that of the grey picture: one pixel of pure red has 0.299.
        let mut red = Image::new(1, 1, 3, vec![1.0, 0.0, 0.0]).unwrap();
        red.adjust_contrast(0.0);
        assert!(red.data().iter().all(|x| (x - 0.299).abs() < 1e-6));
    }
}
