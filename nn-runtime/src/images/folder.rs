//! `folder/class/*.png`: a data set as people keep it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::set::ImageSet;
use super::{Decoder, Pipeline};
use crate::{Error, Result, parallel};

/// What to do about a file that is no image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unreadable {
    /// Stop with its error; of several, the first file's.
    Refuse,
    /// Go on without it; [`ImageSet::skipped`] names it.
    Skip,
}

/// A file that was left out.
#[derive(Debug)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub error: Error,
}

/// The images in `folder/class/*.png` (or `.jpg`, `.jpeg`, in any case), by name; nothing is decoded yet.
///
/// Classes are in the order of their names, files in the order of theirs within a class, so that labels and indices
/// are the same on every machine. Names that begin with a dot are passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFolder {
    /// Names of the folders: class `i` is `classes[i]`.
    pub classes: Vec<String>,
    /// The files, one class after the other.
    pub files: Vec<PathBuf>,
    /// The class of each file.
    pub labels: Vec<u32>,
}

impl ImageFolder {
    /// Lists the images of a folder.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Format`] with the folder at fault where there is no class, where a class has no image,
    /// or where a class's name is not UTF-8 (names of files may be anything).
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut folder = Self {
            classes: vec![],
            files: vec![],
            labels: vec![],
        };
        for class in list(path, Path::is_dir)? {
            let files = list(&class, |file| is_image(file) && file.is_file())?;
            if files.is_empty() {
                return Err(fault(
                    &class,
                    "expected images (`.png`, `.jpg`, `.jpeg`) of this class, found none",
                ));
            }
            let name = class.file_name().and_then(OsStr::to_str);
            let name = name.ok_or_else(|| fault(&class, "expected the name of a class in UTF-8"))?;
            let label = folder.classes.len() as u32;
            folder.classes.push(name.to_owned());
            folder.labels.resize(folder.labels.len() + files.len(), label);
            folder.files.extend(files);
        }
        if folder.classes.is_empty() {
            return Err(fault(
                path,
                "expected a folder per class with its images, found no folder",
            ));
        }
        Ok(folder)
    }

    /// Number of files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Decodes all images into memory, in parallel, each one going through `prepare` (a resize to little more than
    /// what the network takes keeps the memory small).
    ///
    /// # Errors
    /// [`Error::Setting`] where `prepare` has random steps, or cannot be applied to an image; what
    /// [`Decoder::read`] says, where unreadable files are refused; [`Error::Empty`] where nothing is left.
    pub fn load(&self, decoder: &Decoder, prepare: &Pipeline, unreadable: Unreadable) -> Result<ImageSet> {
        prepare.check_fixed()?;
        let mut read = self.read_all(|path| prepare.apply_fixed(decoder.read(path)?));
        let mut set = ImageSet {
            classes: self.classes.clone(),
            ..ImageSet::default()
        };
        for (i, image) in read.drain(..).enumerate() {
            match image {
                Ok(image) => {
                    set.images.push(image);
                    set.labels.push(self.labels[i]);
                    set.files.push(self.files[i].clone());
                }
                Err(error @ (Error::Io { .. } | Error::Format { .. })) if unreadable == Unreadable::Skip => {
                    set.skipped.push(Skipped {
                        path: self.files[i].clone(),
                        error,
                    });
                }
                Err(error) => return Err(error),
            }
        }
        if set.images.is_empty() {
            Err(Error::Empty)
        } else {
            Ok(set)
        }
    }

    /// Decodes every image once and takes the unreadable ones off the lists; gives them with the reasons. For data
    /// sets that are then decoded anew in every epoch ([`super::Streamed`]).
    pub fn retain_readable(&mut self, decoder: &Decoder) -> Vec<Skipped> {
        let read = self.read_all(|path| decoder.read(path).map(drop));
        let mut skipped = vec![];
        let old = std::mem::take(&mut self.files)
            .into_iter()
            .zip(std::mem::take(&mut self.labels));
        for ((path, label), result) in old.zip(read) {
            match result {
                Ok(()) => {
                    self.files.push(path);
                    self.labels.push(label);
                }
                Err(error) => skipped.push(Skipped { path, error }),
            }
        }
        skipped
    }

    fn read_all<R: Send>(&self, read: impl Fn(&Path) -> Result<R> + Sync + Send) -> Vec<Result<R>> {
        let mut results: Vec<Option<Result<R>>> = self.files.iter().map(|_| None).collect();
        parallel::for_each_mut(&mut results, |i, result| *result = Some(read(&self.files[i])));
        results.into_iter().flatten().collect()
    }
}

/// Sorted by name.
fn list(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let io = |source| Error::Io {
        path: folder.to_owned(),
        source,
    };
    let mut paths = vec![];
    for entry in fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && wanted(&entry.path()) {
            paths.push(entry.path());
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

fn is_image(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    ["png", "jpg", "jpeg"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}

fn fault(path: &Path, message: &str) -> Error {
    Error::Format {
        path: path.to_owned(),
        line: 0,
        column: 0,
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use ::image::{GrayImage, ImageFormat};

    use super::super::Image;
    use super::super::testing::encode;
    use super::*;
    use crate::data::testing::Folder;

    fn png(size: u32) -> Vec<u8> {
        encode(GrayImage::new(size, size), ImageFormat::Png)
    }

    /// Two classes, of which one holds a text file, a cut image, and files that are no images.
    fn folder() -> Folder {
        let folder = Folder::new();
        for class in ["dogs", "cats", ".hidden"] {
            fs::create_dir(folder.0.join(class)).unwrap();
        }
        folder.write("cats/b.PNG", &png(3));
        folder.write("cats/a.jpeg", &encode(GrayImage::new(5, 2), ImageFormat::Jpeg));
        folder.write("cats/notes.txt", b"");
        folder.write("cats/.a.png", b"");
        folder.write("dogs/1.png", b"no image");
        folder.write("dogs/2.jpg", &png(1));
        folder.write("dogs/3.png", &png(9)[..40]);
        folder.write("readme.png", &png(1));
        fs::create_dir(folder.0.join("dogs/4.png")).unwrap();
        folder
    }

    #[test]
    fn names_give_classes_and_order() {
        let root = folder();
        let folder = ImageFolder::open(&root.0).unwrap();
        assert_eq!(folder.classes, ["cats", "dogs"]);
        assert_eq!(folder.labels, [0, 0, 1, 1, 1]);
        let names: Vec<_> = folder
            .files
            .iter()
            .map(|f| f.strip_prefix(&root.0).unwrap())
            .collect();
        let expected = [
            "cats/a.jpeg",
            "cats/b.PNG",
            "dogs/1.png",
            "dogs/2.jpg",
            "dogs/3.png",
        ];
        assert_eq!(names, expected.map(Path::new));
    }

    #[test]
    fn unreadable_files_are_refused_or_named() {
        let root = folder();
        let mut folder = ImageFolder::open(&root.0).unwrap();
        let load = |folder: &ImageFolder, how| folder.load(&Decoder::grey(), &Pipeline::new(), how);
        let error = load(&folder, Unreadable::Refuse).unwrap_err().to_string();
        assert!(error.contains("1.png: expected a PNG or JPEG image"), "{error}");
        let set = load(&folder, Unreadable::Skip).unwrap();
        let sizes: Vec<_> = set.images.iter().map(Image::shape).collect();
        assert_eq!(sizes, [[2, 5, 1], [3, 3, 1], [1, 1, 1]]);
        assert_eq!((set.labels, set.files.len()), (vec![0, 0, 1], 3));
        let skipped: Vec<_> = set.skipped.iter().map(|s| s.path.file_name().unwrap()).collect();
        assert_eq!(skipped, ["1.png", "3.png"]);
        assert_eq!(folder.retain_readable(&Decoder::grey()).len(), 2);
        assert_eq!((folder.len(), &folder.labels[..]), (3, &[0, 0, 1][..]));
        assert!(load(&folder, Unreadable::Refuse).is_ok());
    }

    #[test]
    fn a_pipeline_that_does_not_fit_is_not_blamed_on_the_files() {
        let root = folder();
        let folder = ImageFolder::open(&root.0).unwrap();
        for pipeline in [
            Pipeline::new().center_crop(99, 1),
            Pipeline::new().random_flip(0.5),
        ] {
            let error = folder
                .load(&Decoder::grey(), &pipeline, Unreadable::Skip)
                .unwrap_err();
            assert!(matches!(error, Error::Setting { .. }), "{error}");
        }
    }

    #[test]
    fn folders_without_images_are_refused() {
        let root = Folder::new();
        let message = || ImageFolder::open(&root.0).unwrap_err().to_string();
        assert!(message().ends_with("expected a folder per class with its images, found no folder"));
        fs::create_dir(root.0.join("empty")).unwrap();
        assert!(
            message().ends_with("empty: expected images (`.png`, `.jpg`, `.jpeg`) of this class, found none")
        );
        // One class is enough to be read.
        root.write("empty/a.png", b"text");
        let folder = ImageFolder::open(&root.0).unwrap();
        assert_eq!((folder.classes.len(), folder.len()), (1, 1));
        assert!(matches!(
            folder.load(&Decoder::rgb(), &Pipeline::new(), Unreadable::Skip),
            Err(Error::Empty)
        ));
        assert!(matches!(
            ImageFolder::open(root.0.join("none")),
            Err(Error::Io { .. })
        ));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_not_utf_8() {
        use std::os::unix::ffi::OsStrExt;
        let root = Folder::new();
        let class = root.0.join("ok");
        fs::create_dir(&class).unwrap();
        fs::write(class.join(OsStr::from_bytes(b"\xff\xfe.png")), png(2)).unwrap();
        let folder = ImageFolder::open(&root.0).unwrap();
        assert_eq!(
            folder
                .load(&Decoder::rgb(), &Pipeline::new(), Unreadable::Refuse)
                .unwrap()
                .labels,
            [0]
        );
        let odd = root.0.join(OsStr::from_bytes(b"\xff"));
        fs::create_dir(&odd).unwrap();
        fs::write(odd.join("a.png"), png(2)).unwrap();
        let message = ImageFolder::open(&root.0).unwrap_err().to_string();
        assert!(
            message.ends_with("expected the name of a class in UTF-8"),
            "{message}"
        );
    }
}
