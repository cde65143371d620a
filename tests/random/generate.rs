//! Random networks as sources of the language.

use std::fmt::Write as _;

/// What the networks of a block call.
pub const SHARED: &str = "
    fn mish(x) = x * tanh(ln(1.0 + exp(x)));
    fn gate(a, b) = a * sigmoid(b) + sin(a);
    fn log_cosh(y, t) = ln((exp(y - t) + exp(t - y)) / 2.0);
    block residual(x, units) { x + x.dense(units).tanh() }
    block normed(x) { x.layer_norm().gelu() }
";

pub struct Source {
    /// The definition, without the block around it.
    pub text: String,
    /// The arguments of the tests' `subject!`.
    pub subject: String,
}

/// SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

#[derive(Clone)]
pub struct Value {
    pub name: String,
    pub dims: Vec<usize>,
    pub used: bool,
}

impl Value {
    fn width(&self) -> usize {
        *self.dims.last().expect("a tensor has an axis")
    }
}

pub fn dims_text(dims: &[usize]) -> String {
    let dims: Vec<String> = dims.iter().map(ToString::to_string).collect();
    dims.join(", ")
}

pub fn elems(dims: &[usize]) -> usize {
    dims.iter().product()
}

/// A network's body in the making.
pub struct Writer {
    pub r: Random,
    /// The inputs, then what the body binds.
    pub values: Vec<Value>,
    body: String,
}

/// Network `number` of a seed: fan-out, reuse, one or two inputs, any loss.
pub fn network(seed: u64, number: u64) -> Source {
    let mut w = Writer::new(seed, number);
    let shapes: [&[usize]; 5] = [&[4], &[3], &[2, 3], &[2, 2, 2], &[6]];
    for i in 0..1 + w.r.below(2) {
        let dims = w.r.of(&shapes).to_vec();
        w.values.push(Value {
            name: format!("x{i}"),
            dims,
            used: false,
        });
    }
    let inputs = w.values.len();
    for _ in 0..2 + w.r.below(8) {
        w.layer();
    }
    w.finish(&format!("N{number}"), &format!("n{number}"), inputs)
}

impl Writer {
    pub fn new(seed: u64, number: u64) -> Self {
        Self {
            r: Random((seed << 32 | number).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            values: Vec::new(),
            body: String::new(),
        }
    }

    /// The whole definition, of the first values as inputs.
    pub fn finish(mut self, name: &str, test: &str, inputs: usize) -> Source {
        let inputs = self.values[..inputs].to_vec();
        let output = self.collect();
        let (loss, target) = self.loss(output.width());
        let arguments: Vec<String> = inputs
            .iter()
            .map(|v| format!("{}: Tensor<{}>", v.name, dims_text(&v.dims)))
            .collect();
        let text = format!(
            "    #[scalar(f64)] #[loss({loss})]\n    {name}({}) -> Tensor<{}> {{\n{}        {}\n    }}\n",
            arguments.join(", "),
            dims_text(&output.dims),
            self.body,
            output.name
        );
        let sizes: Vec<String> = inputs
            .iter()
            .map(|v| format!("{} {}", v.name, elems(&v.dims)))
            .collect();
        let subject = format!(
            "{test} {name} [{}] {} {target} {}",
            sizes.join(", "),
            elems(&output.dims),
            output.width()
        );
        Source { text, subject }
    }

    /// An earlier value: mostly the latest, so that networks grow deep.
    pub fn pick(&mut self) -> usize {
        let n = self.values.len();
        if self.r.below(3) > 0 {
            n - 1
        } else {
            self.r.below(n)
        }
    }

    /// Any value of the shape of value `i`, perhaps that one itself.
    pub fn alike(&mut self, i: usize) -> usize {
        let dims = self.values[i].dims.clone();
        let all: Vec<usize> = (0..self.values.len())
            .filter(|j| self.values[*j].dims == dims)
            .collect();
        self.r.of(&all)
    }

    pub fn name(&mut self, i: usize) -> String {
        self.values[i].used = true;
        self.values[i].name.clone()
    }

    pub fn bind(&mut self, expression: &str, dims: Vec<usize>) {
        let name = format!("v{}", self.values.len());
        writeln!(self.body, "        let {name} = {expression};").expect("writing to a string");
        self.values.push(Value {
            name,
            dims,
            used: false,
        });
    }

    fn layer(&mut self) {
        let i = self.pick();
        let dims = self.values[i].dims.clone();
        let width = self.values[i].width();
        let with_width = |n: usize| {
            let mut dims = dims.clone();
            if let Some(last) = dims.last_mut() {
                *last = n;
            }
            dims
        };
        match self.r.below(15) {
            0..=2 => {
                let units = 1 + self.r.below(5);
                let options = self
                    .r
                    .of(&["", "", "", ", bias = false", ", frozen = true", ", l2 = 0.0"]);
                let x = self.name(i);
                self.bind(&format!("{x}.dense({units}{options})"), with_width(units));
            }
            3..=5 => {
                let activation = self.r.of(&[
                    "relu()",
                    "leaky_relu(0.2)",
                    "elu(0.7)",
                    "selu()",
                    "gelu()",
                    "gelu(approximate = tanh)",
                    "silu()",
                    "sigmoid()",
                    "hard_sigmoid()",
                    "hard_swish()",
                    "tanh()",
                    "softplus(beta = 2.0)",
                    "softmax()",
                    "log_softmax()",
                    "prelu()",
                    "prelu(per_channel = true)",
                    "mish()",
                ]);
                let x = self.name(i);
                self.bind(&format!("{x}.{activation}"), dims);
            }
            6 | 7 => {
                let operator = self.r.of(&["+", "-", "*"]);
                let j = self.alike(i);
                let (a, b) = (self.name(i), self.name(j));
                self.bind(&format!("{a} {operator} {b}"), dims);
            }
            8 => {
                let axis = self.r.below(dims.len());
                let j = self.alike(i);
                let (a, b) = (self.name(i), self.name(j));
                let mut joined = dims;
                joined[axis] *= 2;
                self.bind(&format!("concat({a}, {b}, axis = {axis})"), joined);
            }
            9 if width.is_multiple_of(2) => {
                let x = self.name(i);
                let (a, b) = (self.values.len(), self.values.len() + 1);
                writeln!(self.body, "        let (v{a}, v{b}) = {x}.split(2);").expect("writing to a string");
                for v in [a, b] {
                    self.values.push(Value {
                        name: format!("v{v}"),
                        dims: with_width(width / 2),
                        used: false,
                    });
                }
            }
            10 => {
                let x = self.name(i);
                let sizes = vec![width, elems(&dims) / width];
                self.bind(&format!("{x}.reshape({})", dims_text(&sizes)), sizes);
            }
            11 => {
                let x = self.name(i);
                self.bind(&format!("{x}.dropout(0.25)"), dims);
            }
            12 => {
                let norm = match self.r.below(3) {
                    0 if width > 1 => "normed()",
                    1 => "rms_norm(eps = 0.01)",
                    _ => "batch_norm(eps = 0.01)",
                };
                let x = self.name(i);
                self.bind(&format!("{x}.{norm}"), dims);
            }
            13 => {
                let j = self.alike(i);
                let (a, b) = (self.name(i), self.name(j));
                self.bind(&format!("gate({a}, {b})"), dims);
            }
            _ => {
                let times = 1 + self.r.below(2);
                let x = self.name(i);
                self.bind(
                    &format!("0.5 * {x}.repeat({times}, residual({width})) + 0.1"),
                    dims,
                );
            }
        }
    }

    /// The last value, with every value that nothing used yet added to it.
    fn collect(&mut self) -> Value {
        let last = self.values.len() - 1;
        self.values[last].used = true;
        let result = self.values[last].clone();
        let (flat, n) = (format!("{}.flatten()", result.name), elems(&result.dims));
        let unused: Vec<String> = self
            .values
            .iter()
            .filter(|v| !v.used)
            .map(|v| v.name.clone())
            .collect();
        if unused.is_empty() {
            return result;
        }
        let sum = unused
            .iter()
            .fold(flat, |sum, v| format!("{sum} + {v}.flatten().dense({n})"));
        self.bind(&sum, vec![n]);
        self.values[self.values.len() - 1].clone()
    }

    /// A loss for outputs of that width, and what its targets are.
    fn loss(&mut self, width: usize) -> (&'static str, &'static str) {
        let narrow = [
            ("mean_squared_error(half = true)", "numbers"),
            ("binary_cross_entropy", "numbers"),
            ("huber(delta = 0.4)", "numbers"),
            ("log_cosh", "numbers"),
        ];
        let wide = [
            ("softmax_cross_entropy", "labels"),
            ("softmax_cross_entropy(label_smoothing = 0.1)", "labels"),
            ("softmax_cross_entropy(target = distribution)", "numbers"),
            ("kl_divergence(logits = true)", "numbers"),
            ("cosine", "numbers"),
        ];
        if width > 1 && self.r.below(3) > 0 {
            self.r.of(&wide)
        } else {
            self.r.of(&narrow)
        }
    }
}
