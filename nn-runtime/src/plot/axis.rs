//! Round numbers for an axis, and their labels.

/// A range of numbers on a range of pixels.
pub(super) struct Axis {
    low: f64,
    high: f64,
    /// Pixels of `low` and `high`.
    pixels: (f32, f32),
    log: bool,
    /// Numbers to mark, with their labels.
    pub(super) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Covers `low..=high` and a little more, with about `count` ticks; `whole` keeps them whole numbers.
    pub(super) fn linear(low: f64, high: f64, count: usize, whole: bool, pixels: (f32, f32)) -> Self {
        let (low, high) = if low < high { (low, high) } else { widen(low) };
        let step = round_step((high - low) / count.max(1) as f64, whole);
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        let ticks = (first..=last)
            .map(|i| (i as f64 * step, label(i as f64 * step, step)))
            .collect();
        Self {
            low,
            high,
            pixels,
            log: false,
            ticks,
        }
    }

    /// Covers the epochs 1 to `last` with a little air beside them; the first one is always marked.
    pub(super) fn epochs(last: usize, count: usize, pixels: (f32, f32)) -> Self {
        let air = if last == 1 { 0.5 } else { (last - 1) as f64 * 0.015 };
        let mut axis = Self::linear(1.0 - air, last as f64 + air, count, true, pixels);
        axis.ticks.retain(|&(x, _)| x > 1.0 && x <= last as f64);
        axis.ticks.insert(0, (1.0, "1".into()));
        axis
    }

    /// Covers `low..=high`, both above 0, by powers of ten (and 2 and 5 times them, where there are few).
    pub(super) fn log(low: f64, high: f64, pixels: (f32, f32)) -> Self {
        let (low, high) = if low < high {
            (low, high)
        } else {
            (low / 2.0, low * 2.0)
        };
        let decades = (high / low).log10();
        let factors: &[f64] = if decades > 3.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
        // Over very many decades every second or third is marked.
        let stride = ((decades / 10.0).ceil() as usize).max(1);
        let mut ticks = Vec::new();
        for exponent in (first..=last).step_by(stride) {
            for factor in factors {
                let x = factor * 10f64.powi(exponent);
                if (low * 0.999..=high * 1.001).contains(&x) {
                    ticks.push((x, label(x, x)));
                }
            }
        }
        Self {
            low,
            high,
            pixels,
            log: true,
            ticks,
        }
    }

    /// The pixel of a number.
    pub(super) fn at(&self, x: f64) -> f32 {
        let share = if self.log {
            (x / self.low).ln() / (self.high / self.low).ln()
        } else {
            (x - self.low) / (self.high - self.low)
        };
        self.pixels.0 + share as f32 * (self.pixels.1 - self.pixels.0)
    }
}

/// A range around a single number.
fn widen(x: f64) -> (f64, f64) {
    let by = if x == 0.0 { 1.0 } else { x.abs() * 0.5 };
    (x - by, x + by)
}

/// 1, 2, 2.5 or 5 times a power of ten, at least `least`.
fn round_step(least: f64, whole: bool) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let factors: &[f64] = if whole {
        &[1.0, 2.0, 5.0, 10.0]
    } else {
        &[1.0, 2.0, 2.5, 5.0, 10.0]
    };
    let step = power
        * factors
            .iter()
            .find(|&&f| f * power >= least * 0.999)
            .unwrap_or(&10.0);
    if whole { step.max(1.0) } else { step }
}

/// As many decimals as the step has; powers of ten where a plain number would be long.
fn label(x: f64, step: f64) -> String {
    if x == 0.0 {
        return "0".into();
    }
    let size = x.abs();
    if size >= 1e6 || (size < 1e-3 && step < 1e-3) {
        let text = format!("{x:.2e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        return minus(&format!("{digits}e{exponent}"));
    }
    let mut decimals = 0;
    while decimals < 6
        && (step * 10f64.powi(decimals))
            .fract()
            .min(1.0 - (step * 10f64.powi(decimals)).fract())
            > 1e-6
    {
        decimals += 1;
    }
    minus(&format!("{x:.*}", decimals as usize))
}

/// The sign as typesetters have it.
fn minus(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| &label[..]).collect()
    }

    #[test]
    fn ticks_are_round() {
        let linear = |low, high, whole| Axis::linear(low, high, 5, whole, (0.0, 100.0));
        assert_eq!(
            labels(&linear(0.0, 2.3, false)),
            ["0.0", "0.5", "1.0", "1.5", "2.0"].map(|t| if t == "0.0" { "0" } else { t })
        );
        let epochs = |last| Axis::epochs(last, 5, (0.0, 100.0));
        assert_eq!(labels(&epochs(50)), ["1", "20", "40"]);
        assert_eq!(labels(&epochs(3)), ["1", "2", "3"]);
        assert_eq!(labels(&epochs(1)), ["1"]);
        assert_eq!(
            labels(&linear(-1.0, 1.0, false)),
            ["\u{2212}1.0", "\u{2212}0.5", "0", "0.5", "1.0"]
        );
        assert_eq!(
            labels(&linear(0.0, 1.1, false)),
            ["0", "0.25", "0.50", "0.75", "1.00"]
        );
        assert_eq!(
            labels(&linear(0.0, 2e-5, false)),
            ["0", "5e\u{2212}6", "1e\u{2212}5", "1.5e\u{2212}5", "2e\u{2212}5"]
        );
        assert_eq!(
            labels(&linear(0.0, 4e7, false)),
            ["0", "1e7", "2e7", "3e7", "4e7"]
        );
    }

    #[test]
    fn log_ticks() {
        assert_eq!(
            labels(&Axis::log(0.1, 2.0, (0.0, 1.0))),
            ["0.1", "0.2", "0.5", "1", "2"]
        );
        assert_eq!(
            labels(&Axis::log(1e-6, 20.0, (0.0, 1.0)))[..4],
            ["1e\u{2212}6", "1e\u{2212}5", "1e\u{2212}4", "0.001"]
        );
        let axis = Axis::log(0.01, 1.0, (100.0, 0.0));
        assert!((axis.at(0.1) - 50.0).abs() < 1e-3);
    }

    #[test]
    fn one_number_still_makes_an_axis() {
        for x in [0.0, -3.0, 1e-9, 1e12] {
            let axis = Axis::linear(x, x, 5, false, (0.0, 100.0));
            assert!((axis.at(x) - 50.0).abs() < 1e-3);
            assert!(axis.ticks.len() >= 2, "{x}");
        }
    }
}
