//! The tree as its author wrote it, up to spacing: for messages and for tests.

use std::fmt::{Display, Formatter, Result};

use super::{Arguments, BinaryOp, Body, Call, Expr, ExprKind};

impl BinaryOp {
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Rem => "%",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::And => "&&",
            BinaryOp::Or => "||",
        }
    }

    /// How tightly it binds; larger is tighter.
    pub fn binding(self) -> u8 {
        match self {
            BinaryOp::Or => 1,
            BinaryOp::And => 2,
            BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => 3,
            BinaryOp::Add | BinaryOp::Sub => 4,
            BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => 5,
        }
    }
}

const SIGN: u8 = 6;
const ATOM: u8 = 7;

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write(self, 0, f)
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}({})", self.name, self.arguments)
    }
}

impl Display for Arguments {
    /// Without the parentheses.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut first = true;
        let mut comma = |f: &mut Formatter<'_>| {
            if std::mem::take(&mut first) {
                Ok(())
            } else {
                f.write_str(", ")
            }
        };
        for value in &self.positional {
            comma(f)?;
            write!(f, "{value}")?;
        }
        for (name, value) in &self.named {
            comma(f)?;
            write!(f, "{name} = {value}")?;
        }
        Ok(())
    }
}

impl Display for Body {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for binding in &self.lets {
            let names: Vec<String> = binding.names.iter().map(ToString::to_string).collect();
            let names = names.join(", ");
            if binding.tuple {
                write!(f, "let ({names}) = {}; ", binding.value)?;
            } else {
                write!(f, "let {names} = {}; ", binding.value)?;
            }
        }
        write!(f, "{}", self.result)
    }
}

fn write(expr: &Expr, outer: u8, f: &mut Formatter<'_>) -> Result {
    let binding = match &expr.kind {
        ExprKind::Binary { op, .. } => op.binding(),
        ExprKind::Neg(_) | ExprKind::Not(_) => SIGN,
        ExprKind::If { .. } => 0,
        _ => ATOM,
    };
    if binding < outer {
        return write!(f, "({expr})");
    }
    match &expr.kind {
        ExprKind::Name(name) => write!(f, "{name}"),
        ExprKind::Path(path) => write!(f, "{}", path.to_string().replace(' ', "")),
        ExprKind::Int(value) => write!(f, "{value}"),
        ExprKind::Float(value) => write!(f, "{value:?}"),
        ExprKind::Bool(value) => write!(f, "{value}"),
        ExprKind::Text(value) => write!(f, "{value:?}"),
        ExprKind::Call(call) => write!(f, "{call}"),
        ExprKind::Chain { head, calls } => {
            write(head, ATOM, f)?;
            calls.iter().try_for_each(|call| write!(f, ".{call}"))
        }
        ExprKind::Binary { left, op, right, .. } => {
            // All but comparisons associate to the left.
            write(left, binding + u8::from(binding == BinaryOp::Eq.binding()), f)?;
            write!(f, " {} ", op.symbol())?;
            write(right, binding + 1, f)
        }
        ExprKind::Neg(a) => {
            f.write_str("-")?;
            write(a, SIGN, f)
        }
        ExprKind::Not(a) => {
            f.write_str("!")?;
            write(a, SIGN, f)
        }
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => write!(f, "if {condition} {{ {then} }} else {{ {otherwise} }}"),
        ExprKind::Tuple(items) => list("(", items, ")", f),
        ExprKind::List(items) => list("[", items, "]", f),
        ExprKind::Error => f.write_str("…"),
    }
}

fn list(open: &str, items: &[Expr], close: &str, f: &mut Formatter<'_>) -> Result {
    f.write_str(open)?;
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    f.write_str(close)
}
