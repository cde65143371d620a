//! Views of data: what a network's methods take. Nothing is copied.

use core::ops::Range;

/// Samples of `W` numbers each, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a, T, const W: usize> {
    /// `[samples, W]`
    pub data: &'a [T],
}

/// Class indices: `PER` of them per sample, each below `CLASSES`.
#[derive(Clone, Copy, Debug)]
pub struct Classes<'a, const PER: usize, const CLASSES: usize> {
    /// `[samples, PER]`
    pub data: &'a [u32],
}

/// Which samples of a batch view take part, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows<'a> {
    /// Every sample, as it lies.
    All,
    /// A run of samples.
    Range(Range<usize>),
    /// These samples (a shuffled batch).
    Index(&'a [u32]),
}

/// What `fit` needs of inputs and of targets: views of samples, and tuples of them.
pub trait Batch: Copy + Send + Sync {
    /// Number of whole samples; `Err` holds the length that is no multiple of the sample's size, and that size.
    ///
    /// # Errors
    /// Where the data end inside a sample, or (in tuples) where the parts hold different numbers of samples.
    fn samples(&self) -> core::result::Result<usize, (usize, usize)>;
}

/// What a call may be given where it takes a batch `B`: all that turns into [`Samples`], [`Classes`], or tuples of them.
///
/// | `B` | given |
/// |---|---|
/// | `Samples<'_, T, W>` | `&[T]`, `&[T; N]`, `&Vec<T>`: one sample after the other; `&[[T; W]]`, `&[[T; W]; N]`, `&Vec<[T; W]>` |
/// | `Classes<'_, PER, CLASSES>` | `&[u32]`, `&[u32; N]`, `&Vec<u32>` |
#[diagnostic::on_unimplemented(
    message = "the network takes `{B}` here, and `{Self}` is none",
    label = "expected `{B}`",
    note = "`Samples<'_, f32, W>` are numbers of the network's type, `W` per sample: `&[f32]` or `&Vec<f32>`, one sample after the \
            other, or an array for each, `&[[f32; W]]` or `&Vec<[f32; W]>`",
    note = "`Classes<'_, PER, CLASSES>` are indices below `CLASSES`, `PER` of them per sample: `&[u32]` or `&Vec<u32>`; labels of \
            another type are cast, `labels.iter().map(|&label| label as u32).collect()`",
    note = "several inputs or targets are a tuple of these"
)]
pub trait IntoBatch<B> {
    /// The view that the call works on.
    fn into_batch(self) -> B;
}

#[diagnostic::do_not_recommend]
impl<B, G: Into<B>> IntoBatch<B> for G {
    #[inline]
    fn into_batch(self) -> B {
        self.into()
    }
}

impl<T: Copy + Send + Sync, const W: usize> Batch for Samples<'_, T, W> {
    fn samples(&self) -> core::result::Result<usize, (usize, usize)> {
        if self.data.len().is_multiple_of(W) {
            Ok(self.data.len() / W)
        } else {
            Err((self.data.len(), W))
        }
    }
}

impl<const PER: usize, const CLASSES: usize> Batch for Classes<'_, PER, CLASSES> {
    fn samples(&self) -> core::result::Result<usize, (usize, usize)> {
        if self.data.len().is_multiple_of(PER) {
            Ok(self.data.len() / PER)
        } else {
            Err((self.data.len(), PER))
        }
    }
}

macro_rules! batch_tuples {
    ($($name:ident)+) => {
        impl<$($name: Batch),+> Batch for ($($name,)+) {
            #[allow(non_snake_case)]
            fn samples(&self) -> core::result::Result<usize, (usize, usize)> {
                let ($($name,)+) = self;
                let mut found: Option<usize> = None;
                $(
                    let n = $name.samples()?;
                    match found {
                        Some(first) if first != n => return Err((n, first)),
                        _ => found = Some(n),
                    }
                )+
                Ok(found.unwrap_or(0))
            }
        }
    };
}
batch_tuples!(A B);
batch_tuples!(A B C);
batch_tuples!(A B C D);

macro_rules! samples_from {
    ($t:ty) => {
        impl<'a, const W: usize> From<&'a [$t]> for Samples<'a, $t, W> {
            fn from(data: &'a [$t]) -> Self {
                Self { data }
            }
        }
        impl<'a, const W: usize, const N: usize> From<&'a [$t; N]> for Samples<'a, $t, W> {
            fn from(data: &'a [$t; N]) -> Self {
                Self { data }
            }
        }
        impl<'a, const W: usize> From<&'a [[$t; W]]> for Samples<'a, $t, W> {
            fn from(data: &'a [[$t; W]]) -> Self {
                Self {
                    data: data.as_flattened(),
                }
            }
        }
        impl<'a, const W: usize, const N: usize> From<&'a [[$t; W]; N]> for Samples<'a, $t, W> {
            fn from(data: &'a [[$t; W]; N]) -> Self {
                Self {
                    data: data.as_flattened(),
                }
            }
        }
        #[cfg(feature = "std")]
        impl<'a, const W: usize> From<&'a Vec<$t>> for Samples<'a, $t, W> {
            fn from(data: &'a Vec<$t>) -> Self {
                Self { data }
            }
        }
        #[cfg(feature = "std")]
        impl<'a, const W: usize> From<&'a Vec<[$t; W]>> for Samples<'a, $t, W> {
            fn from(data: &'a Vec<[$t; W]>) -> Self {
                Self {
                    data: data.as_flattened(),
                }
            }
        }
    };
}
samples_from!(f32);
samples_from!(f64);

impl<'a, const PER: usize, const CLASSES: usize> From<&'a [u32]> for Classes<'a, PER, CLASSES> {
    fn from(data: &'a [u32]) -> Self {
        Self { data }
    }
}

impl<'a, const PER: usize, const CLASSES: usize, const N: usize> From<&'a [u32; N]>
    for Classes<'a, PER, CLASSES>
{
    fn from(data: &'a [u32; N]) -> Self {
        Self { data }
    }
}

#[cfg(feature = "std")]
impl<'a, const PER: usize, const CLASSES: usize> From<&'a Vec<u32>> for Classes<'a, PER, CLASSES> {
    fn from(data: &'a Vec<u32>) -> Self {
        Self { data }
    }
}
