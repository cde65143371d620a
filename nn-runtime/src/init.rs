//! How parameters start.

use crate::{Init, ParameterInfo, Scalar};

/// Fills every parameter from `seed`: constants as they are, the others Glorot-uniform.
pub fn initialise_all<T: Scalar>(parameters: &[ParameterInfo], seed: u64, out: &mut [T]) {
    let mut state = seed;
    for p in parameters {
        let bound = (6.0 / (p.fan_in + p.fan_out) as f64).sqrt();
        for o in &mut out[p.range()] {
            state = crate::step::mix(state.wrapping_add(0x9e37_79b9_7f4a_7c15));
            let u = (state >> 11) as f64 / (1u64 << 53) as f64;
            *o = T::from_f64(match p.init {
                Init::Zeros => 0.0,
                Init::Ones => 1.0,
                Init::Constant(c) => c,
                _ => (2.0 * u - 1.0) * bound,
            });
        }
    }
}
