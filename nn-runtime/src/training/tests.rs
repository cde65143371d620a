use super::*;
use crate::optimizers::Sgd;
use crate::schedules::StepDecay;
use crate::{Error, Init, LayerInfo, Origin, ParameterInfo, ParameterKind, Rows, Samples};

/// A network of one parameter that a rate of 1 raises by 1 in each step. Its loss is a script, and it remembers what it
/// was shown.
pub(super) struct Scripted {
    pub(super) parameter: [f64; 1],
    gradient: [f64; 1],
    loss: fn(f64) -> f64,
    pub(super) trained: Vec<Vec<f64>>,
    pub(super) validated: Vec<f64>,
    output: Vec<f64>,
}

impl Scripted {
    pub(super) fn new(loss: fn(f64) -> f64) -> Self {
        let (parameter, gradient) = ([0.0], [-1.0]);
        Self {
            parameter,
            gradient,
            loss,
            trained: vec![],
            validated: vec![],
            output: vec![],
        }
    }
}

fn shown(inputs: Samples<'_, f64, 1>, rows: &Rows<'_>) -> Vec<f64> {
    match rows {
        Rows::All => inputs.data.to_vec(),
        Rows::Range(range) => inputs.data[range.clone()].to_vec(),
        Rows::Index(index) => index.iter().map(|&i| inputs.data[i as usize]).collect(),
    }
}

impl Network for Scripted {
    type Scalar = f64;
    type Inputs<'a> = Samples<'a, f64, 1>;

    const NAME: &'static str = "Scripted";
    const PARAMS: usize = 1;
    const MACS: u64 = 0;
    const INPUTS: &'static [&'static [usize]] = &[&[1]];
    const OUTPUTS: &'static [&'static [usize]] = &[&[1]];
    const LAYERS: &'static [LayerInfo] = &[];
    const PARAMETERS: &'static [ParameterInfo] = &[ParameterInfo {
        name: "count.weight",
        shape: &[1],
        file_axes: &[0],
        offset: 0,
        init: Init::Zeros,
        fan_in: 1,
        fan_out: 1,
        l2: 0.0,
        kind: ParameterKind::Trainable,
    }];

    fn parameters(&self) -> &[f64] {
        &self.parameter
    }

    fn parameters_mut(&mut self) -> &mut [f64] {
        &mut self.parameter
    }

    fn gradients(&self) -> &[f64] {
        &self.gradient
    }

    fn update_parts(&mut self) -> (&mut [f64], &mut [f64]) {
        (&mut self.parameter, &mut self.gradient)
    }

    /// Predicts its input.
    fn predict_rows(&mut self, inputs: Self::Inputs<'_>, rows: Rows<'_>) -> Result<&[f64]> {
        self.output = shown(inputs, &rows);
        Ok(&self.output)
    }
}

impl Learn for Scripted {
    type Targets<'a> = Samples<'a, f64, 1>;

    fn loss_rows(&mut self, inputs: Self::Inputs<'_>, _: Self::Targets<'_>, rows: Rows<'_>) -> Result<f64> {
        self.validated.extend(shown(inputs, &rows));
        Ok((self.loss)(self.parameter[0]))
    }

    fn gradient_rows(
        &mut self,
        inputs: Self::Inputs<'_>,
        _: Self::Targets<'_>,
        rows: Rows<'_>,
    ) -> Result<f64> {
        self.trained.push(shown(inputs, &rows));
        Ok((self.loss)(self.parameter[0]))
    }

    fn trace_rows(
        &mut self,
        _: Self::Inputs<'_>,
        _: Self::Targets<'_>,
        _: Rows<'_>,
    ) -> Result<Option<Origin>> {
        Ok(None)
    }
}

pub(super) const DATA: [f64; 10] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];

pub(super) fn trainer<'v>() -> Trainer<'v, Scripted> {
    Trainer::new().optimizer(Sgd::new(1.0)).progress(Progress::Silent)
}

fn sorted(numbers: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}

pub(super) fn falling(parameter: f64) -> f64 {
    100.0 - parameter
}

#[test]
fn each_epoch_shows_every_sample_once_in_its_own_order() {
    let orders = |seed| {
        let mut net = Scripted::new(falling);
        let history = trainer()
            .epochs(3)
            .batch(4)
            .seed(seed)
            .fit(&mut net, &DATA, &DATA)
            .unwrap();
        assert_eq!((history.epochs.len(), history.end), (3, End::Epochs));
        assert_eq!(
            net.trained.iter().map(Vec::len).collect::<Vec<_>>(),
            [4, 4, 2, 4, 4, 2, 4, 4, 2]
        );
        net.trained
            .chunks(3)
            .map(<[Vec<f64>]>::concat)
            .collect::<Vec<_>>()
    };
    let epochs = orders(7);
    assert!(epochs.iter().all(|e| sorted(e.clone()) == DATA));
    assert!(epochs[0] != epochs[1] && epochs[1] != epochs[2]);
    assert_eq!(epochs, orders(7));
    assert_ne!(epochs, orders(8));
}

#[test]
fn without_shuffling_the_data_come_as_they_lie() {
    let mut net = Scripted::new(falling);
    trainer()
        .epochs(2)
        .batch(6)
        .shuffle(false)
        .fit(&mut net, &DATA, &DATA)
        .unwrap();
    assert_eq!(net.trained.concat(), [DATA, DATA].concat());
    let mut net = Scripted::new(falling);
    trainer()
        .epochs(1)
        .batch(2)
        .shuffle(false)
        .rows(&[8, 2, 5])
        .fit(&mut net, &DATA, &DATA)
        .unwrap();
    assert_eq!(net.trained, [vec![8.0, 2.0], vec![5.0]]);
}

#[test]
fn a_split_trains_on_one_part_and_validates_on_the_other() {
    for (share, kept) in [(0.3, 3), (0.01, 1), (0.99, 9)] {
        let mut net = Scripted::new(falling);
        let history = trainer()
            .epochs(2)
            .validation_split(share)
            .fit(&mut net, &DATA, &DATA)
            .unwrap();
        assert_eq!(net.trained[0].len(), 10 - kept);
        assert_eq!(net.validated.len(), 2 * kept);
        assert_eq!(net.validated[..kept], net.validated[kept..]);
        assert_eq!(
            sorted(net.trained[0].iter().chain(&net.validated[..kept]).copied()),
            DATA
        );
        // Training sees the loss before its step, validation the one after it.
        assert_eq!((history.last().loss, history.last().val_loss), (99.0, Some(98.0)));
    }
}

#[test]
fn validation_is_on_the_rows_or_the_data_that_are_given() {
    let mut net = Scripted::new(falling);
    let (train, held_out) = ([1, 2, 3], [9, 0]);
    let mut both = trainer().epochs(1).rows(&train).validation_rows(&held_out);
    both.fit(&mut net, &DATA, &DATA).unwrap();
    assert_eq!(
        (sorted(net.trained.concat()), net.validated),
        (vec![1.0, 2.0, 3.0], vec![9.0, 0.0])
    );
    let mut net = Scripted::new(falling);
    let other: Vec<f64> = (0..600).map(f64::from).collect();
    let history = trainer()
        .epochs(1)
        .validation(&other, &other)
        .fit(&mut net, &DATA, &DATA)
        .unwrap();
    assert_eq!(net.validated, other);
    assert_eq!(history.last().val_loss, Some(99.0));
}

#[test]
fn stops_early_and_takes_the_best_weights() {
    let mut net = Scripted::new(|w| (w - 5.0).abs());
    let mut early = trainer()
        .epochs(50)
        .batch(10)
        .validation_split(0.2)
        .early_stopping(3, 0.0);
    let history = early.fit(&mut net, &DATA, &DATA).unwrap();
    assert_eq!(
        (history.epochs.len(), history.best().number, history.end),
        (8, 5, End::EarlyStopping)
    );
    assert_eq!(net.parameter, [5.0]);
}

#[test]
fn takes_the_best_weights_also_when_the_epochs_run_out() {
    let mut net = Scripted::new(|w| (w - 5.0).abs());
    let mut early = trainer()
        .epochs(7)
        .batch(10)
        .validation_split(0.2)
        .early_stopping(3, 0.0);
    let history = early.fit(&mut net, &DATA, &DATA).unwrap();
    assert_eq!(
        (history.epochs.len(), history.end, net.parameter),
        (7, End::Epochs, [5.0])
    );
    // Not without early stopping.
    let mut net = Scripted::new(|w| (w - 5.0).abs());
    let history = trainer()
        .epochs(7)
        .validation_split(0.2)
        .fit(&mut net, &DATA, &DATA)
        .unwrap();
    assert_eq!((history.best().number, net.parameter), (5, [7.0]));
}

#[test]
fn a_fall_below_the_least_is_none() {
    // Falls by 1 in each epoch.
    let epochs = |min_delta| {
        let mut net = Scripted::new(falling);
        let mut early = trainer().epochs(20).early_stopping(2, min_delta);
        early.fit(&mut net, &DATA, &DATA).unwrap().epochs.len()
    };
    assert_eq!(epochs(0.5), 20);
    assert_eq!(epochs(1.5), 20, "two epochs together fall by more");
    assert_eq!(epochs(2.5), 3);
}

#[test]
fn divergence_names_the_batch_and_keeps_the_last_good_weights() {
    let mut net = Scripted::new(|w| if w < 7.0 { 1.0 } else { f64::NAN });
    let error = trainer()
        .epochs(9)
        .batch(4)
        .fit(&mut net, &DATA, &DATA)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("training diverged in epoch 3, batch 2 (loss NaN): the first value that is not finite is the loss\nhelp: "),
        "{error}"
    );
    assert_eq!(net.parameter, [6.0]);
    // In the first epoch these are the ones it came with.
    let mut net = Scripted::new(|_| f64::INFINITY);
    assert!(trainer().fit(&mut net, &DATA, &DATA).is_err());
    assert_eq!(net.parameter, [0.0]);
    // With early stopping, those of the best epoch.
    let mut net = Scripted::new(|w| if w < 7.0 { (w - 2.0).abs() } else { f64::NAN });
    let mut early = trainer().epochs(20).validation_split(0.5).early_stopping(10, 0.0);
    let error = early.fit(&mut net, &DATA, &DATA).unwrap_err();
    assert_eq!(error.to_string(), "`validation loss of epoch 7` is not finite");
    assert_eq!(net.parameter, [2.0]);
}

#[test]
fn weights_that_are_lost_in_the_last_step_are_noticed() {
    for clip in [false, true] {
        let mut net = Scripted::new(falling);
        net.gradient = [f64::NAN];
        let sgd = Sgd::new(1.0);
        let sgd = if clip { sgd.clip_norm(1.0) } else { sgd };
        let error = trainer()
            .epochs(1)
            .optimizer(sgd)
            .fit(&mut net, &DATA, &DATA)
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::Diverged {
                    epoch: 1,
                    batch: 1,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(net.parameter, [0.0]);
    }
}

#[test]
fn a_callback_sees_each_epoch_and_may_end_it() {
    let mut net = Scripted::new(falling);
    let mut seen = vec![];
    let mut watched = trainer().epochs(9).on_epoch(|epoch, net: &mut Scripted| {
        seen.push((epoch.number, net.parameter[0]));
        if epoch.number == 3 {
            Control::Stop
        } else {
            Control::Continue
        }
    });
    let history = watched.fit(&mut net, &DATA, &DATA).unwrap();
    drop(watched);
    assert_eq!(
        (history.end, seen),
        (End::Stopped, vec![(1, 1.0), (2, 2.0), (3, 3.0)])
    );
}

#[test]
fn the_history_has_the_rates_and_the_metrics_asked_for() {
    let mut net = Scripted::new(falling);
    let sgd = Sgd::new(1.0).schedule(StepDecay {
        every: 2,
        factor: 0.5,
    });
    let mut one = trainer()
        .epochs(4)
        .optimizer(sgd)
        .metric(Metric::MeanAbsoluteError);
    let targets = DATA.map(|x| x + 0.25);
    let history = one.fit(&mut net, &DATA, &targets).unwrap();
    let rates: Vec<f64> = history.epochs.iter().map(|e| e.rate).collect();
    assert_eq!(rates, [1.0, 1.0, 0.5, 0.5]);
    assert_eq!(
        (history.last().metric, history.last().val_metric),
        (Some(0.25), None)
    );
    let mut one = trainer()
        .metric(Metric::MeanAbsoluteError)
        .validation(&[0.0], &[1.0]);
    let last = *one.fit(&mut net, &DATA, &targets).unwrap().last();
    assert_eq!((last.metric, last.val_metric), (None, Some(1.0)));
    let last = *one
        .metric_on_training(true)
        .fit(&mut net, &DATA, &targets)
        .unwrap()
        .last();
    assert_eq!((last.metric, last.val_metric), (Some(0.25), Some(1.0)));
}

#[test]
fn the_optimizer_can_be_kept() {
    let mut sgd = Sgd::new(1.0).momentum(0.5);
    let mut net = Scripted::new(falling);
    trainer()
        .epochs(3)
        .optimizer(&mut sgd)
        .fit(&mut net, &DATA, &DATA)
        .unwrap();
    assert_eq!(sgd.steps(), 3);
}

#[test]
fn nonsense_and_unfit_data_are_named_before_the_first_step() {
    let mut net = Scripted::new(falling);
    let mut message = |mut trainer: Trainer<'_, Scripted>, x: &[f64], t: &[f64]| {
        let error = trainer.fit(&mut net, x, t).unwrap_err();
        assert!(net.trained.is_empty() && net.parameter == [0.0], "{error}");
        error.to_string()
    };
    let mut setting = |trainer| message(trainer, &DATA, &DATA);
    assert_eq!(
        setting(trainer().batch(0)),
        "`batch`: expected at least 1 sample, found 0"
    );
    assert_eq!(
        setting(trainer().epochs(0)),
        "`epochs`: expected at least 1, found 0"
    );
    assert_eq!(
        setting(trainer().validation_split(1.0)),
        "`validation_split`: expected a share between 0 and 1, found 1"
    );
    assert_eq!(
        setting(trainer().early_stopping(0, 0.0)),
        "`patience`: expected at least 1 epoch, found 0"
    );
    assert_eq!(
        setting(trainer().early_stopping(1, -1.0)),
        "`min_delta`: expected a finite number from 0 up, found -1"
    );
    assert_eq!(
        setting(trainer().optimizer(Sgd::new(-1.0))),
        "`rate`: expected a finite number from 0 up, found -1"
    );
    assert_eq!(
        setting(trainer().metric(Metric::TopK(3))),
        "`metric`: `top-3` is not for targets that are numbers"
    );
    assert_eq!(
        setting(trainer().rows(&[3, 10])),
        "row 10 is not below 10, the number of samples"
    );
    assert_eq!(
        setting(trainer().validation_rows(&[10])),
        "row 10 is not below 10, the number of samples"
    );
    assert_eq!(setting(trainer().rows(&[])), "no samples");
    assert_eq!(setting(trainer().validation_rows(&[])), "no samples");
    assert_eq!(
        setting(trainer().validation(&[1.0], &DATA[..0])),
        "the inputs hold 1 samples, the targets 0"
    );
    assert_eq!(message(trainer(), &[], &[]), "no samples");
    assert_eq!(
        message(trainer(), &DATA, &DATA[1..]),
        "the inputs hold 10 samples, the targets 9"
    );
    assert_eq!(
        message(trainer().validation_split(0.5), &DATA[..1], &DATA[..1]),
        "`validation_split`: expected at least 2 samples to split, found 1"
    );
}

#[test]
fn evaluation_goes_through_the_rows_in_parts() {
    let mut net = Scripted::new(falling);
    let data: Vec<f64> = (0..1000).map(f64::from).collect();
    let targets: Vec<f64> = data
        .iter()
        .map(|x| x + f64::from(u8::from(*x >= 500.0)))
        .collect();
    let rows: Vec<u32> = (200..900).collect();
    let found = evaluate(
        &mut net,
        &data,
        &targets,
        Rows::Index(&rows),
        Metric::MeanAbsoluteError,
    )
    .unwrap();
    assert_eq!((found.loss, found.metric), (100.0, 400.0 / 700.0));
    assert_eq!(net.validated, data[200..900]);
    let found = evaluate(&mut net, &data, &targets, Rows::Range(400..800), Metric::R2).unwrap();
    let exact = crate::metrics::r2(&data[400..800], &targets[400..800], 1).unwrap();
    assert!((found.metric - exact).abs() < 1e-12);
}
