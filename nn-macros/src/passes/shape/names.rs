//! Names of layers: `dense_1`, `dense_2` in order of their kind, or what the user gives by `name = "…"`. Inside a
//! block's call they carry its name: `residual_1.conv2d_1` in files, `residual_1_conv2d_1` in generated code.

use std::collections::{HashMap, HashSet};

use crate::passes::parse::is_keyword;

/// A layer's name in its two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// An identifier, unique in the network.
    pub ident: String,
    /// With dots between blocks: the prefix of its parameters in files.
    pub dotted: String,
    /// Without the blocks around.
    pub last: String,
}

#[derive(Default)]
pub struct Names {
    taken: HashSet<String>,
    counts: HashMap<String, usize>,
    /// The blocks around, outermost first.
    blocks: Vec<String>,
}

impl Names {
    /// A name that no layer may have: an input's.
    pub fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_string());
    }

    /// The next free name of a kind.
    pub fn next(&mut self, kind: &str) -> Name {
        loop {
            let key = self.join("_", kind);
            let count = self.counts.entry(key).or_insert(0);
            *count += 1;
            let last = format!("{kind}_{count}");
            if let Some(name) = self.take(&last) {
                return name;
            }
        }
    }

    /// A name that the user gave; `None` if it is taken.
    pub fn take(&mut self, last: &str) -> Option<Name> {
        let name = Name {
            ident: self.join("_", last),
            dotted: self.join(".", last),
            last: last.to_string(),
        };
        self.taken.insert(name.ident.clone()).then_some(name)
    }

    /// Everything until [`Self::leave`] lies inside a block's call of this last name.
    pub fn enter(&mut self, last: String) {
        self.blocks.push(last);
    }

    pub fn leave(&mut self) {
        self.blocks.pop();
    }

    fn join(&self, separator: &str, last: &str) -> String {
        let mut name = self.blocks.join(separator);
        if !name.is_empty() {
            name.push_str(separator);
        }
        name.push_str(last);
        name
    }
}

/// Why a given name cannot be one.
pub fn fault(name: &str) -> Option<&'static str> {
    let mut chars = name.chars();
    match chars.next() {
        None => Some("it is empty"),
        Some(first) if !(first.is_ascii_alphabetic() || first == '_') => Some("it must begin with a letter"),
        _ if !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') => {
            Some("it may hold letters, digits and `_` only")
        }
        _ if is_keyword(name) => Some("it is a keyword of Rust"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_prefix_and_count_alone() {
        let mut names = Names::default();
        assert_eq!(names.next("dense").ident, "dense_1");
        names.enter("residual_1".into());
        let inner = names.next("dense");
        assert_eq!(
            (inner.ident.as_str(), inner.dotted.as_str()),
            ("residual_1_dense_1", "residual_1.dense_1")
        );
        names.leave();
        assert_eq!(names.next("dense").ident, "dense_2");
    }

    #[test]
    fn given_names_are_stepped_over() {
        let mut names = Names::default();
        assert!(names.take("dense_1").is_some());
        assert_eq!(names.next("dense").ident, "dense_2");
        assert_eq!(names.take("dense_2"), None);
    }

    #[test]
    fn names_are_identifiers() {
        assert_eq!(fault("stem"), None);
        for bad in ["", "1a", "a.b", "a b", "fn", "_", "é"] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }
}
