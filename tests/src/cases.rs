//! The wrong programs in `tests/ui`.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of all topics.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")
}

/// The topics' folders, sorted.
#[must_use]
pub fn topics() -> Vec<PathBuf> {
    let mut topics = sorted(&root());
    topics.retain(|path| path.is_dir());
    topics
}

/// The programs of a topic, sorted.
#[must_use]
pub fn cases(topic: &Path) -> Vec<PathBuf> {
    let mut cases = sorted(topic);
    cases.retain(|path| path.extension().is_some_and(|e| e == "rs"));
    cases
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of cases");
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    paths
}
