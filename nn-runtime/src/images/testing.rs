//! Pictures and files for tests.

use std::io::Cursor;

use ::image::{DynamicImage, ImageFormat};

use super::Image;

/// A picture whose every number is different.
pub(super) fn ramp(height: usize, width: usize, channels: usize) -> Image {
    let n = height * width * channels;
    Image::new(
        height,
        width,
        channels,
        (0..n).map(|i| i as f32 / n as f32).collect(),
    )
    .unwrap()
}

/// The bytes of a file.
pub(super) fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(vec![]);
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A PNG's bytes with other sizes in its header, and the header's checksum made right again.
pub(super) fn claim_size(mut png: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = png[12..29].iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    });
    png[29..33].copy_from_slice(&(!crc).to_be_bytes());
    png
}
