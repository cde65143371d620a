//! What the user sees while it trains.

use std::fmt::{self, Write as _};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use super::Epoch;
use crate::metrics::Metric;

/// What is printed while training, to the standard error stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// [`Progress::Bar`] on a terminal, [`Progress::Lines`] elsewhere.
    Auto,
    /// One line that is updated in place.
    Bar,
    /// A line per epoch.
    Lines,
    /// A line every so many epochs, and for the last.
    Every(usize),
    /// Nothing.
    Silent,
}

impl Progress {
    fn resolved(self) -> Self {
        match self {
            Self::Auto if std::io::stderr().is_terminal() => Self::Bar,
            Self::Auto => Self::Lines,
            other => other,
        }
    }
}

/// Time between two updates of the bar.
const REFRESH: Duration = Duration::from_millis(100);
/// Characters between the bar's brackets.
const BAR: usize = 10;
/// A longer line would wrap on a terminal of 80 columns, and could not be updated in place.
const COLUMNS: usize = 79;

/// Prints the progress of one training to `out`.
pub(super) struct Reporter<W: Write> {
    progress: Progress,
    out: W,
    metric: Option<Metric>,
    epochs: usize,
    batches: usize,
    start: Instant,
    last: Option<Instant>,
    line: String,
    /// Characters of the line that is on the screen now.
    shown: usize,
    /// Of the last epoch.
    results: Option<Epoch>,
}

impl<W: Write> Reporter<W> {
    pub(super) fn new(
        progress: Progress,
        out: W,
        metric: Option<Metric>,
        epochs: usize,
        batches: usize,
    ) -> Self {
        Self {
            progress: progress.resolved(),
            out,
            metric,
            epochs,
            batches,
            start: Instant::now(),
            last: None,
            line: String::new(),
            shown: 0,
            results: None,
        }
    }

    /// After each batch: how many of epoch `epoch` (from 1) are done, the mean loss over them, the rate.
    pub(super) fn batch(&mut self, epoch: usize, done: usize, loss: f64, rate: f64) {
        if self.progress != Progress::Bar {
            return;
        }
        let now = Instant::now();
        if self.last.is_some_and(|last| now - last < REFRESH) {
            return;
        }
        self.last = Some(now);
        self.draw(epoch, done, loss, rate);
    }

    /// After each epoch; `last` if no other follows.
    pub(super) fn epoch(&mut self, epoch: &Epoch, last: bool) {
        self.results = Some(*epoch);
        match self.progress {
            Progress::Bar => {
                self.draw(epoch.number, self.batches, epoch.loss, epoch.rate);
                if last {
                    self.end_line();
                }
            }
            Progress::Lines => self.line(epoch),
            Progress::Every(n) if last || epoch.number.is_multiple_of(n.max(1)) => self.line(epoch),
            _ => {}
        }
    }

    fn line(&mut self, epoch: &Epoch) {
        let left = Clock(self.left(epoch.number, 0));
        self.line.clear();
        let line = &mut self.line;
        // Writing to a `String` does not fail.
        let _ = write!(
            line,
            "epoch {}/{}: loss {}",
            epoch.number,
            self.epochs,
            Short(epoch.loss)
        );
        let _ = numbers(line, self.metric, "", epoch.metric, ", ");
        if let Some(loss) = epoch.val_loss {
            let _ = write!(line, ", validation loss {}", Short(loss));
        }
        let _ = numbers(line, self.metric, "validation ", epoch.val_metric, ", ");
        let _ = writeln!(
            line,
            ", rate {}, {:.2} s, {left} left",
            Short(epoch.rate),
            epoch.seconds
        );
        // A closed stream must not end a training.
        let _ = self.out.write_all(self.line.as_bytes());
    }

    fn draw(&mut self, epoch: usize, done: usize, loss: f64, rate: f64) {
        let left = Clock(self.left(epoch - 1, done));
        // A source may bring more batches than it said.
        let filled = (BAR * done / self.batches.max(1)).min(BAR);
        self.line.clear();
        let line = &mut self.line;
        let _ = write!(
            line,
            "{epoch}/{} [{:=<filled$}{:<rest$}]",
            self.epochs,
            "",
            "",
            rest = BAR - filled
        );
        let _ = write!(line, " loss {}", Short(loss));
        if let Some(results) = self.results {
            if let Some(loss) = results.val_loss {
                let _ = write!(line, " val {}", Short(loss));
            }
            let _ = numbers(line, self.metric, "", results.val_metric.or(results.metric), " ");
        }
        let _ = write!(line, " rate {} {left}", Short(rate));
        line.truncate(COLUMNS);
        let shown = line.len();
        // Blanks over what the last line had more, rather than a control sequence that a log might keep.
        let _ = write!(line, "{:<1$}", "", self.shown.saturating_sub(shown));
        self.shown = shown;
        let _ = write!(self.out, "\r{}", self.line).and_then(|()| self.out.flush());
    }

    /// Seconds that the rest will take if it goes on as so far.
    fn left(&self, epochs: usize, batches: usize) -> f64 {
        let per_epoch = self.batches as f64;
        let done = epochs as f64 * per_epoch + batches as f64;
        let left = (self.epochs as f64 * per_epoch - done).max(0.0);
        self.start.elapsed().as_secs_f64() * left / done.max(1.0)
    }

    fn end_line(&mut self) {
        if self.shown > 0 {
            let _ = writeln!(self.out);
            self.shown = 0;
        }
    }
}

/// An error must not be printed onto the bar.
impl<W: Write> Drop for Reporter<W> {
    fn drop(&mut self) {
        self.end_line();
    }
}

fn numbers(
    line: &mut String,
    metric: Option<Metric>,
    of: &str,
    value: Option<f64>,
    before: &str,
) -> fmt::Result {
    match (metric, value) {
        (Some(metric), Some(value)) => write!(line, "{before}{of}{metric} {}", Short(value)),
        _ => Ok(()),
    }
}

/// Four decimals where they say something, else three digits and an exponent.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = self.0;
        if x == 0.0 || (0.01..1e5).contains(&x.abs()) {
            write!(f, "{x:.4}")
        } else {
            write!(f, "{x:.2e}")
        }
    }
}

/// Seconds as `1:02` or `1:02:03`.
struct Clock(f64);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.round() as u64;
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        if hours > 0 {
            write!(f, "{hours}:{minutes:02}:{seconds:02}")
        } else {
            write!(f, "{minutes}:{seconds:02}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(number: usize) -> Epoch {
        let (metric, val_metric) = (Some(0.5), Some(0.625));
        Epoch {
            number,
            loss: 0.75,
            metric,
            val_loss: Some(1.5e-7),
            val_metric,
            rate: 1e-3,
            seconds: 0.125,
        }
    }

    fn printed(progress: Progress, epochs: usize) -> String {
        let mut out = Vec::new();
        let mut reporter = Reporter::new(progress, &mut out, Some(Metric::Accuracy), epochs, 4);
        for number in 1..=epochs {
            for done in 1..=4 {
                reporter.last = None;
                reporter.batch(number, done, 2.0, 1e-3);
            }
            reporter.epoch(&epoch(number), number == epochs);
        }
        drop(reporter);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_say_everything() {
        let text = printed(Progress::Lines, 2);
        let expected = "epoch 2/2: loss 0.7500, accuracy 0.5000, validation loss 1.50e-7, validation accuracy 0.6250, \
                        rate 1.00e-3, 0.12 s, 0:00 left";
        assert_eq!(text.lines().collect::<Vec<_>>()[1], expected);
        assert!(!text.contains('\r'));
    }

    #[test]
    fn some_lines_and_the_last() {
        let numbers = |text: &str| {
            text.lines()
                .map(|l| l.split('/').next().unwrap().to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            numbers(&printed(Progress::Every(2), 5)),
            ["epoch 2", "epoch 4", "epoch 5"]
        );
        assert_eq!(printed(Progress::Silent, 3), "");
    }

    #[test]
    fn the_bar_stays_on_one_line() {
        let text = printed(Progress::Bar, 12);
        assert_eq!(text.matches('\n').count(), 1);
        assert!(text.ends_with('\n'));
        let states: Vec<&str> = text.trim_end_matches('\n').split('\r').skip(1).collect();
        assert_eq!(states.len(), 12 * 5);
        assert_eq!(states[0], "1/12 [==        ] loss 2.0000 rate 1.00e-3 0:00");
        assert!(
            states[4].starts_with("1/12 [==========] loss 0.7500 val 1.50e-7 accuracy 0.6250 rate"),
            "{}",
            states[4]
        );
        assert!(states.iter().all(|s| s.len() <= COLUMNS), "{states:?}");
    }

    #[test]
    fn a_shorter_line_covers_a_longer_one() {
        let mut out = Vec::new();
        let mut reporter = Reporter::new(Progress::Bar, &mut out, None, 1, 2);
        reporter.draw(1, 1, 99_999.0, 1.0);
        reporter.draw(1, 1, 1.0, 1.0);
        drop(reporter);
        let text = String::from_utf8(out).unwrap();
        let lengths: Vec<usize> = text
            .trim_end_matches('\n')
            .split('\r')
            .skip(1)
            .map(str::len)
            .collect();
        assert_eq!(lengths[0], lengths[1]);
    }

    #[test]
    fn clocks() {
        assert_eq!(Clock(59.4).to_string(), "0:59");
        assert_eq!(Clock(3723.0).to_string(), "1:02:03");
    }
}
