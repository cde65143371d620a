//! As much of JSON (RFC 8259) as the header of a safetensors file needs: the runtime's reader is a dependency that a
//! microcontroller's build would compile for the compiler alone.

/// Objects inside each other; a header has three.
const MAX_DEPTH: usize = 8;

#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    Object(Vec<(String, Value)>),
    Array(Vec<Value>),
    Text(String),
    /// A whole number from 0.
    Number(u64),
    /// What a header has no use for: other numbers, `true`, `false`, `null`.
    Other,
}

/// One value and nothing behind it; `None` where the text is no JSON.
pub fn parse(text: &str) -> Option<Value> {
    let mut parser = Parser { rest: text };
    let value = parser.value(0)?;
    parser.space();
    parser.rest.is_empty().then_some(value)
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn eat(&mut self, c: char) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        if self.eat('{') {
            let entry = |p: &mut Self| {
                let name = p.text()?;
                p.eat(':').then(|| p.value(depth + 1))?.map(|value| (name, value))
            };
            return self.list('}', entry).map(Value::Object);
        }
        if self.eat('[') {
            return self.list(']', |p| p.value(depth + 1)).map(Value::Array);
        }
        if self.rest.starts_with('"') {
            return self.text().map(Value::Text);
        }
        let end = self.rest.find([',', '}', ']', ' ', '\t', '\n', '\r']);
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        match word {
            "true" | "false" | "null" => Some(Value::Other),
            _ if word.bytes().all(|b| b.is_ascii_digit()) => word.parse().ok().map(Value::Number),
            _ => word.parse::<f64>().ok().map(|_| Value::Other),
        }
    }

    /// Entries with commas between them, up to `end`.
    fn list<T>(&mut self, end: char, mut entry: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut entries = Vec::new();
        if self.eat(end) {
            return Some(entries);
        }
        loop {
            entries.push(entry(self)?);
            if self.eat(end) {
                return Some(entries);
            }
            if !self.eat(',') {
                return None;
            }
        }
    }

    fn text(&mut self) -> Option<String> {
        if !self.eat('"') {
            return None;
        }
        let mut text = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => text.push(match chars.next()? {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'u' => escaped(&mut chars)?,
                    c @ ('"' | '\\' | '/') => c,
                    _ => return None,
                }),
                c if u32::from(c) < 0x20 => return None,
                c => text.push(c),
            }
        }
        self.rest = chars.as_str();
        Some(text)
    }
}

/// Four hexadecimal digits, or twice four for what lies beyond them.
fn escaped(chars: &mut std::str::Chars<'_>) -> Option<char> {
    let mut unit = || (0..4).try_fold(0, |n, _| Some(n * 16 + chars.next()?.to_digit(16)?));
    let first = unit()?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first);
    }
    if (chars.next()?, chars.next()?) != ('\\', 'u') {
        return None;
    }
    let low = (0..4).try_fold(0, |n, _| Some(n * 16 + chars.next()?.to_digit(16)?))?;
    let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    char::from_u32(0x10000 + ((first - 0xd800) << 10) + low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_header_holds() {
        let text =
            r#" {"a" : {"dtype":"F32","shape":[2, 3],"n":-1.5e3,"b":true},"\u00e9\n\ud83d\ude00":[]} "#;
        let number = |n| Value::Number(n);
        let inner = vec![
            ("dtype".into(), Value::Text("F32".into())),
            ("shape".into(), Value::Array(vec![number(2), number(3)])),
            ("n".into(), Value::Other),
            ("b".into(), Value::Other),
        ];
        let expected = vec![
            ("a".into(), Value::Object(inner)),
            ("é\n😀".into(), Value::Array(vec![])),
        ];
        assert_eq!(parse(text), Some(Value::Object(expected)));
        assert_eq!(parse("18446744073709551615"), Some(number(u64::MAX)));
    }

    #[test]
    fn what_is_no_json() {
        let deep = "[".repeat(1000) + &"]".repeat(1000);
        for text in [
            "",
            "{",
            "[1",
            "[1,]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "\"a",
            "\"\\x\"",
            "\"\\ud800\"",
            "1 2",
            "tru",
            "18446744073709551616",
            "\"\n\"",
            &deep,
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
