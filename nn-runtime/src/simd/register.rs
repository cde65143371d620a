//! What all instruction sets' vector types have in common.

/// An intrinsic of the instruction set whose token or vector is at hand.
macro_rules! intrinsic {
    ($call:expr) => {{
        // SAFETY: tokens, and through them vectors, exist only inside a function that enables the instruction
        // set, which the dispatcher calls only where the processor has it.
        #[allow(unused_unsafe)]
        unsafe {
            $call
        }
    }};
}
pub(super) use intrinsic;

/// A vector type around a register type, and its operators.
macro_rules! vector_type {
    ($name:ident($register:ty), $add:path, $sub:path, $mul:path, $div:path, neg($v:ident) = $neg:expr) => {
        /// Lanes of a register. Made only by the instruction set's token.
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        pub(crate) struct $name($register);

        impl core::ops::Add for $name {
            type Output = Self;
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                Self(intrinsic!($add(self.0, other.0)))
            }
        }
        impl core::ops::Sub for $name {
            type Output = Self;
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                Self(intrinsic!($sub(self.0, other.0)))
            }
        }
        impl core::ops::Mul for $name {
            type Output = Self;
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                Self(intrinsic!($mul(self.0, other.0)))
            }
        }
        impl core::ops::Div for $name {
            type Output = Self;
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                Self(intrinsic!($div(self.0, other.0)))
            }
        }
        impl core::ops::Neg for $name {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                let $v = self.0;
                Self(intrinsic!($neg))
            }
        }
    };
}
pub(super) use vector_type;
