//! The surface tree: what the user wrote, with every span kept.
//!
//! Nothing here is checked beyond syntax. Names, sizes and shapes are resolved by `passes::shape`, which
//! turns the tree into a `graph::Graph`.

use proc_macro2::{Span, TokenStream};
use syn::Ident;

/// A whole `network! { … }` block.
#[derive(Default)]
pub struct Source {
    pub networks: Vec<NetworkDef>,
    pub blocks: Vec<BlockDef>,
    pub formulas: Vec<FormulaDef>,
    pub consts: Vec<ConstDef>,
}

/// `/// doc #[loss(…)] pub Name(inputs) -> outputs { body }`
pub struct NetworkDef {
    /// Attributes that go onto the emitted type untouched: doc comments, `cfg`, `derive` is refused.
    pub passed_attributes: Vec<TokenStream>,
    /// `#[loss(…)]`, `#[scalar(…)]`, `#[print(…)]`, … : ours, read by `passes::shape`.
    pub attributes: Vec<Attribute>,
    pub visibility: TokenStream,
    pub name: Ident,
    pub inputs: Vec<InputDef>,
    pub outputs: Vec<TensorType>,
    pub body: Body,
}

/// `#[name(argument, key = value)]`
pub struct Attribute {
    pub name: Ident,
    pub arguments: Arguments,
}

pub struct InputDef {
    pub name: Ident,
    pub ty: TensorType,
}

/// `Tensor<28, 28, 1>`; `Tokens<64, vocab = 96>` has `kind = Tokens`, its length in `dims`.
pub struct TensorType {
    pub kind: TensorKind,
    pub dims: Vec<Expr>,
    pub vocab: Option<Expr>,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TensorKind {
    Tensor,
    Tokens,
}

/// `block name(x, channels, stride = 1) { body }`; the first parameters are tensors or sizes alike, told apart
/// by how they are bound at the call.
pub struct BlockDef {
    pub name: Ident,
    pub parameters: Vec<(Ident, Option<Expr>)>,
    pub body: Body,
}

/// `fn mish(x) = x * tanh(ln(1.0 + exp(x)));`
pub struct FormulaDef {
    pub name: Ident,
    pub parameters: Vec<Ident>,
    pub body: Expr,
}

/// `const WIDTH: usize = 128;`
pub struct ConstDef {
    pub name: Ident,
    pub ty: TokenStream,
    pub value: Expr,
}

/// `let` bindings and a last expression.
#[derive(Clone)]
pub struct Body {
    pub lets: Vec<Let>,
    pub result: Expr,
}

/// `let a = …;` or `let (a, b) = …;`
#[derive(Clone)]
pub struct Let {
    pub names: Vec<Ident>,
    pub value: Expr,
}

/// An expression anywhere: tensor chains, sizes, arguments and formulas share one grammar.
#[derive(Clone)]
pub struct Expr {
    pub kind: ExprKind,
    /// The whole expression, joined where the compiler lets us; the first token's span otherwise.
    pub span: Span,
}

#[derive(Clone)]
pub enum ExprKind {
    /// `x`, `WIDTH`, `same`
    Name(Ident),
    /// `crate::WIDTH`: a constant of the user's crate, for constant evaluation.
    Path(TokenStream),
    Int(u64),
    Float(f64),
    Bool(bool),
    Text(String),
    /// `concat(a, b, axis = -1)`
    Call {
        function: Ident,
        arguments: Arguments,
    },
    /// `receiver.layer(arguments)`
    Method {
        receiver: Box<Expr>,
        layer: Ident,
        arguments: Arguments,
    },
    Binary {
        left: Box<Expr>,
        op: BinaryOp,
        op_span: Span,
        right: Box<Expr>,
    },
    Neg(Box<Expr>),
    Not(Box<Expr>),
    If {
        condition: Box<Expr>,
        then: Box<Body>,
        otherwise: Box<Body>,
    },
    Tuple(Vec<Expr>),
    List(Vec<Expr>),
    /// Stands where the text did not parse; already reported.
    Error,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
}

/// `(16, kernel = 5, padding = same)`
#[derive(Clone)]
pub struct Arguments {
    pub positional: Vec<Expr>,
    pub named: Vec<(Ident, Expr)>,
    /// The parentheses.
    pub span: Span,
}
