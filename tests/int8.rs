//! The kernels on 8-bit integers against TensorFlow Lite's reference kernels, bit for bit. `fixtures/int8.py` says what
//! stands in the fixture.

use std::collections::HashMap;

use nn_runtime::int8::{self, Add, Conv2d, Mul, Multiplier, Rescale, Softmax, Window2d};

static TEXT: &str = include_str!("fixtures/int8.txt");

struct Case {
    name: &'static str,
    lines: HashMap<&'static str, Vec<i64>>,
}

/// Every case of one kind; at least one.
fn cases(kind: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut inside = false;
    for line in TEXT.lines() {
        if let Some(header) = line.strip_prefix("case ") {
            let (this, name) = header.split_once(' ').expect("a kind and a name");
            inside = this == kind;
            if inside {
                let lines = HashMap::new();
                cases.push(Case { name, lines });
            }
        } else if inside {
            let (key, numbers) = line.split_once(": ").expect("a key and numbers");
            let numbers = numbers.split(' ').map(|n| n.parse().expect("a number")).collect();
            cases.last_mut().expect("a header").lines.insert(key, numbers);
        }
    }
    assert!(!cases.is_empty(), "no case `{kind}` in the fixture");
    cases
}

impl Case {
    fn numbers(&self, key: &str) -> &[i64] {
        let found = self.lines.get(key);
        found.unwrap_or_else(|| panic!("no `{key}` in case `{}`", self.name))
    }

    fn bytes(&self, key: &str) -> Vec<i8> {
        self.numbers(key).iter().map(|n| *n as i8).collect()
    }

    fn sizes(&self, key: &str) -> [usize; 2] {
        let n = self.numbers(key);
        [n[0] as usize, n[1] as usize]
    }

    fn size(&self, key: &str) -> usize {
        self.numbers(key)[0] as usize
    }

    /// Of a tensor, one of each channel.
    fn scales(&self, tensor: &str) -> Vec<f32> {
        let bits = self.numbers(&format!("{tensor} scale"));
        bits.iter().map(|bits| f32::from_bits(*bits as u32)).collect()
    }

    /// Scale and zero point of an activation.
    fn quantization(&self, tensor: &str) -> (f32, i8) {
        (self.scales(tensor)[0], self.bytes(&format!("{tensor} zero"))[0])
    }

    /// The bounds that the activation after the operation sets to its output.
    fn bounds(&self) -> (i8, i8) {
        let (scale, zero) = self.quantization("y");
        let six = ((6.0 / scale).round() + f32::from(zero)).min(127.0) as i8;
        match self.numbers("activation")[0] {
            0 => (-128, 127),
            1 => (zero, 127),
            _ => (zero, six),
        }
    }

    fn window(&self) -> Window2d {
        Window2d {
            input: self.sizes("input"),
            output: self.sizes("output"),
            kernel: self.sizes("kernel"),
            stride: self.sizes("stride"),
            dilation: self.sizes("dilation"),
            before: self.sizes("before"),
        }
    }

    fn compare(&self, y: &[i8]) {
        assert_eq!(y, self.bytes("y"), "case `{}`", self.name);
    }
}

/// What [`Rescale`] borrows, and the bias that the kernels add.
struct Output {
    multipliers: Vec<i32>,
    shifts: Vec<i8>,
    b: Vec<i32>,
}

impl Output {
    /// `w[c]`: the weights of channel `c`.
    fn new(case: &Case, w: &[Vec<i8>]) -> Self {
        let (x, zero) = case.quantization("x");
        let (y, _) = case.quantization("y");
        let scales = case.scales("w");
        let factors = (0..w.len()).map(|c| f64::from(x) * f64::from(scales[c % scales.len()]) / f64::from(y));
        let factors: Vec<Multiplier> = factors.map(Multiplier::new).collect();
        let sum = |w: &Vec<i8>| w.iter().map(|w| i32::from(*w)).sum::<i32>();
        let b = case.numbers("b").iter().zip(w);
        Self {
            multipliers: factors.iter().map(|f| f.multiplier).collect(),
            shifts: factors.iter().map(|f| f.shift).collect(),
            b: b.map(|(b, w)| *b as i32 - i32::from(zero) * sum(w)).collect(),
        }
    }

    fn rescale(&self, case: &Case) -> Rescale<'_> {
        let (low, high) = case.bounds();
        Rescale {
            multipliers: &self.multipliers,
            shifts: &self.shifts,
            zero: i32::from(case.quantization("y").1),
            low,
            high,
        }
    }
}

/// The channels' weights one after the other, each filled up with zeros.
fn padded(w: &[Vec<i8>]) -> Vec<i8> {
    let row = |w: &Vec<i8>| {
        let mut w = w.clone();
        w.resize(int8::padded(w.len()), 0);
        w
    };
    w.iter().flat_map(row).collect()
}

#[test]
fn dense() {
    for case in cases("dense") {
        let (x, expected) = (case.bytes("x"), case.bytes("y"));
        let w: Vec<Vec<i8>> = case.bytes("w").chunks(x.len()).map(<[i8]>::to_vec).collect();
        let output = Output::new(&case, &w);
        let mut y = vec![0; expected.len()];
        let r = output.rescale(&case);
        int8::dense(1, x.len(), y.len(), &x, &padded(&w), &output.b, r, &mut y);
        case.compare(&y);
    }
}

fn convolve(case: &Case, groups: usize, w: &[Vec<i8>]) {
    let conv = Conv2d {
        window: case.window(),
        inputs: case.size("channels"),
        outputs: case.size("outputs"),
        groups,
    };
    let in_memory = if groups == conv.inputs && groups == conv.outputs {
        (0..w[0].len())
            .flat_map(|tap| w.iter().map(move |w| w[tap]))
            .collect()
    } else {
        padded(w)
    };
    let output = Output::new(case, w);
    let mut y = vec![0; case.numbers("y").len()];
    let (zero, r) = (case.quantization("x").1, output.rescale(case));
    int8::conv2d(&conv, &case.bytes("x"), zero, &in_memory, &output.b, r, &mut y);
    case.compare(&y);
}

#[test]
fn conv2d() {
    for case in cases("conv2d") {
        let w = case.bytes("w");
        let w: Vec<Vec<i8>> = w
            .chunks(w.len() / case.size("outputs"))
            .map(<[i8]>::to_vec)
            .collect();
        convolve(&case, 1, &w);
    }
}

#[test]
fn depthwise() {
    for case in cases("depthwise") {
        let (w, outputs) = (case.bytes("w"), case.size("outputs"));
        let channel = |c: usize| w.iter().skip(c).step_by(outputs).copied().collect();
        let w: Vec<Vec<i8>> = (0..outputs).map(channel).collect();
        convolve(&case, case.size("channels"), &w);
    }
}

#[test]
fn pools() {
    for case in cases("average_pool2d") {
        let mut y = vec![0; case.numbers("y").len()];
        int8::average_pool2d(
            &case.window(),
            case.size("channels"),
            &case.bytes("x"),
            -128,
            127,
            &mut y,
        );
        case.compare(&y);
    }
    for case in cases("max_pool2d") {
        let mut y = vec![0; case.numbers("y").len()];
        int8::max_pool2d(&case.window(), case.size("channels"), &case.bytes("x"), &mut y);
        case.compare(&y);
    }
}

#[test]
fn add() {
    for case in cases("sum") {
        let (low, high) = case.bounds();
        let inputs = [case.quantization("x"), case.quantization("x1")];
        let a = Add::new(inputs, case.quantization("y"), low, high);
        let mut y = vec![0; case.numbers("y").len()];
        int8::add(&case.bytes("x"), &case.bytes("x1"), &a, &mut y);
        case.compare(&y);
    }
}

#[test]
fn mul() {
    for case in cases("product") {
        let (low, high) = case.bounds();
        let inputs = [case.quantization("x"), case.quantization("x1")];
        let m = Mul::new(inputs, case.quantization("y"), low, high);
        let mut y = vec![0; case.numbers("y").len()];
        int8::mul(&case.bytes("x"), &case.bytes("x1"), &m, &mut y);
        case.compare(&y);
    }
}

#[test]
fn softmax() {
    for case in cases("softmax") {
        assert_eq!(case.quantization("y"), (1.0 / 256.0, -128));
        let x = case.bytes("x");
        let mut y = vec![0; x.len()];
        int8::softmax(1, x.len(), &x, &Softmax::new(case.quantization("x").0), &mut y);
        case.compare(&y);
    }
}

#[test]
fn tables() {
    for case in cases("table") {
        let f: fn(f32) -> f32 = match case.name {
            "tanh" => f32::tanh,
            "sigmoid" => |x| 1.0 / (1.0 + (-x).exp()),
            other => panic!("no function `{other}`"),
        };
        let table = int8::map_table(f, case.quantization("x"), case.quantization("y"));
        look_up(&case, &table);
    }
}

#[test]
fn rescalings() {
    for case in cases("relu").into_iter().chain(cases("rescale")) {
        let (low, high) = case.bounds();
        let table = int8::rescale_table(case.quantization("x"), case.quantization("y"), low, high);
        look_up(&case, &table);
    }
}

fn look_up(case: &Case, table: &[i8; 256]) {
    let mut y = vec![0; case.numbers("y").len()];
    int8::lookup(&case.bytes("x"), table, &mut y);
    case.compare(&y);
}
