//! `#[weights("digits.safetensors")]`: a trained file, read while the program is compiled.
//!
//! The file is read here, and not by the expansion: its tensors are checked against the network before anything is emitted,
//! and put into memory's order. What is emitted is one byte string, so a build does not slow down with the number of weights
//! as it would with a literal each.

mod json;
mod safetensors;

pub use safetensors::File;

use crate::graph::{Graph, Param, Scalar};
use crate::suggest;

/// The weights that a network is built with.
pub struct Weights {
    /// As written in the attribute; `None` in a stub.
    pub path: Option<String>,
    /// Per parameter, its numbers in the file's order, little-endian.
    pub tensors: Vec<Vec<u8>>,
}

/// A fault, and what mends it.
pub type Fault = (String, String);

/// A tensor that a file must hold.
pub struct Expected<'a> {
    pub name: &'a str,
    pub dtype: &'static str,
    pub shape: Vec<usize>,
}

/// As the field spells it.
fn dtype(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::F32 => "F32",
        Scalar::F64 => "F64",
    }
}

/// The shape that a file holds: PyTorch's order of axes.
fn file_shape(param: &Param) -> Vec<usize> {
    let axes = &param.spec.file_axes;
    axes.iter().map(|&axis| param.spec.shape.0[axis]).collect()
}

fn expected<'a>(param: &'a Param, dtype: &'static str) -> Expected<'a> {
    let (name, shape) = (&param.name, file_shape(param));
    Expected { name, dtype, shape }
}

/// Reads the file of a network's parameters.
pub fn read(written: &str, graph: &Graph) -> Result<Weights, Vec<Fault>> {
    let dtype = dtype(graph.scalar);
    let expected: Vec<Expected<'_>> = graph.params.iter().map(|param| expected(param, dtype)).collect();
    read_tensors(written, &graph.name.to_string(), &expected)
}

/// Reads a file and holds it against the tensors that `network` expects; gives every fault there is.
pub fn read_tensors(written: &str, network: &str, expected: &[Expected<'_>]) -> Result<Weights, Vec<Fault>> {
    let bytes = std::fs::read(locate(written)).map_err(|error| {
        let help =
            "the path starts at the package's folder, where its `Cargo.toml` lies; `save` writes the file";
        vec![(
            format!("cannot read `{written}`: {}", reason(&error)),
            help.into(),
        )]
    })?;
    let file = File::parse(&bytes).map_err(|fault| {
        let help = "the file is one that `save` or PyTorch's `safetensors` wrote, whole";
        vec![(format!("`{written}`: {fault}"), help.into())]
    })?;
    let (mut tensors, mut faults) = (Vec::new(), Vec::new());
    for Expected { name, dtype, shape } in expected {
        match file.tensor(name) {
            Some(tensor) if tensor.dtype == *dtype && tensor.shape == *shape => {
                tensors.push(tensor.bytes.to_vec());
            }
            Some(tensor) => {
                let (found, sizes) = (&tensor.dtype, &tensor.shape);
                faults.push((
                    format!("`{name}` in `{written}`: expected {dtype} {shape:?}, found {found} {sizes:?}"),
                    format!("`{network}` is not the network that was saved"),
                ));
            }
            None => {
                let help = match suggest::nearest(name, file.names()) {
                    Some(near) => format!("the nearest name in the file is `{near}`"),
                    None => format!("the file holds {}", list(file.names())),
                };
                faults.push((
                    format!("`{name}` in `{written}`: expected {dtype} {shape:?}, found no such tensor"),
                    help,
                ));
            }
        }
    }
    let known = |name: &str| name.ends_with("num_batches_tracked") || expected.iter().any(|e| e.name == name);
    for name in file.names().filter(|name| !known(name)) {
        faults.push((
            format!("`{name}` in `{written}`: `{network}` has no such tensor"),
            "the file must hold the network's tensors and no others".into(),
        ));
    }
    if faults.is_empty() {
        let path = Some(written.to_string());
        return Ok(Weights { path, tensors });
    }
    Err(shortened(faults))
}

/// A path is that of the package, as in `include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), …))`.
fn locate(written: &str) -> std::path::PathBuf {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    std::path::Path::new(&folder).join(written)
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        std::io::ErrorKind::IsADirectory => "it is a folder".into(),
        _ => error.to_string(),
    }
}

/// `a`, `b` and 3 others
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 6;
    let names: Vec<&str> = names.collect();
    let shown: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    match (names.len(), names.len().saturating_sub(SHOWN)) {
        (0, _) => "no tensor".into(),
        (_, 0) => shown.join(", "),
        (_, rest) => format!("{} and {rest} others", shown.join(", ")),
    }
}

/// A file of another network differs in everything: a few faults tell.
fn shortened(mut faults: Vec<Fault>) -> Vec<Fault> {
    const SHOWN: usize = 3;
    let rest = faults.len().saturating_sub(SHOWN);
    faults.truncate(SHOWN);
    if let (Some(last), 1..) = (faults.last_mut(), rest) {
        last.1 = format!("{}; {rest} more differ", last.1);
    }
    faults
}

/// The numbers of a file's tensor in memory's order. `axes[i]` is the memory axis that is the file's axis `i`.
pub fn in_memory_order(bytes: &[u8], shape: &[usize], axes: &[usize], size: usize) -> Vec<u8> {
    let mut strides = vec![size; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    let mut out = vec![0; bytes.len()];
    let mut index = vec![0; axes.len()];
    for number in bytes.chunks_exact(size) {
        let at: usize = index.iter().zip(axes).map(|(i, &axis)| i * strides[axis]).sum();
        out[at..at + size].copy_from_slice(number);
        for (i, &axis) in axes.iter().enumerate().rev() {
            index[i] += 1;
            if index[i] < shape[axis] {
                break;
            }
            index[i] = 0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transposed_matrix_is_turned() {
        // Memory [2, 3], file [3, 2].
        let file = [0, 3, 1, 4, 2, 5];
        assert_eq!(in_memory_order(&file, &[2, 3], &[1, 0], 1), [0, 1, 2, 3, 4, 5]);
        // A convolution's [KH, KW, in, out] as PyTorch's [out, in, KH, KW].
        let places = [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11];
        let memory = in_memory_order(&places, &[1, 2, 3, 2], &[3, 2, 0, 1], 1);
        assert_eq!(memory, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        assert_eq!(
            in_memory_order(&[1, 2, 3, 4, 5, 6], &[3], &[0], 2),
            [1, 2, 3, 4, 5, 6]
        );
    }

    #[test]
    fn many_faults_are_told_by_a_few() {
        let fault = |i: usize| (format!("fault {i}"), "help".to_string());
        assert_eq!(shortened((0..3).map(fault).collect()).len(), 3);
        let five = shortened((0..5).map(fault).collect());
        assert_eq!(five.len(), 3);
        assert_eq!(five[2].1, "help; 2 more differ");
    }
}
