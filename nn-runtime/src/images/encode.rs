//! Pictures to PNG and JPEG files.

use std::io::{Cursor, Write};
use std::path::Path;

use ::image::codecs::jpeg::JpegEncoder;
use ::image::{ExtendedColorType, ImageFormat};

use super::Image;
use crate::files::write_atomically;
use crate::{Error, Result};

/// Of JPEG, from 1 to 100.
const QUALITY: u8 = 90;

impl Image {
    /// Writes a grey or coloured picture, 0 as black and 1 as white, as PNG (`.png`) or JPEG (`.jpg`, `.jpeg`). An old
    /// file is replaced only once the new one is whole.
    ///
    /// # Errors
    /// [`Error::Setting`] for another extension, for channels other than 1 or 3, or sides that the format cannot
    /// express; [`Error::Io`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let fault = |message: String| Error::Setting {
            name: "save",
            message,
        };
        let color = match self.channels() {
            1 => ExtendedColorType::L8,
            3 => ExtendedColorType::Rgb8,
            other => return Err(fault(format!("expected 1 or 3 channels, found {other}"))),
        };
        let (Ok(width), Ok(height)) = (u32::try_from(self.width()), u32::try_from(self.height())) else {
            return Err(fault(format!("{self:?} is too large")));
        };
        let to_byte = |x: &f32| (x.clamp(0.0, 1.0) * 255.0).round() as u8;
        let pixels: Vec<u8> = self.data().iter().map(to_byte).collect();
        let mut bytes = Cursor::new(vec![]);
        let encoded = match ImageFormat::from_path(path) {
            Ok(ImageFormat::Png) => {
                ::image::write_buffer_with_format(&mut bytes, &pixels, width, height, color, ImageFormat::Png)
            }
            Ok(ImageFormat::Jpeg) => {
                JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode(&pixels, width, height, color)
            }
            _ => {
                let message = format!(
                    "expected a name in `.png`, `.jpg` or `.jpeg`, found `{}`",
                    path.display()
                );
                return Err(fault(message));
            }
        };
        encoded.map_err(|error| fault(error.to_string()))?;
        write_atomically(path, |file| file.write_all(bytes.get_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Decoder;
    use super::super::testing::ramp;
    use super::*;
    use crate::data::testing::Folder;

    #[test]
    fn what_is_saved_reads_back() {
        let folder = Folder::new();
        for (channels, decoder) in [(1, Decoder::grey()), (3, Decoder::rgb())] {
            for (name, tolerance) in [("a.png", 0.5), ("a.JPG", 12.0), ("b.jpeg", 12.0)] {
                let image = ramp(9, 14, channels);
                image.save(folder.0.join(name)).unwrap();
                let back = decoder.read(folder.0.join(name)).unwrap();
                assert_eq!(back.shape(), image.shape());
                for (x, y) in back.data().iter().zip(image.data()) {
                    assert!((x - y).abs() * 255.0 <= tolerance + 1e-3, "{name}: {x} {y}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let folder = Folder::new();
        let message = |image: &Image, name| image.save(folder.0.join(name)).unwrap_err().to_string();
        assert!(message(&ramp(2, 2, 2), "a.png").ends_with("expected 1 or 3 channels, found 2"));
        assert!(message(&ramp(2, 2, 3), "a.gif").contains("expected a name in `.png`"));
        assert!(message(&ramp(1, 70_000, 1), "a.jpg").starts_with("`save`: "));
        let missing = ramp(2, 2, 1).save(folder.0.join("none/a.png")).unwrap_err();
        assert!(matches!(missing, Error::Io { .. }));
    }
}
