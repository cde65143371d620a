//! A picture of what a classifier says.

use std::path::Path;

use nn_runtime::Result;
use nn_runtime::metrics::argmax;
use nn_runtime::plot::{self, Images};

/// Test images, their classes and a network's scores.
pub struct Predictions<'a, S> {
    /// `[samples, height, width, channels]`, 0 to 1.
    pub pixels: &'a [f32],
    /// `[height, width, channels]`
    pub shape: [usize; 3],
    /// `[samples]`
    pub truth: &'a [u32],
    /// `[samples, names.len()]`
    pub scores: &'a [f32],
    /// Of the classes.
    pub names: &'a [S],
}

impl<S: AsRef<str>> Predictions<'_, S> {
    /// Draws forty of them with what they were taken for, the mistakes first.
    ///
    /// # Errors
    /// `Io`: the file cannot be written.
    pub fn draw(&self, path: &Path, title: &str) -> Result<()> {
        let found: Vec<usize> = self.scores.chunks_exact(self.names.len()).map(argmax).collect();
        let wrong = |i: usize| found[i] != self.truth[i] as usize;
        let mut order: Vec<usize> = (0..self.truth.len()).collect();
        order.sort_by_key(|&i| !wrong(i));
        order.truncate(40);
        let [height, width, channels] = self.shape;
        let elems = height * width * channels;
        let pixels: Vec<f32> = order
            .iter()
            .flat_map(|&i| &self.pixels[i * elems..(i + 1) * elems])
            .copied()
            .collect();
        let name = |class: usize| self.names[class].as_ref();
        let caption = |&i: &usize| {
            if wrong(i) {
                format!("{}, not {}", name(found[i]), name(self.truth[i] as usize))
            } else {
                name(found[i]).to_owned()
            }
        };
        plot::images(
            path,
            &Images {
                pixels: &pixels,
                height,
                width,
                channels,
                range: (0.0, 1.0),
                captions: &order.iter().map(caption).collect::<Vec<_>>(),
                marked: &order.iter().map(|&i| wrong(i)).collect::<Vec<_>>(),
                columns: 8,
                title,
            },
        )
    }
}
