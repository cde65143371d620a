//! Verify: what every program between two passes must keep to.
//!
//! A value is written once and before it is read; operands have as many elements as the operation's rows and
//! columns ask; a value of the whole batch never depends on a single sample but by a `BatchReduce` or `Moments`; a formula
//! reads no operand that its operation lacks. A violation is a bug of a pass, never of the user.

mod images;

use super::builder::Program;
use super::{Epilogue, OpKind, Operand, ParamId, Shape, Source, Space, ValueId};
use crate::formula::Formula;

/// Checks a program over parameters of these shapes; the error names the operation.
pub fn verify(program: &Program, params: &[Shape]) -> Result<(), String> {
    let mut check = Check {
        program,
        params,
        written: vec![false; program.values.len()],
    };
    check.names()?;
    for v in program.inputs.iter().chain(&program.output_gradients) {
        check.write(*v)?;
    }
    for (i, op) in program.ops.iter().enumerate() {
        check
            .lanes(&op.kind)
            .and_then(|()| check.op(&op.kind))
            .map_err(|fault| format!("operation {i} {:?}: {fault}", op.kind))?;
    }
    let results = program
        .outputs
        .iter()
        .chain(program.input_gradients.iter().flatten());
    for v in results {
        check.read(*v)?;
    }
    Ok(())
}

/// Rows per sample (or in all, in `Space::Batch`) and columns that an operation works over.
#[derive(Clone, Copy)]
struct Extent {
    rows: usize,
    width: usize,
    space: Space,
}

struct Check<'a> {
    program: &'a Program,
    params: &'a [Shape],
    written: Vec<bool>,
}

impl Check<'_> {
    fn names(&self) -> Result<(), String> {
        let mut seen = std::collections::HashSet::new();
        for value in &self.program.values {
            let identifier = value.name.chars().all(|c| c.is_alphanumeric() || c == '_')
                && !value.name.starts_with(|c: char| c.is_ascii_digit())
                && !value.name.is_empty();
            if !identifier {
                return Err(format!("the value name `{}` is no identifier", value.name));
            }
            if !seen.insert(&value.name) {
                return Err(format!("two values are named `{}`", value.name));
            }
        }
        Ok(())
    }

    fn name(&self, v: ValueId) -> &str {
        &self.program.values[v.0].name
    }

    fn elems(&self, v: ValueId) -> usize {
        self.program.shape(v).elems()
    }

    fn space(&self, v: ValueId) -> Space {
        self.program.values[v.0].space
    }

    fn write(&mut self, v: ValueId) -> Result<(), String> {
        if std::mem::replace(&mut self.written[v.0], true) {
            return Err(format!("`{}` is written twice", self.name(v)));
        }
        Ok(())
    }

    fn read(&self, v: ValueId) -> Result<(), String> {
        if self.written[v.0] {
            Ok(())
        } else {
            Err(format!("`{}` is read before it is written", self.name(v)))
        }
    }

    /// Samples lie alike in all that an operation reads and writes, but for what turns them.
    fn lanes(&self, op: &OpKind) -> Result<(), String> {
        let lanes = |v: &ValueId| self.program.values[v.0].lanes;
        if let OpKind::Turn { y, x } = op {
            return if lanes(x) == lanes(y) {
                Err(format!("`{}` lies as it did before it was turned", self.name(*y)))
            } else {
                Ok(())
            };
        }
        let mut samples: Vec<ValueId> = op.reads();
        samples.extend(op.writes());
        samples.retain(|v| self.space(*v) == Space::Sample);
        match samples.iter().find(|v| lanes(v) != lanes(&samples[0])) {
            Some(v) => Err(format!(
                "`{}` lies otherwise than `{}`",
                self.name(*v),
                self.name(samples[0])
            )),
            None => Ok(()),
        }
    }

    /// A value of this many elements.
    fn sized(&self, v: ValueId, elems: usize, space: Space) -> Result<(), String> {
        if self.elems(v) != elems {
            return Err(format!(
                "`{}` has {} elements, expected {elems}",
                self.name(v),
                self.elems(v)
            ));
        }
        if self.space(v) != space {
            return Err(format!(
                "`{}` is in {:?}, expected {space:?}",
                self.name(v),
                self.space(v)
            ));
        }
        Ok(())
    }

    fn param(&self, p: ParamId, elems: usize) -> Result<(), String> {
        match self.params.get(p.0) {
            None => Err(format!("there is no parameter {}", p.0)),
            Some(shape) if shape.elems() != elems => Err(format!(
                "parameter {} has {} elements, expected {elems}",
                p.0,
                shape.elems()
            )),
            Some(_) => Ok(()),
        }
    }

    /// A value of `rows` rows of `width`, whole rows only.
    fn rows(&self, v: ValueId, width: usize) -> Result<usize, String> {
        let elems = self.elems(v);
        if width == 0 || !elems.is_multiple_of(width) {
            return Err(format!(
                "`{}` of {elems} elements is no rows of {width}",
                self.name(v)
            ));
        }
        Ok(elems / width)
    }

    /// A value that is read, of this many elements.
    fn input(&self, v: ValueId, elems: usize, space: Space) -> Result<(), String> {
        self.read(v)?;
        self.sized(v, elems, space)
    }

    /// A value that is written, of this many elements.
    fn output(&mut self, v: ValueId, elems: usize, space: Space) -> Result<(), String> {
        self.sized(v, elems, space)?;
        self.write(v)
    }

    fn target(&self, t: usize, elems: usize) -> Result<(), String> {
        // A program that hands no output back (a training step) does not say its targets' sizes.
        let Some(&output) = self.program.targets.get(t) else {
            return Ok(());
        };
        if self.elems(output) != elems {
            return Err(format!(
                "the target of output {t} has {} elements, expected {elems}",
                self.elems(output)
            ));
        }
        Ok(())
    }

    fn operand(&self, operand: &Operand, e: Extent) -> Result<(), String> {
        // One number for all samples: a parameter or a value of the whole batch.
        let shared = |source: &Source, elems: usize| match source {
            Source::Value(v) => self.input(*v, elems, Space::Batch),
            Source::Param(p) => self.param(*p, elems),
            Source::Target(t) => Err(format!("the target of output {t} is not shared by all samples")),
        };
        let own = |source: &Source, elems: usize| match source {
            Source::Value(v) => self.input(*v, elems, e.space),
            Source::Param(_) if e.space == Space::Batch => shared(source, elems),
            Source::Param(p) => Err(format!("parameter {} is read as if each sample had its own", p.0)),
            Source::Target(t) => self.target(*t, elems),
        };
        match operand {
            Operand::Full(s) => own(s, e.rows * e.width),
            Operand::Row(s) => own(s, e.rows),
            Operand::Col(s) => shared(s, e.width),
            Operand::Scalar(s) => shared(s, 1),
            Operand::InverseBatch => Ok(()),
        }
    }

    fn formula(&self, f: &Formula, x: &[Operand], e: Extent, own: usize) -> Result<(), String> {
        for operand in x {
            self.operand(operand, e)?;
        }
        match f.inputs().last() {
            Some(&last) if last >= own + x.len() => {
                Err(format!("the formula reads operand {last} of {}", own + x.len()))
            }
            _ => Ok(()),
        }
    }

    /// Rows of a reduction, from its operands.
    fn extent(&self, x: &[Operand], width: usize) -> Result<Extent, String> {
        for operand in x {
            let (rows, space) = match operand {
                Operand::Full(Source::Value(v)) => (self.rows(*v, width)?, self.space(*v)),
                Operand::Row(Source::Value(v)) => (self.elems(*v), self.space(*v)),
                Operand::Full(Source::Target(t)) if *t < self.program.outputs.len() => {
                    (self.rows(self.program.targets[*t], width)?, Space::Sample)
                }
                _ => continue,
            };
            return Ok(Extent { rows, width, space });
        }
        Err("no operand tells the number of rows".to_string())
    }

    fn epilogue(&self, epilogue: Option<&Epilogue>, rows: usize, width: usize) -> Result<(), String> {
        let e = Extent {
            rows,
            width,
            space: Space::Sample,
        };
        epilogue.map_or(Ok(()), |tail| self.formula(&tail.f, &tail.x, e, 1))
    }

    fn op(&mut self, op: &OpKind) -> Result<(), String> {
        match op {
            OpKind::Map { y, x, f, width } => {
                let e = Extent {
                    rows: self.rows(*y, *width)?,
                    width: *width,
                    space: self.space(*y),
                };
                self.formula(f, x, e, 0)?;
                self.write(*y)
            }
            OpKind::RowReduce { y, x, f, width, .. } => {
                let e = Extent {
                    rows: self.elems(*y),
                    width: *width,
                    space: self.space(*y),
                };
                self.formula(f, x, e, 0)?;
                self.write(*y)
            }
            OpKind::ParamReduce { param, x, f, width } => {
                self.param(*param, *width)?;
                self.formula(f, x, self.extent(x, *width)?, 0)
            }
            OpKind::BatchReduce { sums, x, width, .. } => {
                for (y, f) in sums {
                    self.formula(f, x, self.extent(x, *width)?, 0)?;
                    self.output(*y, *width, Space::Batch)?;
                }
                Ok(())
            }
            OpKind::Moments { mean, var, x, width } => {
                let rows = self.rows(*x, *width)?;
                self.input(*x, rows * width, Space::Sample)?;
                self.output(*mean, *width, Space::Batch)?;
                self.output(*var, *width, Space::Batch)
            }
            OpKind::UpdateState { state, x, .. } => {
                self.input(*x, self.elems(*x), Space::Batch)?;
                self.param(*state, self.elems(*x))
            }
            OpKind::Dense {
                y,
                x,
                w,
                b,
                k,
                n,
                epilogue,
            } => {
                let rows = self.rows(*x, *k)?;
                self.input(*x, rows * k, Space::Sample)?;
                self.param(*w, k * n)?;
                if let Some(b) = b {
                    self.param(*b, *n)?;
                }
                self.epilogue(epilogue.as_ref(), rows, *n)?;
                self.output(*y, rows * n, Space::Sample)
            }
            OpKind::DenseGradInput {
                dx,
                dy,
                w,
                k,
                n,
                epilogue,
            } => {
                let rows = self.rows(*dy, *n)?;
                self.input(*dy, rows * n, Space::Sample)?;
                self.param(*w, k * n)?;
                self.epilogue(epilogue.as_ref(), rows, *k)?;
                self.output(*dx, rows * k, Space::Sample)
            }
            OpKind::DenseGradWeight { w, x, dy, k, n } => {
                let rows = self.rows(*x, *k)?;
                self.input(*x, rows * k, Space::Sample)?;
                self.input(*dy, rows * n, Space::Sample)?;
                self.param(*w, k * n)
            }
            OpKind::Softmax { y, x, width, .. } => {
                let rows = self.rows(*x, *width)?;
                self.input(*x, rows * width, Space::Sample)?;
                self.output(*y, rows * width, Space::Sample)
            }
            OpKind::SoftmaxCrossEntropy {
                x,
                target,
                loss,
                dx,
                width,
                class_weights,
                ..
            } => {
                let rows = self.rows(*x, *width)?;
                self.input(*x, rows * width, Space::Sample)?;
                self.target(*target, rows * width)?;
                if !class_weights.is_empty() && class_weights.len() != *width {
                    return Err(format!(
                        "{} class weights for {width} classes",
                        class_weights.len()
                    ));
                }
                self.output(*loss, rows, Space::Sample)?;
                dx.map_or(Ok(()), |dx| self.output(dx, rows * width, Space::Sample))
            }
            OpKind::Dropout { y, x, channels, .. } => {
                self.rows(*y, channels.unwrap_or(1))?;
                self.input(*x, self.elems(*y), Space::Sample)?;
                self.output(*y, self.elems(*y), Space::Sample)
            }
            OpKind::Concat { y, parts } => {
                let rows = self.rows(*y, parts.iter().map(|(_, width)| width).sum())?;
                for (part, width) in parts {
                    self.input(*part, rows * width, Space::Sample)?;
                }
                self.output(*y, self.elems(*y), Space::Sample)
            }
            OpKind::Slice {
                y,
                x,
                x_width,
                at,
                width,
            } => {
                let rows = self.rows(*x, *x_width)?;
                self.input(*x, rows * x_width, Space::Sample)?;
                if at + width > *x_width {
                    return Err(format!("columns {at}..{} of {x_width}", at + width));
                }
                self.output(*y, rows * width, Space::Sample)
            }
            OpKind::Conv2d { .. }
            | OpKind::Conv2dGradInput { .. }
            | OpKind::Conv2dGradWeight { .. }
            | OpKind::Pool { .. }
            | OpKind::PoolGrad { .. }
            | OpKind::Permute { .. }
            | OpKind::CopyBox { .. }
            | OpKind::Bilinear { .. } => self.image_op(op),
            OpKind::Turn { y, x } | OpKind::Alias { y, x } => {
                self.input(*x, self.elems(*y), self.space(*y))?;
                self.write(*y)
            }
            OpKind::AccumulateLoss { x } => self.input(*x, self.elems(*x), Space::Sample),
        }
    }
}
