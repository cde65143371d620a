//! Learning rates that change from step to step.
//!
//! Each is a function of the optimizer's own rate and the number of steps made, so that a restored optimizer goes on
//! where it stopped. One step is one batch: an epoch has `samples.div_ceil(batch)` of them.
//!
//! ```
//! use nn_runtime::prelude::*;
//! use nn_runtime::schedules::Schedule;
//!
//! let schedule = Warmup::over(100).then(Cosine { steps: 900, floor: 0.0 });
//! assert_eq!(schedule.rate(0.1, 50), 0.05);
//! assert_eq!(schedule.rate(0.1, 100), 0.1);
//! assert!(schedule.rate(0.1, 1000) < 1e-12);
//! ```

use std::f64::consts::PI;

use crate::Result;
use crate::optimizers::{expect, finite_from};

/// A learning rate over the steps of training.
///
/// Any `Fn(f64, u64) -> f64` is one: `|base, step| base / (1.0 + 0.01 * step as f64)`.
pub trait Schedule: Send + Sync {
    /// The rate of step number `step` (from 0), for an optimizer made with the rate `base`.
    fn rate(&self, base: f64, step: u64) -> f64;

    /// Whether the settings make sense.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] naming the one that does not.
    fn check(&self) -> Result<()> {
        Ok(())
    }
}

impl<F: Fn(f64, u64) -> f64 + Send + Sync> Schedule for F {
    fn rate(&self, base: f64, step: u64) -> f64 {
        self(base, step)
    }
}

/// `base`
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Constant;

impl Schedule for Constant {
    fn rate(&self, base: f64, _: u64) -> f64 {
        base
    }
}

/// `base · factor^⌊step / every⌋`: PyTorch's `StepLR`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepDecay {
    /// Steps between two changes.
    pub every: u64,
    /// What the rate is multiplied by.
    pub factor: f64,
}

impl Schedule for StepDecay {
    fn rate(&self, base: f64, step: u64) -> f64 {
        base * self.factor.powf((step / self.every.max(1)) as f64)
    }

    fn check(&self) -> Result<()> {
        expect("every", self.every > 0, "at least 1 step", self.every)?;
        finite_from("factor", 0.0, self.factor)
    }
}

/// `base · factor^step`: PyTorch's `ExponentialLR`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    /// What the rate is multiplied by in each step.
    pub factor: f64,
}

impl Schedule for Exponential {
    fn rate(&self, base: f64, step: u64) -> f64 {
        base * self.factor.powf(step as f64)
    }

    fn check(&self) -> Result<()> {
        finite_from("factor", 0.0, self.factor)
    }
}

/// `floor + (base - floor) · (1 + cos(π · step / steps)) / 2`: PyTorch's `CosineAnnealingLR`.
///
/// After `steps` it rises again, as PyTorch's does: make it as long as the training.
///
/// # Source
/// Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017), eq. 5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosine {
    /// Steps from the highest to the lowest rate.
    pub steps: u64,
    /// The lowest rate.
    pub floor: f64,
}

impl Cosine {
    /// Down to 0 in `steps`.
    #[must_use]
    pub const fn over(steps: u64) -> Self {
        Self { steps, floor: 0.0 }
    }
}

impl Schedule for Cosine {
    fn rate(&self, base: f64, step: u64) -> f64 {
        anneal(base, self.floor, step as f64 / self.steps as f64)
    }

    fn check(&self) -> Result<()> {
        expect("steps", self.steps > 0, "at least 1 step", self.steps)?;
        finite_from("floor", 0.0, self.floor)
    }
}

/// From `from` at 0 to `to` at 1 along half a cosine wave.
fn anneal(from: f64, to: f64, share: f64) -> f64 {
    to + (from - to) * (1.0 + (PI * share).cos()) / 2.0
}

/// A linear rise from `start · base` to `base` in `steps`, then another schedule, which counts its steps from there:
/// PyTorch's `SequentialLR` of a `LinearLR` and the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warmup<S = Constant> {
    /// Steps until `then` begins.
    pub steps: u64,
    /// Share of the rate at step 0.
    pub start: f64,
    /// What follows.
    pub then: S,
}

impl Warmup {
    /// From 0, then constant.
    #[must_use]
    pub const fn over(steps: u64) -> Self {
        Self {
            steps,
            start: 0.0,
            then: Constant,
        }
    }
}

impl<S> Warmup<S> {
    /// Share of the rate at step 0.
    #[must_use]
    pub fn start(self, start: f64) -> Self {
        Self { start, ..self }
    }

    /// What follows.
    #[must_use]
    pub fn then<N: Schedule>(self, then: N) -> Warmup<N> {
        Warmup {
            steps: self.steps,
            start: self.start,
            then,
        }
    }
}

impl<S: Schedule> Schedule for Warmup<S> {
    fn rate(&self, base: f64, step: u64) -> f64 {
        match step.checked_sub(self.steps) {
            Some(after) => self.then.rate(base, after),
            None => base * (self.start + (1.0 - self.start) * step as f64 / self.steps as f64),
        }
    }

    fn check(&self) -> Result<()> {
        finite_from("start", 0.0, self.start)?;
        self.then.check()
    }
}

/// Up to the optimizer's rate and far down again, both along cosine waves: PyTorch's `OneCycleLR` (with
/// `cycle_momentum=False`; the optimizer's rate is its `max_lr`). After `steps` the rate stays at its lowest.
///
/// # Source
/// Smith and Topin, "Super-Convergence" (2019).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    /// Steps of the whole cycle.
    pub steps: u64,
    /// Share of the steps in which the rate rises.
    pub rise: f64,
    /// The first rate is the highest divided by this.
    pub start_divisor: f64,
    /// The last rate is the first divided by this.
    pub end_divisor: f64,
}

impl OneCycle {
    /// PyTorch's defaults: 30% rise, from a 25th, down to a 10,000th of that.
    #[must_use]
    pub const fn over(steps: u64) -> Self {
        Self {
            steps,
            rise: 0.3,
            start_divisor: 25.0,
            end_divisor: 1e4,
        }
    }
}

impl Schedule for OneCycle {
    fn rate(&self, base: f64, step: u64) -> f64 {
        let first = base / self.start_divisor;
        let last = first / self.end_divisor;
        let top = self.rise * self.steps as f64 - 1.0;
        let end = self.steps as f64 - 1.0;
        let step = step as f64;
        if step <= top {
            anneal(first, base, if top > 0.0 { step / top } else { 1.0 })
        } else if step < end {
            anneal(base, last, (step - top) / (end - top))
        } else {
            last
        }
    }

    fn check(&self) -> Result<()> {
        expect("steps", self.steps > 0, "at least 1 step", self.steps)?;
        expect(
            "rise",
            (0.0..=1.0).contains(&self.rise),
            "a share from 0 to 1",
            self.rise,
        )?;
        for (name, divisor) in [
            ("start_divisor", self.start_divisor),
            ("end_divisor", self.end_divisor),
        ] {
            expect(
                name,
                divisor > 0.0 && divisor.is_finite(),
                "a number above 0",
                divisor,
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_meet() {
        assert_eq!(
            StepDecay {
                every: 3,
                factor: 0.5
            }
            .rate(1.0, 5),
            0.5
        );
        assert_eq!(Exponential { factor: 0.5 }.rate(1.0, 3), 0.125);
        let cosine = Cosine {
            steps: 10,
            floor: 0.2,
        };
        assert_eq!(cosine.rate(1.0, 0), 1.0);
        assert!((cosine.rate(1.0, 5) - 0.6).abs() < 1e-15);
        assert!((cosine.rate(1.0, 10) - 0.2).abs() < 1e-15);
        let cycle = OneCycle::over(100);
        assert!((cycle.rate(1.0, 0) - 0.04).abs() < 1e-15);
        assert!((cycle.rate(1.0, 29) - 1.0).abs() < 1e-15);
        assert!((cycle.rate(1.0, 99) - 4e-6).abs() < 1e-15);
        assert_eq!(cycle.rate(1.0, 99), cycle.rate(1.0, 1000));
    }

    #[test]
    fn short_cycles_stay_finite() {
        for steps in 1..6 {
            for step in 0..8 {
                let rate = OneCycle::over(steps).rate(1.0, step);
                assert!(
                    rate.is_finite() && rate > 0.0,
                    "{steps} steps, step {step}: {rate}"
                );
            }
        }
        assert_eq!(Warmup::over(0).rate(1.0, 0), 1.0);
    }

    #[test]
    fn nonsense_is_named() {
        let message = |s: &dyn Schedule| s.check().unwrap_err().to_string();
        assert_eq!(
            message(&Cosine::over(0)),
            "`steps`: expected at least 1 step, found 0"
        );
        assert_eq!(
            message(&Warmup::over(5).then(Exponential { factor: f64::NAN })),
            "`factor`: expected a finite number from 0 up, found NaN"
        );
        assert!(
            OneCycle {
                rise: 1.5,
                ..OneCycle::over(9)
            }
            .check()
            .is_err()
        );
        assert!(
            StepDecay {
                every: 0,
                factor: 0.5
            }
            .check()
            .is_err()
        );
    }
}
