use super::*;
use crate::Rng;
use crate::optimizers::{Adagrad, Adam, AdamW, RmsProp, Sgd};
use crate::schedules::{Cosine, Exponential};

fn gradients<T: Scalar>(len: usize, step: u64) -> Vec<T> {
    let mut rng = Rng::new(step);
    (0..len).map(|_| T::from_f64(rng.normal())).collect()
}

/// Parameters after a few steps.
fn run<T: Scalar>(
    optimizer: &mut impl Optimizer<T>,
    len: usize,
    steps: std::ops::Range<u64>,
    w: &mut Vec<T>,
) {
    w.resize(len, T::ONE);
    for step in steps {
        optimizer.update(w, &gradients(len, step)).unwrap();
    }
}

type Make = Box<dyn Fn() -> Box<dyn Optimizer<f32> + Send>>;

fn optimizers() -> Vec<Make> {
    vec![
        Box::new(|| Box::new(Sgd::new(0.1))),
        Box::new(|| Box::new(Sgd::new(0.1).momentum(0.9).clip_norm(1.0))),
        Box::new(|| Box::new(Adam::new(0.1).schedule(Exponential { factor: 0.9 }))),
        Box::new(|| Box::new(AdamW::new(0.1).clip_value(0.5))),
        Box::new(|| Box::new(RmsProp::new(0.1).centered(true).momentum(0.5))),
        Box::new(|| Box::new(Adagrad::new(0.1).initial_sum(0.5))),
    ]
}

#[test]
fn goes_on_from_a_saved_state() {
    for make in optimizers() {
        let (mut whole, mut first, mut second) = (make(), make(), make());
        let [mut expected, mut w] = [vec![], vec![]];
        run(&mut whole.as_mut(), 37, 0..6, &mut expected);
        run(&mut first.as_mut(), 37, 0..3, &mut w);
        second.load_state(&first.state()).unwrap();
        run(&mut second.as_mut(), 37, 3..6, &mut w);
        assert_eq!(w, expected, "{}", whole.state().optimizer);
    }
}

#[test]
fn refuses_the_state_of_another() {
    let mut adam: Adam = Adam::new(0.1);
    let mut w = vec![];
    run(&mut adam, 5, 0..2, &mut w);
    let before = adam.state().moments[0].1.to_vec();
    let message = |r: Result<()>| r.unwrap_err().to_string();
    let sgd: Sgd = Sgd::new(0.1);
    assert_eq!(
        message(adam.load_state(&sgd.state())),
        "`optimizer`: expected adam, found sgd"
    );
    let longer = [0f32; 6];
    let state = |moments| State {
        optimizer: "adam",
        steps: 1,
        moments,
    };
    assert_eq!(
        message(adam.load_state(&state(vec![("mean", &longer[..]), ("square", &longer)]))),
        "`optimizer`: expected 5 parameters, as in its earlier steps, found 6"
    );
    assert_eq!(
        message(adam.load_state(&state(vec![("mean", &longer[..5]), ("square", &longer)]))),
        "`moments`: expected 5 numbers in each, found 6"
    );
    assert_eq!(
        message(adam.load_state(&state(vec![("mean", &longer[..5])]))),
        "`moments`: expected `mean, square`, found `mean`"
    );
    assert_eq!((adam.steps(), adam.state().moments[0].1), (2, &before[..]));
}

#[test]
fn frozen_parameters_stay_and_count_for_no_norm() {
    let mut frozen = Sgd::new(1.0).clip_norm(1.0);
    for range in [4..6, 1..2, 5..7, 3..3] {
        frozen.freeze(range);
    }
    assert_eq!(frozen.frozen, [1..2, 4..7]);
    let mut w = [0f64; 8];
    let g = [3.0, 1e9, 0.0, 4.0, 1e9, f64::NAN, 1e9, 0.0];
    frozen.update(&mut w, &g).unwrap();
    let expected = [-0.6, 0.0, 0.0, -0.8, 0.0, 0.0, 0.0, 0.0];
    assert!(w.iter().zip(expected).all(|(w, e)| (w - e).abs() < 1e-6), "{w:?}");
    frozen.unfreeze();
    frozen.freeze(5..6);
    frozen.update(&mut w, &g).unwrap();
    assert!(w[1] < -0.5 && w[5] == 0.0);
}

#[test]
fn a_frozen_tail_beyond_the_gradients_is_no_matter() {
    let mut sgd = Sgd::new(1.0);
    sgd.freeze(3..9);
    let mut w = [0f32; 6];
    sgd.update(&mut w, &[1.0; 4]).unwrap();
    assert_eq!(w, [-1.0, -1.0, -1.0, 0.0, 0.0, 0.0]);
}

#[test]
fn threads_do_not_change_a_bit() {
    for make in optimizers() {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let mut optimizer = make();
            let mut w = vec![];
            // Several pieces, the last with a tail.
            pool.install(|| run(&mut optimizer.as_mut(), 300_003, 0..2, &mut w));
            w.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        };
        let one = on(1);
        assert!(
            [2, 8].iter().all(|&threads| on(threads) == one),
            "{}",
            make().state().optimizer
        );
    }
}

#[test]
fn nonsense_is_named() {
    let check = |o: &dyn Optimizer<f32>| o.check().unwrap_err().to_string();
    assert_eq!(
        check(&Sgd::new(-0.1)),
        "`rate`: expected a finite number from 0 up, found -0.1"
    );
    assert_eq!(
        check(&Sgd::new(f64::NAN)),
        "`rate`: expected a finite number from 0 up, found NaN"
    );
    assert_eq!(
        check(&Adam::new(0.1).betas(1.0, 0.9)),
        "`beta1`: expected a number from 0 to below 1, found 1"
    );
    assert_eq!(
        check(&AdamW::new(0.1).betas(0.9, f64::NAN)),
        "`beta2`: expected a number from 0 to below 1, found NaN"
    );
    assert_eq!(
        check(&Sgd::new(0.1).nesterov(true)),
        "`nesterov`: expected a momentum above 0, found 0"
    );
    assert_eq!(
        check(&Adam::new(0.1).clip_norm(0.0)),
        "`clip_norm`: expected a number above 0, found 0"
    );
    assert_eq!(
        check(&Adam::new(0.1).weight_decay(-1.0)),
        "`weight_decay`: expected a finite number from 0 up, found -1"
    );
    assert!(RmsProp::<f32>::new(0.1).alpha(1.5).check().is_err());
    assert!(Adagrad::<f32>::new(0.1).eps(-1.0).check().is_err());
    assert!(Adam::<f32>::new(0.1).schedule(Cosine::over(0)).check().is_err());
}

#[test]
fn nothing_changes_where_an_update_is_refused() {
    let mut w = [1f32, 2.0];
    let mut adam = Adam::new(0.1).clip_norm(1.0);
    let error = adam.update(&mut w, &[f32::NAN, 0.0]).unwrap_err();
    assert_eq!(error.to_string(), "`norm of the gradient` is not finite");
    assert_eq!((w, adam.steps()), ([1.0, 2.0], 0));
    let mut falling = Sgd::new(0.1).schedule(|base: f64, step: u64| base - step as f64);
    falling.update(&mut w, &[0.0, 0.0]).unwrap();
    assert_eq!(
        falling.update(&mut w, &[0.0, 0.0]).unwrap_err().to_string(),
        "`rate`: expected a finite number from 0 up, found -0.9"
    );
    assert_eq!(falling.steps(), 1);
}

#[test]
fn another_network_is_refused() {
    let mut adam = Adam::new(0.1);
    adam.update(&mut [1f32; 3], &[0.0; 3]).unwrap();
    let error = adam.update(&mut [1f32; 4], &[0.0; 4]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`optimizer`: expected 3 parameters, as in its earlier steps, found 4"
    );
}
