//! Images that ship with the firmware, as bytes: the digit, then 64 pixels from 0 to 16.

/// Numbers of one image's pixels.
pub const PIXELS: usize = 64;

/// A digit's image, one byte a pixel.
pub struct Image {
    /// What was written.
    pub digit: u32,
    bytes: &'static [u8; PIXELS],
}

impl Image {
    /// The pixels from 0 to 1.
    #[must_use]
    pub fn pixels(&self) -> [f32; PIXELS] {
        self.bytes.map(|byte| f32::from(byte) / 16.0)
    }

    /// The pixels as bytes of a scale and zero point.
    #[must_use]
    pub fn quantized(&self, (scale, zero): (f32, i8)) -> [i8; PIXELS] {
        let mut bytes = [0; PIXELS];
        nn_runtime::int8::quantize(&self.pixels(), scale, zero, &mut bytes);
        bytes
    }
}

/// Images that no training saw.
pub fn test() -> impl Iterator<Item = Image> {
    all(include_bytes!("../data/test.bin"))
}

/// Images to learn from on the board, of all digits in turn.
pub fn lesson() -> impl Iterator<Item = Image> {
    all(include_bytes!("../data/lesson.bin"))
}

/// Images to see what was learnt, of all digits in turn.
pub fn exam() -> impl Iterator<Item = Image> {
    all(include_bytes!("../data/exam.bin"))
}

fn all(bytes: &'static [u8]) -> impl Iterator<Item = Image> {
    let (records, _) = bytes.as_chunks::<{ 1 + PIXELS }>();
    records.iter().filter_map(|record| {
        let (digit, bytes) = record.split_first()?;
        Some(Image {
            digit: u32::from(*digit),
            bytes: bytes.first_chunk()?,
        })
    })
}
