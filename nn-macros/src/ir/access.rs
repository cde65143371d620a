//! What an operation reads and writes: the one place where passes learn it.

use super::{OpKind, Operand, ParamId, Source, ValueId};

impl Source {
    pub fn value(&self) -> Option<ValueId> {
        match self {
            Self::Value(v) => Some(*v),
            Self::Param(_) | Self::Target(_) => None,
        }
    }
}

impl Operand {
    pub fn source(&self) -> Option<Source> {
        match self {
            Self::Full(s) | Self::Row(s) | Self::Col(s) | Self::Scalar(s) => Some(*s),
            Self::InverseBatch => None,
        }
    }

    pub fn value(&self) -> Option<ValueId> {
        self.source().and_then(|s| s.value())
    }

    /// Whether it means the same under any width (reads one number per element, or one for all).
    pub fn is_flat(&self) -> bool {
        matches!(self, Self::Full(_) | Self::Scalar(_) | Self::InverseBatch)
    }
}

impl OpKind {
    /// The elementwise operands, where there are some (an epilogue's included).
    pub fn operands(&self) -> &[Operand] {
        match self {
            Self::Map { x, .. }
            | Self::RowReduce { x, .. }
            | Self::ParamReduce { x, .. }
            | Self::BatchReduce { x, .. } => x,
            Self::Dense {
                epilogue: Some(e), ..
            }
            | Self::DenseGradInput {
                epilogue: Some(e), ..
            }
            | Self::Conv2d {
                epilogue: Some(e), ..
            }
            | Self::Conv2dGradInput {
                epilogue: Some(e), ..
            } => &e.x,
            _ => &[],
        }
    }

    /// Values read, with repetitions.
    pub fn reads(&self) -> Vec<ValueId> {
        let mut reads: Vec<ValueId> = match self {
            Self::Dense { x, .. }
            | Self::Conv2d { x, .. }
            | Self::Pool { x, .. }
            | Self::CopyBox { x, .. }
            | Self::Bilinear { x, .. }
            | Self::Moments { x, .. }
            | Self::Softmax { x, .. }
            | Self::SoftmaxCrossEntropy { x, .. }
            | Self::Dropout { x, .. }
            | Self::Slice { x, .. }
            | Self::Turn { x, .. }
            | Self::Alias { x, .. }
            | Self::UpdateState { x, .. }
            | Self::AccumulateLoss { x } => vec![*x],
            Self::DenseGradInput { dy, .. } => vec![*dy],
            Self::DenseGradWeight { x, dy, .. } | Self::Conv2dGradWeight { x, dy, .. } => vec![*x, *dy],
            Self::Conv2dGradInput { dy, w, .. } => std::iter::once(*dy).chain(w.value()).collect(),
            Self::PoolGrad { dy, index, .. } => std::iter::once(*dy).chain(*index).collect(),
            Self::Permute { x, .. } => x.value().into_iter().collect(),
            Self::Concat { parts, .. } => parts.iter().map(|p| p.0).collect(),
            Self::Map { .. }
            | Self::RowReduce { .. }
            | Self::ParamReduce { .. }
            | Self::BatchReduce { .. } => Vec::new(),
        };
        reads.extend(self.operands().iter().filter_map(Operand::value));
        reads
    }

    /// Values written.
    pub fn writes(&self) -> Vec<ValueId> {
        match self {
            Self::Map { y, .. }
            | Self::RowReduce { y, .. }
            | Self::Dense { y, .. }
            | Self::Conv2d { y, pool: None, .. }
            | Self::Permute { y, .. }
            | Self::CopyBox { y, .. }
            | Self::Bilinear { y, .. }
            | Self::Softmax { y, .. }
            | Self::Dropout { y, .. }
            | Self::Concat { y, .. }
            | Self::Slice { y, .. }
            | Self::Turn { y, .. }
            | Self::Alias { y, .. } => vec![*y],
            Self::Conv2d {
                y, pool: Some(pool), ..
            } => vec![*y, pool.rows],
            Self::DenseGradInput { dx, .. }
            | Self::Conv2dGradInput { dx, .. }
            | Self::PoolGrad { dx, .. } => vec![*dx],
            Self::BatchReduce { sums, .. } => sums.iter().map(|s| s.0).collect(),
            Self::Moments { mean, var, .. } => vec![*mean, *var],
            Self::Pool { y, index, .. } => std::iter::once(*y).chain(*index).collect(),
            Self::SoftmaxCrossEntropy { loss, dx, .. } => std::iter::once(*loss).chain(*dx).collect(),
            Self::ParamReduce { .. }
            | Self::UpdateState { .. }
            | Self::DenseGradWeight { .. }
            | Self::Conv2dGradWeight { .. }
            | Self::AccumulateLoss { .. } => Vec::new(),
        }
    }

    /// The parameter whose gradient it accumulates.
    pub fn gradient_of(&self) -> Option<ParamId> {
        match self {
            Self::ParamReduce { param, .. } => Some(*param),
            Self::DenseGradWeight { w, .. } | Self::Conv2dGradWeight { w, .. } => Some(*w),
            _ => None,
        }
    }

    /// Whether it does something beyond writing values: then it is never dead.
    pub fn has_effect(&self) -> bool {
        matches!(
            self,
            Self::ParamReduce { .. }
                | Self::UpdateState { .. }
                | Self::DenseGradWeight { .. }
                | Self::Conv2dGradWeight { .. }
                | Self::AccumulateLoss { .. }
        )
    }

    /// Replaces every value read.
    pub fn map_reads(&mut self, f: &mut dyn FnMut(ValueId) -> ValueId) {
        match self {
            Self::Dense { x, .. }
            | Self::Conv2d { x, .. }
            | Self::Pool { x, .. }
            | Self::CopyBox { x, .. }
            | Self::Bilinear { x, .. }
            | Self::Moments { x, .. }
            | Self::Softmax { x, .. }
            | Self::SoftmaxCrossEntropy { x, .. }
            | Self::Dropout { x, .. }
            | Self::Slice { x, .. }
            | Self::Turn { x, .. }
            | Self::Alias { x, .. }
            | Self::UpdateState { x, .. }
            | Self::AccumulateLoss { x } => *x = f(*x),
            Self::DenseGradInput { dy, .. } => *dy = f(*dy),
            Self::DenseGradWeight { x, dy, .. } | Self::Conv2dGradWeight { x, dy, .. } => {
                *x = f(*x);
                *dy = f(*dy);
            }
            Self::Conv2dGradInput { dy, w, .. } => {
                *dy = f(*dy);
                if let Source::Value(w) = w {
                    *w = f(*w);
                }
            }
            Self::PoolGrad { dy, index, .. } => {
                *dy = f(*dy);
                index.iter_mut().for_each(|i| *i = f(*i));
            }
            Self::Permute { x, .. } => {
                if let Source::Value(x) = x {
                    *x = f(*x);
                }
            }
            Self::Concat { parts, .. } => parts.iter_mut().for_each(|p| p.0 = f(p.0)),
            Self::Map { .. }
            | Self::RowReduce { .. }
            | Self::ParamReduce { .. }
            | Self::BatchReduce { .. } => {}
        }
        let operands: &mut [Operand] = match self {
            Self::Map { x, .. }
            | Self::RowReduce { x, .. }
            | Self::ParamReduce { x, .. }
            | Self::BatchReduce { x, .. } => x,
            Self::Dense {
                epilogue: Some(e), ..
            }
            | Self::DenseGradInput {
                epilogue: Some(e), ..
            }
            | Self::Conv2d {
                epilogue: Some(e), ..
            }
            | Self::Conv2dGradInput {
                epilogue: Some(e), ..
            } => &mut e.x,
            _ => return,
        };
        for operand in operands {
            let (Operand::Full(s) | Operand::Row(s) | Operand::Col(s) | Operand::Scalar(s)) = operand else {
                continue;
            };
            if let Source::Value(v) = s {
                *v = f(*v);
            }
        }
    }
}
