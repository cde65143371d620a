//! The arguments of layers, losses and initialisers: checked against what each takes, each at its own place.

use super::Shaper;
use super::value::{Scope, Value, shorten};
use crate::ast::{Arguments, Call, Expr, ExprKind};
use crate::diagnostics::{Diagnosis, Extent, Reported};
use crate::ir::Init;
use crate::layers::{self, Arg, ArgKind, ArgSpec};
use crate::suggest;

/// The largest size or tensor: products of two of them still fit in 64 bits.
pub const MAX_SIZE: u64 = 1 << 31;

/// What takes arguments.
pub struct Callee<'c> {
    pub name: &'c str,
    pub specs: &'static [ArgSpec],
    /// Its name in the source.
    pub at: Extent,
    /// `x.dense`, `concat(a, b`: the start of an example in a help.
    pub example: String,
}

/// The arguments of one call, in order.
pub struct Checked {
    pub given: Vec<(&'static str, Arg, Extent)>,
    /// `name = "…"`
    pub name: Option<(String, Extent)>,
    /// As written, sizes worked out: `16, kernel = 5`.
    pub text: String,
}

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

/// Every word that some argument may be.
pub fn choices() -> impl Iterator<Item = &'static str> {
    layers::ALL
        .iter()
        .flat_map(|l| l.args)
        .filter_map(|a| match a.kind {
            ArgKind::Choice(words) | ArgKind::Extents { words, .. } => Some(words),
            _ => None,
        })
        .flatten()
        .copied()
}

/// `a`, `b` and `c`, in backticks.
fn list<'s>(names: impl Iterator<Item = &'s str>) -> String {
    joined(names, "and")
}

/// `a`, `b` or `c`, in backticks.
fn either(names: &[&str]) -> String {
    joined(names.iter().copied(), "or")
}

fn joined<'s>(names: impl Iterator<Item = &'s str>, word: &str) -> String {
    let names: Vec<String> = names.map(|n| format!("`{n}`")).collect();
    match names.split_last() {
        None => "none".into(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}

impl Shaper<'_> {
    fn fault(&self, at: impl Into<Extent>, message: impl Into<String>, help: impl Into<String>) -> Reported {
        self.diagnostics.report(Diagnosis::new(at, message).help(help))
    }

    /// Matches a call's arguments with what the callee takes. All faults are reported, not the first alone.
    pub fn check(
        &mut self,
        callee: &Callee<'_>,
        positional: &[Expr],
        arguments: &Arguments,
        scope: &Scope,
    ) -> Result<Checked, Reported> {
        let mut checked = Checked {
            given: Vec::new(),
            name: None,
            text: String::new(),
        };
        let mut fault = None;
        let mut texts = Vec::new();
        let mut at = 0;
        while at < positional.len() {
            let Some(spec) = callee.specs.iter().find(|s| s.position == Some(at)) else {
                fault = Some(self.too_many(callee, at, positional));
                break;
            };
            let taken = if spec.kind == ArgKind::Sizes {
                positional.len() - at
            } else {
                1
            };
            match self.argument(callee, spec, &positional[at..at + taken], scope) {
                Ok((arg, text)) => {
                    let extent = positional[at].extent.to(positional[at + taken - 1].extent);
                    checked.given.push((spec.name, arg, extent));
                    texts.push(text);
                }
                Err(reported) => {
                    fault = Some(reported);
                    checked
                        .given
                        .push((spec.name, Arg::Flag(false), positional[at].extent));
                }
            }
            at += taken;
        }
        for (name, expr) in &arguments.named {
            let Some(spec) = self.find_spec(callee, &name.to_string()) else {
                fault = Some(self.unknown_argument(callee, name));
                continue;
            };
            let twice = checked.given.iter().any(|(n, _, _)| *n == spec.name)
                || (spec.name == "name" && checked.name.is_some());
            if twice {
                fault = Some(self.fault(
                    name.span(),
                    format!("argument `{name}` of `{}` is given twice", callee.name),
                    "remove one of them",
                ));
                continue;
            }
            match self.argument(callee, spec, std::slice::from_ref(expr), scope) {
                Ok((Arg::Text(text), _)) if spec.name == "name" => checked.name = Some((text, expr.extent)),
                Ok((arg, text)) => {
                    texts.push(format!("{name} = {text}"));
                    checked.given.push((spec.name, arg, expr.extent));
                }
                Err(reported) => {
                    fault = Some(reported);
                    checked.given.push((spec.name, Arg::Flag(false), expr.extent));
                }
            }
        }
        // What is missing may be what stands there under another name.
        if fault.is_none() && !arguments.incomplete {
            for spec in callee.specs {
                if spec.default.is_none() && !checked.given.iter().any(|(n, _, _)| *n == spec.name) {
                    fault = Some(self.fault(
                        callee.at,
                        format!("`{}` needs `{}`, {}", callee.name, spec.name, spec.doc),
                        match spec.position {
                            Some(_) => format!("as in `{}({})`", callee.example, example(spec.kind)),
                            None => format!("write `{} = {}`", spec.name, example(spec.kind)),
                        },
                    ));
                }
            }
        }
        checked.text = texts.join(", ");
        match fault {
            None if !arguments.incomplete => Ok(checked),
            _ => Err(Reported),
        }
    }

    fn find_spec(&self, callee: &Callee<'_>, name: &str) -> Option<&'static ArgSpec> {
        let found = callee.specs.iter().find(|s| s.name == name);
        match found {
            // Every layer has a name, whether its list says so or not.
            None if name == "name" && layers::find(callee.name).is_some() => Some(&layers::NAME),
            _ => found,
        }
    }

    fn too_many(&self, callee: &Callee<'_>, taken: usize, given: &[Expr]) -> Reported {
        let extent = given[taken].extent.to(given[given.len() - 1].extent);
        let by_name: Vec<&str> = callee
            .specs
            .iter()
            .filter(|s| s.position.is_none() && s.name != "name")
            .map(|s| s.name)
            .collect();
        let found = given.len();
        let (takes, help) = match (taken, &by_name[..]) {
            (0, []) => ("no arguments".to_string(), "remove it".to_string()),
            (0, _) => (
                "no argument without a name".to_string(),
                format!("by name it takes {}", list(by_name.into_iter())),
            ),
            (1, _) => (
                "1 argument without a name".to_string(),
                match by_name[..] {
                    [first, ..]
                        if callee
                            .specs
                            .iter()
                            .any(|s| s.name == first && s.default.is_none()) =>
                    {
                        format!(
                            "the input's size is known from the layer before; the rest goes by name, as in `{first} = 3`"
                        )
                    }
                    [] => "the input's size is known from the layer before".to_string(),
                    _ => format!(
                        "the input's size is known from the layer before; by name it takes {}",
                        list(by_name.into_iter())
                    ),
                },
            ),
            (n, _) => (
                format!("{n} arguments without a name"),
                "remove the rest".to_string(),
            ),
        };
        self.fault(
            extent,
            format!("`{}` takes {takes}, found {found}", callee.name),
            help,
        )
    }

    fn unknown_argument(&self, callee: &Callee<'_>, name: &syn::Ident) -> Reported {
        let text = name.to_string();
        let known = callee.specs.iter().map(|s| s.name);
        let help = match (
            suggest::foreign_argument(&text),
            suggest::nearest(&text, known.clone()),
        ) {
            (Some(here), _) => here.to_string(),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) if callee.specs.is_empty() => "it takes none".to_string(),
            (None, None) => format!("it takes {}", list(known)),
        };
        self.fault(
            name.span(),
            format!("unknown argument `{text}` of `{}`", callee.name),
            help,
        )
    }

    /// One argument (several expressions for `Sizes`) and how it reads.
    fn argument(
        &mut self,
        callee: &Callee<'_>,
        spec: &ArgSpec,
        exprs: &[Expr],
        scope: &Scope,
    ) -> Result<(Arg, String), Reported> {
        let expr = &exprs[0];
        let what = format!("`{}` of `{}`", spec.name, callee.name);
        match spec.kind {
            ArgKind::Size => {
                let n = self.size(&what, expr, scope)?;
                Ok((Arg::Size(n), n.to_string()))
            }
            ArgKind::Sizes => {
                let exprs: Vec<Expr> = match (&expr.kind, exprs.len()) {
                    (ExprKind::List(items) | ExprKind::Tuple(items), 1) => items.clone(),
                    _ => exprs.to_vec(),
                };
                let sizes: Vec<Result<usize, Reported>> =
                    exprs.iter().map(|e| self.size(&what, e, scope)).collect();
                let sizes = sizes.into_iter().collect::<Result<Vec<usize>, Reported>>()?;
                let text: Vec<String> = sizes.iter().map(ToString::to_string).collect();
                Ok((Arg::Sizes(sizes), text.join(", ")))
            }
            ArgKind::Extents {
                least,
                lengths,
                words,
            } => self.extents(&what, (least, lengths, words), expr, scope),
            ArgKind::Integer => match self.value(expr, scope) {
                Value::Int(n) => Ok((Arg::Integer(n), n.to_string())),
                other => Err(self.wrong(&what, "a whole number", &other, expr, "as in `axis = -1`")),
            },
            ArgKind::Number => match self.value(expr, scope) {
                value if value.number().is_some() => {
                    let number = value.number().unwrap_or_default();
                    Ok((Arg::Number(number), value.describe()))
                }
                other => Err(self.wrong(&what, "a number", &other, expr, "as in `0.5`")),
            },
            ArgKind::Numbers => self.numbers(&what, expr, scope),
            ArgKind::Flag => match self.value(expr, scope) {
                Value::Bool(b) => Ok((Arg::Flag(b), b.to_string())),
                other => Err(self.wrong(
                    &what,
                    "`true` or `false`",
                    &other,
                    expr,
                    "write `true` or `false`",
                )),
            },
            ArgKind::Choice(words) => {
                let word = self.word(&what, words, expr, scope)?;
                Ok((Arg::Choice(word.clone()), word))
            }
            ArgKind::Init => {
                let init = self.init(&what, expr, scope)?;
                Ok((Arg::Init(init), shorten(&expr.to_string())))
            }
            ArgKind::Text if self.is_unbound(expr, scope) => {
                let text = expr.to_string();
                let help = format!("write it in double quotes: `{text:?}`");
                Err(self.fault(
                    expr.extent,
                    format!("{what} must be a text, found `{text}`"),
                    help,
                ))
            }
            ArgKind::Text => match self.value(expr, scope) {
                Value::Text(text) => Ok((Arg::Text(text.clone()), format!("{text:?}"))),
                other => Err(self.wrong(&what, "a text", &other, expr, "as in `\"stem\"`")),
            },
        }
    }

    /// Whether the expression is a name that nothing bears.
    fn is_unbound(&mut self, expr: &Expr, scope: &Scope) -> bool {
        match &expr.kind {
            ExprKind::Name(name) => {
                let name = name.to_string();
                scope.get(&name).is_none() && self.constant(&name).is_none()
            }
            _ => false,
        }
    }

    /// Reports a value of the wrong kind; silent where it is poison.
    fn wrong(&self, what: &str, expected: &str, found: &Value, expr: &Expr, help: &str) -> Reported {
        if found.is_poison() {
            return Reported;
        }
        self.fault(
            expr.extent,
            format!("{what} must be {expected}, found {}", found.describe()),
            help,
        )
    }

    /// A whole number above zero.
    pub fn size(&mut self, what: &str, expr: &Expr, scope: &Scope) -> Result<usize, Reported> {
        let expected = "a whole number above 0";
        match self.value(expr, scope) {
            Value::Int(n) if n >= 1 && n as u64 <= MAX_SIZE => Ok(n as usize),
            Value::Int(n) if n >= 1 => Err(self.fault(
                expr.extent,
                format!("{what} is too large: {n}"),
                "sizes end at 2147483648",
            )),
            Value::Int(n) => {
                let help = match n {
                    -1 => "every size is written out, and the batch is left out",
                    _ => "the smallest size is 1",
                };
                Err(self.fault(expr.extent, format!("{what} must be {expected}, found {n}"), help))
            }
            Value::Float(x) if x.fract() == 0.0 && x.abs() < 1e15 => Err(self.fault(
                expr.extent,
                format!("{what} must be {expected}, found {x:?}"),
                format!("write it without a point: `{x:.0}`"),
            )),
            other => Err(self.wrong(
                what,
                expected,
                &other,
                expr,
                "a size is a number or a `const` of the block",
            )),
        }
    }

    /// A number, a list of numbers of some lengths, or a word.
    fn extents(
        &mut self,
        what: &str,
        (least, lengths, words): (usize, &'static [usize], &'static [&'static str]),
        expr: &Expr,
        scope: &Scope,
    ) -> Result<(Arg, String), Reported> {
        let is_word = match &expr.kind {
            ExprKind::Name(name) => {
                let name = name.to_string();
                let bound = scope.get(&name);
                !words.is_empty()
                    && matches!(bound, None | Some(Value::Word(_)))
                    && self.constant(&name).is_none()
            }
            ExprKind::Text(text) => words.contains(&text.as_str()),
            _ => false,
        };
        if is_word {
            let word = self.word(what, words, expr, scope)?;
            return Ok((Arg::Choice(word.clone()), word));
        }
        let lists: Vec<String> = lengths
            .iter()
            .filter(|n| **n > 1)
            .map(ToString::to_string)
            .collect();
        let mut expected = format!("a whole number of at least {least}");
        if !lists.is_empty() {
            expected = format!("{expected}, or a list of {}", lists.join(" or "));
        }
        if !words.is_empty() {
            expected = format!("{expected}, or {}", either(words));
        }
        let help = match lengths.iter().max() {
            Some(2) => "as in `3`, or `[3, 5]` for height and width",
            Some(4) => "as in `1`, or `[1, 1]`, or `[1, 1, 0, 0]` for each side",
            _ => "as in `3`",
        };
        let value = self.value(expr, scope);
        let items = match &value {
            Value::Int(_) => vec![value.clone()],
            Value::List(items) | Value::Tuple(items) if lengths.contains(&items.len()) => items.clone(),
            Value::List(items) if items.iter().any(Value::is_poison) => return Err(Reported),
            _ => return Err(self.wrong(what, &expected, &value, expr, help)),
        };
        let mut sizes = Vec::new();
        for item in &items {
            match item {
                Value::Int(n) if *n >= least as i64 && *n as u64 <= MAX_SIZE => sizes.push(*n as usize),
                other => return Err(self.wrong(what, &expected, other, expr, help)),
            }
        }
        let text: Vec<String> = sizes.iter().map(ToString::to_string).collect();
        let text = match &text[..] {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        Ok((Arg::Sizes(sizes), text))
    }

    fn numbers(&mut self, what: &str, expr: &Expr, scope: &Scope) -> Result<(Arg, String), Reported> {
        let expected = "a list of numbers";
        match self.value(expr, scope) {
            Value::List(items) if items.iter().all(|v| v.number().is_some()) => {
                let numbers: Vec<f64> = items.iter().filter_map(Value::number).collect();
                Ok((Arg::Numbers(numbers), shorten(&expr.to_string())))
            }
            Value::List(items) if items.iter().any(Value::is_poison) => Err(Reported),
            other => Err(self.wrong(what, expected, &other, expr, "as in `[1.0, 0.5]`")),
        }
    }

    /// A word, or a block's parameter that stands for one.
    fn word(
        &mut self,
        what: &str,
        words: &'static [&'static str],
        expr: &Expr,
        scope: &Scope,
    ) -> Result<String, Reported> {
        let expected = either(words);
        let bound = match &expr.kind {
            ExprKind::Name(name) => scope.get(&name.to_string()),
            _ => None,
        };
        let word = match (bound, &expr.kind) {
            (Some(Value::Word(word)), _) => word.to_string(),
            (None, ExprKind::Name(name)) => name.to_string(),
            (_, ExprKind::Text(text)) if words.contains(&text.as_str()) => {
                return Err(self.fault(
                    expr.extent,
                    format!("{what} must be {expected}, found the text {text:?}"),
                    format!("write it without quotes: `{text}`"),
                ));
            }
            _ => {
                let found = self.value(expr, scope);
                return Err(self.wrong(what, &expected, &found, expr, &format!("as in `{}`", words[0])));
            }
        };
        if words.contains(&word.as_str()) {
            return Ok(word);
        }
        let help = match suggest::nearest(&word, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("as in `{}`", words[0]),
        };
        Err(self.fault(
            expr.extent,
            format!("{what} must be {expected}, found `{word}`"),
            help,
        ))
    }

    /// `he_normal`, `uniform(-0.1, 0.1)`, or a block's parameter that stands for one.
    fn init(&mut self, what: &str, expr: &Expr, scope: &Scope) -> Result<Init, Reported> {
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

/// What an argument of this kind looks like.
fn example(kind: ArgKind) -> &'static str {
    match kind {
        ArgKind::Size => "16",
        ArgKind::Extents { .. } => "3",
        ArgKind::Sizes => "4, 4",
        ArgKind::Integer => "-1",
        ArgKind::Number => "0.5",
        ArgKind::Numbers => "[1.0, 0.5]",
        ArgKind::Flag => "true",
        ArgKind::Choice(words) => words[0],
        ArgKind::Init => "he_normal",
        ArgKind::Text => "\"stem\"",
    }
}
