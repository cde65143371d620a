//! The words that arguments take. Written from the compiler's own descriptions by a test of nn-macros, in one file however long.

/// `class` or `distribution`.
pub mod class_or_distribution {
    use super::super::kinds::*;

    /// `class` or `distribution`.
    pub const class: Word = Word;

    /// `class` or `distribution`.
    pub const distribution: Word = Word;
}

/// `nearest` or `bilinear`.
pub mod nearest_or_bilinear {
    use super::super::kinds::*;

    /// `nearest` or `bilinear`.
    pub const nearest: Word = Word;

    /// `nearest` or `bilinear`.
    pub const bilinear: Word = Word;
}

/// `none` or `tanh`.
pub mod none_or_tanh {
    use super::super::kinds::*;

    /// `none` or `tanh`.
    pub const none: Word = Word;

    /// `none` or `tanh`.
    pub const tanh: Word = Word;
}

/// `same` or `valid`.
pub mod same_or_valid {
    use super::super::kinds::*;

    /// `same` or `valid`.
    pub const same: Word = Word;

    /// `same` or `valid`.
    pub const valid: Word = Word;
}

/// `skip` or `zeros`.
pub mod skip_or_zeros {
    use super::super::kinds::*;

    /// `skip` or `zeros`.
    pub const skip: Word = Word;

    /// `skip` or `zeros`.
    pub const zeros: Word = Word;
}
