//! Scales, places and parameters of a network in int8.

use super::{Draft, Int8, Kind, Op, Value};
use crate::ir::builder::Program;
use crate::ir::{NodeId, ValueId};
use crate::passes::plan::pack;

/// Where a value lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Input(usize),
    Arena(usize),
    Output(usize),
}

/// A named part of the parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// Among the bytes or the words.
    pub offset: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dtype {
    I8,
    I32,
    F32,
}

impl Dtype {
    /// As the field spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::I8 => "I8",
            Self::I32 => "I32",
            Self::F32 => "F32",
        }
    }
}

/// Bytes of a table over all that a byte may be.
const TABLE: usize = 256;

/// Gives everything its place; the fault is a layer whose scale is its own and that is joined with others.
pub fn place(program: &Program, drafts: Vec<(Draft, NodeId)>) -> Result<Int8, NodeId> {
    let mut int8 = Int8 {
        values: Vec::new(),
        scales: 0,
        fixed: Vec::new(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        ops: Vec::new(),
        sections: Vec::new(),
        bytes: 0,
        words: 0,
        arena: 0,
    };
    let mut order: Vec<ValueId> = program.inputs.clone();
    for v in drafts
        .iter()
        .map(|(draft, _)| draft.y)
        .chain(program.outputs.iter().copied())
    {
        if !order.contains(&v) {
            order.push(v);
        }
    }
    let index = |v: ValueId| {
        order
            .iter()
            .position(|o| *o == v)
            .expect("internal error, please report: a value that nothing computes")
    };
    let (scales, fixed) = scales(&drafts, order.len(), program.inputs.len(), &index)?;
    int8.scales = scales.iter().max().map_or(0, |last| last + 1);
    int8.fixed = fixed;
    int8.inputs = program.inputs.iter().map(|v| index(*v)).collect();
    int8.outputs = program.outputs.iter().map(|v| index(*v)).collect();
    for (v, scale) in order.iter().zip(scales) {
        let value = &program.values[v.0];
        let (name, elems) = (value.name.clone(), value.shape.elems());
        int8.values.push(Value {
            name,
            elems,
            scale,
            place: Place::Arena(0),
        });
    }
    let scales = int8.scales;
    int8.section("scales".into(), Dtype::F32, vec![scales]);
    int8.section("zero_points".into(), Dtype::I8, vec![scales]);
    for (Draft { x, y, kind }, node) in drafts {
        let (x, y) = (x.into_iter().map(index).collect(), index(y));
        let before = int8.flash();
        let (bytes, words) = int8.parameters(y, &kind);
        let params = int8.flash() - before;
        int8.ops.push(Op {
            x,
            y,
            kind,
            bytes,
            words,
            node,
            params,
        });
    }
    int8.places();
    Ok(int8)
}

/// Per value which scale, and the scales that are known.
#[allow(clippy::type_complexity)]
fn scales(
    drafts: &[(Draft, NodeId)],
    values: usize,
    inputs: usize,
    index: &impl Fn(ValueId) -> usize,
) -> Result<(Vec<usize>, Vec<(usize, f32, i8)>), NodeId> {
    let mut group: Vec<usize> = (0..values).collect();
    for (draft, _) in drafts.iter().filter(|(draft, _)| draft.kind.moves()) {
        let (from, to) = (group[index(draft.x[0])], group[index(draft.y)]);
        group.iter_mut().filter(|g| **g == to).for_each(|g| *g = from);
    }
    // Numbered in order of appearance.
    let mut groups: Vec<usize> = Vec::new();
    for g in &group {
        if !groups.contains(g) {
            groups.push(*g);
        }
    }
    let number = |v: usize| groups.iter().position(|g| *g == group[v]).unwrap_or(0);
    let scales: Vec<usize> = (0..values).map(number).collect();
    // What computes a group's numbers.
    let mut sources = vec![0; groups.len()];
    scales[..inputs].iter().for_each(|s| sources[*s] += 1);
    let computed = || drafts.iter().filter(|(draft, _)| !draft.kind.moves());
    computed().for_each(|(draft, _)| sources[scales[index(draft.y)]] += 1);
    let mut fixed = Vec::new();
    for (draft, node) in computed() {
        let scale = scales[index(draft.y)];
        match draft.kind.fixed() {
            Some((s, zero)) if sources[scale] == 1 => fixed.push((scale, s, zero)),
            Some(_) if matches!(draft.kind, Kind::Softmax { .. }) => return Err(*node),
            _ => {}
        }
    }
    Ok((scales, fixed))
}

impl Int8 {
    /// Adds a section; gives where it starts.
    fn section(&mut self, name: String, dtype: Dtype, shape: Vec<usize>) -> usize {
        let elems: usize = shape.iter().product();
        let end = match dtype {
            // Rows of weights are read by the word.
            Dtype::I8 => &mut self.bytes,
            Dtype::I32 | Dtype::F32 => &mut self.words,
        };
        let offset = if dtype == Dtype::I8 && elems >= 4 {
            end.next_multiple_of(4)
        } else {
            *end
        };
        *end = offset + elems;
        self.sections.push(Section {
            name,
            dtype,
            shape,
            offset,
        });
        offset
    }

    /// Where an operation's bytes and words start.
    fn parameters(&mut self, y: usize, kind: &Kind) -> (Vec<usize>, Vec<usize>) {
        let name = self.values[y].name.clone();
        let named = |what: &str| format!("{name}.{what}");
        match kind {
            Kind::Dense { k, n, .. } => self.product(&named, vec![*n, k.next_multiple_of(4)], *n),
            Kind::Conv { conv, .. } => {
                let (taps, outputs) = (conv.window.taps(), conv.outputs);
                let shape = if conv.groups == conv.inputs && conv.groups == outputs {
                    vec![taps, outputs]
                } else {
                    vec![outputs, (taps * (conv.inputs / conv.groups)).next_multiple_of(4)]
                };
                self.product(&named, shape, outputs)
            }
            Kind::Add { .. } => self.pair(&named, vec![3, 2]),
            Kind::Mul { .. } => self.pair(&named, vec![2]),
            Kind::Map { .. } => (vec![self.section(named("table"), Dtype::I8, vec![TABLE])], vec![]),
            Kind::Softmax { .. } => (
                vec![],
                vec![self.section(named("multiplier_shift_least"), Dtype::I32, vec![3])],
            ),
            _ => (vec![], vec![]),
        }
    }

    /// Multipliers of that shape, and two bounds.
    fn pair(&mut self, named: &impl Fn(&str) -> String, shape: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
        let words = self.section(named("multiplier_shift"), Dtype::I32, shape);
        let clamp = self.section(named("clamp"), Dtype::I8, vec![2]);
        (vec![clamp], vec![words])
    }

    fn product(
        &mut self,
        named: &impl Fn(&str) -> String,
        weight: Vec<usize>,
        outputs: usize,
    ) -> (Vec<usize>, Vec<usize>) {
        let weight = self.section(named("weight"), Dtype::I8, weight);
        let bias = self.section(named("bias"), Dtype::I32, vec![outputs]);
        let multiplier = self.section(named("multiplier"), Dtype::I32, vec![outputs]);
        let shift = self.section(named("shift"), Dtype::I8, vec![outputs]);
        let clamp = self.section(named("clamp"), Dtype::I8, vec![2]);
        (vec![weight, shift, clamp], vec![bias, multiplier])
    }

    /// The buffer of each value, by the last of the values that lie in it: what goes number by number writes over an input
    /// that nothing reads later. A value that becomes an output then lies in the output's memory from the start.
    pub(super) fn share(&self) -> Vec<usize> {
        let mut buffer: Vec<usize> = (0..self.values.len()).collect();
        for (i, op) in self.ops.iter().enumerate().filter(|(_, op)| op.kind.in_place()) {
            let ends_here = |x: &&usize| {
                let callers = self.inputs.contains(x) || self.outputs.contains(x);
                let read_later = self.ops[i + 1..].iter().any(|op| op.x.contains(x));
                !callers && !read_later && self.values[**x].elems == self.values[op.y].elems
            };
            if let Some(x) = op.x.iter().find(ends_here) {
                let shared = buffer[*x];
                buffer
                    .iter_mut()
                    .filter(|b| **b == shared)
                    .for_each(|b| *b = op.y);
            }
        }
        buffer
    }

    /// Packs the buffers that are the caller's neither as inputs nor as outputs.
    fn places(&mut self) {
        let buffer = self.share();
        let mut items: Vec<pack::Item> = Vec::new();
        for v in 0..self.values.len() {
            let touches = |op: &Op| buffer[op.y] == v || op.x.iter().any(|x| buffer[*x] == v);
            let (Some(from), Some(to)) = (
                self.ops.iter().position(touches),
                self.ops.iter().rposition(touches),
            ) else {
                continue;
            };
            items.push(pack::Item {
                value: ValueId(v),
                elems: self.values[v].elems,
                from,
                to,
            });
        }
        items.retain(|item| !self.inputs.contains(&item.value.0) && !self.outputs.contains(&item.value.0));
        let packed = pack::pack(&items);
        self.arena = packed.elems;
        for (ValueId(v), offset) in packed.offsets {
            self.values[v].place = Place::Arena(offset);
        }
        for (i, v) in self.inputs.iter().enumerate() {
            self.values[*v].place = Place::Input(i);
        }
        for (i, v) in self.outputs.iter().enumerate() {
            self.values[*v].place = Place::Output(i);
        }
        for (v, shared) in buffer.into_iter().enumerate() {
            self.values[v].place = self.values[shared].place;
        }
    }
}
