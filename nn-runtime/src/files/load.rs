//! A network's parameters from a safetensors file: all is checked before anything is changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use safetensors::tensor::{Metadata, SafeTensorError, SafeTensors};

use super::header::{CURRENT, NETWORK, OWN, VERSION};
use super::layout::{file_order, file_shape};
use super::notes::Notes;
use crate::{Error, Network, ParameterInfo, Result, Scalar};

/// Characters of a file's tensor name that an error shows.
const MAX_SHOWN: usize = 200;

/// Loads all parameters and running statistics from a file that [`super::save`], PyTorch or another writer of
/// safetensors made; gives the notes that were saved beside them.
///
/// The file must hold this network's tensors and no others (but for the `num_batches_tracked` that PyTorch counts and
/// nobody needs). On any error the network keeps its old weights.
///
/// # Errors
/// [`Error::Io`]; [`Error::Weights`] with the tensor at fault, what was expected and what was found.
pub fn load<N: Network>(network: &mut N, path: impl AsRef<Path>) -> Result<Notes> {
    let path = path.as_ref();
    let bytes = read(path)?;
    let file = Weights::open(path, &bytes)?;
    file.check_network::<N>(" (`load_partial` takes tensors by name)")?;
    let chosen: Vec<Chosen> = N::PARAMETERS
        .iter()
        .map(|parameter| file.choose::<N>(parameter, parameter.name))
        .collect::<Result<_>>()?;
    file.check_names::<N>(N::PARAMETERS.iter().map(|p| p.name))?;
    put(network, &chosen);
    Ok(file.into_notes())
}

/// What [`load_partial`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Parameters that now hold the file's numbers.
    pub loaded: Vec<&'static str>,
    /// Parameters that were left as they were.
    pub kept: Vec<&'static str>,
    /// Tensors of the file that went nowhere.
    pub unused: Vec<String>,
    /// What was saved beside the weights.
    pub notes: Notes,
}

/// Loads some parameters, perhaps from another network's file: transfer learning.
///
/// `source` gives for each of this network's parameter names the file's tensor to take, or `None` to leave the
/// parameter as it is. What it asks for must be there with the right shape and dtype; on any error the network keeps
/// all its old weights.
///
/// ```no_run
/// # fn main() -> nn_runtime::Result<()> {
/// # use nn_runtime::prelude::*;
/// # fn of<N: Network>(mut classifier: N) -> nn_runtime::Result<()> {
/// // All but the last layer, which has other classes.
/// let done = nn_runtime::files::load_partial(&mut classifier, "pretrained.safetensors", |name| {
///     (!name.starts_with("head.")).then(|| name.to_owned())
/// })?;
/// println!("loaded {:?}, kept {:?}", done.loaded, done.kept);
/// # Ok(()) }
/// # Ok(()) }
/// ```
///
/// # Errors
/// As [`load`], but for the network's name and tensors that are not asked for.
pub fn load_partial<N: Network>(
    network: &mut N,
    path: impl AsRef<Path>,
    source: impl Fn(&str) -> Option<String>,
) -> Result<Loaded> {
    let path = path.as_ref();
    let bytes = read(path)?;
    let file = Weights::open(path, &bytes)?;
    let (mut loaded, mut kept, mut chosen, mut used) = (vec![], vec![], vec![], vec![]);
    for parameter in N::PARAMETERS {
        match source(parameter.name) {
            Some(name) => {
                chosen.push(file.choose::<N>(parameter, &name)?);
                loaded.push(parameter.name);
                used.push(name);
            }
            None => kept.push(parameter.name),
        }
    }
    put(network, &chosen);
    let mut unused = file.names();
    unused.retain(|name| !used.contains(name));
    Ok(Loaded {
        loaded,
        kept,
        unused,
        notes: file.into_notes(),
    })
}

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })
}

/// A parameter and the bytes that will fill it, of the right number and dtype.
struct Chosen<'a> {
    parameter: &'static ParameterInfo,
    bytes: &'a [u8],
}

/// Cannot fail: every length was checked.
fn put<N: Network>(network: &mut N, chosen: &[Chosen]) {
    for Chosen { parameter, bytes } in chosen {
        let values = &mut network.parameters_mut()[parameter.range()];
        let places = file_order(parameter);
        if N::Scalar::DTYPE == "F32" {
            for (place, &value) in places.zip(bytes.as_chunks().0) {
                values[place] = N::Scalar::from_f64(f32::from_le_bytes(value).into());
            }
        } else {
            for (place, &value) in places.zip(bytes.as_chunks().0) {
                values[place] = N::Scalar::from_f64(f64::from_le_bytes(value));
            }
        }
    }
}

/// A whole file, whose header is sound: every tensor's bytes lie in the file, as many as shape and dtype ask for.
pub(crate) struct Weights<'a> {
    path: &'a Path,
    header: Metadata,
    /// What `data_offsets` count in.
    data: &'a [u8],
}

impl<'a> Weights<'a> {
    pub(crate) fn open(path: &'a Path, bytes: &'a [u8]) -> Result<Self> {
        let length = check_length(bytes).map_err(|message| fault(path, "", message))?;
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| describe(error, path))?;
        let file = Self {
            path,
            header,
            data: &bytes[length..],
        };
        match file.metadata(VERSION) {
            Some(version) if version != CURRENT => {
                let message = format!("expected version {CURRENT} of the weights' format, found `{version}`");
                Err(fault(path, "", message))
            }
            _ => Ok(file),
        }
    }

    fn metadata(&self, key: &str) -> Option<&str> {
        self.header.metadata().as_ref()?.get(key).map(String::as_str)
    }

    /// Names in alphabetical order, so that errors repeat.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.header.tensors().into_keys().collect();
        names.sort_unstable();
        names
    }

    /// Fails where the file says that it is another network's.
    pub(crate) fn check_network<N: Network>(&self, help: &str) -> Result<()> {
        match self.metadata(NETWORK) {
            Some(name) if name != N::NAME => {
                let message = format!(
                    "expected the weights of `{}`, found those of `{name}`{help}",
                    N::NAME
                );
                Err(fault(self.path, "", message))
            }
            _ => Ok(()),
        }
    }

    /// Fails where the file holds a tensor of no such name.
    pub(crate) fn check_names<N: Network>(&self, names: impl Iterator<Item = &'static str>) -> Result<()> {
        let names: Vec<&str> = names.collect();
        let known = |name: &str| name.ends_with("num_batches_tracked") || names.contains(&name);
        match self.names().iter().find(|name| !known(name)) {
            Some(name) => {
                let nearest = nearest(name, names.iter().copied());
                let message = format!("`{}` has no such tensor{nearest}", N::NAME);
                Err(fault(self.path, name, message))
            }
            None => Ok(()),
        }
    }

    fn choose<N: Network>(&self, parameter: &'static ParameterInfo, name: &str) -> Result<Chosen<'a>> {
        let bytes = self.tensor(name, N::Scalar::DTYPE, &file_shape(parameter))?;
        Ok(Chosen { parameter, bytes })
    }

    /// The bytes of a tensor that has this dtype and shape.
    pub(crate) fn tensor(&self, name: &str, dtype: &str, shape: &[usize]) -> Result<&'a [u8]> {
        let Some(tensor) = self.header.info(name) else {
            let names = self.names();
            let nearest = nearest(name, names.iter().map(String::as_str));
            let message = format!("expected {dtype} {shape:?}, found no such tensor{nearest}");
            return Err(fault(self.path, name, message));
        };
        let found = format!("{:?}", tensor.dtype);
        if found != dtype || tensor.shape != shape {
            let message = format!("expected {dtype} {shape:?}, found {found} {:?}", tensor.shape);
            return Err(fault(self.path, name, message));
        }
        let (start, end) = tensor.data_offsets;
        Ok(&self.data[start..end])
    }

    fn into_notes(self) -> Notes {
        let mut texts: BTreeMap<String, String> = self
            .header
            .metadata()
            .clone()
            .unwrap_or_default()
            .into_iter()
            .collect();
        texts.retain(|name, _| name != "format" && !name.starts_with(OWN));
        Notes {
            path: self.path.to_owned(),
            texts,
        }
    }
}

fn fault(path: &Path, tensor: &str, message: String) -> Error {
    Error::Weights {
        path: path.to_owned(),
        // A hostile name may be as long as the file.
        tensor: tensor.chars().take(MAX_SHOWN).collect(),
        message,
    }
}

/// The two mistakes that a wrong or cut file makes most often, said plainly; gives where the numbers start.
fn check_length(bytes: &[u8]) -> std::result::Result<usize, String> {
    let Some((length, rest)) = bytes.split_first_chunk() else {
        return Err(format!(
            "expected a safetensors file, found {} bytes",
            bytes.len()
        ));
    };
    let length = u64::from_le_bytes(*length);
    if length > rest.len() as u64 {
        return Err(format!(
            "expected a header of {length} bytes, as the file's start says, found {} bytes in all; it is cut short \
             or no safetensors file",
            bytes.len()
        ));
    }
    Ok(8 + length as usize)
}

fn describe(error: SafeTensorError, path: &Path) -> Error {
    let (tensor, message) = match error {
        SafeTensorError::InvalidOffset(name) => (
            name,
            "its place in the file overlaps another tensor's, or leaves a gap".to_owned(),
        ),
        SafeTensorError::MetadataIncompleteBuffer => (
            String::new(),
            "the file ends before its last tensor, or goes on after it".into(),
        ),
        SafeTensorError::TensorInvalidInfo | SafeTensorError::ValidationOverflow => (
            String::new(),
            "a tensor's shape does not fit the bytes it is given".into(),
        ),
        SafeTensorError::InvalidHeader | SafeTensorError::InvalidHeaderDeserialization => (
            String::new(),
            "expected the header of a safetensors file, found something else".into(),
        ),
        SafeTensorError::HeaderTooLarge => (String::new(), "the header is larger than 100 MB".into()),
        other => (String::new(), format!("not a sound safetensors file ({other})")),
    };
    fault(path, &tensor, message)
}

/// `; the nearest is …`, where some name is near enough to be meant.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let near = names.filter(|other| name.len().max(other.len()) <= MAX_SHOWN);
    let best = near.map(|other| (distance(name, other), other)).min();
    match best {
        Some((distance, other)) if distance <= name.len() / 2 => format!("; the nearest is `{other}`"),
        _ => String::new(),
    }
}

/// Levenshtein's, by the row.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
