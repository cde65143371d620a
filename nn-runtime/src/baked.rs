//! Trained numbers as a `static`: in flash on a microcontroller, in the program's file on a host.

/// Numbers at an address that vectors like.
#[derive(Debug)]
#[cfg_attr(target_pointer_width = "64", repr(C, align(64)))]
#[cfg_attr(not(target_pointer_width = "64"), repr(C, align(16)))]
pub struct Baked<T, const N: usize>(pub [T; N]);

macro_rules! bake {
    ($name:ident, $t:ident, |$x:ident| $from_le:expr) => {
        /// Little-endian bytes as numbers, while the program is compiled.
        ///
        /// # Panics
        /// If they are of another length: a fault of the compiler.
        #[must_use]
        pub const fn $name<const BYTES: usize, const N: usize>(bytes: &[u8; BYTES]) -> Baked<$t, N> {
            assert!(
                BYTES == N * size_of::<$t>(),
                "internal error, please report: the length of baked weights"
            );
            // SAFETY: `N` numbers are as long as the bytes (assertion), every pattern of bits is a number, and the read asks
            // for no alignment.
            let numbers = unsafe { bytes.as_ptr().cast::<[$t; N]>().read_unaligned() };
            #[cfg(target_endian = "big")]
            let numbers = {
                let mut numbers = numbers;
                let mut i = 0;
                while i < N {
                    let $x = numbers[i];
                    numbers[i] = $from_le;
                    i += 1;
                }
                numbers
            };
            Baked(numbers)
        }
    };
}
bake!(bake_f32, f32, |x| f32::from_bits(u32::from_le(x.to_bits())));
bake!(bake_f64, f64, |x| f64::from_bits(u64::from_le(x.to_bits())));
bake!(bake_i8, i8, |x| x);
bake!(bake_i32, i32, |x| i32::from_le(x));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_numbers() {
        static TWO: Baked<f32, 2> = bake_f32(b"\x00\x00\x80\x3f\x00\x00\x00\xc0");
        assert_eq!(TWO.0, [1.0, -2.0]);
        assert!((&raw const TWO).addr().is_multiple_of(16));
        static ONE: Baked<f64, 1> = bake_f64(b"\x00\x00\x00\x00\x00\x00\xe0\x3f");
        assert_eq!(ONE.0, [0.5]);
        static WORD: Baked<i32, 1> = bake_i32(b"\xfe\xff\xff\xff");
        assert_eq!(WORD.0, [-2]);
        static BYTES: Baked<i8, 2> = bake_i8(b"\x80\x01");
        assert_eq!(BYTES.0, [-128, 1]);
    }
}
