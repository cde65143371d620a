//! The arguments of layers, losses and initialisers: checked against what each takes, each at its own place.

use super::Shaper;
use super::value::{Scope, Value, shorten};
use crate::ast::{Arguments, Expr, ExprKind};
use crate::diagnostics::{Diagnosis, Extent, Reported};
use crate::layers::{self, Arg, ArgKind, ArgSpec};
use crate::suggest;

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
pub fn list<'s>(names: impl Iterator<Item = &'s str>) -> String {
    joined(names, "and")
}

/// `a`, `b` or `c`, in backticks.
pub fn either(names: &[&str]) -> String {
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
    pub fn fault(
        &self,
        at: impl Into<Extent>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Reported {
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
    pub fn wrong(&self, what: &str, expected: &str, found: &Value, expr: &Expr, help: &str) -> Reported {
        if found.is_poison() {
            return Reported;
        }
        self.fault(
            expr.extent,
            format!("{what} must be {expected}, found {}", found.describe()),
            help,
        )
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
