//! Quantize: the inference program to one in 8-bit integers, under `#[quantize(int8)]`.
//!
//! Before: a lowered inference program. After: [`Int8`], whose every operation has a form in integers: a normalisation is
//! folded into the product before it, a relu is the clamp of what computes its input, any other map of one value is a table;
//! values that are moved and not computed share a scale; every value has a place in an arena of bytes, over an input
//! where that is possible, every parameter one among the bytes or the words. What has no such form is a fault at its layer.

mod fold;
mod place;
#[cfg(test)]
mod tests;

use crate::diagnostics::{Diagnosis, Diagnostics};
use crate::formula::{Binary, Formula, Unary};
use crate::graph::Graph;
use crate::ir::builder::Program;
use crate::ir::geometry::{Conv, Pooling, Window};
use crate::ir::{Mode, NodeId, OpKind, Operand, ParamId, Source, Space, ValueId};
use crate::passes::{fuse, lower};
use fold::Folder;
pub use fold::Normalize;
pub use place::{Dtype, Place, Section};

/// A network in int8.
pub struct Int8 {
    pub values: Vec<Value>,
    /// Groups of values with one scale.
    pub scales: usize,
    /// Scales and zero points that follow from the operation.
    pub fixed: Vec<(usize, f32, i8)>,
    /// In `values`.
    pub inputs: Vec<usize>,
    pub outputs: Vec<usize>,
    pub ops: Vec<Op>,
    pub sections: Vec<Section>,
    pub bytes: usize,
    pub words: usize,
    /// Bytes of working memory.
    pub arena: usize,
}

impl Int8 {
    /// Bytes of a prediction: arena, inputs, outputs.
    pub fn ram(&self) -> usize {
        self.arena + self.callers()
    }

    /// Bytes of the parameters.
    pub fn flash(&self) -> usize {
        self.bytes + 4 * self.words
    }

    /// Bytes of inputs and outputs.
    pub fn callers(&self) -> usize {
        let callers = self.inputs.iter().chain(&self.outputs);
        callers.map(|v| self.values[*v].elems).sum()
    }

    /// Bytes in the arena that are live while each operation runs: what it reads, what it writes, what is read later.
    pub fn live(&self) -> Vec<usize> {
        let buffer = self.share();
        let touches = |op: &Op, b: usize| buffer[op.y] == b || op.x.iter().any(|x| buffer[*x] == b);
        let mut live = vec![0; self.ops.len()];
        for (b, value) in self.values.iter().enumerate() {
            if buffer[b] != b || !matches!(value.place, Place::Arena(_)) {
                continue;
            }
            let first = self.ops.iter().position(|op| touches(op, b));
            let last = self.ops.iter().rposition(|op| touches(op, b));
            if let (Some(first), Some(last)) = (first, last) {
                live[first..=last]
                    .iter_mut()
                    .for_each(|live| *live += value.elems);
            }
        }
        live
    }
}

pub struct Value {
    pub name: String,
    pub elems: usize,
    pub scale: usize,
    pub place: Place,
}

/// `y` is whole after it, unless a part of the same `y` follows.
pub struct Op {
    /// In `Int8::values`.
    pub x: Vec<usize>,
    pub y: usize,
    pub kind: Kind,
    /// Where its parameters start: first those that are bytes, then those that are words.
    pub bytes: Vec<usize>,
    pub words: Vec<usize>,
    /// The layer of the network, by which a budget names it.
    pub node: NodeId,
    /// Bytes of all its parameters.
    pub params: usize,
}

/// The least and the greatest value.
pub type Clamp = [f64; 2];

pub enum Kind {
    Dense {
        rows: usize,
        k: usize,
        n: usize,
        product: Product,
    },
    Conv {
        conv: Conv,
        product: Product,
    },
    Add {
        clamp: Clamp,
    },
    Mul {
        clamp: Clamp,
    },
    Map {
        f: Formula,
    },
    Softmax {
        width: usize,
    },
    Average {
        window: Window,
        channels: usize,
    },
    Max {
        window: Window,
        channels: usize,
    },
    /// Rows, widths and first columns of source and target, columns to copy.
    Columns {
        rows: usize,
        from: [usize; 2],
        to: [usize; 2],
        width: usize,
    },
    Permute {
        dims: [usize; 4],
        axes: [usize; 4],
    },
    CopyBox {
        from: [usize; 3],
        to: [usize; 3],
        at: [isize; 3],
    },
}

impl Kind {
    /// Whether numbers are moved or chosen, none computed: source and target share a scale.
    fn moves(&self) -> bool {
        !matches!(
            self,
            Self::Dense { .. }
                | Self::Conv { .. }
                | Self::Add { .. }
                | Self::Mul { .. }
                | Self::Map { .. }
                | Self::Softmax { .. }
        )
    }

    /// Whether it may write its output over an input: each number follows from those at its own place, or from a row that is
    /// read before it is written.
    fn in_place(&self) -> bool {
        matches!(
            self,
            Self::Add { .. } | Self::Mul { .. } | Self::Map { .. } | Self::Softmax { .. }
        )
    }

    /// The scale and zero point of its output, where its range is known: TensorFlow Lite's.
    fn fixed(&self) -> Option<(f32, i8)> {
        let f = |op| Formula::Unary(op, Box::new(Formula::Input(0)));
        match self {
            Self::Softmax { .. } => Some((1.0 / 256.0, -128)),
            Self::Map { f: map } if *map == f(Unary::Sigmoid) => Some((1.0 / 256.0, -128)),
            Self::Map { f: map } if *map == f(Unary::Tanh) => Some((1.0 / 128.0, 0)),
            _ => None,
        }
    }
}

/// What dense layers and convolutions have in common.
pub struct Product {
    pub w: ParamId,
    pub b: Option<ParamId>,
    pub normalize: Option<Normalize>,
    pub clamp: Clamp,
}

/// Makes the program in int8; reports layers that have no form in it.
pub fn quantize(graph: &Graph, diagnostics: &Diagnostics) -> Option<Int8> {
    let mark = diagnostics.count();
    let mut program = lower::lower(graph, Mode::Inference).program;
    fuse::clean(&mut program);
    let mut folder = Folder::new(&program);
    let (mut ops, mut faulty) = (Vec::new(), Vec::new());
    for i in 0..program.ops.len() {
        if folder.is_taken(i) || program.ops[i].kind.writes().iter().all(|v| folder.is_batch(*v)) {
            continue;
        }
        match convert(&program, &mut folder, i) {
            Ok(converted) => ops.extend(converted.into_iter().map(|op| (op, program.ops[i].node))),
            // A stub computes nothing.
            Err(_) if graph.is_stub() => {}
            // A layer of several operations is one fault.
            Err(_) if faulty.contains(&program.ops[i].node) => {}
            Err((message, help)) => {
                faulty.push(program.ops[i].node);
                let node = &graph.nodes[program.ops[i].node.0];
                let message = format!("`{}` has no form in int8: {message}", node.text);
                diagnostics.report(Diagnosis::new(node.span, message).help(help));
            }
        }
    }
    if diagnostics.count() > mark {
        return None;
    }
    match place::place(&program, ops) {
        Ok(int8) => Some(int8),
        Err(NodeId(node)) => {
            let node = &graph.nodes[node];
            let message = format!(
                "`{}` has no form in int8: its numbers are joined with others, and their scale is its own",
                node.text
            );
            diagnostics.report(Diagnosis::new(node.span, message).help("join what comes before it"));
            None
        }
    }
}

/// An operation over values of the lowered program.
struct Draft {
    x: Vec<ValueId>,
    y: ValueId,
    kind: Kind,
}

type Fault = (&'static str, &'static str);

const ELEMENTWISE: Fault = (
    "it combines values by more than a sum or a product",
    "sums and products of two tensors, maps of one, and normalisations right behind a `dense` layer or convolution can be quantised",
);

fn convert(program: &Program, folder: &mut Folder<'_>, i: usize) -> Result<Vec<Draft>, Fault> {
    let one = |x: ValueId, y: ValueId, kind: Kind| Ok(vec![Draft { x: vec![x], y, kind }]);
    match &program.ops[i].kind {
        OpKind::Dense { y, x, w, b, k, n, .. } => {
            let rows = program.shape(*x).elems() / k;
            let (y, product) = folder.product(*y, *w, *b);
            one(
                *x,
                y,
                Kind::Dense {
                    rows,
                    k: *k,
                    n: *n,
                    product,
                },
            )
        }
        OpKind::Conv2d { y, x, w, b, conv, .. } => {
            let (y, product) = folder.product(*y, *w, *b);
            one(*x, y, Kind::Conv { conv: *conv, product })
        }
        OpKind::Map { y, x, f, .. } => map(program, folder, *y, x, f),
        OpKind::Softmax {
            y,
            x,
            width,
            log: false,
        } => one(*x, *y, Kind::Softmax { width: *width }),
        OpKind::Softmax { .. } => Err((
            "a logarithm of probabilities has no range",
            "leave it to the loss, or take `softmax`",
        )),
        OpKind::Pool {
            y,
            x,
            window,
            channels,
            how,
            ..
        } => {
            let (window, channels) = (*window, *channels);
            match how {
                Pooling::Max => one(*x, *y, Kind::Max { window, channels }),
                Pooling::Mean => one(*x, *y, Kind::Average { window, channels }),
                Pooling::Sum(factor) if is_mean(&window, *factor) => {
                    one(*x, *y, Kind::Average { window, channels })
                }
                Pooling::Sum(_) => Err((
                    "its mean counts what lies outside the image",
                    "TensorFlow Lite's mean does not: leave out what asks for it",
                )),
            }
        }
        OpKind::Permute {
            y,
            x: Source::Value(x),
            dims,
            axes,
        } => one(
            *x,
            *y,
            Kind::Permute {
                dims: *dims,
                axes: *axes,
            },
        ),
        OpKind::CopyBox {
            y,
            x,
            from,
            to,
            at,
            fill,
        } if *fill == 0.0 => one(
            *x,
            *y,
            Kind::CopyBox {
                from: *from,
                to: *to,
                at: *at,
            },
        ),
        OpKind::CopyBox { .. } => Err((
            "it pads with a number other than 0",
            "0 is the one number that every scale holds exactly",
        )),
        OpKind::Concat { y, parts } => {
            let width: usize = parts.iter().map(|p| p.1).sum();
            let rows = program.shape(*y).elems() / width;
            let mut at = 0;
            let draft = |(x, part): &(ValueId, usize)| {
                let kind = Kind::Columns {
                    rows,
                    from: [*part, 0],
                    to: [width, at],
                    width: *part,
                };
                at += part;
                Draft {
                    x: vec![*x],
                    y: *y,
                    kind,
                }
            };
            Ok(parts.iter().map(draft).collect())
        }
        OpKind::Slice {
            y,
            x,
            x_width,
            at,
            width,
        } => {
            let rows = program.shape(*y).elems() / width;
            one(
                *x,
                *y,
                Kind::Columns {
                    rows,
                    from: [*x_width, *at],
                    to: [*width, 0],
                    width: *width,
                },
            )
        }
        OpKind::RowReduce { .. } | OpKind::BatchReduce { .. } | OpKind::Moments { .. } => Err((
            "it normalises each sample by statistics of its own",
            "`batch_norm` is folded into the layer before it",
        )),
        OpKind::PoolGrad { .. } | OpKind::Bilinear { .. } => Err((
            "it resizes an image",
            "resize before the network, or with a convolution",
        )),
        OpKind::Conv2dGradInput { .. } => Err((
            "it is a transposed convolution",
            "TensorFlow Lite's int8 kernels that are followed here have none",
        )),
        _ => Err((
            "there is no kernel for it",
            "leave it out of a network that is quantised",
        )),
    }
}

/// A sum with a factor that makes it the mean of windows inside the image.
fn is_mean(window: &Window, factor: f64) -> bool {
    let inside = (0..2).all(|a| {
        let reach = (window.output[a] - 1) * window.stride[a] + window.extent()[a];
        window.before[a] == 0 && reach <= window.input[a]
    });
    inside && (factor * window.taps() as f64 - 1.0).abs() < 1e-9
}

fn map(
    program: &Program,
    folder: &mut Folder<'_>,
    y: ValueId,
    x: &[Operand],
    f: &Formula,
) -> Result<Vec<Draft>, Fault> {
    let mut values: Vec<ValueId> = Vec::new();
    let mut places = Vec::new();
    for operand in x {
        let Operand::Full(Source::Value(v)) = operand else {
            return Err(ELEMENTWISE);
        };
        if program.values[v.0].space == Space::Batch {
            return Err(ELEMENTWISE);
        }
        let place = values.iter().position(|known| known == v).unwrap_or_else(|| {
            values.push(*v);
            values.len() - 1
        });
        places.push(Formula::Input(place));
    }
    let f = f.substitute(&places).simplify();
    match values[..] {
        [_] if f.is_identity() => {
            let width = program.shape(y).elems();
            let kind = Kind::Columns {
                rows: 1,
                from: [width, 0],
                to: [width, 0],
                width,
            };
            Ok(vec![Draft { x: values, y, kind }])
        }
        [_] => Ok(vec![Draft {
            x: values,
            y,
            kind: Kind::Map { f },
        }]),
        [_, _] if is_both(&f, Binary::Add) => {
            let (y, clamp) = folder.clamp(y);
            let kind = Kind::Add { clamp };
            Ok(vec![Draft { x: values, y, kind }])
        }
        [_, _] if is_both(&f, Binary::Mul) => {
            let (y, clamp) = folder.clamp(y);
            let kind = Kind::Mul { clamp };
            Ok(vec![Draft { x: values, y, kind }])
        }
        _ => Err(ELEMENTWISE),
    }
}

/// Whether it is the two inputs joined by this.
fn is_both(f: &Formula, by: Binary) -> bool {
    let Formula::Binary(op, a, b) = f else {
        return false;
    };
    *op == by
        && matches!(
            (&**a, &**b),
            (Formula::Input(0), Formula::Input(1)) | (Formula::Input(1), Formula::Input(0))
        )
}
