//! Weights from PyTorch predict here what they predict there, and go back as they came.
//!
//! The files come from `fixtures/load_in_torch.py`, which also checks the way back in PyTorch itself.

use std::fs;
use std::path::{Path, PathBuf};

use nn_runtime::data::npy;
use nn_runtime::files;
use nn_runtime::prelude::*;
use safetensors::{Dtype, SafeTensors};

network! {
    Interchange(x: Tensor<4>) -> Tensor<3> {
        x.dense(7).batch_norm().tanh()
            .dense(5, bias = false).layer_norm().prelu()
            .dense(3, name = "head")
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/interchange")
        .join(name)
}

#[test]
fn pytorchs_weights_predict_the_same_and_are_written_back_unchanged() {
    let mut network = Interchange::new(0);
    network.load(fixture("torch.safetensors")).unwrap();
    let x = npy::read::<f32>(fixture("x.npy")).unwrap();
    let y = npy::read::<f32>(fixture("y.npy")).unwrap();
    assert_eq!((&x.shape[..], &y.shape[..]), (&[9, 4][..], &[9, 3][..]));
    let predictions = network
        .predict_rows(Samples::from(&x.data), Rows::All)
        .unwrap()
        .to_vec();
    for (i, (found, expected)) in predictions.iter().zip(&y.data).enumerate() {
        assert!(
            (found - expected).abs() < 1e-5,
            "output {i}: expected {expected}, found {found}"
        );
    }

    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interchange.safetensors");
    let noted = predictions
        .iter()
        .map(f32::to_string)
        .collect::<Vec<_>>()
        .join(" ");
    files::save(&network, &path, &[("predictions", &noted)]).unwrap();
    let (ours, theirs) = (
        fs::read(&path).unwrap(),
        fs::read(fixture("torch.safetensors")).unwrap(),
    );
    let (ours, theirs) = (
        SafeTensors::deserialize(&ours).unwrap(),
        SafeTensors::deserialize(&theirs).unwrap(),
    );
    for (name, expected) in theirs.tensors() {
        if expected.dtype() == Dtype::I64 {
            assert_eq!(name, "batch_norm_1.num_batches_tracked");
            continue;
        }
        assert_eq!(ours.tensor(&name).unwrap(), expected, "{name}");
    }
    assert_eq!(ours.len(), theirs.len() - 1);
}
