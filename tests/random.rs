//! Random networks, compiled: every gradient against central differences in f64, and every result bitwise the same
//! for 1, 2 and 8 threads. `build.rs` writes the networks; other ones, or more of them, by
//! `NN_RANDOM_SEED=7 NN_RANDOM_NETWORKS=300 cargo test -p nn-tests --test random`.

use nn_runtime::prelude::*;

/// A compiled network, as the checks need it.
trait Subject: Send {
    /// The same network in the same state.
    fn fork(&self) -> Box<dyn Subject>;
    fn parameters(&mut self) -> &mut [f64];
    fn gradients(&self) -> &[f64];
    /// A training step's loss; leaves the gradients.
    fn step(&mut self, data: &Data) -> f64;
    /// Outputs in training mode.
    fn forward(&mut self, data: &Data) -> Vec<f64>;
    /// Gradients of the inputs, from that of the outputs.
    fn backward(&mut self, dy: &[f64]) -> Vec<Vec<f64>>;
    fn predict(&mut self, data: &Data) -> Vec<f64>;
}

struct Data {
    inputs: Vec<Vec<f64>>,
    numbers: Vec<f64>,
    labels: Vec<u32>,
    output_gradient: Vec<f64>,
}

/// Numbers that look random, from their place.
fn numbers(stream: u64, n: usize, low: f64, high: f64) -> Vec<f64> {
    let mut rng = nn_runtime::Rng::new(stream);
    (0..n).map(|_| low + (high - low) * rng.uniform()).collect()
}

impl Data {
    fn new(samples: usize, inputs: &[usize], output: usize, width: usize) -> Self {
        let draw = |stream, size, low| numbers(stream, samples * size, low, 1.0);
        let labels = draw(100, output / width, 0.0);
        Self {
            inputs: (0..inputs.len())
                .map(|i| draw(1 + i as u64, inputs[i], -1.0))
                .collect(),
            numbers: draw(101, output, 0.05),
            labels: labels.iter().map(|x| (x * width as f64) as u32).collect(),
            output_gradient: draw(102, output, -1.0),
        }
    }
}

macro_rules! subject {
    ($test:ident $net:ident [$($x:ident $size:literal),+] $output:literal $target:ident $width:literal) => {
        impl Subject for $net {
            fn fork(&self) -> Box<dyn Subject> {
                Box::new(self.clone())
            }

            fn parameters(&mut self) -> &mut [f64] {
                self.parameters_mut()
            }

            fn gradients(&self) -> &[f64] {
                $net::gradients(self)
            }

            fn step(&mut self, data: &Data) -> f64 {
                let [$($x),+] = &data.inputs[..] else { unreachable!() };
                self.gradient($($x),+, &data.$target).unwrap()
            }

            fn forward(&mut self, data: &Data) -> Vec<f64> {
                let [$($x),+] = &data.inputs[..] else { unreachable!() };
                $net::forward(self, $($x),+).unwrap().as_flattened().to_vec()
            }

            #[allow(unused_parens)]
            fn backward(&mut self, dy: &[f64]) -> Vec<Vec<f64>> {
                let ($($x),+) = self.backward_to_inputs(dy).unwrap();
                vec![$($x.as_flattened().to_vec()),+]
            }

            fn predict(&mut self, data: &Data) -> Vec<f64> {
                let [$($x),+] = &data.inputs[..] else { unreachable!() };
                self.predict_batch($($x),+).unwrap().as_flattened().to_vec()
            }
        }

        #[test]
        fn $test() {
            check(&$net::new(1), &[$($size),+], $output, $width);
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/random_networks.rs"));

fn check(net: &dyn Subject, inputs: &[usize], output: usize, width: usize) {
    let mut net = net.fork();
    // Biases start at 0, where nothing shows.
    let n = net.parameters().len();
    for (p, r) in net.parameters().iter_mut().zip(numbers(200, n, -0.3, 0.6)) {
        *p += r;
    }
    let mut data = Data::new(3, inputs, output, width);
    check_parameters(&*net, &data);
    check_inputs(&*net, &mut data);
    check_threads(&*net, &Data::new(300, inputs, output, width));
}

fn check_parameters(net: &dyn Subject, data: &Data) {
    let mut stepped = net.fork();
    let loss = stepped.step(data);
    assert!(loss.is_finite());
    let trainable = stepped.gradients().len();
    for i in (0..trainable).step_by(1 + trainable / 12) {
        let slope = slope(|d| {
            let mut moved = net.fork();
            moved.parameters()[i] += d;
            moved.step(data)
        });
        compare(stepped.gradients()[i], slope, loss, || format!("parameter {i}"));
    }
}

fn check_inputs(net: &dyn Subject, data: &mut Data) {
    let value = |data: &Data| -> f64 {
        let y = net.fork().forward(data);
        y.iter().zip(&data.output_gradient).map(|(y, dy)| y * dy).sum()
    };
    let mut run = net.fork();
    run.forward(data);
    let dx = run.backward(&data.output_gradient);
    for (i, dx) in dx.iter().enumerate() {
        for j in (0..dx.len()).step_by(1 + dx.len() / 3) {
            let was = data.inputs[i][j];
            let slope = slope(|d| {
                data.inputs[i][j] = was + d;
                value(data)
            });
            data.inputs[i][j] = was;
            compare(dx[j], slope, value(data), || format!("input {i}, element {j}"));
        }
    }
}

fn check_threads(net: &dyn Subject, data: &Data) {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a thread pool");
        let mut net = net.fork();
        pool.install(move || {
            let mut all = vec![net.step(data)];
            all.extend(net.gradients());
            all.extend(net.forward(data));
            all.extend(net.backward(&data.output_gradient).concat());
            all.extend(net.gradients());
            all.extend(net.predict(data));
            all
        })
    };
    let one = run(1);
    assert!(one.iter().all(|x| x.is_finite()));
    for threads in [2, 8] {
        let found = run(threads);
        assert!(same_bits(&found, &one), "{threads} threads change the result");
    }
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// Fourth-order central difference; `None` where the two sides disagree: a kink lies between.
fn slope(mut f: impl FnMut(f64) -> f64) -> Option<f64> {
    let h = 2e-5;
    let at = [-2.0, -1.0, 0.0, 1.0, 2.0].map(|k| f(k * h));
    let (left, right) = ((at[2] - at[0]) / (2.0 * h), (at[4] - at[2]) / (2.0 * h));
    if (left - right).abs() > 1e-2 * left.abs().max(right.abs()).max(0.1) {
        return None;
    }
    Some((8.0 * (at[3] - at[1]) - (at[4] - at[0])) / (12.0 * h))
}

fn compare(found: f64, slope: Option<f64>, loss: f64, what: impl Fn() -> String) {
    let Some(expected) = slope else {
        return;
    };
    let size = expected.abs().max(0.1).max(1e-2 * loss.abs());
    assert!(
        (found - expected).abs() <= 1e-6 * size,
        "{}: gradient {found}, central differences {expected}",
        what()
    );
}
