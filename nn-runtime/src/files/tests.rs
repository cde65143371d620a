//! Saving and loading a small network: round trips, and every way in which a file can be wrong.

use super::*;
use crate::data::testing::Folder;
use crate::data::{Fitted, Scaler};
use crate::{Init, LayerInfo, Network, ParameterInfo, ParameterKind, Result, Rows, Samples, Scalar};

/// `dense(3)` on two numbers, and a running statistic; `NAMED` tells networks of one shape apart.
#[derive(Clone, Debug, PartialEq)]
struct Toy<T, const NAMED: char = 'A'>(Vec<T>);

const fn parameter(
    name: &'static str,
    shape: &'static [usize],
    file_axes: &'static [usize],
    offset: usize,
) -> ParameterInfo {
    ParameterInfo {
        name,
        shape,
        file_axes,
        offset,
        init: Init::Zeros,
        fan_in: 2,
        fan_out: 3,
        l2: 0.0,
        kind: ParameterKind::Trainable,
    }
}

impl<T: Scalar, const NAMED: char> Network for Toy<T, NAMED> {
    type Scalar = T;
    type Inputs<'a> = Samples<'a, T, 2>;
    const NAME: &'static str = if NAMED == 'A' { "Toy" } else { "Other" };
    const PARAMS: usize = 9;
    const MACS: u64 = 6;
    const INPUTS: &'static [&'static [usize]] = &[&[2]];
    const OUTPUTS: &'static [&'static [usize]] = &[&[3]];
    const LAYERS: &'static [LayerInfo] = &[];
    const PARAMETERS: &'static [ParameterInfo] = &[
        parameter("dense_1.weight", &[2, 3], &[1, 0], 0),
        parameter("dense_1.bias", &[3], &[0], 6),
        parameter("count", &[], &[], 9),
    ];
    fn parameters(&self) -> &[T] {
        &self.0
    }
    fn parameters_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
    fn gradients(&self) -> &[T] {
        &[]
    }
    fn update_parts(&mut self) -> (&mut [T], &mut [T]) {
        (&mut self.0, &mut [])
    }
    fn predict_rows(&mut self, _: Samples<'_, T, 2>, _: Rows<'_>) -> Result<&[T]> {
        Ok(&self.0)
    }
}

fn toy<T: Scalar>() -> Toy<T> {
    Toy((0..10).map(|i| T::from_f64(f64::from(i) / 3.0)).collect())
}

fn zeros<T: Scalar>() -> Toy<T> {
    Toy(vec![T::ZERO; 10])
}

#[test]
fn a_round_trip_is_exact_in_both_precisions() {
    fn check<T: Scalar>() {
        let folder = Folder::new();
        let (path, mut loaded) = (folder.0.join("w"), zeros::<T>());
        let mut saved = toy();
        saved.0[4] = T::from_f64(f64::INFINITY);
        saved.save(&path).unwrap();
        loaded.load(&path).unwrap();
        assert_eq!(loaded, saved);
    }
    check::<f32>();
    check::<f64>();
}

#[test]
fn files_hold_pytorchs_layout_and_equal_networks_equal_bytes() {
    let folder = Folder::new();
    let path = folder.0.join("w");
    save(&toy::<f32>(), &path, &[("a", &"\"x\"\n\u{1}\\é"), ("b", &7)]).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let weight = tensors.tensor("dense_1.weight").unwrap();
    assert_eq!(weight.shape(), [3, 2]);
    // [out, in]: memory 0 1 2 / 3 4 5 becomes 0 3 / 1 4 / 2 5.
    let values: Vec<f32> = weight
        .data()
        .as_chunks()
        .0
        .iter()
        .map(|&b| f32::from_le_bytes(b))
        .collect();
    assert_eq!(
        values,
        [0.0, 3.0, 1.0, 4.0, 2.0, 5.0].map(|x: f32| (f64::from(x) / 3.0) as f32)
    );
    assert_eq!(bytes.len() % 8, 40 % 8);
    save(&toy::<f32>(), &path, &[("a", &"\"x\"\n\u{1}\\é"), ("b", &7)]).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    let notes = zeros::<f32>().load(&path).unwrap();
    assert_eq!(
        notes.iter().collect::<Vec<_>>(),
        [("a", "\"x\"\n\u{1}\\é"), ("b", "7")]
    );
}

#[test]
fn a_scaler_travels_with_the_weights() {
    let folder = Folder::new();
    let path = folder.0.join("w");
    let scaler = Scaler::standardize(&[1.0f32, 2.0, 4.0], ["age"], Rows::All).unwrap();
    save(&toy::<f32>(), &path, &[("scaler", &scaler), ("remark", &"none")]).unwrap();
    let notes = zeros::<f32>().load(&path).unwrap();
    assert_eq!(notes.fitted::<Scaler>("scaler").unwrap(), scaler);
    let message = |name| notes.fitted::<Scaler>(name).unwrap_err().to_string();
    assert!(
        message("absent").contains("w: `absent`: expected a note of this name"),
        "{}",
        message("absent")
    );
    assert!(
        message("remark").contains("w:1: expected `scaler 1`"),
        "{}",
        message("remark")
    );
    for name in ["format", "nn.network"] {
        assert!(matches!(
            save(&toy::<f32>(), &path, &[(name, &1)]),
            Err(Error::Setting { .. })
        ));
    }
    assert!(save(&toy::<f32>(), &path, &[("a", &1), ("a", &2)]).is_err());
    // The scaler's own file.
    let own = folder.0.join("scaler.txt");
    scaler.save(&own).unwrap();
    assert_eq!(Scaler::load(&own).unwrap(), scaler);
    std::fs::write(&own, "scaler 1 1\n1 2\n").unwrap();
    assert!(
        Scaler::load(&own)
            .unwrap_err()
            .to_string()
            .contains("scaler.txt:2: expected 3 values")
    );
}

/// A file with the given JSON header and numbers.
fn file(header: &str, data_bytes: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data_bytes, 0);
    bytes
}

/// Loading fails with this text in the message, and the network keeps its weights.
fn refused(bytes: &[u8], part: &str) {
    let folder = Folder::new();
    let path = folder.write("w", bytes);
    let mut network = toy::<f32>();
    let error = network.load(path).unwrap_err();
    assert!(matches!(error, Error::Weights { .. }), "{error:?}");
    let message = error.to_string();
    assert!(message.contains(part), "expected `{part}` in `{message}`");
    assert_eq!(network, toy());
}

const WEIGHT: &str = r#""dense_1.weight":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}"#;
const BIAS: &str = r#""dense_1.bias":{"dtype":"F32","shape":[3],"data_offsets":[24,36]}"#;
const COUNT: &str = r#""count":{"dtype":"F32","shape":[],"data_offsets":[36,40]}"#;

#[test]
fn files_of_others_load_without_metadata_and_in_any_order() {
    let folder = Folder::new();
    let counted = r#""bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[40,48]}"#;
    for header in [
        format!("{{{BIAS},{COUNT},{WEIGHT}}}"),
        format!("{{{WEIGHT},{BIAS},{COUNT},{counted}}}"),
    ] {
        let data_bytes = if header.contains("I64") { 48 } else { 40 };
        let mut network = toy::<f32>();
        network
            .load(folder.write("w", &file(&header, data_bytes)))
            .unwrap();
        assert_eq!(network, zeros());
    }
}

#[test]
fn every_truncation_is_refused() {
    let folder = Folder::new();
    let path = folder.0.join("w");
    toy::<f32>().save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        refused(&whole[..length], "");
    }
    refused(&whole[..5], "expected a safetensors file, found 5 bytes");
    refused(&whole[..100], "found 100 bytes in all; it is cut short");
    refused(
        &whole[..whole.len() - 1],
        "ends before its last tensor, or goes on",
    );
    refused(
        &[&whole[..], &[0]].concat(),
        "ends before its last tensor, or goes on",
    );
}

#[test]
fn every_flipped_byte_of_the_header_is_survived() {
    let folder = Folder::new();
    let path = folder.0.join("w");
    toy::<f32>().save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for place in 0..whole.len() - 40 {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x11;
        let mut network = toy::<f32>();
        // A flip inside a remark or the padding may pass; it must not panic nor leave half of it loaded.
        let _ = network.load(folder.write("w", &damaged));
        assert_eq!(network, toy());
    }
}

#[test]
fn another_networks_file_is_refused() {
    let folder = Folder::new();
    let path = folder.0.join("w");
    Toy::<f32, 'B'>(vec![0.0; 10]).save(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    refused(&bytes, "expected the weights of `Toy`, found those of `Other`");
    refused(
        &file(r#"{"__metadata__":{"nn.format":"2"}}"#, 0),
        "expected version 1 of the weights' format, found `2`",
    );
}

#[test]
fn tensors_must_be_the_networks() {
    refused(
        &file(
            &format!("{{{WEIGHT},{}}}", BIAS.replace("dense_1", "dense_2")),
            36,
        ),
        "`dense_1.bias`: expected F32 [3], found no such tensor; the nearest is `dense_2.bias`",
    );
    refused(
        &file("{}", 0),
        "`dense_1.weight`: expected F32 [3, 2], found no such tensor",
    );
    refused(
        &file(
            &format!(
                "{{{WEIGHT},{BIAS},{COUNT},{}}}",
                r#""counts":{"dtype":"F32","shape":[0],"data_offsets":[40,40]}"#
            ),
            40,
        ),
        "`counts`: `Toy` has no such tensor; the nearest is `count`",
    );
    refused(
        &file(
            &format!("{{{},{BIAS},{COUNT}}}", WEIGHT.replace("[3,2]", "[2,3]")),
            40,
        ),
        "`dense_1.weight`: expected F32 [3, 2], found F32 [2, 3]",
    );
    refused(
        &file(
            &format!("{{{},{BIAS},{COUNT}}}", WEIGHT.replace("F32", "I32")),
            40,
        ),
        "`dense_1.weight`: expected F32 [3, 2], found I32 [3, 2]",
    );
    let folder = Folder::new();
    let path = folder.0.join("w");
    toy::<f64>().save(&path).unwrap();
    refused(
        &std::fs::read(path).unwrap(),
        "expected F32 [3, 2], found F64 [3, 2]",
    );
}

#[test]
fn hostile_headers_are_refused() {
    refused(&[0xff; 64], "as the file's start says, found 64 bytes in all");
    refused(&file("[]", 0), "expected the header of a safetensors file");
    refused(&file("\u{0}", 0), "expected the header of a safetensors file");
    refused(
        &file(&"[".repeat(100_000), 0),
        "expected the header of a safetensors file",
    );
    refused(
        &file(
            &format!("{{{WEIGHT},{}}}", BIAS.replace("[24,36]", "[12,24]")),
            24,
        ),
        "overlaps another tensor's",
    );
    refused(
        &file(
            &format!("{{{WEIGHT},{}}}", BIAS.replace("[24,36]", "[28,40]")),
            40,
        ),
        "or leaves a gap",
    );
    refused(
        &file(&format!("{{{}}}", WEIGHT.replace("[0,24]", "[24,0]")), 24),
        "",
    );
    refused(
        &file(
            &format!("{{{}}}", WEIGHT.replace("[0,24]", "[0,18446744073709551615]")),
            24,
        ),
        "",
    );
    let overflowing = WEIGHT.replace("[3,2]", "[9223372036854775807,9223372036854775807]");
    refused(
        &file(&format!("{{{overflowing}}}"), 24),
        "shape does not fit the bytes",
    );
    refused(
        &file(&format!("{{{}}}", WEIGHT.replace("[3,2]", "[-3,2]")), 24),
        "expected the header",
    );
    let long = format!(
        r#"{{"{}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}}}"#,
        "x".repeat(100_000)
    );
    refused(&file(&long, 0), "found no such tensor");
}

#[test]
fn parts_load_under_other_names() {
    let folder = Folder::new();
    let path = folder.0.join("w");
    Toy::<f32, 'B'>(toy().0).save(&path).unwrap();
    let mut network = zeros::<f32>();
    let done = load_partial(&mut network, &path, |name| {
        name.ends_with("bias").then(|| name.to_owned())
    })
    .unwrap();
    assert_eq!(done.loaded, ["dense_1.bias"]);
    assert_eq!(done.kept, ["dense_1.weight", "count"]);
    assert_eq!(done.unused, ["count", "dense_1.weight"]);
    assert_eq!(network.0[..6], [0.0; 6]);
    assert_eq!(network.0[6..9], toy::<f32>().0[6..9]);
    assert_eq!(network.0[9], 0.0);

    let before = network.clone();
    let message = load_partial(&mut network, &path, |name| Some(name.replace("weight", "wait")))
        .unwrap_err()
        .to_string();
    assert!(message.contains(
        "`dense_1.wait`: expected F32 [3, 2], found no such tensor; the nearest is `dense_1.weight`"
    ));
    let message = load_partial(&mut network, &path, |_| Some("dense_1.bias".into()))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("`dense_1.bias`: expected F32 [3, 2], found F32 [3]"),
        "{message}"
    );
    assert_eq!(network, before);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = Folder::new();
    let error = toy::<f32>().load(folder.0.join("absent")).unwrap_err();
    assert!(matches!(error, Error::Io { .. }) && error.to_string().contains("absent"));
    assert!(matches!(
        toy::<f32>().save(folder.0.join("no/folder")),
        Err(Error::Io { .. })
    ));
}
