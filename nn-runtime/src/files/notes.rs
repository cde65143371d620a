//! Text that travels with the weights.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::in_file;
use crate::data::Fitted;
use crate::{Error, Result};

/// Texts saved beside the weights under a name: a scaler, the classes, a remark. They lie in the file's metadata,
/// where other readers of safetensors see them too and PyTorch does not trip over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notes {
    pub(super) path: PathBuf,
    pub(super) texts: BTreeMap<String, String>,
}

impl Notes {
    /// The text of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// All names and texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(name, text)| (&name[..], &text[..]))
    }

    /// The [`crate::data::Scaler`], [`crate::data::Filler`] or [`crate::data::Vocabulary`] of that name.
    ///
    /// # Errors
    /// [`Error::Weights`] where there is no such note; [`Error::Format`] where it is something else.
    pub fn fitted<F: Fitted>(&self, name: &str) -> Result<F> {
        let text = self.get(name).ok_or_else(|| Error::Weights {
            path: self.path.clone(),
            tensor: name.to_owned(),
            message: "expected a note of this name beside the weights, found none".into(),
        })?;
        text.parse().map_err(|error| in_file(error, &self.path))
    }
}
