//! What all optimizers share: rate, schedule, decay, clipping, freezing, moments.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::clip::scale_to;
use super::span::sum_of_squares;
use super::{At, Optimizer, Rule, Span, State, expect, finite_from};
use crate::aligned::Aligned;
use crate::kernels::update::Clip;
use crate::schedules::Schedule;
use crate::{Error, Result, Scalar};

/// Gradient descent by a [`Rule`]; [`super::Sgd`], [`super::Adam`] and their kin are this with rules of their own.
///
/// A gradient goes through, in this order: clipping by value, clipping by norm, weight decay, the rule.
#[derive(Clone)]
pub struct Descent<R, T: Scalar = f32> {
    pub(super) rule: R,
    rate: f64,
    schedule: Option<Arc<dyn Schedule>>,
    weight_decay: f64,
    clip_value: Option<f64>,
    clip_norm: Option<f64>,
    /// Apart and in order.
    frozen: Vec<Range<usize>>,
    steps: u64,
    /// One per name of the rule's moments, or none before the first update.
    moments: Vec<Aligned<T>>,
}

impl<R: Rule, T: Scalar> Descent<R, T> {
    /// By `rule`, with a learning rate.
    #[must_use]
    pub fn with(rule: R, rate: f64) -> Self {
        Self {
            rule,
            rate,
            schedule: None,
            weight_decay: 0.0,
            clip_value: None,
            clip_norm: None,
            frozen: Vec::new(),
            steps: 0,
            moments: Vec::new(),
        }
    }

    /// Pulls every parameter towards 0: as a term of the gradient, in [`super::AdamW`] beside it.
    #[must_use]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }

    /// Clamps every gradient to `[-max, max]`, as [`super::clip_value`].
    #[must_use]
    pub fn clip_value(mut self, max: f64) -> Self {
        self.clip_value = Some(max);
        self
    }

    /// Scales the gradients down to a Euclidean norm of `max`, as [`super::clip_norm`].
    #[must_use]
    pub fn clip_norm(mut self, max: f64) -> Self {
        self.clip_norm = Some(max);
        self
    }

    /// Lets the rate change from step to step.
    #[must_use]
    pub fn schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedule = Some(Arc::new(schedule));
        self
    }

    /// Updates made so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The runs of the first `len` parameters that are not frozen.
    fn active(&self, len: usize) -> impl Iterator<Item = Range<usize>> {
        let ends = self.frozen.iter().map(move |f| f.start.min(len)).chain([len]);
        let starts = [0]
            .into_iter()
            .chain(self.frozen.iter().map(move |f| f.end.min(len)));
        starts
            .zip(ends)
            .map(|(start, end)| start..end)
            .filter(|r| !r.is_empty())
    }

    fn clip<G: Scalar>(&self, gradients: &[G]) -> Result<Clip> {
        let bound = self.clip_value.unwrap_or(f64::INFINITY);
        let Some(max_norm) = self.clip_norm else {
            return Ok(Clip { bound, scale: 1.0 });
        };
        let squares: f64 = self
            .active(gradients.len())
            .map(|r| sum_of_squares(&gradients[r], bound))
            .sum();
        let norm = squares.sqrt();
        if !norm.is_finite() {
            return Err(Error::NotFinite {
                what: "norm of the gradient".to_string(),
            });
        }
        Ok(Clip {
            bound,
            scale: scale_to(max_norm, norm),
        })
    }

    fn fits(&self, parameters: usize) -> Result<()> {
        match self.moments.first() {
            // The message is written only where it is needed: a step does not allocate.
            Some(moment) if moment.len() != parameters => expect(
                "optimizer",
                false,
                &format!("{} parameters, as in its earlier steps", moment.len()),
                parameters,
            ),
            _ => Ok(()),
        }
    }
}

impl<R: Rule, T: Scalar> Optimizer<T> for Descent<R, T> {
    fn update(&mut self, parameters: &mut [T], gradients: &[T]) -> Result<()> {
        let len = gradients.len();
        assert!(
            len <= parameters.len(),
            "{len} gradients for {} parameters",
            parameters.len()
        );
        self.check()?;
        self.fits(len)?;
        let rate = self.rate();
        finite_from("rate", 0.0, rate)?;
        let clip = self.clip(gradients)?;
        if self.moments.is_empty() {
            self.moments = self.rule.moments().iter().map(|_| Aligned::zeros(len)).collect();
            let start = self.rule.start();
            if start != 0.0 {
                self.moments.iter_mut().for_each(|m| m.fill(T::from_f64(start)));
            }
        }
        self.steps += 1;
        let at = At {
            rate,
            step: self.steps,
            weight_decay: self.weight_decay,
        };
        let mut moments = std::mem::take(&mut self.moments);
        for range in self.active(len) {
            let span = Span {
                parameters: &mut parameters[range.clone()],
                gradients: &gradients[range.clone()],
                moments: &mut moments,
                range,
                clip,
            };
            self.rule.update(at, span);
        }
        self.moments = moments;
        Ok(())
    }

    fn check(&self) -> Result<()> {
        finite_from("rate", 0.0, self.rate)?;
        finite_from("weight_decay", 0.0, self.weight_decay)?;
        for (name, max) in [("clip_value", self.clip_value), ("clip_norm", self.clip_norm)] {
            if let Some(max) = max {
                expect(name, max > 0.0, "a number above 0", max)?;
            }
        }
        if let Some(schedule) = &self.schedule {
            schedule.check()?;
        }
        self.rule.check()
    }

    fn rate(&self) -> f64 {
        self.schedule
            .as_ref()
            .map_or(self.rate, |s| s.rate(self.rate, self.steps))
    }

    fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
    }

    fn freeze(&mut self, parameters: Range<usize>) {
        if parameters.is_empty() {
            return;
        }
        self.frozen.push(parameters);
        self.frozen.sort_by_key(|f| f.start);
        self.frozen.dedup_by(|next, last| {
            let touches = next.start <= last.end;
            if touches {
                last.end = last.end.max(next.end);
            }
            touches
        });
    }

    fn unfreeze(&mut self) {
        self.frozen.clear();
    }

    fn state(&self) -> State<'_, T> {
        let moment = |i: usize| self.moments.get(i).map_or(&[][..], |m| &m[..]);
        let moments = self
            .rule
            .moments()
            .iter()
            .enumerate()
            .map(|(i, &name)| (name, moment(i)))
            .collect();
        State {
            optimizer: R::NAME,
            steps: self.steps,
            moments,
        }
    }

    fn load_state(&mut self, state: &State<'_, T>) -> Result<()> {
        expect("optimizer", state.optimizer == R::NAME, R::NAME, state.optimizer)?;
        let found: Vec<&str> = state.moments.iter().map(|m| m.0).collect();
        let (expected, found) = (self.rule.moments().join(", "), found.join(", "));
        expect(
            "moments",
            expected == found,
            &format!("`{expected}`"),
            format_args!("`{found}`"),
        )?;
        let len = state.moments.first().map_or(0, |m| m.1.len());
        for (_, moment) in &state.moments {
            expect(
                "moments",
                moment.len() == len,
                &format!("{len} numbers in each"),
                moment.len(),
            )?;
        }
        if len > 0 {
            self.fits(len)?;
        }
        self.steps = state.steps;
        self.moments.clear();
        if len > 0 {
            self.moments.extend(state.moments.iter().map(|(_, from)| {
                let mut moment = Aligned::zeros(len);
                moment.copy_from_slice(from);
                moment
            }));
        }
        Ok(())
    }
}

impl<R: fmt::Debug, T: Scalar> fmt::Debug for Descent<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Descent")
            .field("rule", &self.rule)
            .field("rate", &self.rate)
            .field("scheduled", &self.schedule.is_some())
            .field("weight_decay", &self.weight_decay)
            .field("clip_value", &self.clip_value)
            .field("clip_norm", &self.clip_norm)
            .field("frozen", &self.frozen)
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
