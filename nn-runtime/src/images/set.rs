//! Where an epoch's images come from: memory, or the disk.

use std::borrow::Cow;
use std::path::PathBuf;

use super::{Decoder, Image, ImageFolder, Pipeline, Skipped};
use crate::{Error, Result};

/// Images and their classes, by index.
pub trait ImageSource: Send + Sync {
    /// Number of images.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The class of an image.
    fn label(&self, index: usize) -> u32;

    /// An image.
    ///
    /// # Errors
    /// Where it has to be read and cannot.
    fn image(&self, index: usize) -> Result<Cow<'_, Image>>;
}

/// Images in memory, of any sizes.
#[derive(Debug, Default)]
pub struct ImageSet {
    /// Names of the classes.
    pub classes: Vec<String>,
    /// The images.
    pub images: Vec<Image>,
    /// The class of each image.
    pub labels: Vec<u32>,
    /// The file of each image; empty where there were none.
    pub files: Vec<PathBuf>,
    /// Files that could not be read.
    pub skipped: Vec<Skipped>,
}

impl ImageSet {
    /// Images of one size from flat numbers, as array files hold them.
    ///
    /// # Errors
    /// [`Error::Setting`] where a size is 0; [`Error::Length`]; [`Error::SampleCount`].
    pub fn from_flat(data: &[f32], [height, width, channels]: [usize; 3], labels: &[u32]) -> Result<Self> {
        let elems = super::image::elems(height, width, channels)?;
        if !data.len().is_multiple_of(elems) {
            return Err(Error::Length {
                what: "images".into(),
                expected_multiple_of: elems,
                found: data.len(),
            });
        }
        if data.len() / elems != labels.len() {
            return Err(Error::SampleCount {
                inputs: data.len() / elems,
                targets: labels.len(),
            });
        }
        let images = data
            .chunks_exact(elems)
            .map(|x| Image::new(height, width, channels, x.to_vec()));
        Ok(Self {
            images: images.collect::<Result<_>>()?,
            labels: labels.to_vec(),
            ..Self::default()
        })
    }
}

impl ImageSource for ImageSet {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn label(&self, index: usize) -> u32 {
        self.labels[index]
    }

    fn image(&self, index: usize) -> Result<Cow<'_, Image>> {
        Ok(Cow::Borrowed(&self.images[index]))
    }
}

/// Images that are decoded whenever they are asked for: a data set larger than the memory.
#[derive(Clone, Debug)]
pub struct Streamed {
    /// The files.
    pub folder: ImageFolder,
    /// How they are read.
    pub decoder: Decoder,
}

impl ImageSource for Streamed {
    fn len(&self) -> usize {
        self.folder.len()
    }

    fn label(&self, index: usize) -> u32 {
        self.folder.labels[index]
    }

    fn image(&self, index: usize) -> Result<Cow<'_, Image>> {
        self.decoder.read(&self.folder.files[index]).map(Cow::Owned)
    }
}

impl Pipeline {
    /// The chosen images of a source as one flat array and their classes, for validation and test: every image goes
    /// through this pipeline, in parallel, and has the shape `[height, width, channels]` at its end.
    ///
    /// # Errors
    /// [`Error::Setting`] for a random step, or an image that comes out with another shape; [`Error::Row`]; what the
    /// source says.
    pub fn flatten(
        &self,
        source: &dyn ImageSource,
        rows: &[u32],
        shape: [usize; 3],
    ) -> Result<(Vec<f32>, Vec<u32>)> {
        self.check_fixed()?;
        check_rows(source, rows)?;
        let elems = super::image::elems(shape[0], shape[1], shape[2])?;
        let mut data = vec![0.0; elems * rows.len()];
        let mut results: Vec<(&mut [f32], Result<()>)> =
            data.chunks_exact_mut(elems).map(|x| (x, Ok(()))).collect();
        crate::parallel::for_each_mut(&mut results, |i, (x, result)| {
            let index = rows[i] as usize;
            *result = source
                .image(index)
                .and_then(|image| self.apply_fixed(image.into_owned()))
                .and_then(|image| put(&image, index, shape, x));
        });
        results.into_iter().try_for_each(|(_, result)| result)?;
        Ok((data, rows.iter().map(|&i| source.label(i as usize)).collect()))
    }
}

pub(super) fn check_rows(source: &dyn ImageSource, rows: &[u32]) -> Result<()> {
    match rows.iter().find(|&&i| i as usize >= source.len()) {
        Some(&i) => Err(Error::Row {
            found: i as usize,
            samples: source.len(),
        }),
        None => Ok(()),
    }
}

/// Copies an image into its place in a flat array, if it has the right shape.
pub(super) fn put(image: &Image, index: usize, shape: [usize; 3], to: &mut [f32]) -> Result<()> {
    if image.shape() != shape {
        let [[h, w, c], [found_h, found_w, found_c]] = [shape, image.shape()];
        return Err(Error::Setting {
            name: "shape",
            message: format!(
                "expected {h} x {w} x {c} at the end of the pipeline, found {found_h} x {found_w} x {found_c} (image \
                 {index})"
            ),
        });
    }
    to.copy_from_slice(image.data());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_in_flat_out() {
        let data: Vec<f32> = (0..24).map(|i| i as f32).collect();
        let set = ImageSet::from_flat(&data, [2, 3, 1], &[3, 2, 1, 0]).unwrap();
        let (images, labels) = Pipeline::new().flatten(&set, &[2, 0], [2, 3, 1]).unwrap();
        assert_eq!((&images[..6], &images[6..]), (&data[12..18], &data[..6]));
        assert_eq!(labels, [1, 3]);
        let flatten = |rows: &[u32], shape| Pipeline::new().flatten(&set, rows, shape).unwrap_err();
        assert!(matches!(
            flatten(&[4], [2, 3, 1]),
            Error::Row { found: 4, samples: 4 }
        ));
        assert!(
            flatten(&[0, 1], [3, 2, 1])
                .to_string()
                .contains("found 2 x 3 x 1 (image 0)")
        );
        assert!(
            Pipeline::new()
                .random_flip(0.1)
                .flatten(&set, &[0], [2, 3, 1])
                .is_err()
        );
    }

    #[test]
    fn faults_of_flat_data_are_named() {
        assert!(matches!(
            ImageSet::from_flat(&[0.0; 5], [2, 1, 1], &[0]),
            Err(Error::Length { .. })
        ));
        assert!(matches!(
            ImageSet::from_flat(&[0.0; 4], [2, 1, 1], &[0]),
            Err(Error::SampleCount { .. })
        ));
        assert!(matches!(
            ImageSet::from_flat(&[], [0, 1, 1], &[]),
            Err(Error::Setting { .. })
        ));
    }
}
