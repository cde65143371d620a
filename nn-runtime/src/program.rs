//! The plan of an emitted program, as a constant of the expansion.

use core::ops::Range;

use crate::step::Buf;

/// The plan of one emitted program.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Samples per tile.
    pub tile: usize,
    /// Tile arena, in elements per sample.
    pub tile_elems: usize,
    /// Batch arena, in elements per sample.
    pub batch_elems: usize,
    /// Statistics arena, in elements.
    pub stats_elems: usize,
    /// Gradients that tiles accumulate (each slot its own), as ranges of the trainable parameters.
    pub tile_gradients: &'static [Range<usize>],
    /// Whether it writes gradients at all.
    pub gradients: bool,
    /// Multiply-accumulates per sample, backward included: decides how many slots are worth it.
    pub macs: u64,
    /// Inputs whose whole batch is copied into the batch arena before the first segment.
    pub copied_inputs: &'static [(usize, Buf)],
    /// Run as `forward`, then `backward`: what it keeps in between has a batch arena of its own, so that other calls
    /// may come in the meantime.
    pub halves: bool,
}

impl Program {
    /// Bytes of working memory for a batch: arenas and gradients, without the parameters.
    #[must_use]
    pub const fn bytes(&self, batch: usize, scalar_bytes: usize, trainable: usize) -> usize {
        let tile = if batch < self.tile { batch } else { self.tile };
        let gradients = if self.gradients { trainable } else { 0 };
        (self.tile_elems * tile + self.batch_elems * batch + self.stats_elems + gradients) * scalar_bytes
    }
}

/// A slot works through a run of tiles, one after the other, with its own arena and gradients. How many slots
/// there are follows from the network and the batch, never from the number of threads: so do all results.
#[cfg(feature = "std")]
const MAX_SLOTS: usize = 16;

/// Multiply-accumulates below which a second slot costs more than it saves (about 10 microseconds of one core).
#[cfg(feature = "std")]
const SLOT_MACS: u64 = 200_000;

/// Multiply-accumulates that pay for zeroing, writing and summing one more gradient scalar.
#[cfg(feature = "std")]
const GRADIENT_MACS: u64 = 64;

#[cfg(feature = "std")]
impl Program {
    pub(crate) fn slots(&self, batch: usize) -> usize {
        let tiles = batch.div_ceil(self.tile);
        let work = self.macs.saturating_mul(batch as u64);
        let own: usize = self.tile_gradients.iter().map(Range::len).sum();
        let cost = SLOT_MACS.max(own as u64 * GRADIENT_MACS);
        let worth = usize::try_from(work / cost).unwrap_or(usize::MAX);
        worth.clamp(1, MAX_SLOTS).min(tiles.max(1))
    }
}
