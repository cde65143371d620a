//! Convolutions, pooling and rearrangement: the operations over images.

use super::Builder;
use crate::ir::geometry::{Conv, Pooling, Window};
use crate::ir::{OpKind, ParamId, Shape, Source, Space, ValueId};

impl Builder<'_> {
    /// `y = x * w + b`; a convolution of single pixels is a dense product.
    pub fn conv2d(
        &mut self,
        x: ValueId,
        w: ParamId,
        b: Option<ParamId>,
        conv: Conv,
        shape: &Shape,
    ) -> ValueId {
        if conv.is_dense() {
            return self.dense(x, w, b, conv.inputs, conv.outputs);
        }
        let y = self.value("", shape.clone(), Space::Sample);
        self.push(OpKind::Conv2d {
            y,
            x,
            w,
            b,
            conv,
            epilogue: None,
            pool: None,
        });
        y
    }

    /// `dx` of shape `shape` from `dy`; transposes the weights first where they need it.
    pub fn conv2d_grad_input(
        &mut self,
        suffix: &str,
        dy: ValueId,
        w: ParamId,
        conv: Conv,
        shape: &Shape,
    ) -> ValueId {
        if conv.is_dense() {
            return self.dense_grad_input(dy, w, conv.inputs, conv.outputs, None);
        }
        let (inputs, outputs) = (conv.inputs / conv.groups, conv.outputs / conv.groups);
        let w = if inputs == 1 && outputs == 1 {
            Source::Param(w)
        } else {
            let [height, width] = conv.window.kernel;
            let shape = Shape(vec![height, width, outputs, conv.inputs]);
            let y = self.value("transposed", shape, Space::Batch);
            self.push(OpKind::Permute {
                y,
                x: Source::Param(w),
                dims: [conv.window.taps(), inputs, conv.groups, outputs],
                axes: [0, 3, 2, 1],
            });
            Source::Value(y)
        };
        let dx = self.value(suffix, shape.clone(), Space::Sample);
        self.push(OpKind::Conv2dGradInput {
            dx,
            dy,
            w,
            conv,
            epilogue: None,
        });
        dx
    }

    pub fn conv2d_grad_weight(&mut self, w: ParamId, x: ValueId, dy: ValueId, conv: Conv) {
        if conv.is_dense() {
            self.dense_grad_weight(w, x, dy, conv.inputs, conv.outputs);
        } else {
            self.push(OpKind::Conv2dGradWeight { w, x, dy, conv });
        }
    }

    /// Gives the pooled image and, if asked for, the places of the maxima.
    pub fn pool(
        &mut self,
        x: ValueId,
        window: Window,
        channels: usize,
        how: Pooling,
        index: bool,
        shape: &Shape,
    ) -> (ValueId, Option<ValueId>) {
        let y = self.value("", shape.clone(), Space::Sample);
        let index = index.then(|| self.value("index", shape.clone(), Space::Sample));
        self.push(OpKind::Pool {
            y,
            x,
            index,
            window,
            channels,
            how,
        });
        (y, index)
    }

    #[allow(clippy::too_many_arguments)]
    pub fn pool_grad(
        &mut self,
        suffix: &str,
        dy: ValueId,
        index: Option<ValueId>,
        window: Window,
        channels: usize,
        how: Pooling,
        shape: &Shape,
    ) -> ValueId {
        let dx = self.value(suffix, shape.clone(), Space::Sample);
        self.push(OpKind::PoolGrad {
            dx,
            dy,
            index,
            window,
            channels,
            how,
        });
        dx
    }

    /// Axis `i` of the result is axis `axes[i]` of `x`, seen as `dims`.
    pub fn permute(
        &mut self,
        suffix: &str,
        x: ValueId,
        dims: [usize; 4],
        axes: [usize; 4],
        shape: &Shape,
    ) -> ValueId {
        let y = self.value(suffix, shape.clone(), Space::Sample);
        self.push(OpKind::Permute {
            y,
            x: Source::Value(x),
            dims,
            axes,
        });
        y
    }

    #[allow(clippy::too_many_arguments)]
    pub fn copy_box(
        &mut self,
        suffix: &str,
        x: ValueId,
        from: [usize; 3],
        to: [usize; 3],
        at: [isize; 3],
        fill: f64,
        shape: &Shape,
    ) -> ValueId {
        let y = self.value(suffix, shape.clone(), Space::Sample);
        self.push(OpKind::CopyBox {
            y,
            x,
            from,
            to,
            at,
            fill,
        });
        y
    }

    #[allow(clippy::too_many_arguments)]
    pub fn bilinear(
        &mut self,
        suffix: &str,
        x: ValueId,
        from: [usize; 2],
        to: [usize; 2],
        channels: usize,
        transposed: bool,
        shape: &Shape,
    ) -> ValueId {
        let y = self.value(suffix, shape.clone(), Space::Sample);
        self.push(OpKind::Bilinear {
            y,
            x,
            from,
            to,
            channels,
            transposed,
        });
        y
    }
}
