//! Arithmetic on what is known at compile time. Whole numbers are 64-bit and never wrap.

use super::value::Value;
use crate::ast::BinaryOp;

/// What is wrong with an operation, and the help.
pub type Fault = (String, String);

pub fn negate(a: &Value) -> Result<Value, Fault> {
    match a {
        Value::Int(n) => n.checked_neg().map(Value::Int).ok_or_else(overflow),
        Value::Float(x) => Ok(Value::Float(-x)),
        other => Err((
            format!("`-` of {}", other.describe()),
            "numbers and tensors have a sign".into(),
        )),
    }
}

pub fn not(a: &Value) -> Result<Value, Fault> {
    match a {
        Value::Bool(b) => Ok(Value::Bool(!b)),
        other => Err((
            format!("`!` of {}", other.describe()),
            "`!` turns a condition around: `!(stride == 1)`".into(),
        )),
    }
}

/// `a op b` of two constants.
pub fn binary(op: BinaryOp, a: &Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => integers(op, *a, *b),
        (Value::Bool(a), Value::Bool(b)) => booleans(op, *a, *b),
        (Value::Word(_) | Value::Text(_), Value::Word(_) | Value::Text(_)) => words(op, a, b),
        _ => match (a.number(), b.number()) {
            (Some(x), Some(y)) => reals(op, x, y),
            _ => Err(mismatch(op, a, b)),
        },
    }
}

fn integers(op: BinaryOp, a: i64, b: i64) -> Result<Value, Fault> {
    if b == 0 && matches!(op, BinaryOp::Div | BinaryOp::Rem) {
        return Err((
            format!("`{a} {} 0` divides by zero", op.symbol()),
            "a size must come out as a number".into(),
        ));
    }
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::Div => a.checked_div(b),
        BinaryOp::Rem => a.checked_rem(b),
        _ => return compare(op, a.cmp(&b)).ok_or_else(|| mismatch(op, &Value::Int(a), &Value::Int(b))),
    };
    result.map(Value::Int).ok_or_else(overflow)
}

fn reals(op: BinaryOp, a: f64, b: f64) -> Result<Value, Fault> {
    let result = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::Rem => a % b,
        _ => {
            return a
                .partial_cmp(&b)
                .and_then(|ordering| compare(op, ordering))
                .ok_or_else(|| mismatch(op, &Value::Float(a), &Value::Float(b)));
        }
    };
    if result.is_finite() {
        Ok(Value::Float(result))
    } else {
        Err((
            format!("`{a:?} {} {b:?}` is no finite number", op.symbol()),
            "numbers in a network are finite".into(),
        ))
    }
}

fn booleans(op: BinaryOp, a: bool, b: bool) -> Result<Value, Fault> {
    match op {
        BinaryOp::And => Ok(Value::Bool(a && b)),
        BinaryOp::Or => Ok(Value::Bool(a || b)),
        BinaryOp::Eq => Ok(Value::Bool(a == b)),
        BinaryOp::Ne => Ok(Value::Bool(a != b)),
        _ => Err(mismatch(op, &Value::Bool(a), &Value::Bool(b))),
    }
}

fn words(op: BinaryOp, a: &Value, b: &Value) -> Result<Value, Fault> {
    let text = |v: &Value| match v {
        Value::Word(w) => w.to_string(),
        Value::Text(t) => t.clone(),
        other => other.describe(),
    };
    match op {
        BinaryOp::Eq => Ok(Value::Bool(text(a) == text(b))),
        BinaryOp::Ne => Ok(Value::Bool(text(a) != text(b))),
        _ => Err(mismatch(op, a, b)),
    }
}

fn compare(op: BinaryOp, ordering: std::cmp::Ordering) -> Option<Value> {
    Some(Value::Bool(match op {
        BinaryOp::Eq => ordering.is_eq(),
        BinaryOp::Ne => ordering.is_ne(),
        BinaryOp::Lt => ordering.is_lt(),
        BinaryOp::Le => ordering.is_le(),
        BinaryOp::Gt => ordering.is_gt(),
        BinaryOp::Ge => ordering.is_ge(),
        _ => return None,
    }))
}

fn overflow() -> Fault {
    (
        "this number does not fit in 64 bits".into(),
        "sizes are far smaller; a real number is written with a point, `1.0e20`".into(),
    )
}

fn mismatch(op: BinaryOp, a: &Value, b: &Value) -> Fault {
    let takes = match op {
        BinaryOp::And | BinaryOp::Or => "conditions: `a == 1 && b == 2`",
        BinaryOp::Eq | BinaryOp::Ne => "two numbers, two conditions or two words",
        BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => "two numbers",
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => "two tensors, two numbers, or one of each",
        BinaryOp::Div => "two numbers, or a tensor and a number",
        BinaryOp::Rem => "two numbers",
    };
    (
        format!("`{}` between {} and {}", op.symbol(), a.describe(), b.describe()),
        format!("it takes {takes}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(op: BinaryOp, a: i64, b: i64) -> Result<i64, String> {
        match binary(op, &Value::Int(a), &Value::Int(b)) {
            Ok(Value::Int(n)) => Ok(n),
            Ok(other) => Err(other.describe()),
            Err((message, _)) => Err(message),
        }
    }

    #[test]
    fn whole_numbers_never_wrap() {
        assert_eq!(int(BinaryOp::Mul, 4, 128), Ok(512));
        assert_eq!(int(BinaryOp::Div, 7, 2), Ok(3));
        let wide = "this number does not fit in 64 bits";
        assert_eq!(int(BinaryOp::Mul, i64::MAX, 2).unwrap_err(), wide);
        assert_eq!(int(BinaryOp::Sub, i64::MIN, 1).unwrap_err(), wide);
        assert_eq!(int(BinaryOp::Div, i64::MIN, -1).unwrap_err(), wide);
        assert_eq!(int(BinaryOp::Rem, i64::MIN, -1).unwrap_err(), wide);
        assert_eq!(int(BinaryOp::Rem, 1, 0).unwrap_err(), "`1 % 0` divides by zero");
        assert_eq!(negate(&Value::Int(i64::MIN)).unwrap_err().0, wide);
    }

    #[test]
    fn comparisons_and_conditions() {
        let holds = |op, a: Value, b: Value| matches!(binary(op, &a, &b), Ok(Value::Bool(true)));
        assert!(holds(BinaryOp::Le, Value::Int(1), Value::Float(1.5)));
        assert!(holds(BinaryOp::Ne, Value::Int(1), Value::Int(2)));
        assert!(holds(BinaryOp::Or, Value::Bool(false), Value::Bool(true)));
        assert!(holds(
            BinaryOp::Eq,
            Value::Text("a".into()),
            Value::Text("a".into())
        ));
        assert!(binary(BinaryOp::And, &Value::Int(1), &Value::Bool(true)).is_err());
        assert!(binary(BinaryOp::Div, &Value::Float(1.0), &Value::Float(0.0)).is_err());
    }
}
