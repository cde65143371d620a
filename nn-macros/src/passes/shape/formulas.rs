//! `fn f(x) = …`: from the surface tree to `formula::Formula`.

use super::value::{Scope, Value};
use super::{Pending, Shaper};
use crate::ast::{Arguments, BinaryOp, Body, Call, Expr, ExprKind};
use crate::formula::{Compare, FUNCTIONS, Formula, Function, c, x};
use crate::suggest;

/// Nodes of one formula: far beyond any activation, and small enough to be derived and compiled.
const MAX_NODES: usize = 2000;

/// The largest exponent of `pow`.
const MAX_POWER: i64 = 64;

/// The names that a formula sees: its parameters and its `let`s.
type Names = Vec<(String, Formula)>;

impl<'a> Shaper<'a> {
    /// The formula of that name; `None` where it is faulty (reported once).
    pub fn formula(&mut self, name: &str) -> Option<Formula> {
        match self.formulas.get(name) {
            Some(Pending::Done(formula)) => return formula.clone(),
            Some(Pending::Busy) => {
                // Reported where the round is closed; see `call_in_formula`.
                return None;
            }
            None => {}
        }
        let def = self.formula_def(name)?;
        self.formulas.insert(name.to_string(), Pending::Busy);
        let names: Names = def
            .parameters
            .iter()
            .enumerate()
            .map(|(i, p)| (p.to_string(), x(i)))
            .collect();
        let formula = if def.incomplete {
            None
        } else {
            self.term(&def.body, &names)
        };
        self.formulas
            .insert(name.to_string(), Pending::Done(formula.clone()));
        formula
    }

    /// A number-valued expression of a formula.
    fn term(&mut self, expr: &Expr, names: &Names) -> Option<Formula> {
        let formula = self.unbounded_term(expr, names)?;
        if formula.size() > MAX_NODES {
            self.too_large_a_formula(expr);
            return None;
        }
        Some(formula)
    }

    fn too_large_a_formula(&self, expr: &Expr) {
        self.report(
            expr.extent,
            format!("a formula of more than {MAX_NODES} operations"),
            "formulas called by formulas are written out in full; apply one after the other as layers instead",
        );
    }

    fn unbounded_term(&mut self, expr: &Expr, names: &Names) -> Option<Formula> {
        let at = expr.extent;
        match &expr.kind {
            ExprKind::Name(name) => {
                let text = name.to_string();
                if let Some((_, formula)) = names.iter().rev().find(|(n, _)| *n == text) {
                    return Some(formula.clone());
                }
                match self.constant(&text) {
                    Some(Value::Poison) => None,
                    Some(value) => match value.number() {
                        Some(n) => Some(c(n)),
                        None => {
                            self.report(
                                at,
                                format!("expected a number, found {}", value.describe()),
                                "formulas work on numbers",
                            );
                            None
                        }
                    },
                    None => self.unknown_in_formula(name, names),
                }
            }
            ExprKind::Int(n) => Some(c(*n as f64)),
            ExprKind::Float(v) => Some(c(*v)),
            ExprKind::Neg(a) => Some(-self.term(a, names)?),
            ExprKind::Binary {
                left,
                op,
                op_extent,
                right,
            } => {
                let (a, b) = (self.term(left, names), self.term(right, names));
                let message = match op {
                    BinaryOp::Add => return Some(a? + b?),
                    BinaryOp::Sub => return Some(a? - b?),
                    BinaryOp::Mul => return Some(a? * b?),
                    BinaryOp::Div => return Some(a? / b?),
                    BinaryOp::Rem => "`%` in a formula",
                    _ => "a comparison is no number",
                };
                let help = match op {
                    BinaryOp::Rem => "formulas have `+`, `-`, `*` and `/`",
                    _ => "use it as a condition: `if x > 0.0 { x } else { 0.0 }`",
                };
                self.report(*op_extent, message, help);
                None
            }
            ExprKind::Call(call) => self.call_in_formula(call, Vec::new(), names),
            ExprKind::Chain { head, calls } => {
                // `x.max(0.0)` is `max(x, 0.0)`.
                let mut value = self.term(head, names);
                for call in calls {
                    value = match value {
                        Some(first) => self.call_in_formula(call, vec![first], names),
                        None => None,
                    };
                }
                value
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                let then = self.formula_body(then, names);
                let otherwise = self.formula_body(otherwise, names);
                match (then, otherwise) {
                    (Some(then), Some(otherwise)) => self.condition(condition, then, otherwise, names),
                    // The condition's own faults come with those of the branches.
                    _ => {
                        self.condition(condition, c(0.0), c(0.0), names);
                        None
                    }
                }
            }
            ExprKind::Error => None,
            ExprKind::Path(_) => {
                self.value(expr, &Scope::default());
                None
            }
            ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::Not(_)
            | ExprKind::Tuple(_)
            | ExprKind::List(_) => {
                self.report(
                    at,
                    format!("expected a number, found `{}`", super::value::written(expr)),
                    "formulas work on single numbers: `x * tanh(ln(1.0 + exp(x)))`",
                );
                None
            }
        }
    }

    fn formula_body(&mut self, body: &Body, names: &Names) -> Option<Formula> {
        let mut names = names.clone();
        let mut fault = body.incomplete;
        for binding in &body.lets {
            match (self.term(&binding.value, &names), &binding.names[..]) {
                (Some(value), [name]) => names.push((name.to_string(), value)),
                (Some(_), _) => {
                    self.report(
                        binding.value.extent,
                        "a tuple in a formula",
                        "formulas work on single numbers",
                    );
                    return None;
                }
                (None, _) => fault = true,
            }
        }
        // Names bound to faulty values would be unknown in the result.
        if fault {
            None
        } else {
            self.term(&body.result, &names)
        }
    }

    /// `if condition { then } else { otherwise }` as selections.
    fn condition(
        &mut self,
        condition: &Expr,
        then: Formula,
        otherwise: Formula,
        names: &Names,
    ) -> Option<Formula> {
        if then.size() + otherwise.size() > MAX_NODES {
            self.too_large_a_formula(condition);
            return None;
        }
        match &condition.kind {
            ExprKind::Bool(b) => Some(if *b { then } else { otherwise }),
            ExprKind::Not(a) => self.condition(a, otherwise, then, names),
            ExprKind::Binary {
                left,
                op: BinaryOp::And,
                right,
                ..
            } => {
                let inner = self.condition(right, then, otherwise.clone(), names)?;
                self.condition(left, inner, otherwise, names)
            }
            ExprKind::Binary {
                left,
                op: BinaryOp::Or,
                right,
                ..
            } => {
                let inner = self.condition(right, then.clone(), otherwise, names)?;
                self.condition(left, then, inner, names)
            }
            ExprKind::Binary { left, op, right, .. } if op.binding() == BinaryOp::Eq.binding() => {
                let (a, b) = (self.term(left, names), self.term(right, names));
                let (a, b) = (a?, b?);
                Some(match op {
                    BinaryOp::Gt => Formula::select(Compare::Gt, a, b, then, otherwise),
                    BinaryOp::Ge => Formula::select(Compare::Ge, a, b, then, otherwise),
                    BinaryOp::Lt => Formula::select(Compare::Gt, b, a, then, otherwise),
                    BinaryOp::Le => Formula::select(Compare::Ge, b, a, then, otherwise),
                    BinaryOp::Ne => Formula::select(Compare::Eq, a, b, otherwise, then),
                    _ => Formula::select(Compare::Eq, a, b, then, otherwise),
                })
            }
            ExprKind::Error => None,
            _ => {
                self.report(
                    condition.extent,
                    format!(
                        "expected a condition, found `{}`",
                        super::value::written(condition)
                    ),
                    "compare two numbers: `if x > 0.0 { x } else { 0.0 }`",
                );
                None
            }
        }
    }

    fn call_in_formula(&mut self, call: &Call, mut given: Vec<Formula>, names: &Names) -> Option<Formula> {
        let name = call.name.to_string();
        let at = call.name.span();
        if let Some((key, _)) = call.arguments.named.first() {
            self.report(
                key.span(),
                "an argument with a name in a formula",
                "functions take their numbers by position",
            );
            return None;
        }
        if name == "pow" || name == "powi" {
            return self.power(call, given, names);
        }
        let arguments: Vec<Option<Formula>> = call
            .arguments
            .positional
            .iter()
            .map(|e| self.term(e, names))
            .collect();
        let complete = !call.arguments.incomplete && arguments.iter().all(Option::is_some);
        given.extend(arguments.into_iter().flatten());
        let arity = |shaper: &Self, expected: usize, found: usize| {
            let numbers = if expected == 1 {
                "1 number".into()
            } else {
                format!("{expected} numbers")
            };
            shaper.report(
                at,
                format!("`{name}` takes {numbers}, found {found}"),
                "formulas are called with plain numbers: `max(x, 0.0)`",
            );
        };
        if let Some(def) = self.formula_def(&name) {
            if matches!(self.formulas.get(&name), Some(Pending::Busy)) {
                self.report(
                    at,
                    format!("formula `{name}` calls itself"),
                    "a formula is one expression; it cannot repeat",
                );
                return None;
            }
            let formula = self.formula(&name)?;
            if !complete {
                return None;
            }
            if given.len() != def.parameters.len() {
                arity(self, def.parameters.len(), given.len());
                return None;
            }
            let largest = given.iter().map(Formula::size).max().unwrap_or(1);
            if formula.size().saturating_mul(largest) > 100 * MAX_NODES {
                self.too_large_a_formula(&Expr::new(ExprKind::Call(call.clone()), call.extent()));
                return None;
            }
            return Some(formula.substitute(&given));
        }
        let Some(function) = Function::find(&name) else {
            return self.unknown_function_in_formula(call);
        };
        if !complete {
            return None;
        }
        if given.len() != function.arity {
            arity(self, function.arity, given.len());
            return None;
        }
        Some(function.call(given))
    }

    /// `pow(x, 3)`: a whole power.
    fn power(&mut self, call: &Call, given: Vec<Formula>, names: &Names) -> Option<Formula> {
        let help = "as in `pow(x, 3)`; for another power write `exp(p * ln(x))`";
        let Arguments { positional, .. } = &call.arguments;
        let (base, exponent) = match (given.into_iter().next(), &positional[..]) {
            (Some(base), [exponent]) => (Some(base), exponent),
            (None, [base, exponent]) => (self.term(base, names), exponent),
            _ if call.arguments.incomplete => return None,
            _ => {
                self.report(
                    call.extent(),
                    format!("`{}` takes a number and a power", call.name),
                    help,
                );
                return None;
            }
        };
        // The exponent is a constant: a formula's own parameters are none.
        let scope = Scope::default();
        let is_parameter = matches!(&exponent.kind, ExprKind::Name(n) if names.iter().any(|(p, _)| n == p));
        let power = if is_parameter {
            Value::Bool(false)
        } else {
            self.value(exponent, &scope)
        };
        match power {
            Value::Int(n) if (-MAX_POWER..=MAX_POWER).contains(&n) => {
                let power = base?.powi(n.unsigned_abs() as u32);
                Some(if n < 0 { 1.0 / power } else { power })
            }
            Value::Poison => None,
            _ => {
                self.report(
                    exponent.extent,
                    format!("the power must be a whole number from -{MAX_POWER} to {MAX_POWER}, known at compile time"),
                    help,
                );
                None
            }
        }
    }

    fn unknown_in_formula(&self, name: &syn::Ident, names: &Names) -> Option<Formula> {
        let text = name.to_string();
        let consts: Vec<String> = self.source.consts.iter().map(|c| c.name.to_string()).collect();
        let known = names
            .iter()
            .map(|(n, _)| n.as_str())
            .chain(consts.iter().map(String::as_str));
        let help = match (suggest::nearest(&text, known.clone()), Function::find(&text)) {
            (_, Some(_)) => format!("call it: `{text}(x)`"),
            (Some(near), _) => format!("did you mean `{near}`?"),
            _ if self.source.incomplete => return None,
            _ => {
                let known: Vec<String> = known.map(|n| format!("`{n}`")).collect();
                format!("known here: {}", known.join(", "))
            }
        };
        self.report(name.span(), format!("unknown name `{text}` in a formula"), help);
        None
    }

    fn unknown_function_in_formula(&self, call: &Call) -> Option<Formula> {
        let name = call.name.to_string();
        let mine: Vec<String> = self.source.formulas.iter().map(|f| f.name.to_string()).collect();
        let known = FUNCTIONS
            .iter()
            .map(|f| f.name)
            .chain(["pow"])
            .chain(mine.iter().map(String::as_str));
        let foreign = match name.as_str() {
            "log" | "log2" | "log10" => Some("ln"),
            "log1p" => Some("ln_1p"),
            "expm1" => Some("exp_m1"),
            "fabs" => Some("abs"),
            "maximum" => Some("max"),
            "minimum" => Some("min"),
            _ => None,
        };
        let help = match (foreign, suggest::nearest(&name, known.clone())) {
            (Some(near), _) | (None, Some(near)) => format!("did you mean `{near}`?"),
            _ if self.source.incomplete => return None,
            _ => {
                let known: Vec<String> = known.map(|n| format!("`{n}`")).collect();
                format!("functions are {}", known.join(", "))
            }
        };
        self.report(
            call.name.span(),
            format!("unknown function `{name}` in a formula"),
            help,
        );
        None
    }
}
