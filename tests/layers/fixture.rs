//! Reads the fixtures of layers and compares with them; `fixtures/layers.py` says what stands there.

use std::collections::HashMap;

use nn_runtime::{Network, ParameterInfo, ParameterKind, Scalar};

static TEXT: &str = concat!(
    include_str!("../fixtures/layers.txt"),
    include_str!("../fixtures/image_layers.txt")
);

/// One case: its tensors by name.
pub struct Case {
    name: String,
    tensors: HashMap<&'static str, Vec<f64>>,
}

impl Case {
    pub fn read(name: &str) -> Self {
        let mut lines = TEXT.lines().skip_while(|l| *l != format!("case {name}"));
        assert!(lines.next().is_some(), "no case `{name}` in the fixture");
        let tensors = lines
            .take_while(|l| !l.starts_with("case "))
            .map(|line| {
                let (name, numbers) = line.split_once(": ").expect("a name and numbers");
                let numbers = numbers.split(' ').map(|n| n.parse().expect("a number"));
                (name, numbers.collect())
            })
            .collect();
        Self {
            name: name.to_string(),
            tensors,
        }
    }

    pub fn tensor(&self, name: &str) -> &[f64] {
        let found = self.tensors.get(name);
        found.unwrap_or_else(|| panic!("no `{name}` in case `{}`", self.name))
    }

    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    pub fn numbers<T: Scalar>(&self, name: &str) -> Vec<T> {
        self.tensor(name).iter().map(|x| T::from_f64(*x)).collect()
    }

    /// Fills a network's parameters from PyTorch's.
    pub fn set_parameters<N: Network>(&self, net: &mut N) {
        let parameters = net.parameters_mut();
        for info in N::PARAMETERS {
            let file = self.tensor(self.file_name(info));
            assert_eq!(file.len(), info.len(), "`{}` of case `{}`", info.name, self.name);
            for (i, x) in file.iter().enumerate() {
                parameters[info.offset + place(info, i)] = N::Scalar::from_f64(*x);
            }
        }
    }

    /// Compares every parameter's gradient, and the running statistics, with PyTorch's.
    pub fn compare_parameters<N: Network>(&self, net: &N) {
        for info in N::PARAMETERS {
            let (name, numbers) = match info.kind {
                ParameterKind::State => (format!("after {}", self.file_name(info)), net.parameters()),
                // No gradient is computed of it.
                ParameterKind::Frozen => continue,
                ParameterKind::Trainable => (format!("d{}", self.file_name(info)), net.gradients()),
            };
            let numbers = &numbers[info.range()];
            let in_file_order: Vec<N::Scalar> = (0..info.len()).map(|i| numbers[place(info, i)]).collect();
            self.compare(&name, &in_file_order);
        }
    }

    /// What the case calls a parameter: its whole name, or of a single layer the last part alone.
    fn file_name(&self, info: &ParameterInfo) -> &'static str {
        if self.has(info.name) {
            info.name
        } else {
            suffix(info)
        }
    }

    /// Equal to 1e-5 in f32 and, as the fixture has ten digits, to 1e-9 in f64.
    pub fn compare<T: Scalar>(&self, name: &str, found: &[T]) {
        let expected = self.tensor(name);
        assert_eq!(found.len(), expected.len(), "`{name}` of case `{}`", self.name);
        let tolerance = if T::DTYPE == "F32" { 1e-5 } else { 1e-9 };
        for (i, (f, e)) in found.iter().zip(expected).enumerate() {
            let f = f.to_f64();
            assert!(
                (f - e).abs() <= tolerance * e.abs().max(1.0),
                "`{name}`[{i}] of case `{}`: {f}, PyTorch has {e}",
                self.name
            );
        }
    }
}

/// `weight` of `dense_1.weight`.
fn suffix(info: &ParameterInfo) -> &'static str {
    info.name.rsplit('.').next().unwrap_or(info.name)
}

/// Where element `i` of the file's layout lies in memory.
fn place(info: &ParameterInfo, mut i: usize) -> usize {
    let mut index = vec![0; info.shape.len()];
    for &axis in info.file_axes.iter().rev() {
        index[axis] = i % info.shape[axis];
        i /= info.shape[axis];
    }
    index
        .iter()
        .zip(info.shape)
        .fold(0, |at, (i, size)| at * size + i)
}
