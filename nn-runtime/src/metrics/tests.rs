use super::*;
use crate::{Classes, Error, Rows, Samples};

fn message<T: std::fmt::Debug>(result: crate::Result<T>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn highest_of_equals_is_the_first_and_nan_never() {
    assert_eq!(argmax(&[1.0f32, 3.0, 3.0]), 1);
    assert_eq!(argmax(&[f64::NAN, -1.0, f64::NAN, -2.0]), 1);
    assert_eq!(argmax::<f32>(&[]), 0);
    assert_eq!(top_k(&[f32::NAN, 1.0], &[0], 2).unwrap(), 0.0);
    assert_eq!(top_k(&[1.0f32, 1.0, 1.0], &[1], 1).unwrap(), 0.0);
    assert_eq!(top_k(&[1.0f32, 1.0, 1.0], &[1], 2).unwrap(), 1.0);
}

#[test]
fn what_does_not_fit_is_named() {
    assert!(matches!(accuracy::<f32>(&[], &[]), Err(Error::Empty)));
    assert_eq!(
        message(accuracy(&[0f32; 5], &[0, 1])),
        "`scores` holds 5 numbers, expected a multiple of 2"
    );
    assert_eq!(
        message(accuracy(&[0f32; 6], &[0, 3])),
        "label 3 of sample 1 is not below 3, the number of classes"
    );
    assert_eq!(
        message(mean_absolute_error(&[0f32; 2], &[0.0; 3])),
        "the inputs hold 2 samples, the targets 3"
    );
    assert!(matches!(r2(&[0f32; 3], &[0f32; 3], 2), Err(Error::Length { .. })));
    assert!(matches!(
        Confusion::of(&[0, 1], &[0, 2], 2),
        Err(Error::Label {
            sample: 1,
            found: 2,
            classes: 2
        })
    ));
    assert_eq!(
        message(<Classes<'_, 1, 3>>::tally(Metric::R2)),
        "`metric`: `r2` is not for targets that are class indices"
    );
    assert_eq!(
        message(<Samples<'_, f32, 3>>::tally(Metric::TopK(2))),
        "`metric`: `top-2` is not for targets that are numbers"
    );
    assert_eq!(
        message(<Classes<'_, 1, 3>>::tally(Metric::F1(Average::Class(3)))),
        "`metric`: expected a class below 3, found 3"
    );
}

#[test]
fn constant_targets_have_an_r2() {
    assert_eq!(r2(&[2.0f64, 2.0], &[2.0, 2.0], 1).unwrap(), 1.0);
    assert_eq!(r2(&[2.0f64, 2.5], &[2.0, 2.0], 1).unwrap(), 0.0);
}

#[test]
fn an_empty_confusion_is_all_zero() {
    let confusion = Confusion::new(2);
    assert_eq!(
        confusion.accuracy() + confusion.f1(Average::Macro) + confusion.recall(Average::Class(1)),
        0.0
    );
}

/// The outputs of chosen rows lie in the order of the rows, whatever that is.
#[test]
fn rows_of_every_kind_find_their_targets() {
    let targets = Classes::<1, 2> { data: &[0, 1, 1, 0] };
    // Right for all samples.
    let outputs = |rows: &[usize]| {
        rows.iter()
            .flat_map(|&r| [[1f32, 0.0], [0.0, 1.0]][targets.data[r] as usize])
            .collect()
    };
    let mut tally = <Classes<'_, 1, 2>>::tally(Metric::Accuracy).unwrap();
    let mut check = |rows: Rows<'_>, outputs: Vec<f32>| {
        tally.clear();
        targets.gather(&rows, &outputs, &mut tally);
        assert_eq!(tally.value(), 1.0, "{rows:?}");
    };
    check(Rows::All, outputs(&[0, 1, 2, 3]));
    check(Rows::Range(1..3), outputs(&[1, 2]));
    check(Rows::Index(&[3, 1, 1]), outputs(&[3, 1, 1]));
}

#[test]
fn positions_of_a_sequence_count_each() {
    let targets = Classes::<2, 3> { data: &[0, 2] };
    let mut tally = <Classes<'_, 2, 3>>::tally(Metric::Accuracy).unwrap();
    targets.gather(&Rows::All, &[9f32, 0.0, 0.0, 0.0, 9.0, 0.0], &mut tally);
    assert_eq!(tally.value(), 0.5);
    let bad = Classes::<2, 3> { data: &[0, 1, 2, 3] };
    assert!(matches!(
        bad.check(),
        Err(Error::Label {
            sample: 1,
            found: 3,
            classes: 3
        })
    ));
}

#[test]
fn distributions_and_yes_or_no_have_an_accuracy() {
    let mut tally = <Samples<'_, f64, 3>>::tally(Metric::Accuracy).unwrap();
    let targets = Samples::<f64, 3> {
        data: &[0.1, 0.8, 0.1, 1.0, 0.0, 0.0],
    };
    targets.gather(&Rows::All, &[-1.0, 2.0, 0.0, -1.0, 2.0, 0.0], &mut tally);
    assert_eq!(tally.value(), 0.5);
    let mut tally = <Samples<'_, f64, 1>>::tally(Metric::Accuracy).unwrap();
    let targets = Samples::<f64, 1> {
        data: &[0.0, 1.0, 1.0, 0.0],
    };
    targets.gather(&Rows::All, &[-0.1, 0.1, -0.1, -3.0], &mut tally);
    assert_eq!(tally.value(), 0.75);
}

#[test]
fn of_several_outputs_the_first_counts() {
    type Both<'a> = (Classes<'a, 1, 2>, Samples<'a, f32, 1>);
    let mut tally = Both::tally(Metric::Accuracy).unwrap();
    let targets: Both<'_> = (Classes { data: &[1, 0] }, Samples { data: &[5.0, 6.0] });
    targets.gather(&Rows::All, &[0f32, 1.0, 0.0, 1.0, 5.0, 6.0], &mut tally);
    assert_eq!(tally.value(), 0.5);
}
