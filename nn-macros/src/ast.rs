//! The surface tree: what the user wrote, with every span kept.
//!
//! Nothing here is checked beyond syntax. Names, sizes and shapes are resolved by `passes::shape`, which
//! turns the tree into a `graph::Graph`. Where the text did not parse, the tree says so (`ExprKind::Error`, the
//! `incomplete` flags), so that the later pass keeps silent about what follows from it.

mod print;

use proc_macro2::{Span, TokenStream};
use syn::Ident;

use crate::diagnostics::Extent;

/// A whole `network! { … }` block.
#[derive(Default)]
pub struct Source {
    pub networks: Vec<NetworkDef>,
    pub blocks: Vec<BlockDef>,
    pub formulas: Vec<FormulaDef>,
    pub consts: Vec<ConstDef>,
    /// What `networks` does not hold yet: the parser puts them there.
    pub instances: Vec<InstanceDef>,
    /// An item did not parse: a name that is not found may have been its.
    pub incomplete: bool,
}

/// `/// doc #[loss(…)] pub Name<const SIZE: usize = 64>(inputs) -> outputs { body }`
#[derive(Clone)]
pub struct NetworkDef {
    /// Attributes that go onto the emitted type untouched: doc comments, lints.
    pub passed_attributes: Vec<TokenStream>,
    /// `#[loss(…)]`, `#[scalar(…)]`, `#[print(…)]`, … : ours, read by `passes::shape`.
    pub attributes: Vec<Attribute>,
    pub visibility: TokenStream,
    pub name: Ident,
    /// Its own constants, which an instance may give other values.
    pub sizes: Vec<ConstDef>,
    pub inputs: Vec<InputDef>,
    pub outputs: Vec<TensorType>,
    pub body: Body,
    /// Of which network it is an instance, and as which it is written.
    pub instance: Option<(Ident, String)>,
    /// Something in the header did not parse.
    pub incomplete: bool,
}

/// `/// doc pub type Name = Of<SIZE = 16>;`: a network like another, but for its sizes.
pub struct InstanceDef {
    pub passed_attributes: Vec<TokenStream>,
    /// Those that it has instead of the network's.
    pub attributes: Vec<Attribute>,
    pub visibility: TokenStream,
    pub name: Ident,
    pub of: Ident,
    pub sizes: Vec<(Ident, Expr)>,
    /// Something did not parse.
    pub incomplete: bool,
}

/// `#[name(argument, key = value)]`
#[derive(Clone)]
pub struct Attribute {
    pub name: Ident,
    pub arguments: Arguments,
}

#[derive(Clone)]
pub struct InputDef {
    pub name: Ident,
    pub ty: TensorType,
}

/// `Tensor<28, 28, 1>`; `Tokens<64, vocab = 96>` has `kind = Tokens`, its length in `dims`.
#[derive(Clone)]
pub struct TensorType {
    pub kind: TensorKind,
    pub dims: Vec<Expr>,
    pub vocab: Option<Expr>,
    pub extent: Extent,
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
    /// Something in the header did not parse.
    pub incomplete: bool,
}

/// `fn mish(x) = x * tanh(ln(1.0 + exp(x)));`
pub struct FormulaDef {
    pub name: Ident,
    pub parameters: Vec<Ident>,
    pub body: Expr,
    /// Something in the header did not parse.
    pub incomplete: bool,
}

/// `const WIDTH: usize = 128;`
#[derive(Clone)]
pub struct ConstDef {
    pub name: Ident,
    pub ty: Ident,
    pub value: Expr,
}

/// `let` bindings and a last expression.
#[derive(Clone, Debug)]
pub struct Body {
    pub lets: Vec<Let>,
    pub result: Expr,
    /// A `let` did not parse: a name that is not found may have been its.
    pub incomplete: bool,
}

/// `let a = …;` or `let (a, b) = …;`
#[derive(Clone, Debug)]
pub struct Let {
    pub names: Vec<Ident>,
    /// Written with parentheses: the value is a tuple.
    pub tuple: bool,
    pub value: Expr,
}

/// An expression anywhere: tensor chains, sizes, arguments and formulas share one grammar.
#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub extent: Extent,
    /// Height of the tree, 1 for a leaf; bounded by the parser, so that recursion over it is safe.
    pub height: usize,
}

#[derive(Clone, Debug)]
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
    Call(Call),
    /// `head.layer(arguments).layer(arguments)…`: flat, so that a deep network is no deep tree.
    Chain {
        head: Box<Expr>,
        calls: Vec<Call>,
    },
    Binary {
        left: Box<Expr>,
        op: BinaryOp,
        op_extent: Extent,
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

/// `name(arguments)`, alone or as a link of a chain.
#[derive(Clone, Debug)]
pub struct Call {
    pub name: Ident,
    pub arguments: Arguments,
}

impl Call {
    pub fn extent(&self) -> Extent {
        Extent::from(self.name.span()).to(self.arguments.extent)
    }
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
#[derive(Clone, Debug)]
pub struct Arguments {
    pub positional: Vec<Expr>,
    pub named: Vec<(Ident, Expr)>,
    /// The parentheses.
    pub extent: Extent,
    /// An argument did not parse: one that is missing may have been it.
    pub incomplete: bool,
}

impl Arguments {
    /// None, written nowhere.
    pub fn none(span: Span) -> Self {
        Self {
            positional: Vec::new(),
            named: Vec::new(),
            extent: span.into(),
            incomplete: false,
        }
    }

    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.positional
            .iter()
            .chain(self.named.iter().map(|(_, value)| value))
    }

    fn height(&self) -> usize {
        self.expressions().map(|e| e.height).max().unwrap_or(0)
    }
}

impl Body {
    fn height(&self) -> usize {
        self.lets
            .iter()
            .map(|l| l.value.height)
            .max()
            .unwrap_or(0)
            .max(self.result.height)
    }
}

impl Expr {
    pub fn new(kind: ExprKind, extent: impl Into<Extent>) -> Self {
        let height = 1 + match &kind {
            ExprKind::Call(call) => call.arguments.height(),
            ExprKind::Chain { head, calls } => calls
                .iter()
                .map(|c| c.arguments.height())
                .max()
                .unwrap_or(0)
                .max(head.height),
            ExprKind::Binary { left, right, .. } => left.height.max(right.height),
            ExprKind::Neg(a) | ExprKind::Not(a) => a.height,
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => condition.height.max(then.height()).max(otherwise.height()),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().map(|e| e.height).max().unwrap_or(0)
            }
            ExprKind::Name(_)
            | ExprKind::Path(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::Error => 0,
        };
        Self {
            kind,
            extent: extent.into(),
            height,
        }
    }

    pub fn error(extent: impl Into<Extent>) -> Self {
        Self::new(ExprKind::Error, extent)
    }
}
