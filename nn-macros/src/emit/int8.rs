//! The program in int8: one function that is generic over the arithmetic, its layout as a constant, and the methods of the
//! type.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::formulas::Formulas;
use super::kernel::{conv_literal, window_literal};
use super::names::ident;
use super::program::Emitter;
use crate::formula::Formula;
use crate::graph::{Graph, Scalar};
use crate::ir::{Operand, Source};
use crate::passes::quantize::{Clamp, Dtype, Int8, Kind, Normalize, Op, Place, Product, Section};
use crate::weights::{Expected, Fault, Weights, read_tensors};

/// A network in int8, and the file that it is built with.
pub struct Quantized {
    pub int8: Int8,
    pub weights: Option<Weights>,
}

impl Quantized {
    /// Reads the file that `#[quantize(int8, weights = "…")]` names.
    pub fn read(graph: &Graph, int8: &Int8, path: &str) -> Result<Weights, Vec<Fault>> {
        if graph.is_stub() {
            let tensors = int8
                .sections
                .iter()
                .map(|s| vec![0; s.elems() * s.dtype.size()])
                .collect();
            return Ok(Weights { path: None, tensors });
        }
        let expected: Vec<Expected<'_>> = int8.sections.iter().map(Section::expected).collect();
        read_tensors(path, &graph.name.to_string(), &expected)
    }

    /// The constant of a value; the number at its end keeps two of alike names apart.
    fn value(&self, v: usize) -> Ident {
        super::names::constant(&format!("{}_V{v}", self.int8.values[v].name))
    }

    /// The function, the constants, and the bytes of the file.
    pub fn items(&self, emitter: &mut Emitter<'_>) -> TokenStream {
        let layout = self.layout();
        let values = self.int8.values.iter().enumerate().map(|(i, value)| {
            let (name, scale, elems) = (self.value(i), value.scale, value.elems);
            let place = match value.place {
                Place::Input(i) => quote!(Input(#i)),
                Place::Arena(at) => quote!(Arena(#at)),
                Place::Output(i) => quote!(Output(#i)),
            };
            quote! {
                const #name: rt::quantized::Value =
                    rt::quantized::Value { index: #i, scale: #scale, place: rt::quantized::Place::#place, elems: #elems };
            }
        });
        let mut products = 0;
        let mut statements = TokenStream::new();
        for (i, op) in self.int8.ops.iter().enumerate() {
            statements.extend(self.statement(op, &mut products, emitter));
            let y = self.value(op.y);
            if self.int8.ops.get(i + 1).is_none_or(|next| next.y != op.y) {
                statements.extend(quote!(a.done(#y);));
            }
        }
        quote! {
            #(#values)*
            #layout

            /// The program in int8.
            #[inline(always)]
            fn int8<A: rt::quantized::Arithmetic>(a: &mut A) {
                #statements
                let _ = a;
            }
        }
    }

    fn layout(&self) -> TokenStream {
        let Int8 {
            scales,
            bytes,
            words,
            arena,
            ..
        } = &self.int8;
        let values = self.int8.values.iter().map(|v| {
            let (name, scale) = (&v.name, v.scale);
            quote!((#name, #scale))
        });
        let fixed = self.int8.fixed.iter().map(|(scale, real, zero)| {
            let real = super::literal(f64::from(*real), Scalar::F32);
            let zero = Literal::i8_unsuffixed(*zero);
            quote!((#scale, #real, #zero))
        });
        let inputs = self.int8.inputs.iter().map(|v| self.value(*v));
        let outputs = self.int8.outputs.iter().map(|v| self.value(*v));
        let sections = self.int8.sections.iter().map(|s| {
            let (name, shape, offset) = (&s.name, &s.shape, s.offset);
            let dtype = ident(s.dtype.name());
            quote! {
                rt::quantized::Section { name: #name, dtype: rt::quantized::Dtype::#dtype, shape: &[#(#shape),*], offset: #offset }
            }
        });
        quote! {
            const INT8: rt::quantized::Layout = rt::quantized::Layout {
                values: &[#(#values),*],
                scales: #scales,
                fixed: &[#(#fixed),*],
                inputs: &[#(#inputs),*],
                outputs: &[#(#outputs),*],
                sections: &[#(#sections),*],
                bytes: #bytes,
                words: #words,
                arena: #arena,
            };
        }
    }

    fn statement(&self, op: &Op, products: &mut usize, emitter: &mut Emitter<'_>) -> TokenStream {
        let x: Vec<Ident> = op.x.iter().map(|v| self.value(*v)).collect();
        let (first, y) = (&x[0], self.value(op.y));
        let (bytes, words) = (&op.bytes, &op.words);
        match &op.kind {
            Kind::Dense { rows, k, n, product } => {
                let kind = quote!(rt::quantized::Kind::Dense { rows: #rows, k: #k, n: #n });
                self.product(op, kind, product, *n, products, emitter)
            }
            Kind::Conv { conv, product } => {
                let conv_of = conv_literal(conv);
                let kind = quote!(rt::quantized::Kind::Conv(#conv_of));
                self.product(op, kind, product, conv.outputs, products, emitter)
            }
            Kind::Add { clamp: bounds } => {
                let bounds = clamp(*bounds);
                quote! {
                    a.add(&const { rt::quantized::Sum { clamp: #bounds, bytes: #(#bytes)*, words: #(#words)* } }, [#(#x),*], #y);
                }
            }
            Kind::Mul { clamp: bounds } => {
                let bounds = clamp(*bounds);
                quote! {
                    a.mul(&const { rt::quantized::Scaling { clamp: #bounds, bytes: #(#bytes)*, words: #(#words)* } }, [#(#x),*], #y);
                }
            }
            Kind::Map { f } => {
                let f = emitter.formulas.name(f, 1);
                quote!(a.map(#(#bytes)*, #first, #y, #f);)
            }
            Kind::Softmax { width } => quote!(a.softmax(#width, #(#words)*, #first, #y);),
            Kind::Average { window, channels } => {
                let window = window_literal(window);
                quote!(a.average_pool2d(&const { #window }, #channels, #first, #y);)
            }
            Kind::Max { window, channels } => {
                let window = window_literal(window);
                quote!(a.max_pool2d(&const { #window }, #channels, #first, #y);)
            }
            Kind::Columns {
                rows,
                from: [from, from_at],
                to: [to, to_at],
                width,
            } => quote! {
                a.columns(
                    &const { rt::quantized::Columns { rows: #rows, from: #from, from_at: #from_at, to: #to, to_at: #to_at, width: #width } },
                    #first,
                    #y,
                );
            },
            Kind::Permute { dims, axes } => quote!(a.permute([#(#dims),*], [#(#axes),*], #first, #y);),
            Kind::CopyBox { from, to, at } => {
                let at = at.map(Literal::isize_unsuffixed);
                quote!(a.copy_box([#(#from),*], [#(#to),*], [#(#at),*], #first, #y);)
            }
        }
    }

    fn product(
        &self,
        op: &Op,
        kind: TokenStream,
        product: &Product,
        outputs: usize,
        products: &mut usize,
        emitter: &mut Emitter<'_>,
    ) -> TokenStream {
        let (x, y) = (self.value(op.x[0]), self.value(op.y));
        let (bytes, words, index) = (&op.bytes, &op.words, *products);
        *products += 1;
        let w = &emitter.params[product.w.0];
        let b = match product.b {
            None => quote!(None),
            Some(b) => {
                let b = &emitter.params[b.0];
                quote!(Some(#b.start))
            }
        };
        let bounds = clamp(product.clamp);
        let normalize = match &product.normalize {
            None => quote!(|_, _, _| {}),
            Some(Normalize { factor, term }) => {
                let factor = part(
                    &ident("factors"),
                    factor,
                    outputs,
                    &emitter.params,
                    &mut emitter.formulas,
                );
                let term = part(
                    &ident("terms"),
                    term,
                    outputs,
                    &emitter.params,
                    &mut emitter.formulas,
                );
                quote!(|parameters, factors, terms| { #factor #term })
            }
        };
        quote! {
            a.product(
                &const {
                    rt::quantized::Product {
                        index: #index,
                        kind: #kind,
                        w: #w.start,
                        b: #b,
                        clamp: #bounds,
                        bytes: [#(#bytes),*],
                        words: [#(#words),*],
                    }
                },
                #x,
                #y,
                #normalize,
            );
        }
    }
}

/// A map of parameters to one number for each channel.
fn part(
    y: &Ident,
    (operands, f): &(Vec<Operand>, Formula),
    outputs: usize,
    params: &[Ident],
    formulas: &mut Formulas,
) -> TokenStream {
    let operands = operands.iter().map(|operand| match operand {
        Operand::Col(Source::Param(p)) => {
            let name = &params[p.0];
            quote!(rt::Operand::Col(&parameters[#name]))
        }
        Operand::Scalar(Source::Param(p)) => {
            let name = &params[p.0];
            quote!(rt::Operand::Scalar(parameters[#name][0]))
        }
        _ => unreachable!("internal error, please report: a normalisation by more than parameters"),
    });
    let operands: Vec<TokenStream> = operands.collect();
    let f = formulas.name(f, operands.len());
    quote!(rt::ops::map(1, #outputs, #y, [#(#operands),*], #f);)
}

fn clamp(bounds: Clamp) -> TokenStream {
    let bound = |x: f64| {
        if x == f64::INFINITY {
            quote!(f32::INFINITY)
        } else if x == f64::NEG_INFINITY {
            quote!(f32::NEG_INFINITY)
        } else {
            super::literal(x, Scalar::F32)
        }
    };
    let [low, high] = bounds.map(bound);
    quote!([#low, #high])
}

impl Section {
    fn expected(&self) -> Expected<'_> {
        let (name, dtype, shape) = (&self.name, self.dtype.name(), self.shape.clone());
        Expected { name, dtype, shape }
    }

    fn elems(&self) -> usize {
        self.shape.iter().product()
    }
}

impl Dtype {
    /// Bytes of a number.
    fn size(self) -> usize {
        match self {
            Self::I8 => 1,
            Self::I32 | Self::F32 => 4,
        }
    }
}

impl Quantized {
    /// The file's numbers as two byte strings in memory's order.
    pub fn statics(&self) -> TokenStream {
        let Some(weights) = &self.weights else {
            return TokenStream::new();
        };
        let (mut bytes, mut words) = (vec![0; self.int8.bytes], vec![0; self.int8.words * 4]);
        for (section, tensor) in self.int8.sections.iter().zip(&weights.tensors) {
            match section.dtype {
                Dtype::I8 => bytes[section.offset..][..tensor.len()].copy_from_slice(tensor),
                Dtype::I32 | Dtype::F32 => {
                    words[section.offset * 4..][..tensor.len()].copy_from_slice(tensor)
                }
            }
        }
        let (byte_count, word_count) = (self.int8.bytes, self.int8.words);
        let [byte_count, word_count] = [byte_count, word_count].map(Literal::usize_unsuffixed);
        let (bytes, words) = (Literal::byte_string(&bytes), Literal::byte_string(&words));
        let tracked = super::weights::tracked(weights);
        quote! {
            #tracked
            static INT8_BYTES: rt::Baked<i8, #byte_count> = rt::bake_i8(#bytes);
            static INT8_WORDS: rt::Baked<i32, #word_count> = rt::bake_i32(#words);
        }
    }

    /// Scale and zero point of a value in the file.
    fn scale(&self, weights: &Weights, v: usize) -> TokenStream {
        let scale = self.int8.values[v].scale;
        // The first two sections.
        let bits = weights.tensors[0][scale * 4..]
            .first_chunk()
            .map_or(0, |b| u32::from_le_bytes(*b));
        let real = super::literal(f64::from(f32::from_bits(bits)), Scalar::F32);
        let zero = Literal::i8_unsuffixed(weights.tensors[1][scale] as i8);
        quote!((#real, #zero))
    }

    /// Constants, and prediction in memory that the caller gives.
    pub fn everywhere(&self, graph: &Graph, inputs: &[Ident], outputs: &[Ident]) -> TokenStream {
        let name = &graph.name;
        let (arena, ram, bytes) = (self.int8.arena, self.int8.ram(), self.int8.flash());
        let baked = self.weights.as_ref().map(|weights| {
            let file = weights.path.as_deref().unwrap_or("a file");
            let doc = format!(" Predicts one sample in int8 with the parameters of `{file}`, which are part of the program, in working \
                memory that the caller gives: no heap, no threads, no `std`. Bytes stand for `(byte - zero) · scale` of \
                [`Self::INT8_INPUTS`] and [`Self::INT8_OUTPUTS`].");
            let elems = |v: &usize| self.int8.values[*v].elems;
            let input_elems = self.int8.inputs.iter().map(elems);
            let output_elems = self.int8.outputs.iter().map(elems);
            let input_scales = self.int8.inputs.iter().map(|v| self.scale(weights, *v));
            let output_scales = self.int8.outputs.iter().map(|v| self.scale(weights, *v));
            quote! {
                /// Scale and zero point of each input.
                pub const INT8_INPUTS: &'static [(f32, i8)] = &[#(#input_scales),*];
                /// Scale and zero point of each output.
                pub const INT8_OUTPUTS: &'static [(f32, i8)] = &[#(#output_scales),*];

                #[doc = #doc]
                pub fn infer_int8(
                    #(#inputs: &[i8; #input_elems],)*
                    arena: &mut [i8; Self::INT8_ARENA],
                    #(#outputs: &mut [i8; #output_elems]),*
                ) {
                    let parameters = rt::quantized::Parameters { bytes: &INT8_BYTES.0, words: &INT8_WORDS.0 };
                    int8(&mut rt::quantized::integers(parameters, &[#(#inputs),*], arena, &mut [#(#outputs),*]));
                }
            }
        });
        quote! {
            impl #name {
                /// Working memory of a prediction in int8, in bytes; input and output come on top.
                pub const INT8_ARENA: usize = #arena;
                /// Memory of a prediction in int8, in bytes: arena, input and output. The stack of the calls comes on top.
                pub const INT8_RAM_BYTES: usize = #ram;
                /// The parameters in int8, in bytes, as they lie in flash: weights, biases, multipliers, tables, scales.
                pub const INT8_FLASH_BYTES: usize = #bytes;
                #baked
            }
        }
    }

    /// What needs `std`.
    pub fn host(&self, graph: &Graph) -> TokenStream {
        let name = &graph.name;
        let baked = self.weights.as_ref().map(|weights| {
            let doc = format!(
                " The network in int8 of `{}`, which is part of the program.",
                weights.path.as_deref().unwrap_or("a file")
            );
            quote! {
                impl #name {
                    #[doc = #doc]
                    #[must_use]
                    pub fn quantized() -> rt::quantized::Quantized<Self> {
                        rt::quantized::Quantized::baked(&INT8_BYTES.0, &INT8_WORDS.0)
                    }
                }
            }
        });
        quote! {
            impl rt::quantized::Quantize for #name {
                const INT8: rt::quantized::Layout = INT8;

                fn int8<A: rt::quantized::Arithmetic>(a: &mut A) {
                    int8(a);
                }
            }
            #baked
        }
    }

    /// One name for each output.
    pub fn output_names(&self) -> Vec<Ident> {
        match self.int8.outputs.len() {
            1 => vec![ident("output")],
            many => (1..=many).map(|i| format_ident!("output_{i}")).collect(),
        }
    }
}
