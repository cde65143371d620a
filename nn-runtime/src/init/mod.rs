//! How parameters start.

mod orthogonal;

use crate::{Init, ParameterInfo, Rng, Scalar};

/// Fills one parameter tensor as its [`Init`] says.
///
/// Every tensor draws from a stream of its own, chosen by the seed and its name: a layer that is added to a network
/// leaves the start of the others as it was.
///
/// Bounds and deviations of the scaled initialisers stand at [`Init`]'s variants.
///
/// # Panics
/// If `out` is not of the tensor's length.
///
/// # Source
/// Glorot and Bengio (2010); He, Zhang, Ren and Sun (2015); LeCun, Bottou, Orr and Müller (1998); Saxe, McClelland
/// and Ganguli (2014) for orthogonal matrices.
pub fn initialise<T: Scalar>(info: &ParameterInfo, seed: u64, out: &mut [T]) {
    assert_eq!(out.len(), info.len(), "the length of `{}`", info.name);
    let rng = &mut Rng::new(seed).split_named(info.name);
    let fan_in = info.fan_in.max(1) as f64;
    let fan_mean = ((info.fan_in + info.fan_out) as f64 / 2.0).max(0.5);
    match info.init {
        Init::Zeros => out.fill(T::ZERO),
        Init::Ones => out.fill(T::ONE),
        Init::Constant(value) => out.fill(T::from_f64(value)),
        Init::Uniform { low, high } => uniform(low, high, rng, out),
        Init::Normal { mean, std } => normal(mean, std, rng, out),
        Init::TruncatedNormal { mean, std } => truncated_normal(mean, std, rng, out),
        Init::GlorotUniform => symmetric(1.0 / fan_mean, rng, out),
        Init::GlorotNormal => normal(0.0, (1.0 / fan_mean).sqrt(), rng, out),
        Init::HeUniform => symmetric(2.0 / fan_in, rng, out),
        Init::HeNormal => normal(0.0, (2.0 / fan_in).sqrt(), rng, out),
        Init::LecunUniform => symmetric(1.0 / fan_in, rng, out),
        Init::LecunNormal => normal(0.0, (1.0 / fan_in).sqrt(), rng, out),
        Init::Orthogonal { gain } => orthogonal::orthogonal(info.shape, gain, rng, out),
    }
}

/// [`initialise`] for every tensor of a network, each at its place in the flat parameters.
///
/// # Panics
/// If a tensor lies outside `out`.
pub fn initialise_all<T: Scalar>(parameters: &[ParameterInfo], seed: u64, out: &mut [T]) {
    for info in parameters {
        initialise(info, seed, &mut out[info.range()]);
    }
}

/// In `[low, high)`, then rounded to `T` (which may give `high`).
fn uniform<T: Scalar>(low: f64, high: f64, rng: &mut Rng, out: &mut [T]) {
    for o in out {
        *o = T::from_f64(low + (high - low) * rng.uniform());
    }
}

/// Uniform around 0 with the given variance: a uniform number in `[-b, b)` has variance `b² / 3`.
fn symmetric<T: Scalar>(variance: f64, rng: &mut Rng, out: &mut [T]) {
    let bound = (3.0 * variance).sqrt();
    uniform(-bound, bound, rng, out);
}

fn normal<T: Scalar>(mean: f64, std: f64, rng: &mut Rng, out: &mut [T]) {
    for o in out {
        *o = T::from_f64(mean + std * rng.normal());
    }
}

fn truncated_normal<T: Scalar>(mean: f64, std: f64, rng: &mut Rng, out: &mut [T]) {
    for o in out {
        let z = loop {
            let z = rng.normal();
            if z.abs() <= 2.0 {
                break z;
            }
        };
        *o = T::from_f64(mean + std * z);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ParameterKind;

    const SHAPE: &[usize] = &[300, 200];

    fn info(name: &'static str, shape: &'static [usize], init: Init) -> ParameterInfo {
        let [fan_in, fan_out] = [shape[0], shape[shape.len() - 1]];
        ParameterInfo {
            name,
            shape,
            file_axes: &[1, 0],
            offset: 0,
            init,
            fan_in,
            fan_out,
            l2: 0.0,
            kind: ParameterKind::Trainable,
        }
    }

    fn drawn(init: Init) -> Vec<f64> {
        let info = info("dense_1.weight", SHAPE, init);
        let mut out = vec![0f32; info.len()];
        initialise(&info, 11, &mut out);
        out.into_iter().map(f64::from).collect()
    }

    /// Mean and standard deviation within four standard errors or so, and every number inside the bound.
    #[track_caller]
    fn check(init: Init, mean: f64, std: f64, bound: f64) {
        let x = drawn(init);
        let n = x.len() as f64;
        let found = x.iter().sum::<f64>() / n;
        let variance = x.iter().map(|x| (x - found) * (x - found)).sum::<f64>() / n;
        assert!(
            (found - mean).abs() < 4.0 * std / n.sqrt(),
            "{init:?}: mean {found}"
        );
        assert!(
            (variance.sqrt() / std - 1.0).abs() < 0.012,
            "{init:?}: deviation {}",
            variance.sqrt()
        );
        let furthest = x.iter().map(|x| (x - mean).abs()).fold(0.0, f64::max);
        assert!(
            furthest <= bound * (1.0 + 1e-7),
            "{init:?}: {furthest} is outside {bound}"
        );
        assert!(
            furthest > 0.99 * bound || bound.is_infinite(),
            "{init:?}: only up to {furthest} of {bound}"
        );
    }

    #[test]
    fn constants() {
        assert!(drawn(Init::Zeros).iter().all(|&x| x == 0.0));
        assert!(drawn(Init::Ones).iter().all(|&x| x == 1.0));
        assert!(drawn(Init::Constant(0.25)).iter().all(|&x| x == 0.25));
    }

    #[test]
    fn uniform_ones() {
        let std = |bound: f64| bound / 3f64.sqrt();
        check(Init::Uniform { low: -1.0, high: 3.0 }, 1.0, std(2.0), 2.0);
        let glorot = (6f64 / 500.0).sqrt();
        check(Init::GlorotUniform, 0.0, std(glorot), glorot);
        let he = (6f64 / 300.0).sqrt();
        check(Init::HeUniform, 0.0, std(he), he);
        let lecun = (3f64 / 300.0).sqrt();
        check(Init::LecunUniform, 0.0, std(lecun), lecun);
    }

    #[test]
    fn normal_ones() {
        check(Init::Normal { mean: 2.0, std: 0.5 }, 2.0, 0.5, f64::INFINITY);
        check(Init::GlorotNormal, 0.0, (2f64 / 500.0).sqrt(), f64::INFINITY);
        check(Init::HeNormal, 0.0, (2f64 / 300.0).sqrt(), f64::INFINITY);
        check(Init::LecunNormal, 0.0, (1f64 / 300.0).sqrt(), f64::INFINITY);
        // A Gaussian cut at two deviations keeps 0.879626 of its deviation.
        check(
            Init::TruncatedNormal { mean: -1.0, std: 0.5 },
            -1.0,
            0.5 * 0.879_626,
            1.0,
        );
    }

    #[test]
    fn an_empty_interval_is_its_end() {
        assert!(
            drawn(Init::Uniform { low: 0.5, high: 0.5 })
                .iter()
                .all(|&x| x == 0.5)
        );
    }

    #[test]
    fn a_tensor_depends_on_its_name_and_the_seed_alone() {
        let first = info("dense_1.weight", &[3, 4], Init::HeNormal);
        let second = ParameterInfo {
            offset: 12,
            ..info("dense_2.weight", &[3, 4], Init::HeNormal)
        };
        let mut alone = [0f64; 12];
        initialise_all(&[first], 5, &mut alone);
        let mut both = [0f64; 24];
        initialise_all(&[first, second], 5, &mut both);
        assert_eq!(alone, both[..12]);
        assert_ne!(both[..12], both[12..]);
        let mut other = [0f64; 12];
        initialise_all(&[first], 6, &mut other);
        assert_ne!(alone, other);
    }
}
