//! One operation, one kernel call.

mod images;

pub use images::{conv_literal, window_literal};

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::formulas::Formulas;
use super::function::{Needs, Resource};
use crate::formula::{Binary, Formula};
use crate::graph::Scalar;
use crate::ir::builder::Program;
use crate::ir::{Epilogue, Op, OpKind, Operand, ParamId, Reduce, Source, Space, ValueId};
use crate::passes::plan::Plan;

/// What the statements of one function refer to.
pub struct Context<'a> {
    pub program: &'a Program,
    pub plan: &'a Plan,
    /// Identifier per value; a shared buffer goes by its first owner's.
    pub names: &'a [Ident],
    /// Constant with the range, per parameter.
    pub params: &'a [Ident],
    pub scalar: Scalar,
    /// In a function that runs once for the whole batch.
    pub whole: bool,
    pub formulas: &'a mut Formulas,
    pub needs: &'a mut Needs,
}

impl Context<'_> {
    /// The variable that holds a value's buffer.
    fn value(&mut self, v: ValueId) -> TokenStream {
        let root = self.plan.buffer[v.0];
        self.needs.read(root);
        let name = &self.names[root.0];
        match self.shared(root) {
            Some(elems) => quote!(&#name[..#elems]),
            None => quote!(#name),
        }
    }

    /// Of a value that each tile computes for itself, its size: the buffer is larger.
    fn shared(&self, root: ValueId) -> Option<usize> {
        self.plan.shared[root.0].then(|| self.program.shape(root).elems())
    }

    fn out(&mut self, v: ValueId) -> TokenStream {
        let root = self.plan.buffer[v.0];
        self.needs.write(root);
        let name = &self.names[root.0];
        match self.shared(root) {
            Some(elems) => quote!(&mut #name[..#elems]),
            None => quote!(#name),
        }
    }

    fn param(&mut self, p: ParamId) -> TokenStream {
        self.needs.resource(Resource::Parameters);
        let name = &self.params[p.0];
        quote!(&parameters[#name])
    }

    fn gradient(&mut self, p: ParamId) -> (TokenStream, TokenStream) {
        self.needs.resource(Resource::Gradients);
        let name = &self.params[p.0];
        let accumulate = if self.whole {
            quote!(false)
        } else {
            self.needs.resource(Resource::Accumulate);
            quote!(accumulate)
        };
        (quote!(&mut gradients[#name]), accumulate)
    }

    fn source(&mut self, s: Source) -> TokenStream {
        match s {
            Source::Value(v) => self.value(v),
            Source::Param(p) => self.param(p),
            Source::Target(i) => {
                self.needs.resource(Resource::Values(i));
                let name = target_ident(i, false);
                quote!(#name)
            }
        }
    }

    /// `own`: the buffer that the kernel writes, if an operand may be the same one.
    fn operand(&mut self, o: &Operand, own: Option<ValueId>) -> TokenStream {
        match o {
            Operand::Full(Source::Value(v))
                if own.is_some_and(|y| self.plan.buffer[y.0] == self.plan.buffer[v.0]) =>
            {
                quote!(rt::Operand::Own)
            }
            Operand::Full(s) => {
                let s = self.source(*s);
                quote!(rt::Operand::Full(#s))
            }
            Operand::Row(s) => {
                let s = self.source(*s);
                quote!(rt::Operand::Row(#s))
            }
            Operand::Col(s) => {
                let s = self.source(*s);
                quote!(rt::Operand::Col(#s))
            }
            Operand::Scalar(Source::Param(p)) => {
                self.needs.resource(Resource::Parameters);
                let name = &self.params[p.0];
                quote!(rt::Operand::Scalar(parameters[#name][0]))
            }
            Operand::Scalar(Source::Value(v)) => {
                let root = self.plan.buffer[v.0];
                self.needs.read(root);
                let name = &self.names[root.0];
                quote!(rt::Operand::Scalar(#name[0]))
            }
            Operand::Scalar(s) => {
                let s = self.source(*s);
                quote!(rt::Operand::Scalar(#s[0]))
            }
            Operand::InverseBatch => {
                self.needs.resource(Resource::InverseBatch);
                quote!(rt::Operand::Scalar(inverse_batch))
            }
        }
    }

    fn operands(&mut self, x: &[Operand], own: Option<ValueId>) -> TokenStream {
        let x: Vec<TokenStream> = x.iter().map(|o| self.operand(o, own)).collect();
        quote!([#(#x),*])
    }

    fn labels(&mut self, i: usize) -> TokenStream {
        self.needs.resource(Resource::Labels(i));
        let name = target_ident(i, true);
        quote!(#name)
    }

    /// Rows of a `width`-wide view of `v`, for all samples at hand.
    fn rows(&mut self, v: ValueId, width: usize) -> TokenStream {
        let value = &self.program.values[v.0];
        let per_sample = value.shape.elems() / width.max(1);
        if value.space == Space::Batch {
            return quote!(#per_sample);
        }
        self.samples(per_sample)
    }

    fn samples(&mut self, times: usize) -> TokenStream {
        self.needs.resource(Resource::Samples);
        if times == 1 {
            quote!(samples)
        } else {
            quote!(samples * #times)
        }
    }

    fn literal(&self, x: f64) -> TokenStream {
        super::literal(x, self.scalar)
    }

    /// Samples lie side by side in it.
    fn lanes(&self, v: ValueId) -> bool {
        self.program.values[v.0].lanes
    }

    fn ops(&self) -> TokenStream {
        if self.whole {
            quote!(rt::wide)
        } else {
            quote!(rt::ops)
        }
    }

    fn epilogue(&mut self, e: &Option<Epilogue>) -> (TokenStream, TokenStream) {
        match e {
            None => (quote!([rt::Operand::Own]), quote!(rt::Identity)),
            Some(e) => {
                let x: Vec<TokenStream> = e.x.iter().map(|o| self.operand(o, None)).collect();
                let f = self.formulas.name(&e.f, e.x.len() + 1);
                (quote!([rt::Operand::Own #(, #x)*]), f)
            }
        }
    }

    /// Rows for an operation that only reduces: taken from its first tensor operand.
    fn reduced_rows(&mut self, x: &[Operand], width: usize) -> TokenStream {
        let tensor = x.iter().find_map(|o| match o {
            Operand::Full(Source::Value(v)) => Some((*v, width)),
            Operand::Row(Source::Value(v)) => Some((*v, 1)),
            _ => None,
        });
        match tensor {
            Some((v, width)) => self.rows(v, width),
            None => self.samples(1),
        }
    }

    /// The statements of one operation.
    pub fn statements(&mut self, op: &Op) -> TokenStream {
        let ops = self.ops();
        match &op.kind {
            OpKind::Map { y, x, f, width } => {
                let rows = self.rows(*y, *width);
                let ops = if self.program.values[y.0].space == Space::Batch {
                    quote!(rt::ops)
                } else {
                    ops
                };
                let operands = self.operands(x, Some(*y));
                let y = self.out(*y);
                let f = self.formulas.name(f, x.len());
                quote!(#ops::map(#rows, #width, #y, #operands, #f);)
            }
            OpKind::RowReduce { y, how, x, f, width } => {
                let rows = self.rows(*y, 1);
                let operands = self.operands(x, None);
                let y = self.out(*y);
                let f = self.formulas.name(f, x.len());
                let how = match how {
                    Reduce::Sum => quote!(rt::Reduce::Sum),
                    Reduce::Mean => quote!(rt::Reduce::Mean),
                };
                quote!(rt::ops::row_reduce(#rows, #width, #y, #how, #operands, #f);)
            }
            OpKind::ParamReduce { param, x, f, width } => {
                let rows = self.reduced_rows(x, *width);
                let lanes = x.iter().filter_map(Operand::value).any(|v| self.lanes(v));
                let ops = if lanes { quote!(rt::ops::lanes) } else { ops };
                let operands = self.operands(x, None);
                let f = self.formulas.name(f, x.len());
                let (gradient, accumulate) = self.gradient(*param);
                quote!(#ops::col_reduce(#rows, #width, #gradient, #accumulate, #operands, #f);)
            }
            OpKind::BatchReduce { sums, how, x, width } => match &sums[..] {
                [(y, f)] => self.batch_reduce(*y, *how, x, f, *width),
                _ => self.batch_reduce_pair(sums, *how, x, *width),
            },
            OpKind::Moments { mean, var, x, width } => {
                let rows = self.rows(*x, *width);
                let x = self.value(*x);
                let (mean, var) = (self.out(*mean), self.out(*var));
                quote!(rt::wide::moments(#rows, #width, #x, #mean, #var);)
            }
            OpKind::UpdateState {
                state,
                x,
                momentum,
                unbiased_rows,
            } => {
                let x = self.value(*x);
                self.needs.resource(Resource::State);
                let name = quote::format_ident!("{}_STATE", self.params[state.0]);
                let momentum = self.literal(*momentum);
                let factor = match unbiased_rows {
                    None => self.literal(1.0),
                    Some(rows) => {
                        let m = self.samples(*rows);
                        quote!(rt::unbiased(#m))
                    }
                };
                quote!(rt::ops::lerp(&mut state[#name], #x, #momentum, #factor);)
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
                let rows = self.rows(*x, *k);
                let x = self.value(*x);
                let w = self.param(*w);
                let b = match b {
                    None => quote!(None),
                    Some(b) => {
                        let b = self.param(*b);
                        quote!(Some(#b))
                    }
                };
                let (e, f) = self.epilogue(epilogue);
                let y = self.out(*y);
                quote!(#ops::dense(#rows, #k, #n, #x, #w, #b, #y, #e, #f);)
            }
            OpKind::DenseGradInput {
                dx,
                dy,
                w,
                k,
                n,
                epilogue,
            } => {
                let rows = self.rows(*dy, *n);
                let dy = self.value(*dy);
                let w = self.param(*w);
                let (e, f) = self.epilogue(epilogue);
                let dx = self.out(*dx);
                quote!(#ops::dense_grad_input(#rows, #k, #n, #dy, #w, #dx, #e, #f);)
            }
            OpKind::DenseGradWeight { w, x, dy, k, n } => {
                let rows = self.rows(*x, *k);
                let x = self.value(*x);
                let dy = self.value(*dy);
                let (gradient, accumulate) = self.gradient(*w);
                quote!(#ops::dense_grad_weight(#rows, #k, #n, #x, #dy, #gradient, #accumulate);)
            }
            OpKind::Softmax { y, x, width, log } => {
                let rows = self.rows(*y, *width);
                let x = self.operand(&Operand::Full(Source::Value(*x)), Some(*y));
                let y = self.out(*y);
                quote!(rt::ops::softmax(#rows, #width, #x, #y, #log);)
            }
            OpKind::SoftmaxCrossEntropy { .. } => self.softmax_cross_entropy(&op.kind),
            OpKind::Dropout {
                y,
                x,
                rate,
                stream,
                channels,
            } => {
                let elems = self.program.shape(*y).elems();
                let x = self.operand(&Operand::Full(Source::Value(*x)), Some(*y));
                let y = self.out(*y);
                self.needs.resource(Resource::Key(*stream));
                self.needs.resource(Resource::First);
                if let Some(channels) = channels {
                    let pixels = elems / channels;
                    quote!(rt::ops::dropout_channels(#pixels, #channels, #y, #x, #rate, key, first);)
                } else {
                    let elems = elems as u64;
                    quote!(rt::ops::dropout(#y, #x, #rate, key, first as u64 * #elems);)
                }
            }
            OpKind::Conv2d { .. }
            | OpKind::Conv2dGradInput { .. }
            | OpKind::Conv2dGradWeight { .. }
            | OpKind::Pool { .. }
            | OpKind::PoolGrad { .. }
            | OpKind::Permute { .. }
            | OpKind::CopyBox { .. }
            | OpKind::Bilinear { .. } => self.image_statements(&op.kind),
            OpKind::Concat { y, parts } => {
                let width: usize = parts.iter().map(|p| p.1).sum();
                let rows = self.rows(*y, width);
                let mut at = 0usize;
                let mut calls = TokenStream::new();
                for (x, part) in parts {
                    let x = self.value(*x);
                    let y = self.out(*y);
                    calls.extend(quote!(rt::ops::copy_columns(#rows, #x, #part, 0, #y, #width, #at, #part);));
                    at += part;
                }
                calls
            }
            OpKind::Slice {
                y,
                x,
                x_width,
                at,
                width,
            } => {
                let rows = self.rows(*y, *width);
                let x = self.value(*x);
                let y = self.out(*y);
                quote!(rt::ops::copy_columns(#rows, #x, #x_width, #at, #y, #width, 0, #width);)
            }
            OpKind::AccumulateLoss { x } => {
                let x = self.value(*x);
                self.needs.resource(Resource::Loss);
                quote!(*loss += rt::ops::sum(#x);)
            }
            OpKind::Turn { y, x } => {
                let samples = self.samples(1);
                let elems = self.program.shape(*y).elems();
                let turn = if self.lanes(*y) {
                    quote!(gather)
                } else {
                    quote!(scatter)
                };
                let (x, y) = (self.value(*x), self.out(*y));
                quote!(rt::ops::lanes::#turn(#samples, #elems, #x, #y);)
            }
            OpKind::Alias { .. } => TokenStream::new(),
        }
    }

    /// A statistic of the batch; the mean's factor is one more operand of its formula.
    fn batch_reduce(
        &mut self,
        y: ValueId,
        how: Reduce,
        x: &[Operand],
        f: &Formula,
        width: usize,
    ) -> TokenStream {
        let rows = self.reduced_rows(x, width);
        let mut operands: Vec<TokenStream> = x.iter().map(|o| self.operand(o, None)).collect();
        let mut f = f.clone();
        if how == Reduce::Mean {
            f = Formula::Binary(Binary::Mul, Box::new(f), Box::new(Formula::Input(operands.len())));
            let share = self.share(x, width);
            operands.push(quote!(rt::Operand::Scalar(#share)));
        }
        let f = self.formulas.name(&f, operands.len());
        let y = self.out(y);
        quote!(rt::wide::col_reduce(#rows, #width, #y, false, [#(#operands),*], #f);)
    }

    /// Two statistics of the batch from the same operands.
    fn batch_reduce_pair(
        &mut self,
        sums: &[(ValueId, Formula)],
        how: Reduce,
        x: &[Operand],
        width: usize,
    ) -> TokenStream {
        let rows = self.reduced_rows(x, width);
        let operands = self.operands(x, None);
        let scale = match how {
            Reduce::Sum => self.literal(1.0),
            Reduce::Mean => self.share(x, width),
        };
        let f: Vec<TokenStream> = sums.iter().map(|(_, f)| self.formulas.name(f, x.len())).collect();
        let y: Vec<TokenStream> = sums.iter().map(|(y, _)| self.out(*y)).collect();
        quote!(rt::wide::col_reduce_pair(#rows, #width, [#(#y),*], #scale, #operands, #(#f),*);)
    }

    /// 1 / (batch · rows of a sample)
    fn share(&mut self, x: &[Operand], width: usize) -> TokenStream {
        let per_sample = x
            .iter()
            .find_map(|o| match o {
                Operand::Full(Source::Value(v)) => Some(self.program.shape(*v).elems() / width),
                _ => None,
            })
            .unwrap_or(1);
        self.needs.resource(Resource::InverseBatch);
        if per_sample == 1 {
            return quote!(inverse_batch);
        }
        let share = self.literal(1.0 / per_sample as f64);
        quote!(inverse_batch * #share)
    }

    fn softmax_cross_entropy(&mut self, kind: &OpKind) -> TokenStream {
        let OpKind::SoftmaxCrossEntropy {
            x,
            target,
            loss,
            dx,
            width,
            smoothing,
            class_weights,
            scale,
        } = kind
        else {
            return TokenStream::new();
        };
        let rows = self.rows(*x, *width);
        let x = self.operand(&Operand::Full(Source::Value(*x)), *dx);
        let labels = self.labels(*target);
        let loss = self.out(*loss);
        let smoothing = self.literal(*smoothing);
        let weights: Vec<TokenStream> = class_weights.iter().map(|w| self.literal(*w)).collect();
        let scale_literal = self.literal(*scale);
        let (dx, gradient_scale) = match dx {
            None => (quote!(None), self.literal(0.0)),
            Some(dx) => {
                self.needs.resource(Resource::InverseBatch);
                let dx = self.out(*dx);
                let by = if *scale == 1.0 {
                    quote!(inverse_batch)
                } else {
                    quote!(inverse_batch * #scale_literal)
                };
                (quote!(Some(#dx)), by)
            }
        };
        quote! {
            rt::ops::softmax_cross_entropy(
                #rows, #width, #x, #labels, #smoothing, &[#(#weights),*], #scale_literal, #loss, #dx, #gradient_scale,
            );
        }
    }
}

/// `target`, `target_2`, `labels`, `labels_2`
pub fn target_ident(i: usize, labels: bool) -> Ident {
    let base = if labels { "labels" } else { "target" };
    super::names::ident(&if i == 0 {
        base.to_string()
    } else {
        format!("{base}_{}", i + 1)
    })
}
