//! The words of the `network!` language, as items that editors find: what a hover inside a block shows, where a jump to a
//! definition leads, what completion offers. The expansion names them where rust-analyzer alone reads it; nothing here is
//! ever called. [`layers`] and the modules beside it are written from the compiler's own descriptions.
#![allow(non_upper_case_globals, unused_variables, clippy::missing_const_for_fn)]

pub mod arguments;
pub mod functions;
pub mod initialisers;
pub mod layers;
pub mod loss_arguments;
pub mod losses;
pub mod words;

/// What arguments take.
pub mod kinds {
    /// A whole number above 0, known at compile time.
    pub struct Size;
    /// Several whole numbers above 0.
    pub struct Sizes;
    /// A whole number, or a list of one for each axis or side, or a word such as `same`.
    pub struct Extents;
    /// A whole number; a negative one counts from the end.
    pub struct Integer;
    /// A real number.
    pub struct Number;
    /// A list of real numbers.
    pub struct Numbers;
    /// `true` or `false`.
    pub struct Flag;
    /// One of some words.
    pub struct Word;
    /// An initialiser: `he_normal`, `uniform(-0.1, 0.1)`.
    pub struct Initialiser;
    /// A text in double quotes.
    pub struct Text;
    /// Whatever the block makes of it.
    pub struct Argument;
    /// An attribute of a network.
    pub struct Attribute;

    /// Stands for a value that is worked out by the macro.
    pub const fn any<T>() -> T {
        panic!("only its type is looked at")
    }
}

/// What the inputs and outputs of a network are.
pub mod types {
    /// The shape of an input or an output, without the batch: `Tensor<28, 28, 1>` is height, width, channels.
    pub struct Tensor;
}

/// The attributes of a network.
pub mod attributes {
    use super::kinds::Attribute;

    /// The loss that training minimises: `#[loss(huber, delta = 2.0)]`; of several outputs `#[loss(a, 0.5 * b)]`.
    pub const loss: Attribute = Attribute;
    /// The type of the numbers: `#[scalar(f64)]`; `f32` without it.
    pub const scalar: Attribute = Attribute;
    /// What the network may need at most: `#[budget(params <= 62_000, macs <= 500_000)]`.
    pub const budget: Attribute = Attribute;
    /// A file of weights that becomes part of the program: `#[weights("digits.safetensors")]`.
    pub const weights: Attribute = Attribute;

    /// The network in 8-bit integers, too: `int8`, and by `weights = "…"` the file of a quantised network that becomes part of the
    /// program.
    pub const quantize: Attribute = Attribute;
    /// Prints what the compiler made, while it compiles: `#[print(ir, plan, code)]`.
    pub const print: Attribute = Attribute;
}
