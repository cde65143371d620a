//! Lines of words and numbers.

use crate::semihosting;

/// Words.
pub fn text(text: &str) {
    semihosting::write(text.as_bytes());
}

/// Ends a line.
pub fn line() {
    text("\n");
}

/// A space and a whole number.
pub fn number(mut number: u32) {
    let mut digits = [b' '; 11];
    for digit in digits[1..].iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    let mut from = 0;
    for (i, pair) in digits.windows(2).enumerate() {
        if pair[1] != b' ' {
            from = i;
            break;
        }
    }
    semihosting::write(digits.get(from..).unwrap_or(&[]));
}

/// A word and a whole number, as a line.
pub fn named(name: &str, value: u32) {
    text(name);
    number(value);
    line();
}

/// A space and the bits of a number, so that nothing is lost on the way.
pub fn bits(number: f32) {
    let mut digits = [b' '; 9];
    let mut bits = number.to_bits();
    for digit in digits[1..].iter_mut().rev() {
        let nibble = (bits & 15) as u8;
        *digit = nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
        bits >>= 4;
    }
    semihosting::write(&digits);
}
