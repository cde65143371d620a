//! Packing of buffers with known lifetimes into one arena: greedy by size, the order that TensorFlow Lite Micro's
//! planner uses, tried beside two others; the smallest result wins.

use crate::ir::ValueId;

/// A buffer: its size and the first and last time it is in use.
#[derive(Clone, Debug)]
pub struct Item {
    pub value: ValueId,
    pub elems: usize,
    pub from: usize,
    pub to: usize,
}

impl Item {
    fn meets(&self, other: &Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

pub struct Packed {
    pub offsets: Vec<(ValueId, usize)>,
    pub elems: usize,
}

/// Buffers of at least a vector start on a vector's boundary (16 elements: 64 bytes of f32, for any number of samples).
pub fn align(elems: usize) -> usize {
    if elems >= 16 {
        elems.next_multiple_of(16)
    } else {
        elems.next_multiple_of(4)
    }
}

/// Sorts items for packing.
type Order = fn(&Item) -> (usize, usize);

/// Places every item so that no two whose lifetimes meet overlap.
pub fn pack(items: &[Item]) -> Packed {
    let orders: [Order; 3] = [
        |i| (usize::MAX - i.elems, i.from),
        |i| (i.from, usize::MAX - i.elems),
        |i| (usize::MAX - (i.to - i.from), usize::MAX - i.elems),
    ];
    orders
        .iter()
        .map(|order| {
            let mut sorted: Vec<&Item> = items.iter().collect();
            sorted.sort_by_key(|i| order(i));
            pack_in_order(&sorted)
        })
        .min_by_key(|p| p.elems)
        .unwrap_or(Packed {
            offsets: Vec::new(),
            elems: 0,
        })
}

fn pack_in_order(items: &[&Item]) -> Packed {
    let mut placed: Vec<(&Item, usize)> = Vec::with_capacity(items.len());
    let mut end = 0;
    for item in items {
        let size = align(item.elems);
        let mut taken: Vec<(usize, usize)> = placed
            .iter()
            .filter(|(other, _)| other.meets(item))
            .map(|(o, at)| (*at, at + align(o.elems)))
            .collect();
        taken.sort_unstable();
        let mut offset = 0;
        for (from, to) in taken {
            if offset + size <= from {
                break;
            }
            offset = offset.max(if size >= 16 { to.next_multiple_of(16) } else { to });
        }
        placed.push((item, offset));
        end = end.max(offset + size);
    }
    Packed {
        offsets: placed.into_iter().map(|(i, at)| (i.value, at)).collect(),
        elems: end,
    }
}

/// Largest sum of sizes live at one time.
pub fn lower_bound(items: &[Item]) -> usize {
    items
        .iter()
        .map(|at| {
            items
                .iter()
                .filter(|i| i.from <= at.from && at.from <= i.to)
                .map(|i| align(i.elems))
                .sum()
        })
        .max()
        .unwrap_or(0)
}
