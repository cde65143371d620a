//! The sizes that the operations on images must keep to.

use super::Check;
use crate::ir::geometry::{Conv, Pooling, Window};
use crate::ir::{OpKind, Pooled, Source, Space};

impl Check<'_> {
    pub(super) fn image_op(&mut self, op: &OpKind) -> Result<(), String> {
        match op {
            OpKind::Conv2d {
                y,
                x,
                w,
                b,
                conv,
                epilogue,
                pool,
            } => {
                self.conv(conv)?;
                self.input(*x, conv.input_elems(), Space::Sample)?;
                self.param(*w, conv.weights())?;
                if let Some(b) = b {
                    self.param(*b, conv.outputs)?;
                }
                self.epilogue(epilogue.as_ref(), conv.window.outputs(), conv.outputs)?;
                let Some(Pooled { window, how, rows }) = pool else {
                    return self.output(*y, conv.output_elems(), Space::Sample);
                };
                self.pool(window, *how)?;
                let (one, room) = (
                    window.row_pixels() * conv.outputs,
                    self.program.shape(*rows).elems(),
                );
                if window.input != conv.window.output || !window.parts_rows() || room < one {
                    return Err(format!(
                        "a convolution cannot be pooled by {window:?} in {room} numbers"
                    ));
                }
                self.output(*rows, room, Space::Sample)?;
                self.output(*y, window.outputs() * conv.outputs, Space::Sample)
            }
            OpKind::Conv2dGradInput {
                dx,
                dy,
                w,
                conv,
                epilogue,
            } => {
                self.conv(conv)?;
                self.input(*dy, conv.output_elems(), Space::Sample)?;
                match w {
                    Source::Value(w) => self.input(*w, conv.weights(), Space::Batch)?,
                    Source::Param(w) if conv.is_depthwise() => self.param(*w, conv.weights())?,
                    _ => return Err("the weights are not transposed".to_string()),
                }
                self.epilogue(epilogue.as_ref(), conv.window.inputs(), conv.inputs)?;
                self.output(*dx, conv.input_elems(), Space::Sample)
            }
            OpKind::Conv2dGradWeight { w, x, dy, conv } => {
                self.conv(conv)?;
                self.input(*x, conv.input_elems(), Space::Sample)?;
                self.input(*dy, conv.output_elems(), Space::Sample)?;
                self.param(*w, conv.weights())
            }
            OpKind::Pool {
                y,
                x,
                index,
                window,
                channels,
                how,
            } => {
                self.pool(window, *how)?;
                self.input(*x, window.inputs() * channels, Space::Sample)?;
                if let Some(index) = index {
                    self.output(*index, window.outputs() * channels, Space::Sample)?;
                }
                self.output(*y, window.outputs() * channels, Space::Sample)
            }
            OpKind::PoolGrad {
                dx,
                dy,
                index,
                window,
                channels,
                how,
            } => {
                self.pool(window, *how)?;
                if index.is_some() != (*how == Pooling::Max) {
                    return Err("places belong to a maximum".to_string());
                }
                for v in std::iter::once(dy).chain(index) {
                    self.input(*v, window.outputs() * channels, Space::Sample)?;
                }
                self.output(*dx, window.inputs() * channels, Space::Sample)
            }
            OpKind::Permute { y, x, dims, axes } => {
                let elems = dims.iter().product();
                let mut seen = *axes;
                seen.sort_unstable();
                if seen != [0, 1, 2, 3] {
                    return Err(format!("the axes {axes:?} are no permutation"));
                }
                match x {
                    Source::Value(x) => self.input(*x, elems, self.space(*y))?,
                    Source::Param(p) => self.param(*p, elems)?,
                    Source::Target(_) => return Err("a target is not permuted".to_string()),
                }
                let space = if matches!(x, Source::Param(_)) {
                    Space::Batch
                } else {
                    self.space(*y)
                };
                self.output(*y, elems, space)
            }
            OpKind::CopyBox { y, x, from, to, .. } => {
                self.input(*x, from.iter().product(), Space::Sample)?;
                self.output(*y, to.iter().product(), Space::Sample)
            }
            OpKind::Bilinear {
                y,
                x,
                from,
                to,
                channels,
                transposed,
            } => {
                let size = |[h, w]: [usize; 2]| h * w * channels;
                let (given, result) = if *transposed { (to, from) } else { (from, to) };
                self.input(*x, size(*given), Space::Sample)?;
                self.output(*y, size(*result), Space::Sample)
            }
            _ => Err("no operation on images".to_string()),
        }
    }

    fn conv(&self, conv: &Conv) -> Result<(), String> {
        let divides = |n: usize| n > 0 && n.is_multiple_of(conv.groups);
        if conv.groups == 0 || !divides(conv.inputs) || !divides(conv.outputs) {
            return Err(format!("the groups do not divide the channels: {conv:?}"));
        }
        self.window(&conv.window)
    }

    /// No window may lie wholly beyond the far edge; the first starts within its own extent of the near one.
    fn window(&self, w: &Window) -> Result<(), String> {
        for a in 0..2 {
            let sizes = [w.input[a], w.output[a], w.kernel[a], w.stride[a], w.dilation[a]];
            if sizes.contains(&0) {
                return Err(format!("a size is 0: {w:?}"));
            }
        }
        Ok(())
    }

    /// Of a window without an element there is neither a maximum nor a mean.
    fn pool(&self, w: &Window, how: Pooling) -> Result<(), String> {
        self.window(w)?;
        let empty =
            (0..2).any(|a| (0..w.output[a]).any(|o| (0..w.kernel[a]).all(|t| w.source(a, o, t).is_none())));
        if empty && !matches!(how, Pooling::Sum(_)) {
            return Err(format!("a window lies outside the image: {w:?}"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::builder::{Builder, Program};
    use crate::ir::geometry::{Conv, Padding, Window};
    use crate::ir::verify::verify;
    use crate::ir::{Direction, Mode, NodeId, ParamId, Shape, Space, Value, ValueId};

    fn program(conv: Conv) -> Program {
        let mut program = Program::default();
        program.values.push(Value {
            name: "x".to_string(),
            shape: Shape(vec![5, 5, 4]),
            space: Space::Sample,
            lanes: false,
        });
        program.inputs.push(ValueId(0));
        let mut b = Builder::new(
            &mut program,
            Mode::Inference,
            NodeId(0),
            Direction::Forward,
            "conv",
        );
        let y = b.conv2d(ValueId(0), ParamId(0), None, conv, &Shape(vec![3, 3, 6]));
        program.outputs.push(y);
        program
    }

    #[test]
    fn groups_divide() {
        let window = Window::new([5, 5], [3, 3], [1, 1], [1, 1], Padding::Valid).expect("it fits");
        let conv = |groups| Conv {
            window,
            inputs: 4,
            outputs: 6,
            groups,
        };
        let weights = |groups: usize| [Shape(vec![3, 3, 4 / groups, 6])];
        for groups in [1, 2] {
            assert_eq!(verify(&program(conv(groups)), &weights(groups)), Ok(()));
        }
        assert!(verify(&program(conv(4)), &weights(4)).is_err_and(|e| e.contains("groups")));
        assert!(verify(&program(conv(1)), &weights(2)).is_err_and(|e| e.contains("expected 216")));
    }
}
