//! What an emitted function takes: found while its body is written.

use crate::ir::ValueId;

/// Something other than a value's buffer that a body mentions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Resource {
    Samples,
    First,
    InverseBatch,
    Key(usize),
    Parameters,
    /// Target of output `i`, as numbers.
    Values(usize),
    /// Target of output `i`, as class indices.
    Labels(usize),
    Gradients,
    Accumulate,
    State,
    Loss,
}

#[derive(Default, Debug)]
pub struct Needs {
    pub resources: Vec<Resource>,
    /// Buffers read and not written, in order of first mention.
    pub reads: Vec<ValueId>,
    /// Buffers written.
    pub writes: Vec<ValueId>,
}

impl Needs {
    pub fn resource(&mut self, r: Resource) {
        if !self.resources.contains(&r) {
            self.resources.push(r);
            self.resources.sort();
        }
    }

    pub fn read(&mut self, v: ValueId) {
        if !self.writes.contains(&v) && !self.reads.contains(&v) {
            self.reads.push(v);
        }
    }

    pub fn write(&mut self, v: ValueId) {
        self.reads.retain(|r| *r != v);
        if !self.writes.contains(&v) {
            self.writes.push(v);
        }
    }
}
