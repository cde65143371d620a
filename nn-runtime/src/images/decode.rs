//! PNG and JPEG files to pictures.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use ::image::metadata::Orientation;
use ::image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::Image;
use super::color::grey;
use crate::{Error, Result};

/// What a pixel holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Color {
    /// 3 channels: red, green, blue.
    Rgb,
    /// 1 channel: `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601).
    Grey,
}

impl Color {
    /// Numbers per pixel.
    #[must_use]
    pub const fn channels(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Grey => 1,
        }
    }
}

/// Reads PNG and JPEG files, 8 or 16 bits a channel, in the orientation that the camera noted (EXIF). Opacity is
/// dropped, as PIL's `convert("RGB")` has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decoder {
    /// What is wanted, whatever the file holds.
    pub color: Color,
    /// Larger images are refused before memory is asked for: a file of some bytes may promise terabytes.
    pub max_pixels: u64,
}

impl Decoder {
    /// Colours, and at most 50 million pixels an image.
    #[must_use]
    pub const fn rgb() -> Self {
        Self {
            color: Color::Rgb,
            max_pixels: 50_000_000,
        }
    }

    /// Grey, and at most 50 million pixels an image.
    #[must_use]
    pub const fn grey() -> Self {
        Self {
            color: Color::Grey,
            ..Self::rgb()
        }
    }

    /// Reads a file; its first bytes say what it is, not its name.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Format`] with the file's name where it is no PNG or JPEG image, is damaged or cut short,
    /// or is larger than [`Decoder::max_pixels`].
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Image> {
        let path = path.as_ref();
        let io = |source| Error::Io {
            path: path.to_owned(),
            source,
        };
        // No image of that many pixels is larger, at 8 bytes a pixel and as much again for what stands beside them.
        let max_bytes = self.max_pixels.saturating_mul(16).saturating_add(1 << 20);
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(io)?;
        file.take(max_bytes + 1).read_to_end(&mut bytes).map_err(io)?;
        let decoded = if bytes.len() as u64 > max_bytes {
            Err(format!("expected at most {max_bytes} bytes, found more"))
        } else {
            self.decode(&bytes)
        };
        decoded.map_err(|message| Error::Format {
            path: path.to_owned(),
            line: 0,
            column: 0,
            message,
        })
    }

    fn decode(&self, bytes: &[u8]) -> std::result::Result<Image, String> {
        let format = match ::image::guess_format(bytes) {
            Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => format,
            Ok(other) => return Err(format!("expected a PNG or JPEG image, found {other:?}")),
            Err(_) if bytes.is_empty() => {
                return Err("expected a PNG or JPEG image, found an empty file".into());
            }
            Err(_) => return Err("expected a PNG or JPEG image, found something else".into()),
        };
        let name = if format == ImageFormat::Png { "PNG" } else { "JPEG" };
        let damaged = |error: ImageError| format!("the {name} image is damaged or cut short: {error}");
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        let mut limits = Limits::no_limits();
        // 16-bit RGBA, and the decoders' own rows.
        limits.max_alloc = Some(self.max_pixels.saturating_mul(12).saturating_add(1 << 24));
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(damaged)?;
        let (width, height) = decoder.dimensions();
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 {
            return Err(format!(
                "expected at least 1 x 1 pixels, found {height} x {width}"
            ));
        }
        if pixels > self.max_pixels {
            return Err(format!(
                "expected at most {} pixels, found {height} x {width}; `max_pixels` sets the limit",
                self.max_pixels
            ));
        }
        if format == ImageFormat::Jpeg && !jpeg_ends(bytes) {
            return Err("the JPEG image is cut short: no end marker".into());
        }
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut decoded = DynamicImage::from_decoder(decoder).map_err(damaged)?;
        decoded.apply_orientation(orientation);
        self.to_floats(&decoded)
    }

    fn to_floats(self, decoded: &DynamicImage) -> std::result::Result<Image, String> {
        use DynamicImage as D;
        let bytes = |channels, raw: &[u8]| self.pixels(channels, raw, f32::from(u8::MAX));
        let words = |channels, raw: &[u16]| self.pixels(channels, raw, f32::from(u16::MAX));
        let data = match decoded {
            D::ImageLuma8(b) => bytes(1, b),
            D::ImageLumaA8(b) => bytes(2, b),
            D::ImageRgb8(b) => bytes(3, b),
            D::ImageRgba8(b) => bytes(4, b),
            D::ImageLuma16(b) => words(1, b),
            D::ImageLumaA16(b) => words(2, b),
            D::ImageRgb16(b) => words(3, b),
            D::ImageRgba16(b) => words(4, b),
            other => {
                return Err(format!(
                    "expected 8 or 16 bits a channel, found {:?}",
                    other.color()
                ));
            }
        };
        let (height, width) = (decoded.height() as usize, decoded.width() as usize);
        Image::new(height, width, self.color.channels(), data).map_err(|e| e.to_string())
    }

    /// `raw` has 1 channel (grey), 2 (grey, opacity), 3 or 4.
    fn pixels<S: Copy + Into<f32>>(self, channels: usize, raw: &[S], white: f32) -> Vec<f32> {
        let to_float = |x: &S| (*x).into() / white;
        let pixels = raw.chunks_exact(channels);
        match (self.color, channels) {
            (Color::Rgb, 1 | 2) => pixels.flat_map(|p| [to_float(&p[0]); 3]).collect(),
            (Color::Rgb, _) => pixels.flat_map(|p| [0, 1, 2].map(|c| to_float(&p[c]))).collect(),
            (Color::Grey, 1 | 2) => pixels.map(|p| to_float(&p[0])).collect(),
            (Color::Grey, _) => pixels
                .map(|p| grey(&[0, 1, 2].map(|c| to_float(&p[c]))))
                .collect(),
        }
    }
}

/// Whether the end marker stands behind the start of the scan. The decoder fills what is missing with grey.
fn jpeg_ends(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xda;
    let mut at = 2;
    while let Some(&[0xff, marker]) = bytes.get(at..at + 2) {
        if marker == START_OF_SCAN {
            return bytes[at..].windows(2).any(|pair| pair == [0xff, 0xd9]);
        }
        // Fill bytes, and markers without a length.
        at += match (marker, bytes.get(at + 2..at + 4)) {
            (0xff, _) => 1,
            (0x01 | 0xd0..=0xd8, _) => 2,
            (_, Some(&[high, low])) => 2 + usize::from(u16::from_be_bytes([high, low])),
            (_, _) => return false,
        };
    }
    // Not a sequence of segments: the decoder knows better.
    true
}

#[cfg(test)]
mod tests {
    use ::image::{GrayImage, ImageBuffer, Luma, LumaA, Rgb, RgbImage, Rgba};

    use super::super::testing::{claim_size, encode};
    use super::*;
    use crate::data::testing::Folder;

    fn message(bytes: &[u8]) -> String {
        let folder = Folder::new();
        let error = Decoder::rgb().read(folder.write("a.png", bytes)).unwrap_err();
        assert!(matches!(error, Error::Format { .. }), "{error:?}");
        error.to_string()
    }

    #[test]
    fn every_kind_of_png_becomes_the_wanted_channels() {
        let u16s = |x: u8| u16::from(x) * 257;
        let kinds: [DynamicImage; 8] = [
            GrayImage::from_pixel(2, 1, Luma([51])).into(),
            ImageBuffer::from_pixel(2, 1, LumaA([51u8, 9])).into(),
            RgbImage::from_pixel(2, 1, Rgb([51, 102, 255])).into(),
            ImageBuffer::from_pixel(2, 1, Rgba([51u8, 102, 255, 9])).into(),
            ImageBuffer::from_pixel(2, 1, Luma([u16s(51)])).into(),
            ImageBuffer::from_pixel(2, 1, LumaA([51, 9].map(u16s))).into(),
            ImageBuffer::from_pixel(2, 1, Rgb([51, 102, 255].map(u16s))).into(),
            ImageBuffer::from_pixel(2, 1, Rgba([51, 102, 255, 9].map(u16s))).into(),
        ];
        let folder = Folder::new();
        for (i, kind) in kinds.into_iter().enumerate() {
            let (color, expected_grey) = if i % 4 < 2 {
                ([0.2, 0.2, 0.2], 0.2)
            } else {
                ([0.2, 0.4, 1.0], 0.299 * 0.2 + 0.587 * 0.4 + 0.114)
            };
            let file = folder.write("a", &encode(kind, ImageFormat::Png));
            let rgb = Decoder::rgb().read(&file).unwrap();
            assert_eq!(rgb.shape(), [1, 2, 3], "kind {i}");
            assert_eq!(rgb.pixel(0, 1), color, "kind {i}");
            let grey = Decoder::grey().read(&file).unwrap();
            assert_eq!(grey.shape(), [1, 2, 1], "kind {i}");
            assert!((grey.data()[0] - expected_grey).abs() < 1e-6, "kind {i}");
        }
    }

    #[test]
    fn jpeg_is_near_what_was_encoded() {
        let folder = Folder::new();
        let jpeg = encode(
            RgbImage::from_pixel(9, 17, Rgb([200, 100, 50])),
            ImageFormat::Jpeg,
        );
        let image = Decoder::rgb().read(folder.write("a.png", &jpeg)).unwrap();
        assert_eq!(image.shape(), [17, 9, 3]);
        for (x, expected) in image.pixel(16, 8).iter().zip([200.0, 100.0, 50.0]) {
            assert!((x * 255.0 - expected).abs() < 4.0, "{x}");
        }
    }

    #[test]
    fn what_is_no_image_is_named() {
        assert!(message(b"").ends_with("a.png: expected a PNG or JPEG image, found an empty file"));
        assert!(message(b"once upon a time\n").ends_with("found something else"));
        assert!(message(b"GIF89a\x01\x00\x01\x00").ends_with("expected a PNG or JPEG image, found Gif"));
        let missing = Decoder::rgb().read("no-such.png").unwrap_err();
        assert!(matches!(missing, Error::Io { .. }) && missing.to_string().starts_with("no-such.png: "));
    }

    #[test]
    fn cut_files_are_refused_wherever_they_end() {
        let noise = |x: u32, y: u32| Rgb([(x * 37 + y * 91) as u8, (x * y) as u8, (x ^ y) as u8]);
        let image = RgbImage::from_fn(40, 30, noise);
        let png = encode(image.clone(), ImageFormat::Png);
        let jpeg = encode(image, ImageFormat::Jpeg);
        // Without its last chunk, which holds nothing, a PNG is whole; a JPEG is not whole without its end marker.
        for (whole, last) in [(&png, png.len() - 13), (&jpeg, jpeg.len() - 1)] {
            for cut in [9, 24, whole.len() / 3, whole.len() / 2, last] {
                let text = message(&whole[..cut]);
                assert!(text.contains("cut short"), "{text}");
            }
        }
    }

    #[test]
    fn damage_is_refused_or_read_but_never_panics() {
        let image = RgbImage::from_fn(8, 8, |x, y| Rgb([x as u8, y as u8, 7]));
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let whole = encode(image.clone(), format);
            let folder = Folder::new();
            for i in 0..whole.len() {
                let mut bytes = whole.clone();
                bytes[i] ^= 1 << (i % 8);
                if let Err(error) = Decoder::rgb().read(folder.write("x", &bytes)) {
                    assert!(matches!(error, Error::Format { .. }), "{error:?}");
                }
            }
        }
    }

    #[test]
    fn promised_sizes_are_checked_before_memory_is_asked_for() {
        let png = encode(GrayImage::new(4, 4), ImageFormat::Png);
        let bomb = claim_size(png.clone(), 2_000_000_000, 2_000_000_000);
        let text = message(&bomb);
        assert!(
            text.contains("expected at most 50000000 pixels") || text.contains("damaged"),
            "{text}"
        );
        let text = message(&claim_size(png.clone(), 60_000, 60_000));
        assert!(text.contains("found 60000 x 60000; `max_pixels`"), "{text}");
        message(&claim_size(png.clone(), 0, 4));
        // A JPEG's sizes stand in its frame header, behind the marker ff c0.
        let mut jpeg = encode(GrayImage::new(4, 4), ImageFormat::Jpeg);
        let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
        assert!(message(&jpeg).contains("found 65535 x 65535"));
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0; 4]);
        message(&jpeg);
        let tiny = Decoder {
            max_pixels: 15,
            ..Decoder::grey()
        };
        let folder = Folder::new();
        assert!(tiny.read(folder.write("a", &png)).is_err());
        assert!(
            Decoder {
                max_pixels: 16,
                ..tiny
            }
            .read(folder.write("a", &png))
            .is_ok()
        );
    }

    #[test]
    fn the_camera_s_orientation_is_applied() {
        // EXIF, big endian, one entry: orientation (0x0112), a short, 6: turn a quarter clockwise.
        let exif =
            b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let dark_left = GrayImage::from_fn(32, 16, |x, _| Luma([if x < 16 { 0 } else { 255 }]));
        let mut jpeg = encode(dark_left, ImageFormat::Jpeg);
        jpeg.splice(2..2, exif.iter().copied());
        let folder = Folder::new();
        let image = Decoder::grey().read(folder.write("a.jpg", &jpeg)).unwrap();
        assert_eq!(image.shape(), [32, 16, 1]);
        assert!(image.pixel(0, 8)[0] < 0.1 && image.pixel(31, 8)[0] > 0.9);
    }
}
