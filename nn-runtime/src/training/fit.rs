//! The training loop.

use std::time::Instant;

use super::evaluate::{count, pass};
use super::origin;
use super::progress::Reporter;
use super::source::{BatchSource, Data, Memory};
use super::{Control, End, Epoch, History, Trainer, Validation};
use crate::metrics::{Score, Tally};
use crate::optimizers::{Optimizer, expect};
use crate::{Batch, Error, IntoBatch, Learn, Result, Rng, Rows};

/// Streams of the trainer's seed.
const SPLIT: u64 = 0;
const ORDER: u64 = 1;

/// Copies of the weights, and what happened so far.
struct Session<T> {
    /// Samples of other data to validate on.
    validation_samples: usize,
    /// Before the current epoch.
    good: Vec<T>,
    /// Of the best epoch, if early stopping is on and an epoch is done.
    best: Vec<T>,
    history: History,
}

impl<N: Learn> Trainer<'_, N>
where
    for<'a> N::Targets<'a>: Score,
{
    /// Trains the network.
    ///
    /// Allocates in the first epoch alone, but for what a callback does.
    ///
    /// # Errors
    /// [`Error::Setting`] where a setting makes no sense; [`Error::Length`], [`Error::SampleCount`],
    /// [`Error::Label`], [`Error::Row`] and [`Error::Empty`] for what is wrong with the data: all before the first
    /// step. [`Error::Diverged`] where the loss is no longer finite, with the layer where that began; the network then has
    /// the weights of the last good epoch (the best, with early stopping).
    pub fn fit<'a>(
        &mut self,
        network: &mut N,
        inputs: impl IntoBatch<N::Inputs<'a>>,
        targets: impl IntoBatch<N::Targets<'a>>,
    ) -> Result<History> {
        self.check()?;
        let (inputs, targets) = (inputs.into_batch(), targets.into_batch());
        let samples = count(network, inputs, targets)?;
        targets.check()?;
        let tally = self.metric.map(<N::Targets<'a>>::tally).transpose()?;
        let data = Data::Memory(self.in_memory(inputs, targets, samples)?);
        self.train(network, data, tally)
    }

    /// Trains the network on batches that are made while it trains.
    ///
    /// [`Trainer::batch`] goes to the source; the order of the samples is the source's affair, [`Trainer::shuffle`]
    /// means nothing here. Validation needs data of its own ([`Trainer::validation`]), and so does a metric.
    ///
    /// # Errors
    /// As [`Trainer::fit`]; [`Error::Setting`] for rows, a validation split or a metric of the training samples, which
    /// nobody can look at twice; what the source says.
    pub fn fit_source(&mut self, network: &mut N, source: &mut dyn BatchSource<N>) -> Result<History> {
        self.check()?;
        let fault = |name, message: &str| {
            Err(Error::Setting {
                name,
                message: message.into(),
            })
        };
        let has_data = matches!(self.validation, Validation::Data(..));
        if self.rows.is_some() {
            return fault(
                "rows",
                "expected none, as the source decides which samples there are",
            );
        }
        if !has_data && !matches!(self.validation, Validation::None) {
            return fault(
                "validation",
                "expected data of its own (`validation`), as the source's cannot be split",
            );
        }
        if self.metric_on_training || (self.metric.is_some() && !has_data) {
            return fault(
                "metric",
                "expected `validation` data for it, as the source's samples are seen but once",
            );
        }
        let tally = self.metric.map(<N::Targets<'_>>::tally).transpose()?;
        self.train(network, Data::Source(source), tally)
    }

    fn train(&mut self, network: &mut N, mut data: Data<'_, '_, N>, tally: Option<Tally>) -> Result<History> {
        let mut validation_samples = 0;
        if let Validation::Data(inputs, targets) = self.validation {
            validation_samples = count(network, inputs, targets)?;
            targets.check()?;
        }
        let mut session = Session {
            validation_samples,
            good: network.parameters().to_vec(),
            best: Vec::new(),
            history: History {
                epochs: Vec::with_capacity(self.epochs.min(1 << 16)),
                metric: self.metric,
                best: 0,
                end: End::Epochs,
            },
        };
        let result = self.epochs_of(network, &mut data, &mut session, tally);
        let kept = match (&result, self.early_stopping) {
            (_, Some(_)) if !session.best.is_empty() => Some(&session.best),
            (Err(_), _) if !session.good.is_empty() => Some(&session.good),
            _ => None,
        };
        if let Some(kept) = kept {
            network.parameters_mut().copy_from_slice(kept);
        }
        result.map(|()| session.history)
    }

    fn in_memory<'a>(
        &self,
        inputs: N::Inputs<'a>,
        targets: N::Targets<'a>,
        samples: usize,
    ) -> Result<Memory<'a, N>> {
        let last = u32::try_from(samples).map_err(|_| Error::Setting {
            name: "inputs",
            message: format!("expected at most {} samples, found {samples}", u32::MAX),
        })?;
        let mut order: Vec<u32> = self.rows.map_or_else(|| (0..last).collect(), <[u32]>::to_vec);
        let mut held_out = Vec::new();
        match self.validation {
            Validation::Split(share) => {
                expect(
                    "validation_split",
                    order.len() > 1,
                    "at least 2 samples to split",
                    order.len(),
                )?;
                let kept = (order.len() as f64 * share).round() as usize;
                let kept = kept.clamp(1, order.len() - 1);
                Rng::new(self.seed).split(SPLIT).shuffle(&mut order);
                held_out = order.split_off(order.len() - kept);
                // Without shuffling, the samples come in the order of the data.
                order.sort_unstable();
            }
            Validation::Rows(rows) => held_out = rows.to_vec(),
            Validation::None | Validation::Data(..) => {}
        }
        if let Some(&found) = order.iter().chain(&held_out).find(|&&row| row >= last) {
            return Err(Error::Row {
                found: found as usize,
                samples,
            });
        }
        if order.is_empty() || (held_out.is_empty() && matches!(self.validation, Validation::Rows(_))) {
            return Err(Error::Empty);
        }
        let in_order = !self.shuffle && order.iter().enumerate().all(|(i, &row)| i == row as usize);
        Ok(Memory {
            inputs,
            targets,
            samples,
            order,
            in_order,
            shuffle: self.shuffle.then(|| Rng::new(self.seed).split(ORDER)),
            held_out,
        })
    }

    fn epochs_of(
        &mut self,
        network: &mut N,
        data: &mut Data<'_, '_, N>,
        session: &mut Session<N::Scalar>,
        mut tally: Option<Tally>,
    ) -> Result<()> {
        let batches = data.samples().div_ceil(self.batch);
        let mut reporter = Reporter::new(
            self.progress,
            std::io::stderr(),
            self.metric,
            self.epochs,
            batches,
        );
        for number in 1..=self.epochs {
            let start = Instant::now();
            session.good.copy_from_slice(network.parameters());
            let (loss, rate) = self.steps(network, data, number, &mut reporter)?;
            let mut metric = None;
            let on_training = matches!(self.validation, Validation::None) || self.metric_on_training;
            if let (Data::Memory(memory), Some(tally), true) = (&*data, &mut tally, on_training) {
                tally.clear();
                let rows = Rows::Index(&memory.order);
                pass(
                    network,
                    memory.inputs,
                    memory.targets,
                    memory.samples,
                    &rows,
                    false,
                    Some(tally),
                )?;
                metric = Some(tally.value());
            }
            if let Some(tally) = &mut tally {
                tally.clear();
            }
            let val_loss = match (&self.validation, &*data) {
                (&Validation::Data(inputs, targets), _) => pass(
                    network,
                    inputs,
                    targets,
                    session.validation_samples,
                    &Rows::All,
                    true,
                    tally.as_mut(),
                )?,
                (Validation::Split(_) | Validation::Rows(_), Data::Memory(memory)) => pass(
                    network,
                    memory.inputs,
                    memory.targets,
                    memory.samples,
                    &Rows::Index(&memory.held_out),
                    true,
                    tally.as_mut(),
                )?,
                _ => None,
            };
            if val_loss.is_some_and(|loss| !loss.is_finite()) {
                return Err(Error::NotFinite {
                    what: format!("validation loss of epoch {number}"),
                });
            }
            let val_metric = val_loss.and(tally.as_ref()).map(Tally::value);
            let seconds = start.elapsed().as_secs_f64();
            let epoch = Epoch {
                number,
                loss,
                metric,
                val_loss,
                val_metric,
                rate,
                seconds,
            };
            let end = self.conclude(network, session, epoch);
            reporter.epoch(&epoch, number == self.epochs || end.is_some());
            if let Some(end) = end {
                session.history.end = end;
                break;
            }
        }
        Ok(())
    }

    /// All batches of an epoch; gives the mean loss and the rate of the last step.
    fn steps(
        &mut self,
        network: &mut N,
        data: &mut Data<'_, '_, N>,
        epoch: usize,
        reporter: &mut Reporter<std::io::Stderr>,
    ) -> Result<(f64, f64)> {
        let mut optimizer = &mut *self.optimizer;
        let (mut sum, mut done, mut batch, mut rate) = (0.0, 0, 0, optimizer.rate());
        let mut last_loss = 0.0;
        let diverged = |batch, loss, origin| Error::Diverged {
            epoch,
            batch,
            loss,
            origin,
        };
        data.each_batch(epoch - 1, self.batch, &mut |inputs, targets, rows| {
            batch += 1;
            let len = match &rows {
                Rows::All => inputs.samples().unwrap_or(0),
                Rows::Range(range) => range.len(),
                Rows::Index(index) => index.len(),
            };
            last_loss = network.gradient_rows(inputs, targets, rows.clone())?;
            rate = optimizer.rate();
            let lost = !last_loss.is_finite()
                || match Optimizer::step(&mut optimizer, network) {
                    Err(Error::NotFinite { .. }) => true,
                    result => result.map(|()| false)?,
                };
            if lost {
                let origin = origin::of_batch(network, inputs, targets, rows, last_loss)?;
                return Err(diverged(batch, last_loss, origin));
            }
            sum += last_loss * len as f64;
            done += len;
            reporter.batch(epoch, batch, sum / done as f64, rate);
            Ok(())
        })?;
        if done == 0 {
            return Err(Error::Empty);
        }
        // The last step of all has no loss after it that would show it.
        match origin::of_update(network) {
            Some(origin) => Err(diverged(batch, last_loss, origin)),
            None => Ok((sum / done as f64, rate)),
        }
    }

    /// Enters an epoch into the history, keeps its weights if they are the best, asks whether to go on.
    fn conclude(&mut self, network: &mut N, session: &mut Session<N::Scalar>, epoch: Epoch) -> Option<End> {
        let history = &mut session.history;
        history.epochs.push(epoch);
        let now = history.epochs.len() - 1;
        let least = self.early_stopping.map_or(0.0, |early| early.min_delta);
        let improved = now == 0 || epoch.watched() < history.best().watched() - least;
        if improved {
            history.best = now;
            if self.early_stopping.is_some() {
                session.best.clear();
                session.best.extend_from_slice(network.parameters());
            }
        }
        let waited = now - history.best;
        if let Some(on_epoch) = &mut self.on_epoch
            && on_epoch(&epoch, network) == Control::Stop
        {
            return Some(End::Stopped);
        }
        self.early_stopping
            .filter(|early| waited >= early.patience)
            .map(|_| End::EarlyStopping)
    }
}
