//! The binary version of CIFAR-10.
//!
//! A file is a sequence of records, each one a label (a byte below 10), then 1,024 bytes of red, 1,024 of green and
//! 1,024 of blue, row by row. `data_batch_1.bin` to `data_batch_5.bin` train, `test_batch.bin` judges.
//!
//! # Source
//! Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009);
//! <https://www.cs.toronto.edu/~kriz/cifar.html>, "Binary version".

use std::path::Path;

use super::source::Source;
use crate::{Error, Result, Scalar};

/// Rows and columns of an image.
pub const SIDE: usize = 32;

/// What the labels mean.
pub const CLASSES: [&str; 10] = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
];

const PLANE: usize = SIDE * SIDE;
const RECORD: usize = 1 + 3 * PLANE;

/// Images and their classes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Images<T> {
    /// `[samples, 32, 32, 3]`, from 0 to 1.
    pub data: Vec<T>,
    /// `[samples]`, each below 10.
    pub labels: Vec<u32>,
}

/// Reads one file, gzipped or not.
///
/// # Errors
/// [`Error::Io`]; [`Error::Format`] where the file is empty, ends inside a record, or has a label that is not below 10.
pub fn read<T: Scalar>(path: impl AsRef<Path>) -> Result<Images<T>> {
    let mut images = Images {
        data: vec![],
        labels: vec![],
    };
    append(path.as_ref(), &mut images)?;
    Ok(images)
}

/// Reads the training files that are there (`data_batch_1.bin` to `data_batch_5.bin`, the first one at least) and
/// `test_batch.bin`.
///
/// ```no_run
/// let (training, test) = nn_runtime::data::cifar::read_folder::<f32>("cifar-10-batches-bin")?;
/// assert_eq!((training.labels.len(), test.labels.len()), (50_000, 10_000));
/// # Ok::<(), nn_runtime::Error>(())
/// ```
///
/// # Errors
/// As [`read`].
pub fn read_folder<T: Scalar>(folder: impl AsRef<Path>) -> Result<(Images<T>, Images<T>)> {
    let folder = folder.as_ref();
    let mut training = read(folder.join("data_batch_1.bin"))?;
    for batch in 2..=5 {
        let path = folder.join(format!("data_batch_{batch}.bin"));
        if path.exists() {
            append(&path, &mut training)?;
        }
    }
    Ok((training, read(folder.join("test_batch.bin"))?))
}

fn append<T: Scalar>(path: &Path, images: &mut Images<T>) -> Result<()> {
    let mut source = Source::open(path)?;
    let start = images.labels.len();
    while !source.is_at_end()? {
        let record: [u8; RECORD] = source.bytes("last record")?;
        let (label, planes) = (record[0], &record[1..]);
        if usize::from(label) >= CLASSES.len() {
            return Err(source.format(format!(
                "expected a label from 0 to 9, found {label} in record {}",
                images.labels.len() - start
            )));
        }
        images.labels.push(label.into());
        for pixel in 0..PLANE {
            let channel = |c: usize| T::from_f64(f64::from(planes[c * PLANE + pixel]) / 255.0);
            images.data.extend([0, 1, 2].map(channel));
        }
    }
    if images.labels.len() == start {
        return Err(source.format("expected at least one record of 3073 bytes, found an empty file"));
    }
    Ok(())
}

/// One record of a file.
///
/// # Errors
/// [`Error::Label`]; [`Error::Length`] where `image` has not `32 · 32 · 3` numbers.
pub fn record(image: &[f32], label: u32) -> Result<Vec<u8>> {
    if label as usize >= CLASSES.len() {
        return Err(Error::Label {
            sample: 0,
            found: label,
            classes: CLASSES.len(),
        });
    }
    if image.len() != 3 * PLANE {
        return Err(Error::Length {
            what: "image".into(),
            expected_multiple_of: 3 * PLANE,
            found: image.len(),
        });
    }
    let mut record = vec![label as u8];
    for channel in 0..3 {
        let plane = image.iter().skip(channel).step_by(3);
        record.extend(plane.map(|x| (x.clamp(0.0, 1.0) * 255.0).round() as u8));
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Folder;
    use super::*;

    fn image(salt: usize) -> Vec<f32> {
        (0..RECORD - 1)
            .map(|i| (i * 7 + salt) as u8 as f32 / 255.0)
            .collect()
    }

    #[test]
    fn planes_become_pixels() {
        let folder = Folder::new();
        let mut bytes = vec![3];
        bytes.extend([10; PLANE].iter().chain(&[20; PLANE]).chain(&[30; PLANE]));
        bytes[1 + 5] = 255;
        let images: Images<f64> = read(folder.write("a", &bytes)).unwrap();
        assert_eq!(images.labels, [3]);
        assert_eq!(images.data[15..18], [1.0, 20.0 / 255.0, 30.0 / 255.0]);
        assert_eq!(images.data.len(), 3 * PLANE);
    }

    #[test]
    fn records_read_back() {
        let folder = Folder::new();
        let bytes = [record(&image(0), 9).unwrap(), record(&image(1), 0).unwrap()].concat();
        folder.write("data_batch_1.bin", &bytes);
        folder.write("data_batch_3.bin", &bytes[..RECORD]);
        folder.write("test_batch.bin", &bytes[RECORD..]);
        let (training, test) = read_folder::<f32>(&folder.0).unwrap();
        assert_eq!((training.labels, &test.labels[..]), (vec![9, 0, 9], &[0][..]));
        assert_eq!(test.data, image(1));
        assert_eq!(training.data, [image(0), image(1), image(0)].concat());
        assert!(matches!(record(&image(0), 10), Err(Error::Label { .. })));
        assert!(matches!(record(&[0.0; 5], 1), Err(Error::Length { .. })));
    }

    #[test]
    fn hostile_files_are_refused() {
        let folder = Folder::new();
        let check = |bytes: &[u8], part: &str| {
            let message = read::<f32>(folder.write("x", bytes)).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        };
        let good = record(&image(0), 1).unwrap();
        check(&[], "found an empty file");
        check(&good[..RECORD - 1], "ends within its last record");
        check(&[&good[..], &[1]].concat(), "ends within its last record");
        let mut bad = [&good[..], &good].concat();
        bad[RECORD] = 10;
        check(&bad, "found 10 in record 1");
        assert!(matches!(read_folder::<f32>(&folder.0), Err(Error::Io { .. })));
    }
}
