//! The elementary functions, written once over [`Vector`] for both number types.
//!
//! Each reduces its argument to a short interval, where a polynomial takes over (minimax, found by the Remez
//! exchange in 200-bit arithmetic), and puts the special values in by selection; no lane ever branches. The
//! figures in ulp are the largest errors that this directory's tests allow; `tests.rs` says over which arguments.

pub(super) mod erf;
pub(super) mod exp;
mod large;
pub(super) mod ln;
#[cfg(test)]
mod tests;
pub(super) mod trig;

use super::Vector;
use crate::Scalar;

/// What the elementary functions need to know of a number type.
#[doc(hidden)]
pub struct Constants {
    /// The sign bit.
    pub(super) sign: u64,
    /// Largest exponent of a finite number; the exponent field's bias.
    bias: f64,
    /// The bits of the mantissa.
    mantissa: u64,
    /// Bits of 1.
    one: u64,
    /// Bits of the least number whose square is at least 1/2.
    root_half: u64,
    /// `2^mantissa bits`
    unit: f64,
    /// 1.5 times that: adding it rounds to an integer, which is then found in the low bits.
    magic: f64,
    /// Smallest normal number.
    least: f64,
    /// Mantissa bits.
    digits: f64,
    /// Below this in magnitude, odd functions of slope 1 are their argument.
    tiny: f64,
    /// ln 2 = high + low, `high` with enough zeros at its end that its products with exponents are exact.
    ln2: [f64; 2],
    /// Beyond these `e^x` is 0 or infinite.
    exp_range: [f64; 2],
    /// Below this `e^x - 1` rounds to -1.
    exp_m1_least: f64,
    /// `(e^r - 1 - r) / r²` for `|r| <= ln 2 / 2`
    exp: &'static [f64],
    /// `(ln((1+s)/(1-s))/s - 2) / z` for `z = s²` and `(1+s)/(1-s)` between `√½` and `√2`
    ln: &'static [f64],
    /// `erf x / x - 1` for `z = x² <= 1`
    erf: &'static [f64],
    /// `e^(x²) erfc x` for `t = (x - 2) / (x + 2)`, x from 1 to `erf_one`
    erfc: &'static [f64],
    /// From here on erf is 1.
    erf_one: f64,
    /// π/2 in three parts, the first two with enough zeros at their end that small multiples are exact.
    half_pi: [f64; 3],
    /// Largest argument that these three parts serve.
    trig_limit: f64,
    /// A remainder below this has lost too many digits.
    trig_least: f64,
    /// `(sin r - r) / r³` in `z = r²`, `|r| <= π/4`
    sin: &'static [f64],
    /// `(cos r - 1 + r²/2) / r⁴` in `z = r²`, `|r| <= π/4`
    cos: &'static [f64],
}

/// A number type with elementary functions.
#[doc(hidden)]
pub trait Math {
    /// Its constants.
    const K: Constants;
}

impl Math for f32 {
    const K: Constants = Constants {
        sign: 1 << 31,
        bias: 127.0,
        mantissa: (1 << 23) - 1,
        one: 0x3f80_0000,
        root_half: 0x3f35_04f3,
        unit: 8_388_608.0,
        magic: 12_582_912.0,
        least: f32::MIN_POSITIVE as f64,
        digits: 23.0,
        tiny: 1.0 / 16_777_216.0,
        ln2: [0.693_115_234_375, 3.194_618_494_530_941_5e-5],
        exp_range: [-104.5, 89.0],
        exp_m1_least: -18.0,
        exp: &[
            0.499_999_934_321_514_74,
            0.166_665_203_989_515_26,
            0.041_668_390_778_022_23,
            0.008_368_745_117_341_677,
            0.001_381_454_048_953_860_3,
        ],
        ln: &[
            0.666_666_656_412_930_8,
            0.400_003_362_193_177_06,
            0.285_372_383_197_153_9,
            0.235_835_689_594_638,
        ],
        erf: &[
            0.128_379_165_717_517_45,
            -0.376_126_257_497_828,
            0.112_835_841_823_604_44,
            -0.026_853_766_506_041_49,
            0.005_188_231_926_583_993,
            -0.000_800_926_980_285_724_8,
            7.850_539_381_616_264e-5,
        ],
        erfc: &[
            0.255_395_676_823_798_66,
            -0.427_185_875_348_307,
            0.241_657_456_024_602_42,
            -0.078_981_355_912_985_54,
            0.003_767_550_008_120_088,
            0.007_317_657_867_941_23,
            0.000_105_338_663_601_924_54,
        ],
        erf_one: 4.0,
        half_pi: [1.570_312_5, 0.000_483_751_296_997_070_3, 7.549_789_954_891_882e-8],
        trig_limit: 6_000.0,
        trig_least: 1.0 / 4_096.0,
        sin: &[
            -0.166_666_548_734_719_14,
            0.008_332_173_542_862_776,
            -0.000_195_166_557_704_967_72,
        ],
        cos: &[
            0.041_666_646_747_791_36,
            -0.001_388_736_145_089_293_5,
            2.443_773_017_004_793_3e-5,
        ],
    };
}

impl Math for f64 {
    const K: Constants = Constants {
        sign: 1 << 63,
        bias: 1_023.0,
        mantissa: (1 << 52) - 1,
        one: 0x3ff0_0000_0000_0000,
        root_half: 0x3fe6_a09e_667f_3bcd,
        unit: 4_503_599_627_370_496.0,
        magic: 6_755_399_441_055_744.0,
        least: f64::MIN_POSITIVE,
        digits: 52.0,
        tiny: 1.0 / 9_007_199_254_740_992.0,
        ln2: [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10],
        exp_range: [-746.0, 710.0],
        exp_m1_least: -40.0,
        exp: &[
            0.5,
            0.166_666_666_666_666_82,
            0.041_666_666_666_666_095,
            0.008_333_333_333_316_982,
            0.001_388_888_888_911_635_5,
            0.000_198_412_698_965_157_26,
            2.480_158_692_573_028_2e-5,
            2.755_723_472_727_108_5e-6,
            2.755_758_227_023_89e-7,
            2.511_208_468_361_638_7e-8,
            2.082_658_653_504_075e-9,
        ],
        ln: &[
            0.666_666_666_666_673_5,
            0.399_999_999_994_110_9,
            0.285_714_287_432_629_67,
            0.222_221_984_759_588_51,
            0.181_835_697_411_198_68,
            0.153_139_032_157_033_14,
            0.147_975_079_955_322_77,
        ],
        erf: &[
            0.128_379_167_095_512_6,
            -0.376_126_389_031_837_54,
            0.112_837_916_709_551_19,
            -0.026_866_170_645_129_72,
            0.005_223_977_625_421_892,
            -0.000_854_832_702_183_938_6,
            0.000_120_553_328_987_283_63,
            -1.492_564_744_592_991e-5,
            1.646_204_300_830_708_9e-6,
            -1.636_460_872_216_910_5e-7,
            1.479_209_095_517_345_3e-8,
            -1.216_270_257_805_612_8e-9,
            8.702_567_859_699_001e-11,
            -4.220_952_091_599_631e-12,
        ],
        erfc: &[
            0.255_395_676_310_505_75,
            -0.427_185_847_413_958_4,
            0.241_658_194_242_466_76,
            -0.078_978_581_015_748_63,
            0.003_732_892_404_114_527,
            0.006_997_461_740_207_384,
            -0.000_847_143_225_595_813_6,
            -0.000_981_976_974_100_829,
            4.355_469_749_289_404e-5,
            0.000_174_356_462_036_620_1,
            2.753_188_033_841_532_3e-5,
            -2.748_698_436_357_53e-5,
            -1.382_635_825_296_942_4e-5,
            9.425_050_417_739_841e-7,
            2.211_164_938_022_928_5e-6,
        ],
        erf_one: 6.0,
        half_pi: [
            1.570_796_326_734_125_6,
            6.077_100_506_303_966e-11,
            2.022_266_248_795_950_6e-21,
        ],
        trig_limit: 1_000_000.0,
        trig_least: 1.0 / 1_099_511_627_776.0,
        sin: &[
            -0.166_666_666_666_666_32,
            0.008_333_333_333_322_316,
            -0.000_198_412_698_297_252_02,
            2.755_731_366_205_709e-6,
            -2.505_075_326_445_813e-8,
            1.589_650_494_194_150_4e-10,
        ],
        cos: &[
            0.041_666_666_666_666_6,
            -0.001_388_888_888_887_399,
            2.480_158_728_939_491_6e-5,
            -2.755_731_432_602_669e-7,
            2.087_571_955_808_391e-9,
            -1.135_944_864_548_314_6e-11,
        ],
    };
}

/// `Σ c[i] x^i` by Horner's rule.
#[inline(always)]
fn polynomial<T: Scalar, S: Vector<T>>(s: S, x: S::V, c: &'static [f64]) -> S::V {
    let mut i = c.len() - 1;
    let mut sum = number(s, c[i]);
    while i > 0 {
        i -= 1;
        sum = s.fma(sum, x, number(s, c[i]));
    }
    sum
}

#[inline(always)]
fn number<T: Scalar, S: Vector<T>>(s: S, x: f64) -> S::V {
    s.set(T::from_f64(x))
}

#[inline(always)]
fn abs<T: Scalar, S: Vector<T>>(s: S, x: S::V) -> S::V {
    s.and(x, s.set_bits(T::K.sign - 1))
}

/// `|magnitude|` with the sign of `sign`, for a magnitude that has none.
#[inline(always)]
fn with_sign<T: Scalar, S: Vector<T>>(s: S, magnitude: S::V, sign: S::V) -> S::V {
    s.or(magnitude, s.and(sign, s.set_bits(T::K.sign)))
}
