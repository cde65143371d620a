//! What a linked program takes, read from its file: 32-bit ELF, as the linker writes it for a Cortex-M.

/// Sections and symbols of a program.
#[derive(Debug)]
pub struct Elf<'a> {
    bytes: &'a [u8],
}

/// Offsets in the file's header and in a section's, of the format's specification.
const SECTIONS: usize = 0x20;
const SECTION_SIZE: usize = 0x2E;
const SECTION_COUNT: usize = 0x30;
const KIND: usize = 0x04;
const FLAGS: usize = 0x08;
const PLACE: usize = 0x10;
const SIZE: usize = 0x14;
const LINK: usize = 0x18;
const SYMBOLS: u32 = 2;
const WRITABLE_AND_ALLOCATED: u32 = 3;
const SYMBOL_SIZE: usize = 16;

impl<'a> Elf<'a> {
    /// A program's file.
    ///
    /// # Errors
    /// It is none.
    pub fn of(bytes: &'a [u8]) -> Result<Self, String> {
        // 32 bits, little-endian.
        if bytes.starts_with(b"\x7FELF\x01\x01") {
            Ok(Self { bytes })
        } else {
            Err("expected a program of 32 bits".into())
        }
    }

    fn half(&self, at: usize) -> Result<usize, String> {
        let bytes = self.bytes.get(at..at + 2).and_then(|b| b.first_chunk());
        let number = bytes.map(|b| usize::from(u16::from_le_bytes(*b)));
        number.ok_or_else(|| "the program's file ends early".into())
    }

    fn word(&self, at: usize) -> Result<u32, String> {
        let bytes = self.bytes.get(at..at + 4).and_then(|b| b.first_chunk());
        let number = bytes.map(|b| u32::from_le_bytes(*b));
        number.ok_or_else(|| "the program's file ends early".into())
    }

    /// Where the headers of the sections lie.
    fn sections(&self) -> Result<Vec<usize>, String> {
        let (start, size) = (self.word(SECTIONS)? as usize, self.half(SECTION_SIZE)?);
        let count = self.half(SECTION_COUNT)?;
        Ok((0..count).map(|i| start + i * size).collect())
    }

    /// Bytes of memory that the program has of its own, beside its stack: `.data` and `.bss`.
    ///
    /// # Errors
    /// The file ends early.
    pub fn own_memory(&self) -> Result<u32, String> {
        let mut bytes = 0;
        for section in self.sections()? {
            if self.word(section + FLAGS)? & WRITABLE_AND_ALLOCATED == WRITABLE_AND_ALLOCATED {
                bytes += self.word(section + SIZE)?;
            }
        }
        Ok(bytes)
    }

    /// Bytes of all symbols whose name holds `part`.
    ///
    /// # Errors
    /// The file ends early.
    pub fn symbols(&self, part: &str) -> Result<u32, String> {
        let mut bytes = 0;
        for section in self.sections()? {
            if self.word(section + KIND)? != SYMBOLS {
                continue;
            }
            let names = self.sections()?.get(self.word(section + LINK)? as usize).copied();
            let names = self.word(names.ok_or("symbols without names")? + PLACE)? as usize;
            let start = self.word(section + PLACE)? as usize;
            let count = self.word(section + SIZE)? as usize / SYMBOL_SIZE;
            for symbol in (0..count).map(|i| start + i * SYMBOL_SIZE) {
                let name = self
                    .bytes
                    .get(names + self.word(symbol)? as usize..)
                    .unwrap_or(&[]);
                let name = name.split(|&b| b == 0).next().unwrap_or(&[]);
                if String::from_utf8_lossy(name).contains(part) {
                    bytes += self.word(symbol + 8)?;
                }
            }
        }
        Ok(bytes)
    }
}
