//! What happened, epoch by epoch.

use std::io::{self, Write};
use std::path::Path;

use crate::Result;
use crate::files::write_atomically;
use crate::metrics::Metric;

/// One pass over the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// From 1.
    pub number: usize,
    /// Mean loss over the samples, each taken before the step that it was part of.
    pub loss: f64,
    /// The metric on the training samples, after the epoch.
    pub metric: Option<f64>,
    /// Loss on the validation samples.
    pub val_loss: Option<f64>,
    /// The metric on the validation samples.
    pub val_metric: Option<f64>,
    /// Learning rate of the last step.
    pub rate: f64,
    /// Wall-clock time, validation included.
    pub seconds: f64,
}

impl Epoch {
    /// What early stopping looks at: the loss of validation, or of training where there is none.
    #[must_use]
    pub fn watched(&self) -> f64 {
        self.val_loss.unwrap_or(self.loss)
    }
}

/// Why training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All epochs are done.
    Epochs,
    /// The loss had not fallen for long enough.
    EarlyStopping,
    /// The caller's wish.
    Stopped,
}

/// The epochs of one [`super::Trainer::fit`].
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// At least one.
    pub epochs: Vec<Epoch>,
    /// What the metrics are.
    pub metric: Option<Metric>,
    /// Place of the best epoch by the watched loss (a later one counts as better if it is lower by `min_delta`); its weights are the network's now if early stopping was on.
    pub best: usize,
    /// Why it was over.
    pub end: End,
}

impl History {
    /// The last epoch.
    ///
    /// # Panics
    /// If somebody emptied [`History::epochs`].
    #[must_use]
    pub fn last(&self) -> &Epoch {
        self.epochs.last().expect("a history has at least one epoch")
    }

    /// The best epoch by the watched loss.
    #[must_use]
    pub fn best(&self) -> &Epoch {
        &self.epochs[self.best]
    }

    /// Writes a table with a row per epoch and a column per number that there is.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn to_csv(&self, path: impl AsRef<Path>) -> Result<()> {
        write_atomically(path.as_ref(), |file| self.write_csv(file))
    }

    /// As [`History::to_csv`], to anywhere.
    ///
    /// # Errors
    /// The writer's.
    pub fn write_csv(&self, mut to: impl Write) -> io::Result<()> {
        let metric = self
            .metric
            .map_or(String::new(), |m| m.to_string().replace([' ', '-'], "_"));
        let has = |f: fn(&Epoch) -> Option<f64>| self.epochs.iter().any(|e| f(e).is_some());
        type Column = (String, fn(&Epoch) -> Option<f64>);
        let columns: [Column; 6] = [
            ("loss".into(), |e| Some(e.loss)),
            (metric.clone(), |e| e.metric),
            ("val_loss".into(), |e| e.val_loss),
            (format!("val_{metric}"), |e| e.val_metric),
            ("rate".into(), |e| Some(e.rate)),
            ("seconds".into(), |e| Some(e.seconds)),
        ];
        let columns = columns.iter().filter(|c| has(c.1));
        write!(to, "epoch")?;
        for (name, _) in columns.clone() {
            write!(to, ",{name}")?;
        }
        for epoch in &self.epochs {
            write!(to, "\n{}", epoch.number)?;
            for (_, value) in columns.clone() {
                match value(epoch) {
                    Some(value) => write!(to, ",{value}")?,
                    None => write!(to, ",")?,
                }
            }
        }
        writeln!(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> History {
        let epoch = Epoch {
            number: 1,
            loss: 0.5,
            metric: None,
            val_loss: Some(0.25),
            val_metric: Some(0.75),
            rate: 1e-3,
            seconds: 2.0,
        };
        let second = Epoch {
            number: 2,
            loss: 0.125,
            ..epoch
        };
        let metric = Some(Metric::F1(crate::metrics::Average::Macro));
        History {
            epochs: vec![epoch, second],
            metric,
            best: 0,
            end: End::Epochs,
        }
    }

    #[test]
    fn a_table_of_what_there_is() {
        let mut text = Vec::new();
        history().write_csv(&mut text).unwrap();
        let expected = "epoch,loss,val_loss,val_macro_f1,rate,seconds\n\
                        1,0.5,0.25,0.75,0.001,2\n\
                        2,0.125,0.25,0.75,0.001,2\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = history().to_csv("no such folder/history.csv").unwrap_err();
        assert!(
            error.to_string().starts_with("no such folder/history.csv: "),
            "{error}"
        );
    }

    #[test]
    fn validation_is_watched_where_there_is_one() {
        let epoch = history().epochs[1];
        assert_eq!(
            (
                epoch.watched(),
                Epoch {
                    val_loss: None,
                    ..epoch
                }
                .watched()
            ),
            (0.25, 0.125)
        );
    }
}
