//! Maps of one number: a table of all that a byte may be.

use super::convert::quantize_one;
use super::rescale::Multiplier;
use crate::fault::ensure;

/// `y = table[x + 128]`
///
/// # Shapes
/// `x` and `y` have one length.
///
/// # Panics
/// If the lengths differ.
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn lookup(x: &[i8], table: &[i8; 256], y: &mut [i8]) {
    ensure!(x.len() == y.len(), "lengths of a map");
    walk(x, table, y);
}

/// `y = table[y + 128]`, in place: [`lookup`] whose input is `y`.
#[inline(never)]
pub fn lookup_in_place(table: &[i8; 256], y: &mut [i8]) {
    y.iter_mut().for_each(|y| *y = one(table, *y));
}

#[inline(never)]
fn walk(x: &[i8], table: &[i8; 256], y: &mut [i8]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = one(table, *x);
    }
}

#[inline(always)]
fn one(table: &[i8; 256], x: i8) -> i8 {
    table[usize::from(x as u8 ^ 0x80)]
}

/// The table of `f`, between the scale and zero point of the input and those of the output. `f` is computed in
/// single precision, as TensorFlow Lite's tables are.
#[must_use]
pub fn map_table(f: impl Fn(f32) -> f32, input: (f32, i8), output: (f32, i8)) -> [i8; 256] {
    core::array::from_fn(|i| {
        let x = (i as i32 - 128 - i32::from(input.1)) as f32 * input.0;
        // The reciprocal, for the same bits.
        quantize_one(f(x) * (1.0 / output.0), 1.0, output.1)
    })
}

/// The table from one scale and zero point to another, within `[low, high]`: what a relu is whose output has a scale of
/// its own, and the parts of a concatenation.
#[must_use]
pub fn rescale_table(input: (f32, i8), output: (f32, i8), low: i8, high: i8) -> [i8; 256] {
    let factor = Multiplier::new(f64::from(input.0) / f64::from(output.0));
    core::array::from_fn(|i| {
        let y = factor.apply(i as i32 - 128 - i32::from(input.1)) + i32::from(output.1);
        y.max(i32::from(low)).min(i32::from(high)) as i8
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::bytes;
    use super::*;
    use crate::isa::forced::on_every_isa;

    #[test]
    fn looks_up() {
        let table: [i8; 256] = core::array::from_fn(|i| (i * 37 % 256) as u8 as i8);
        for count in [0, 1, 31, 64, 1000] {
            let x = bytes(count, count as u64);
            let expected: Vec<i8> = x.iter().map(|x| table[(i32::from(*x) + 128) as usize]).collect();
            on_every_isa(|isa| {
                let mut y = vec![0; count];
                lookup(&x, &table, &mut y);
                assert_eq!(y, expected, "{isa:?}");
                y.copy_from_slice(&x);
                lookup_in_place(&table, &mut y);
                assert_eq!(y, expected, "{isa:?}, in place");
            });
        }
    }

    #[test]
    fn tables() {
        let table = map_table(|x| x * x, (0.5, -128), (4.0, -128));
        assert_eq!(table[..6], [-128, -128, -128, -127, -127, -126]);
        let table = rescale_table((0.5, 10), (0.25, 0), 0, 100);
        assert_eq!(table[128 + 9..128 + 13], [0, 0, 2, 4]);
        assert_eq!(table[255], 100);
    }
}
