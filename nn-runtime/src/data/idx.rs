//! IDX, the format of MNIST and Fashion-MNIST (also gzipped, with the feature `gzip`).
//!
//! A file is `0, 0, type, rank`, then `rank` lengths as big-endian `u32`, then the numbers, big-endian.
//!
//! # Source
//! <http://yann.lecun.com/exdb/mnist/>, "The IDX file format".

use std::path::Path;

use super::Array;
use super::binary::{Number, read_numbers, to_labels};
use super::source::Source;
use crate::{Error, Result, Scalar};

/// Reads an array of any number type and rank; bytes become 0 to 255.
///
/// # Errors
/// [`Error::Io`]; [`Error::Format`] where the file is no IDX file, is cut short or goes on after its numbers.
pub fn read<T: Scalar>(path: impl AsRef<Path>) -> Result<Array<T>> {
    let mut source = Source::open(path.as_ref())?;
    let shape_and_type = read_header(&mut source)?;
    read_body(&mut source, shape_and_type)
}

/// Reads class indices: an array of rank 1 of whole numbers from 0.
///
/// # Errors
/// As [`read`]; [`Error::Format`] for another rank or a number that is no class index.
pub fn read_labels(path: impl AsRef<Path>) -> Result<Vec<u32>> {
    let mut source = Source::open(path.as_ref())?;
    let (shape, number) = read_header(&mut source)?;
    if shape.len() != 1 {
        return Err(source.format(format!(
            "expected labels, an array of rank 1, found the shape {shape:?}"
        )));
    }
    let array: Array<f64> = read_body(&mut source, (shape, number))?;
    to_labels(&source, &array.data)
}

/// Reads images and the label of each, as MNIST is published.
///
/// ```no_run
/// # fn main() -> nn_runtime::Result<()> {
/// let (images, labels) = nn_runtime::data::idx::read_labelled::<f32>(
///     "train-images-idx3-ubyte.gz",
///     "train-labels-idx1-ubyte.gz",
/// )?;
/// assert_eq!(images.shape, [60_000, 28, 28]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`read`] and [`read_labels`]; [`Error::SampleCount`] where there are not as many labels as images.
pub fn read_labelled<T: Scalar>(
    images: impl AsRef<Path>,
    labels: impl AsRef<Path>,
) -> Result<(Array<T>, Vec<u32>)> {
    let images = read(images)?;
    let labels = read_labels(labels)?;
    if images.samples() != labels.len() {
        return Err(Error::SampleCount {
            inputs: images.samples(),
            targets: labels.len(),
        });
    }
    Ok((images, labels))
}

fn read_header(source: &mut Source) -> Result<(Vec<usize>, Number)> {
    let [zero, null, code, rank] = source.bytes("magic number")?;
    let number = match code {
        0x08 => Number::U8,
        0x09 => Number::I8,
        0x0b => Number::I16,
        0x0c => Number::I32,
        0x0d => Number::F32,
        0x0e => Number::F64,
        _ => {
            return Err(source.format(format!(
                "expected an IDX file (0, 0, a type from 8 to 14, a rank), found {zero}, {null}, {code}, {rank}"
            )));
        }
    };
    if (zero, null) != (0, 0) || rank == 0 {
        return Err(source.format(format!(
            "expected an IDX file (0, 0, a type, a rank from 1), found {zero}, {null}, {code}, {rank}"
        )));
    }
    let mut shape = Vec::with_capacity(rank.into());
    for _ in 0..rank {
        shape.push(u32::from_be_bytes(source.bytes("shape")?) as usize);
    }
    Ok((shape, number))
}

fn read_body<T: Scalar>(source: &mut Source, (shape, number): (Vec<usize>, Number)) -> Result<Array<T>> {
    let data = read_numbers(source, number, true, &shape)?;
    Ok(Array { shape, data })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Folder;
    use super::*;

    const IMAGES: &[u8] = &[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 255];
    const LABELS: &[u8] = &[0, 0, 8, 1, 0, 0, 0, 2, 7, 1];

    #[test]
    fn images_and_labels() {
        let folder = Folder::new();
        let (images, labels) =
            read_labelled::<f32>(folder.write("i", IMAGES), folder.write("l", LABELS)).unwrap();
        assert_eq!(images.shape, [2, 1, 2]);
        assert_eq!(images.data, [10.0, 20.0, 30.0, 255.0]);
        assert_eq!((images.samples(), images.width()), (2, 2));
        assert_eq!(labels, [7, 1]);
    }

    #[test]
    fn wide_numbers_are_big_endian() {
        let folder = Folder::new();
        let int = folder.write("i32", &[0, 0, 0x0c, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe]);
        assert_eq!(read::<f64>(int).unwrap().data, [-2.0]);
        let float = folder.write("f32", &[0, 0, 0x0d, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0]);
        assert_eq!(read::<f64>(float).unwrap().data, [1.0]);
    }

    #[cfg(feature = "gzip")]
    #[test]
    fn gzipped() {
        use std::io::Write;
        let folder = Folder::new();
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        zip.write_all(IMAGES).unwrap();
        let zipped = zip.finish().unwrap();
        let images: Array<f32> = read(folder.write("i.gz", &zipped)).unwrap();
        assert_eq!(images.data, [10.0, 20.0, 30.0, 255.0]);
        let cut = folder.write("cut.gz", &zipped[..zipped.len() - 9]);
        assert!(matches!(read::<f32>(cut), Err(Error::Format { .. })));
    }

    #[test]
    fn hostile_files_are_refused() {
        let folder = Folder::new();
        let check = |bytes: &[u8], part: &str| {
            let message = read::<f32>(folder.write("x", bytes)).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        };
        check(&[], "ends within its magic number");
        check(&[1, 0, 8, 3], "expected an IDX file");
        check(&[0, 0, 7, 3], "expected an IDX file");
        check(&[0, 0, 8, 0], "expected an IDX file");
        check(&IMAGES[..11], "ends within its shape");
        check(&IMAGES[..19], "the file ends after 3");
        check(&[IMAGES, &[0]].concat(), "goes on after");
        // 2^32 to the fourth power: no memory is asked for.
        let huge = [&[0, 0, 0x0e, 4][..], &[0xff; 16], &[0; 64]].concat();
        check(&huge, "larger than any memory");
        // 4 GiB promised, 4 bytes there.
        check(
            &[0, 0, 8, 1, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4],
            "the file ends after 4",
        );
    }

    #[test]
    fn labels_are_whole_and_as_many_as_the_images() {
        let folder = Folder::new();
        let images = folder.write("i", IMAGES);
        let one = folder.write("one", &[0, 0, 8, 1, 0, 0, 0, 1, 7]);
        assert!(matches!(
            read_labelled::<f32>(&images, one),
            Err(Error::SampleCount {
                inputs: 2,
                targets: 1
            })
        ));
        assert!(read_labels(&images).unwrap_err().to_string().contains("rank 1"));
        let negative = folder.write("n", &[0, 0, 9, 1, 0, 0, 0, 1, 0xff]);
        assert!(
            read_labels(negative)
                .unwrap_err()
                .to_string()
                .contains("found -1 at place 0")
        );
    }
}
