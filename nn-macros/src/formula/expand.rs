//! A formula as Rust: the body of `eval` in an implementation of `nn_runtime::simd::Formula`.
//!
//! Before: any formula. After: statements and a last expression over `s: S` and the operands `x0, x1, …`, each
//! a vector `S::V`. A subexpression that occurs more than once is bound by a `let` and computed once; a sum
//! with a product becomes one fused multiply-add.

use std::collections::HashMap;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

use super::{Binary, Compare, Formula, Unary};

impl Formula {
    /// The body of `eval`; operand `i` is the variable `x<i>`.
    pub fn expand(&self) -> TokenStream {
        let mut dag = Dag::default();
        let root = dag.add(self);
        let mut body = Body {
            dag: &dag,
            names: HashMap::new(),
            lets: TokenStream::new(),
        };
        // Children come before their parents.
        for (node, uses) in dag.uses(root).into_iter().enumerate() {
            if uses > 1 && !matches!(dag.nodes[node], Node::Input(_) | Node::Const(_)) {
                let (value, _) = body.expression(node);
                let name = format_ident!("t{}", body.names.len());
                body.lets.extend(quote! { let #name = #value; });
                body.names.insert(node, name);
            }
        }
        let (result, _) = body.expression(root);
        let lets = body.lets;
        quote! { #lets #result }
    }
}

/// A node whose children are indices of earlier nodes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Node {
    Input(usize),
    /// By its bits.
    Const(u64),
    Unary(Unary, usize),
    Binary(Binary, usize, usize),
    Select(Compare, [usize; 4]),
}

/// The formula with equal subexpressions merged.
#[derive(Default)]
struct Dag {
    nodes: Vec<Node>,
    known: HashMap<Node, usize>,
}

impl Dag {
    fn add(&mut self, f: &Formula) -> usize {
        let node = match f {
            Formula::Input(i) => Node::Input(*i),
            Formula::Const(v) => Node::Const(v.to_bits()),
            Formula::Unary(op, a) => Node::Unary(*op, self.add(a)),
            Formula::Binary(op, a, b) => Node::Binary(*op, self.add(a), self.add(b)),
            Formula::Select {
                cmp,
                a,
                b,
                then,
                otherwise,
            } => Node::Select(*cmp, [a, b, then, otherwise].map(|f| self.add(f))),
        };
        *self.known.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            self.nodes.len() - 1
        })
    }

    fn children(&self, node: usize) -> Vec<usize> {
        match self.nodes[node] {
            Node::Input(_) | Node::Const(_) => Vec::new(),
            Node::Unary(_, a) => vec![a],
            Node::Binary(_, a, b) => vec![a, b],
            Node::Select(_, all) => all.to_vec(),
        }
    }

    /// How often each node is named by another.
    fn uses(&self, root: usize) -> Vec<usize> {
        let mut uses = vec![0; self.nodes.len()];
        uses[root] = 1;
        for node in 0..self.nodes.len() {
            for child in self.children(node) {
                uses[child] += 1;
            }
        }
        uses
    }
}

/// How tightly the tokens bind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Sign,
    Atom,
}

struct Body<'a> {
    dag: &'a Dag,
    /// The nodes bound so far.
    names: HashMap<usize, Ident>,
    lets: TokenStream,
}

impl Body<'_> {
    fn expression(&self, node: usize) -> (TokenStream, Binding) {
        if let Some(name) = self.names.get(&node) {
            return (quote! { #name }, Binding::Atom);
        }
        let tokens = match self.dag.nodes[node] {
            Node::Input(i) => {
                let name = format_ident!("x{i}");
                quote! { #name }
            }
            Node::Const(bits) => {
                let value = number(f64::from_bits(bits));
                quote! { s.splat(#value) }
            }
            Node::Unary(Unary::Neg, a) => {
                let a = self.operand(a, Binding::Sign);
                return (quote! { -#a }, Binding::Sign);
            }
            Node::Unary(op, a) => {
                let name = Ident::new(op.name(), Span::call_site());
                let a = self.argument(a);
                quote! { s.#name(#a) }
            }
            Node::Binary(Binary::Add, a, b) => return self.sum(a, b),
            Node::Binary(Binary::Sub, a, b) => {
                let (a, b) = (self.operand(a, Binding::Sum), self.operand(b, Binding::Product));
                return (quote! { #a - #b }, Binding::Sum);
            }
            Node::Binary(Binary::Mul, a, b) => {
                let (a, b) = (self.operand(a, Binding::Product), self.operand(b, Binding::Sign));
                return (quote! { #a * #b }, Binding::Product);
            }
            Node::Binary(Binary::Div, a, b) => {
                let (a, b) = (self.operand(a, Binding::Product), self.operand(b, Binding::Sign));
                return (quote! { #a / #b }, Binding::Product);
            }
            Node::Binary(op @ (Binary::Min | Binary::Max), a, b) => {
                let name = format_ident!("{}", if op == Binary::Min { "min" } else { "max" });
                let (a, b) = (self.argument(a), self.argument(b));
                quote! { s.#name(#a, #b) }
            }
            Node::Select(cmp, all) => {
                let name = format_ident!(
                    "{}",
                    match cmp {
                        Compare::Gt => "where_gt",
                        Compare::Ge => "where_ge",
                        Compare::Eq => "where_eq",
                    }
                );
                let all = all.map(|f| self.argument(f));
                quote! { s.#name(#(#all),*) }
            }
        };
        (tokens, Binding::Atom)
    }

    /// `a + b`; a product on either side that nobody else needs is taken into a multiply-add.
    fn sum(&self, a: usize, b: usize) -> (TokenStream, Binding) {
        for (product, rest) in [(a, b), (b, a)] {
            if let Node::Binary(Binary::Mul, p, q) = self.dag.nodes[product]
                && !self.names.contains_key(&product)
            {
                let (p, q, rest) = (self.argument(p), self.argument(q), self.argument(rest));
                return (quote! { s.mul_add(#p, #q, #rest) }, Binding::Atom);
            }
        }
        let (a, b) = (self.operand(a, Binding::Sum), self.operand(b, Binding::Product));
        (quote! { #a + #b }, Binding::Sum)
    }

    fn argument(&self, node: usize) -> TokenStream {
        self.expression(node).0
    }

    /// In parentheses where it binds less tightly than `least`.
    fn operand(&self, node: usize, least: Binding) -> TokenStream {
        let (tokens, binding) = self.expression(node);
        if binding < least {
            quote! { (#tokens) }
        } else {
            tokens
        }
    }
}

/// A number as Rust writes it.
fn number(value: f64) -> TokenStream {
    if value.is_nan() {
        quote! { f64::NAN }
    } else if value.is_infinite() && value > 0.0 {
        quote! { f64::INFINITY }
    } else if value.is_infinite() {
        quote! { f64::NEG_INFINITY }
    } else {
        let size = Literal::f64_unsuffixed(value.abs());
        if value.is_sign_negative() {
            quote! { -#size }
        } else {
            quote! { #size }
        }
    }
}
