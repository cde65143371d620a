//! A network in int8 to and from a safetensors file.

use std::io::Write;
use std::path::Path;

use super::program::Section;
use super::{Dtype, Quantize, Quantized};
use crate::Result;
use crate::files::{Entry, Weights, header, read, write_atomically};

impl Section {
    fn entry(&self) -> Entry {
        let dtype = match self.dtype {
            Dtype::I8 => "I8",
            Dtype::I32 => "I32",
            Dtype::F32 => "F32",
        };
        Entry {
            name: self.name,
            dtype,
            shape: self.shape.to_vec(),
        }
    }

    fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.shape.iter().product::<usize>()
    }
}

impl<N: Quantize> Quantized<N> {
    /// Saves weights, biases, multipliers, tables, scales and zero points as safetensors: what `#[quantize(int8, weights =
    /// "…")]` builds into a program. An old file is replaced only once the new one is on the disk.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let header = header::<N>(N::INT8.sections.iter().map(Section::entry), &[]);
        write_atomically(path.as_ref(), |file| {
            file.write_all(&header)?;
            for section in N::INT8.sections {
                match section.dtype {
                    Dtype::I8 => {
                        let bytes: Vec<u8> = self.bytes[section.range()].iter().map(|b| *b as u8).collect();
                        file.write_all(&bytes)?;
                    }
                    Dtype::I32 | Dtype::F32 => {
                        for word in &self.words[section.range()] {
                            file.write_all(&word.to_le_bytes())?;
                        }
                    }
                }
            }
            Ok(())
        })
    }

    /// Loads what [`Self::save`] saved.
    ///
    /// # Errors
    /// [`crate::Error::Io`]; [`crate::Error::Weights`] with the tensor at fault, what was expected and what was found.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let contents = read(path)?;
        let file = Weights::open(path, &contents)?;
        file.check_network::<N>("")?;
        file.check_names::<N>(N::INT8.sections.iter().map(|s| s.name))?;
        let (mut bytes, mut words) = (vec![0; N::INT8.bytes], vec![0; N::INT8.words]);
        for section in N::INT8.sections {
            let entry = section.entry();
            let numbers = file.tensor(entry.name, entry.dtype, &entry.shape)?;
            match section.dtype {
                Dtype::I8 => {
                    let to = bytes[section.range()].iter_mut();
                    to.zip(numbers).for_each(|(to, from)| *to = *from as i8);
                }
                Dtype::I32 | Dtype::F32 => {
                    let to = words[section.range()].iter_mut();
                    to.zip(numbers.as_chunks().0)
                        .for_each(|(to, from)| *to = i32::from_le_bytes(*from));
                }
            }
        }
        Ok(Self::from_parts(bytes, words))
    }
}
