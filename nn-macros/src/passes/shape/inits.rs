//! Initialisers: what the language has, and how a call of one is read.

use super::Shaper;
use super::arguments::list;
use super::value::{Scope, Value};
use crate::ast::{Arguments, Call, Expr, ExprKind};
use crate::diagnostics::Reported;
use crate::ir::Init;
use crate::suggest;

/// An initialiser and its numbers, in order, with their defaults.
pub struct InitSpec {
    pub name: &'static str,
    pub numbers: &'static [(&'static str, Option<f64>)],
    #[cfg_attr(not(test), expect(dead_code, reason = "the reference is generated from it"))]
    pub doc: &'static str,
    build: fn(&[f64]) -> Init,
}

/// Every initialiser of the language.
pub static INITS: &[InitSpec] = &[
    InitSpec {
        name: "zeros",
        numbers: &[],
        doc: "all 0",
        build: |_| Init::Zeros,
    },
    InitSpec {
        name: "ones",
        numbers: &[],
        doc: "all 1",
        build: |_| Init::Ones,
    },
    InitSpec {
        name: "constant",
        numbers: &[("value", None)],
        doc: "all one number",
        build: |n| Init::Constant(n[0]),
    },
    InitSpec {
        name: "uniform",
        numbers: &[("low", None), ("high", None)],
        doc: "uniform from `low` to below `high`",
        build: |n| Init::Uniform {
            low: n[0],
            high: n[1],
        },
    },
    InitSpec {
        name: "normal",
        numbers: &[("mean", Some(0.0)), ("std", None)],
        doc: "Gaussian",
        build: |n| Init::Normal {
            mean: n[0],
            std: n[1],
        },
    },
    InitSpec {
        name: "truncated_normal",
        numbers: &[("mean", Some(0.0)), ("std", None)],
        doc: "Gaussian, redrawn outside two standard deviations",
        build: |n| Init::TruncatedNormal {
            mean: n[0],
            std: n[1],
        },
    },
    InitSpec {
        name: "glorot_uniform",
        numbers: &[],
        doc: "uniform, up to `sqrt(6 / (fan_in + fan_out))`",
        build: |_| Init::GlorotUniform,
    },
    InitSpec {
        name: "glorot_normal",
        numbers: &[],
        doc: "Gaussian, `sqrt(2 / (fan_in + fan_out))`",
        build: |_| Init::GlorotNormal,
    },
    InitSpec {
        name: "he_uniform",
        numbers: &[],
        doc: "uniform, up to `sqrt(6 / fan_in)`",
        build: |_| Init::HeUniform,
    },
    InitSpec {
        name: "he_normal",
        numbers: &[],
        doc: "Gaussian, `sqrt(2 / fan_in)`",
        build: |_| Init::HeNormal,
    },
    InitSpec {
        name: "lecun_uniform",
        numbers: &[],
        doc: "uniform, up to `sqrt(3 / fan_in)`",
        build: |_| Init::LecunUniform,
    },
    InitSpec {
        name: "lecun_normal",
        numbers: &[],
        doc: "Gaussian, `sqrt(1 / fan_in)`",
        build: |_| Init::LecunNormal,
    },
    InitSpec {
        name: "orthogonal",
        numbers: &[("gain", Some(1.0))],
        doc: "a random orthogonal matrix times `gain`",
        build: |n| Init::Orthogonal { gain: n[0] },
    },
];

impl Shaper<'_> {
    /// `he_normal`, `uniform(-0.1, 0.1)`, or a block's parameter that stands for one.
    pub fn init(&mut self, what: &str, expr: &Expr, scope: &Scope) -> Result<Init, Reported> {
        let bound = match &expr.kind {
            ExprKind::Name(name) => scope.get(&name.to_string()).cloned(),
            _ => None,
        };
        match (bound, &expr.kind) {
            (Some(Value::Word(word)), _) => self.build_init(what, &word, None, expr, scope),
            (Some(Value::Quoted(quoted)), _) => self.init(what, &quoted.0, &quoted.1),
            (None, ExprKind::Name(name)) => self.build_init(what, name, None, expr, scope),
            (None, ExprKind::Call(call)) => self.build_init(what, &call.name, Some(call), expr, scope),
            _ => {
                let found = self.value(expr, scope);
                let help = match &found {
                    Value::Int(_) | Value::Float(_) => "one number everywhere is `constant(0.5)`".to_string(),
                    _ => format!("there are {}", list(INITS.iter().map(|i| i.name))),
                };
                Err(self.wrong(what, "an initialiser", &found, expr, &help))
            }
        }
    }

    fn build_init(
        &mut self,
        what: &str,
        name: &syn::Ident,
        call: Option<&Call>,
        expr: &Expr,
        scope: &Scope,
    ) -> Result<Init, Reported> {
        let text = name.to_string();
        let Some(spec) = INITS.iter().find(|i| i.name == text) else {
            let known = text
                .replace("xavier", "glorot")
                .replace("kaiming", "he")
                .replace("random_", "");
            let help = match suggest::nearest(&known, INITS.iter().map(|i| i.name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", list(INITS.iter().map(|i| i.name))),
            };
            return Err(self.fault(name.span(), format!("unknown initialiser `{text}`"), help));
        };
        let names: Vec<&str> = spec.numbers.iter().map(|(n, _)| *n).collect();
        let form = match names[..] {
            [] => format!("it takes no numbers: `{text}`"),
            _ => format!("it is written `{text}({})`", names.join(", ")),
        };
        let mut numbers: Vec<Option<f64>> = spec.numbers.iter().map(|_| None).collect();
        let empty = Arguments::none(name.span());
        let arguments = call.map_or(&empty, |c| &c.arguments);
        let mut given: Vec<(usize, &Expr)> = arguments.positional.iter().enumerate().collect();
        for (key, value) in &arguments.named {
            match names.iter().position(|n| key == n) {
                Some(i) => given.push((i, value)),
                None => {
                    return Err(self.fault(
                        key.span(),
                        format!("unknown argument `{key}` of `{text}`"),
                        form,
                    ));
                }
            }
        }
        for (i, value) in given {
            if i >= numbers.len() || numbers[i].is_some() {
                return Err(self.fault(value.extent, format!("one number too many for `{text}`"), form));
            }
            match self.value(value, scope) {
                v if v.number().is_some() => numbers[i] = v.number(),
                other => {
                    return Err(self.wrong(
                        &format!("`{}` of `{text}`", names[i]),
                        "a number",
                        &other,
                        value,
                        &form,
                    ));
                }
            }
        }
        if arguments.incomplete {
            return Err(Reported);
        }
        let mut filled = Vec::new();
        for (number, (name, default)) in numbers.iter().zip(spec.numbers) {
            match number.or(*default) {
                Some(n) => filled.push(n),
                None => return Err(self.fault(expr.extent, format!("`{text}` needs `{name}`"), form)),
            }
        }
        let init = (spec.build)(&filled);
        match init {
            Init::Uniform { low, high } if low >= high => Err(self.fault(
                expr.extent,
                format!("{what} has an empty range: {low} to {high}"),
                "as in `uniform(-0.1, 0.1)`",
            )),
            Init::Normal { std, .. } | Init::TruncatedNormal { std, .. } if std <= 0.0 => Err(self.fault(
                expr.extent,
                format!("{what} has a standard deviation of {std}"),
                "it must be above 0, as in `normal(0.0, 0.02)`",
            )),
            _ => Ok(init),
        }
    }
}
