//! Calls of the operations on images.

use proc_macro2::TokenStream;
use quote::quote;

use super::Context;
use crate::ir::geometry::{Conv, Pooling, Window};
use crate::ir::{OpKind, Pooled, Space, ValueId};

impl Context<'_> {
    /// The statements of an operation on images.
    pub(super) fn image_statements(&mut self, kind: &OpKind) -> TokenStream {
        let in_lanes = kind.writes().iter().chain(&kind.reads()).any(|v| self.lanes(*v));
        let ops = if in_lanes {
            quote!(rt::ops::lanes)
        } else {
            self.ops()
        };
        match kind {
            OpKind::Conv2d {
                y,
                x,
                w,
                b,
                conv,
                epilogue,
                pool,
            } => {
                let samples = self.samples(1);
                let geometry = conv_literal(conv);
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
                let Some(Pooled { window, how, rows }) = pool else {
                    return quote!(#ops::conv2d(#samples, &#geometry, #x, #w, #b, #y, #e, #f););
                };
                let rows = self.out(*rows);
                let window = window_literal(window);
                let average = match how {
                    Pooling::Max => quote!(None),
                    _ => {
                        let how = self.averaging(how);
                        quote!(Some(#how))
                    }
                };
                let pool = quote!(rt::Pool2d { window: #window, average: #average });
                quote!(rt::ops::conv2d_pool(#samples, &#geometry, #x, #w, #b, #e, #f, &#pool, #rows, #y);)
            }
            OpKind::Conv2dGradInput {
                dx,
                dy,
                w,
                conv,
                epilogue,
            } => {
                let samples = self.samples(1);
                let geometry = conv_literal(conv);
                let dy = self.value(*dy);
                let w = self.source(*w);
                let (e, f) = self.epilogue(epilogue);
                let dx = self.out(*dx);
                quote!(#ops::conv2d_grad_input(#samples, &#geometry, #dy, #w, #dx, #e, #f);)
            }
            OpKind::Conv2dGradWeight { w, x, dy, conv } => {
                let samples = self.samples(1);
                let geometry = conv_literal(conv);
                let x = self.value(*x);
                let dy = self.value(*dy);
                let (gradient, accumulate) = self.gradient(*w);
                quote!(#ops::conv2d_grad_weight(#samples, &#geometry, #x, #dy, #gradient, #accumulate);)
            }
            OpKind::Pool {
                y,
                x,
                index,
                window,
                channels,
                how,
            } => {
                let (samples, channels) = self.pooled(in_lanes, *channels);
                let geometry = window_literal(window);
                let x = self.value(*x);
                let y = self.out(*y);
                match how {
                    Pooling::Max => {
                        let index = match index {
                            None => quote!(None),
                            Some(index) => {
                                let index = self.out(*index);
                                quote!(Some(#index))
                            }
                        };
                        quote!(rt::ops::max_pool2d(#samples, &#geometry, #channels, #x, #y, #index);)
                    }
                    _ => {
                        let how = self.averaging(how);
                        quote!(rt::ops::average_pool2d(#samples, &#geometry, #channels, #how, #x, #y);)
                    }
                }
            }
            OpKind::PoolGrad {
                dx,
                dy,
                index,
                window,
                channels,
                how,
            } => {
                let (samples, channels) = self.pooled(in_lanes, *channels);
                let geometry = window_literal(window);
                let dy = self.value(*dy);
                let index = index.map(|i| self.value(i));
                let dx = self.out(*dx);
                match index {
                    Some(index) => {
                        quote!(rt::ops::max_pool2d_grad(#samples, &#geometry, #channels, #dy, #index, #dx);)
                    }
                    None => {
                        let how = self.averaging(how);
                        quote!(rt::ops::average_pool2d_grad(#samples, &#geometry, #channels, #how, #dy, #dx);)
                    }
                }
            }
            OpKind::Permute { y, x, dims, axes } => {
                let samples = self.images(*y);
                let x = self.source(*x);
                let y = self.out(*y);
                quote!(rt::ops::permute(#samples, [#(#dims),*], [#(#axes),*], #x, #y);)
            }
            OpKind::CopyBox {
                y,
                x,
                from,
                to,
                at,
                fill,
            } => {
                let samples = self.images(*y);
                let fill = self.literal(*fill);
                let x = self.value(*x);
                let y = self.out(*y);
                quote!(rt::ops::copy_box(#samples, [#(#from),*], [#(#to),*], [#(#at),*], #fill, #x, #y);)
            }
            OpKind::Bilinear {
                y,
                x,
                from,
                to,
                channels,
                transposed,
            } => {
                let samples = self.images(*y);
                let x = self.value(*x);
                let y = self.out(*y);
                let name = if *transposed {
                    quote!(bilinear2d_grad)
                } else {
                    quote!(bilinear2d)
                };
                quote!(rt::ops::#name(#samples, [#(#from),*], [#(#to),*], #channels, #x, #y);)
            }
            _ => unreachable!("internal error, please report: no operation on images"),
        }
    }

    /// Samples and channels of a pool: 16 samples side by side are as many channels.
    fn pooled(&mut self, in_lanes: bool, channels: usize) -> (TokenStream, usize) {
        let samples = self.samples(1);
        if in_lanes {
            let side_by_side = crate::passes::lanes::SAMPLES;
            (quote!(#samples / #side_by_side), channels * side_by_side)
        } else {
            (samples, channels)
        }
    }

    /// Images in a value: one per sample, or one in all.
    fn images(&mut self, v: ValueId) -> TokenStream {
        match self.program.values[v.0].space {
            Space::Sample => self.samples(1),
            Space::Batch => quote!(1),
        }
    }

    fn averaging(&self, how: &Pooling) -> TokenStream {
        match how {
            Pooling::Sum(scale) => {
                let scale = self.literal(*scale);
                quote!(rt::Averaging::Sum(#scale))
            }
            _ => quote!(rt::Averaging::Mean),
        }
    }
}

pub fn conv_literal(conv: &Conv) -> TokenStream {
    let window = window_literal(&conv.window);
    let Conv {
        inputs,
        outputs,
        groups,
        ..
    } = conv;
    quote!(rt::Conv2d { window: #window, inputs: #inputs, outputs: #outputs, groups: #groups })
}

pub fn window_literal(w: &Window) -> TokenStream {
    let fields = [
        ("input", w.input),
        ("output", w.output),
        ("kernel", w.kernel),
        ("stride", w.stride),
        ("dilation", w.dilation),
        ("before", w.before),
    ]
    .map(|(name, [a, b])| {
        let name = super::super::names::ident(name);
        quote!(#name: [#a, #b])
    });
    quote!(rt::Window2d { #(#fields),* })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::geometry::Padding;

    #[test]
    fn geometry_is_a_literal() {
        let window = Window::new([5, 6], [3, 1], [2, 1], [1, 1], Padding::Same).expect("it fits");
        let found = window_literal(&window).to_string();
        let expected = "rt :: Window2d { input : [5usize , 6usize] , output : [3usize , 6usize] , \
                        kernel : [3usize , 1usize] , stride : [2usize , 1usize] , \
                        dilation : [1usize , 1usize] , before : [1usize , 0usize] }";
        assert_eq!(found, expected);
    }
}
