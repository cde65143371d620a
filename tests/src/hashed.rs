//! Numbers that a test and the script of its fixture make from the same formula, so that no file needs to hold them:
//! `fixtures/hashed.py`.

use nn_runtime::{Network, ParameterInfo, Scalar};

/// A number in [0, 1) from a name and a place.
#[must_use]
pub fn hashed(name: &str, i: usize) -> f64 {
    let mut h = name.bytes().fold(0x811c_9dc5_u32, |h, b| {
        (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
    });
    h ^= (i as u32).wrapping_mul(0x9e37_79b9);
    h = (h ^ (h >> 16)).wrapping_mul(0x7feb_352d);
    h = (h ^ (h >> 15)).wrapping_mul(0x846c_a68b);
    f64::from(h ^ (h >> 16)) / 4_294_967_296.0
}

/// Element `i`, in PyTorch's layout, of a parameter's start.
#[must_use]
pub fn start(info: &ParameterInfo, i: usize) -> f32 {
    let u = hashed(info.name, i);
    let x = match info.name.rsplit('.').next() {
        Some("running_var") => 0.5 + u,
        Some("running_mean") => 0.4 * u - 0.2,
        Some("bias") if info.name.contains("norm") => 0.2 * u + 0.9,
        Some("bias") => 0.2 * u - 0.1,
        _ if info.shape.len() == 1 => 0.75 + 0.5 * u,
        _ => {
            let outputs = info.shape[info.file_axes[0]];
            (2.0 * u - 1.0) * (6.0 * outputs as f64 / info.len() as f64).sqrt()
        }
    };
    x as f32
}

/// Where element `i` of PyTorch's layout lies in memory.
#[must_use]
pub fn place(info: &ParameterInfo, mut i: usize) -> usize {
    let mut index = vec![0; info.shape.len()];
    for &axis in info.file_axes.iter().rev() {
        index[axis] = i % info.shape[axis];
        i /= info.shape[axis];
    }
    let place = index.iter().zip(info.shape).fold(0, |at, (i, n)| at * n + i);
    info.offset + place
}

/// Gives a network the parameters of the formula.
pub fn fill<N: Network>(network: &mut N) {
    for info in N::PARAMETERS {
        for i in 0..info.len() {
            network.parameters_mut()[place(info, i)] = N::Scalar::from_f64(start(info, i).into());
        }
    }
}

/// Data from the formula.
#[must_use]
pub fn data(name: &str, count: usize) -> Vec<f32> {
    (0..count).map(|i| (2.0 * hashed(name, i) - 1.0) as f32).collect()
}
