//! Constants of the user's crate that a network repeats: held against each other while the user's crate is compiled.

/// Fails the build where a constant of a network and the one of the crate that it repeats differ. `layer` is where the
/// network uses it, or empty.
///
/// # Panics
/// If the two differ: in a constant, so that this is the compiler's error.
#[track_caller]
pub const fn agree(constant: &str, value: i128, path: &str, found: i128, layer: &str) {
    if value == found {
        return;
    }
    let mut text = Text::new();
    text = text.quoted(constant).plain(" is ").number(value);
    text = text
        .plain(" in the network")
        .plain(if layer.is_empty() { "" } else { ", for " });
    if !layer.is_empty() {
        text = text.quoted(layer);
    }
    text = text.plain("; ").quoted(path).plain(" is ").number(found);
    panic!("{}", text.as_str());
}

/// A text that is put together while a constant is evaluated; what does not fit is cut.
struct Text {
    bytes: [u8; 256],
    len: usize,
}

impl Text {
    const fn new() -> Self {
        Self {
            bytes: [0; 256],
            len: 0,
        }
    }

    const fn byte(mut self, byte: u8) -> Self {
        if self.len < self.bytes.len() {
            self.bytes[self.len] = byte;
            self.len += 1;
        }
        self
    }

    const fn plain(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            self = self.byte(bytes[i]);
            i += 1;
        }
        self
    }

    const fn quoted(self, text: &str) -> Self {
        self.byte(b'`').plain(text).byte(b'`')
    }

    const fn number(self, n: i128) -> Self {
        let mut text = if n < 0 { self.byte(b'-') } else { self };
        let n = n.unsigned_abs();
        let mut power = 1;
        while n / power >= 10 {
            power *= 10;
        }
        while power > 0 {
            text = text.byte(b'0' + (n / power % 10) as u8);
            power /= 10;
        }
        text
    }

    const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "a constant of the network and the one of the crate that it repeats differ",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_out() {
        let written = |n| Text::new().number(n).as_str().to_string();
        for n in [
            0,
            7,
            10,
            64,
            -1,
            -1200,
            i128::from(u64::MAX),
            i128::MIN,
            i128::MAX,
        ] {
            assert_eq!(written(n), n.to_string());
        }
    }

    #[test]
    fn a_difference_is_told() {
        agree("WIDTH", 64, "crate::WIDTH", 64, "dense(WIDTH)");
        let error =
            std::panic::catch_unwind(|| agree("WIDTH", 64, "crate::WIDTH", 32, "dense(WIDTH)")).unwrap_err();
        assert_eq!(
            error.downcast_ref::<String>().unwrap(),
            "`WIDTH` is 64 in the network, for `dense(WIDTH)`; `crate::WIDTH` is 32"
        );
    }

    #[test]
    fn a_text_that_is_too_long_is_cut() {
        let long = "a".repeat(300);
        assert_eq!(Text::new().plain(&long).as_str().len(), 256);
        // In the middle of a letter, which leaves no text.
        let long = "ä".repeat(300);
        assert!(
            Text::new()
                .plain("a")
                .plain(&long)
                .as_str()
                .starts_with("a constant")
        );
    }
}
