//! A safetensors file: eight bytes of length, a header in JSON, the numbers.
//!
//! Source: <https://github.com/huggingface/safetensors#format>.

use super::json::{self, Value};

/// The version of our own agreement on names and layouts, in the header's notes; PyTorch's files have none.
const VERSION: (&str, &str) = ("nn.format", "1");

/// One tensor of a file.
#[derive(Debug)]
pub struct Tensor<'a> {
    pub name: String,
    pub dtype: String,
    pub shape: Vec<usize>,
    pub bytes: &'a [u8],
}

/// A file whose every tensor lies inside it.
#[derive(Debug)]
pub struct File<'a> {
    tensors: Vec<Tensor<'a>>,
}

impl<'a> File<'a> {
    /// Reads the header; says in words what is wrong with it.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let (length, rest) = bytes
            .split_first_chunk()
            .ok_or_else(|| format!("expected a safetensors file, found {} bytes", bytes.len()))?;
        let length = u64::from_le_bytes(*length);
        let header = usize::try_from(length)
            .ok()
            .and_then(|length| rest.split_at_checked(length));
        let (header, data) = header.ok_or_else(|| {
            format!(
                "expected a header of {length} bytes, as the file's start says, found {} bytes in all: it is cut \
                 short or no safetensors file",
                bytes.len()
            )
        })?;
        let header = std::str::from_utf8(header).ok().and_then(json::parse);
        let Some(Value::Object(entries)) = header else {
            return Err("expected the header of a safetensors file, found something else".into());
        };
        let mut tensors = Vec::new();
        for (name, value) in entries {
            if name == "__metadata__" {
                check_version(&value)?;
            } else if tensors.iter().any(|t: &Tensor<'_>| t.name == name) {
                return Err(format!("it holds `{name}` twice"));
            } else {
                tensors.push(tensor(name, &value, data)?);
            }
        }
        Ok(Self { tensors })
    }

    pub fn tensor(&self, name: &str) -> Option<&Tensor<'a>> {
        self.tensors.iter().find(|t| t.name == name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.tensors.iter().map(|t| t.name.as_str())
    }
}

fn check_version(notes: &Value) -> Result<(), String> {
    match field(notes, VERSION.0) {
        Some(Value::Text(version)) if version != VERSION.1 => Err(format!(
            "expected version {} of the weights' format, found `{version}`",
            VERSION.1
        )),
        _ => Ok(()),
    }
}

fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(entries) => entries.iter().find(|(n, _)| n == name).map(|(_, v)| v),
        _ => None,
    }
}

fn numbers(value: Option<&Value>) -> Option<Vec<usize>> {
    let Value::Array(values) = value? else {
        return None;
    };
    let number = |v: &Value| match v {
        Value::Number(n) => usize::try_from(*n).ok(),
        _ => None,
    };
    values.iter().map(number).collect()
}

fn tensor<'a>(name: String, value: &Value, data: &'a [u8]) -> Result<Tensor<'a>, String> {
    let parts = (
        field(value, "dtype"),
        numbers(field(value, "shape")),
        numbers(field(value, "data_offsets"))
            .as_deref()
            .map(<[usize; 2]>::try_from),
    );
    let (Some(Value::Text(dtype)), Some(shape), Some(Ok([start, end]))) = parts else {
        return Err(format!("the header says no dtype, shape and place of `{name}`"));
    };
    let bytes = data.get(start..end).ok_or_else(|| {
        let len = data.len();
        format!(
            "`{name}` should lie at {start}..{end} of the numbers, found {len} bytes of them: it is cut short"
        )
    })?;
    let size = match dtype.as_str() {
        "F64" | "I64" | "U64" => 8,
        "F32" | "I32" | "U32" => 4,
        "F16" | "BF16" | "I16" | "U16" => 2,
        _ => 1,
    };
    let expected = shape.iter().try_fold(size, |n: usize, &d| n.checked_mul(d));
    if expected != Some(bytes.len()) {
        let found = bytes.len();
        return Err(format!(
            "`{name}` is {dtype} {shape:?}, which {found} bytes do not hold"
        ));
    }
    Ok(Tensor {
        name,
        dtype: dtype.clone(),
        shape,
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, numbers: usize) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.bytes());
        bytes.extend((0..numbers).map(|i| i as u8));
        bytes
    }

    const GOOD: &str = r#"{"__metadata__":{"format":"pt","nn.format":"1"},
        "a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"F64","shape":[],"data_offsets":[8,16]}}"#;

    #[test]
    fn a_sound_file() {
        let bytes = file(GOOD, 16);
        let file = File::parse(&bytes).unwrap();
        assert_eq!(file.names().collect::<Vec<_>>(), ["a", "b"]);
        let (a, b) = (file.tensor("a").unwrap(), file.tensor("b").unwrap());
        assert_eq!(
            (a.dtype.as_str(), a.shape.as_slice(), a.bytes),
            ("F32", &[1, 2][..], &bytes[bytes.len() - 16..][..8])
        );
        assert_eq!((b.dtype.as_str(), b.shape.len(), b.bytes.len()), ("F64", 0, 8));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let whole = file(GOOD, 16);
        // Cut anywhere, it is no file.
        for end in 0..whole.len() {
            File::parse(&whole[..end]).unwrap_err();
        }
        for (bytes, message) in [
            (whole[..5].to_vec(), "found 5 bytes"),
            (whole[..40].to_vec(), "cut short"),
            (file(GOOD, 12), "`b` should lie at 8..16 of the numbers, found 12"),
            (file("[]", 0), "something else"),
            (
                file(&GOOD.replace("[1,2]", "[1,3]"), 16),
                "which 8 bytes do not hold",
            ),
            (
                file(&GOOD.replace("[1,2]", "[4294967296,4294967296]"), 16),
                "do not hold",
            ),
            (file(&GOOD.replace("[0,8]", "[8,0]"), 16), "should lie at 8..0"),
            (file(&GOOD.replace("\"b\"", "\"a\""), 16), "twice"),
            (file(&GOOD.replace("\"dtype\":\"F64\",", ""), 16), "no dtype"),
            (file(&GOOD.replace("\"1\"", "\"2\""), 16), "version 1"),
        ] {
            let found = File::parse(&bytes).unwrap_err();
            assert!(found.contains(message), "{found}");
        }
    }
}
