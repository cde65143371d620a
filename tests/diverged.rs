//! A training that diverges says where: the data, a parameter, a layer's output, the loss or a gradient.
#![allow(missing_docs, reason = "a test")]

use nn_runtime::prelude::*;
use nn_runtime::{LayerInfo, Origin};

network! {
    #[loss(mean_squared_error)]
    pub Curve(x: Tensor<2>) -> Tensor<1> {
        x.dense(8).relu().dense(8).relu().dense(1)
    }

    #[loss(mean_squared_error)]
    pub Logarithm(x: Tensor<2>) -> Tensor<1> {
        x.dense(4, bias = false).tanh().dense(3).logarithm().dense(1)
    }

    #[loss(mean_squared_error)]
    pub Root(x: Tensor<2>) -> Tensor<1> {
        x.dense(4).relu().dense(3).root().dense(1)
    }

    #[loss(softmax_cross_entropy)]
    pub Images(image: Tensor<6, 6, 1>) -> Tensor<3> {
        image.conv2d(4, kernel = 3).batch_norm().relu().dropout(0.5)
            .conv2d(4, kernel = 3).batch_norm().relu()
            .flatten().dense(3)
    }

    fn logarithm(x) = ln(x);
    fn root(x) = sqrt(x);
}

fn points(n: usize) -> (Vec<[f32; 2]>, Vec<f32>) {
    let mut rng = Rng::new(1);
    (0..n)
        .map(|_| ([rng.normal() as f32, rng.normal() as f32], rng.normal() as f32))
        .unzip()
}

fn images(n: usize) -> (Vec<[f32; 36]>, Vec<u32>) {
    let mut rng = Rng::new(2);
    (0..n)
        .map(|_| (std::array::from_fn(|_| rng.normal() as f32), rng.below(3) as u32))
        .unzip()
}

fn trainer<'v, N: Learn<Scalar = f32>>(rate: f64) -> Trainer<'v, N>
where
    for<'a> N::Targets<'a>: nn_runtime::metrics::Score,
{
    Trainer::new()
        .optimizer(Sgd::new(rate))
        .batch(16)
        .shuffle(false)
        .progress(Progress::Silent)
}

/// Epoch, batch and origin.
fn place(error: &Error) -> (usize, usize, Origin) {
    match error {
        Error::Diverged {
            epoch, batch, origin, ..
        } => (*epoch, *batch, *origin),
        other => panic!("{other}"),
    }
}

#[test]
fn a_rate_that_is_too_high() {
    let (x, t) = points(200);
    let mut net = Curve::new(1);
    let before = net.parameters().to_vec();
    let error = trainer(1e9).fit(&mut net, &x, &t).unwrap_err();
    let (epoch, batch, origin) = place(&error);
    assert_eq!((epoch, net.parameters()), (1, &before[..]));
    assert!(batch > 1, "{error}");
    assert_eq!(origin, Origin::Loss, "{error}");
}

#[test]
fn a_number_in_the_data_that_is_none() {
    let (mut x, mut t) = points(64);
    x[37][1] = f32::NAN;
    let name = "x";
    let error = trainer(0.01).fit(&mut Curve::new(1), &x, &t).unwrap_err();
    assert_eq!(place(&error), (1, 3, Origin::Input { name, sample: 37 }));
    assert_eq!(
        error.to_string(),
        "training diverged in epoch 1, batch 3 (loss NaN): the first value that is not finite is in sample 37 of the \
         input `x`\nhelp: fill in what is missing, or leave the sample out (`nn_runtime::data` has both)"
    );
    // Shuffled, it is the same sample.
    let error = trainer(0.01)
        .shuffle(true)
        .fit(&mut Curve::new(1), &x, &t)
        .unwrap_err();
    assert_eq!(place(&error).2, Origin::Input { name, sample: 37 });

    x[37][1] = 0.0;
    t[21] = f32::INFINITY;
    let error = trainer(0.01).fit(&mut Curve::new(1), &x, &t).unwrap_err();
    let name = "target";
    assert_eq!(place(&error), (1, 2, Origin::Target { name, sample: 21 }));
}

#[test]
fn a_formula_outside_its_domain() {
    let (x, t) = points(64);
    let mut net = Logarithm::new(1);
    let error = trainer(0.01).fit(&mut net, &x, &t).unwrap_err();
    let layer = "logarithm_1";
    let fused: &[&str] = &[];
    assert_eq!(place(&error), (1, 1, Origin::Output { layer, fused }));
    assert!(
        error
            .to_string()
            .contains("is the output of `logarithm_1`\nhelp: "),
        "{error}"
    );
}

/// The rectifier's derivative follows from its value, so nobody keeps what it was given.
#[test]
fn an_activation_in_one_pass_with_its_layer() {
    let (x, t) = points(64);
    let mut net = Curve::new(1);
    net.parameter_mut("dense_2.weight").unwrap().fill(3e38);
    let error = trainer(0.01).fit(&mut net, &x, &t).unwrap_err();
    let layer = "relu_2";
    let fused: &[&str] = &["dense_2"];
    assert_eq!(place(&error), (1, 1, Origin::Output { layer, fused }));
    assert!(
        error
            .to_string()
            .contains("is the output of `relu_2`, which runs in one pass with `dense_2`\nhelp: "),
        "{error}"
    );
}

/// The derivative of the square root at zero. A gradient that is clipped is looked at before its update, else the weights
/// tell.
#[test]
fn a_gradient_that_is_infinite() {
    let (_, t) = points(32);
    let x = vec![[0.0; 2]; 32];
    let clipped = trainer(0.01)
        .optimizer(Sgd::new(0.01).clip_norm(1.0))
        .fit(&mut Root::new(1), &x, &t)
        .unwrap_err();
    let layer = "root_1";
    assert_eq!(place(&clipped), (1, 1, Origin::InputGradient { layer }));
    let error = trainer(0.01).fit(&mut Root::new(1), &x, &t).unwrap_err();
    let name = "dense_2.bias";
    assert_eq!(place(&error), (1, 2, Origin::Parameter { name }));
    // After the last batch there is no other to notice it.
    let error = trainer(0.01)
        .batch(32)
        .fit(&mut Root::new(1), &x, &t)
        .unwrap_err();
    assert_eq!(place(&error), (1, 1, Origin::Gradient { parameter: name }));
}

#[test]
fn a_parameter_that_is_lost() {
    let (x, t) = points(16);
    let mut net = Curve::new(1);
    let name = "dense_2.bias";
    net.parameter_mut(name).unwrap()[3] = f32::NAN;
    let error = trainer(0.01).fit(&mut net, &x, &t).unwrap_err();
    assert_eq!(place(&error), (1, 1, Origin::Parameter { name }));
    assert!(
        error
            .to_string()
            .contains("is the parameter `dense_2.bias`\nhelp: "),
        "{error}"
    );
}

#[test]
fn a_normalised_convolution_whose_squares_overflow() {
    let (x, t) = images(64);
    let mut net = Images::new(1);
    for w in net.parameter_mut("conv2d_2.weight").unwrap() {
        *w *= 1e25;
    }
    let error = trainer(0.01).fit(&mut net, &x, &t).unwrap_err();
    let (_, batch, origin) = place(&error);
    let Origin::Output { layer, .. } = origin else {
        panic!("{error}");
    };
    assert_eq!((batch, layer), (1, "batch_norm_2"));
}

/// Whatever is named is a layer of the network.
#[test]
fn rates_of_all_sizes() {
    let (x, t) = points(200);
    let known = |layer: &str| Curve::LAYERS.iter().any(|l: &LayerInfo| l.name == layer);
    for power in 1..30 {
        let mut net = Curve::new(1);
        let Err(error) = trainer(10f64.powi(power)).epochs(3).fit(&mut net, &x, &t) else {
            continue;
        };
        match place(&error).2 {
            Origin::Output { layer, .. } | Origin::InputGradient { layer } => {
                assert!(known(layer), "{error}")
            }
            Origin::Parameter { name } | Origin::Gradient { parameter: name } => {
                assert!(Curve::PARAMETERS.iter().any(|p| p.name == name), "{error}");
            }
            Origin::Loss => {}
            origin => panic!("rate 1e{power}: {origin:?}"),
        }
    }
}

/// The step that looks is the step that was made: the same masks, the same gradient, in several tiles and slots.
#[test]
fn looking_changes_nothing() {
    let (x, t) = images(600);
    let mut net = Images::new(3);
    let loss = net.gradient(&x, &t).unwrap();
    let gradients = net.gradients().to_vec();
    assert!(loss.is_finite());
    let traced = net.trace_rows((&x).into(), (&t).into(), Rows::All).unwrap();
    assert_eq!(traced, None);
    assert_eq!(net.gradients(), gradients);
    // The next step has masks of its own again.
    net.gradient(&x, &t).unwrap();
    assert_ne!(net.gradients(), gradients);
}

#[test]
fn one_bad_sample_among_many() {
    let (mut x, t) = points(5000);
    let mut net = Logarithm::new(1);
    // Its outputs are positive but for one sample.
    net.parameter_mut("dense_1.weight").unwrap().fill(0.1);
    net.parameter_mut("dense_2.weight").unwrap().fill(0.1);
    net.parameter_mut("dense_2.bias").unwrap().fill(0.5);
    x.iter_mut().for_each(|x| *x = [x[0].abs(), x[1].abs()]);
    assert!(net.gradient(&x, &t).unwrap().is_finite());
    x[4321] = [-1e3; 2];
    net.parameter_mut("dense_2.weight").unwrap().fill(1.0);
    assert!(net.gradient(&x, &t).unwrap().is_nan());
    let traced = net.trace_rows((&x).into(), (&t).into(), Rows::All).unwrap();
    assert!(
        matches!(
            traced,
            Some(Origin::Output {
                layer: "logarithm_1",
                ..
            })
        ),
        "{traced:?}"
    );
}
