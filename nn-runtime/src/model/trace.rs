//! A step run once more to see where its first number that is not finite appeared.

use super::{Feed, Model};
use crate::origin::{Origin, Trace, all_finite};
use crate::{Rows, Scalar};

impl<T: Scalar> Model<T> {
    /// Has the next step look at every value, under the random masks of the last one.
    pub fn start_trace(&mut self) {
        self.steps = self.steps.saturating_sub(1);
        self.segment = Some(0);
    }

    /// Ends it: the data first, then what the step saw. `inputs` and `values` are the names of the feed's.
    pub fn end_trace<const I: usize, const V: usize, const L: usize>(
        &mut self,
        feed: &Feed<'_, T, I, V, L>,
        inputs: [&'static str; I],
        values: [&'static str; V],
    ) -> Option<Origin> {
        self.segment = None;
        let own = std::mem::take(&mut self.trace);
        let slots = self.slots.iter_mut().map(|slot| std::mem::take(&mut slot.trace));
        let seen = Trace::earliest(slots.chain([own]));
        let sample = |data, width| first_not_finite(data, width, &feed.rows);
        for (name, (data, width)) in inputs.into_iter().zip(feed.inputs) {
            if let Some(sample) = sample(data, width) {
                return Some(Origin::Input { name, sample });
            }
        }
        for (name, (data, width)) in values.into_iter().zip(feed.values) {
            if let Some(sample) = sample(data, width) {
                return Some(Origin::Target { name, sample });
            }
        }
        seen
    }
}

/// The first of the chosen samples that holds a number which is not finite.
fn first_not_finite<T: Scalar>(data: &[T], width: usize, rows: &Rows<'_>) -> Option<usize> {
    let bad = |row: &usize| !all_finite(&data[row * width..][..width]);
    match rows {
        Rows::All => (0..data.len() / width).find(bad),
        Rows::Range(range) => range.clone().find(bad),
        Rows::Index(index) => index.iter().map(|&row| row as usize).find(bad),
    }
}
