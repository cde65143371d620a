//! Reference functions in double-double arithmetic: some 100 digits of two, from series alone.

/// `high + low`, `|low|` at most half an ulp of `high`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dd(pub f64, pub f64);

const LN_2: [f64; 2] = [std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17];
const TWO_OVER_ROOT_PI: Dd = Dd(std::f64::consts::FRAC_2_SQRT_PI, 1.533_545_961_316_588e-17);

fn two_sum(a: f64, b: f64) -> Dd {
    let sum = a + b;
    let part = sum - a;
    Dd(sum, (a - (sum - part)) + (b - part))
}

fn two_product(a: f64, b: f64) -> Dd {
    let product = a * b;
    Dd(product, a.mul_add(b, -product))
}

impl From<f64> for Dd {
    fn from(x: f64) -> Self {
        Self(x, 0.0)
    }
}

impl std::ops::Add for Dd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let high = two_sum(self.0, other.0);
        let low = two_sum(self.1, other.1);
        let high = two_sum(high.0, high.1 + low.0);
        two_sum(high.0, high.1 + low.1)
    }
}

impl std::ops::Neg for Dd {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }
}

impl std::ops::Sub for Dd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl std::ops::Mul for Dd {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = two_product(self.0, other.0);
        two_sum(product.0, product.1 + (self.0 * other.1 + self.1 * other.0))
    }
}

impl std::ops::Div for Dd {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.0 / other.0;
        let rest = self - other * first.into();
        let second = rest.0 / other.0;
        let rest = rest - other * second.into();
        two_sum(first, second) + (rest.0 / other.0).into()
    }
}

impl Dd {
    fn times_power_of_two(self, n: i32) -> Self {
        let half = 2f64.powi(n / 2);
        let rest = 2f64.powi(n - n / 2);
        Self(self.0 * half * rest, self.1 * half * rest)
    }
}

/// `e^x - 1` by its series, x halved and the result squared up again.
pub(super) fn exp_m1(x: Dd) -> Dd {
    if x.0 > 0.4 {
        return exp(x) - 1.0.into();
    }
    if x.0 < -0.4 {
        return exp(x) - 1.0.into();
    }
    let mut term = x;
    let mut sum = x;
    for i in 2..40 {
        term = term * x / f64::from(i).into();
        sum = sum + term;
    }
    sum
}

/// `e^x`
pub(super) fn exp(x: Dd) -> Dd {
    let n = (x.0 / LN_2[0]).round();
    let r = x - two_product(n, LN_2[0]) - two_product(n, LN_2[1]);
    (exp_m1(r) + 1.0.into()).times_power_of_two(n as i32)
}

/// `ln(1 + x)`: one Newton step from a double.
pub(super) fn ln_1p(x: f64) -> Dd {
    let y = x.ln_1p();
    let e = exp_m1(y.into());
    Dd::from(y) + (Dd::from(x) - e) / (e + 1.0.into())
}

/// `ln x`: one Newton step from a double.
pub(super) fn ln(x: f64) -> Dd {
    let y = x.ln();
    // x / e^y - 1, with both scaled so that neither is out of range.
    let n = (x.log2() as i32).clamp(-1000, 1000);
    let e = exp(Dd::from(y) - two_product(f64::from(n), LN_2[0]) - two_product(f64::from(n), LN_2[1]));
    let x = Dd::from(x).times_power_of_two(-n);
    Dd::from(y) + (x - e) / e
}

/// `tanh x`
pub(super) fn tanh(x: f64) -> Dd {
    let e = exp_m1(Dd::from(-2.0 * x.abs()));
    let y = -e / (e + 2.0.into());
    if x < 0.0 { -y } else { y }
}

/// `1 / (1 + e^-x)`
pub(super) fn sigmoid(x: f64) -> Dd {
    let e = exp(Dd::from(-x.abs()));
    (if x < 0.0 { e } else { 1.0.into() }) / (e + 1.0.into())
}

/// `erf x = 2/√π e^(-x²) Σ 2^n x^(2n+1) / (2n+1)!!`: no term is negative.
pub(super) fn erf(x: f64) -> Dd {
    if x.abs() > 6.5 {
        return x.signum().into();
    }
    let square = two_product(x, x);
    let mut term = Dd::from(x);
    let mut sum = term;
    for n in 1..300 {
        term = term * square * Dd::from(2.0) / Dd::from(f64::from(2 * n + 1));
        sum = sum + term;
        if term.0.abs() < 1e-34 * sum.0.abs() {
            break;
        }
    }
    TWO_OVER_ROOT_PI * exp(-square) * sum
}

/// `(sin x, cos x)` for moderate x: π/2 in three doubles, then the series.
pub(super) fn sin_cos(x: f64) -> (Dd, Dd) {
    let n = (x * std::f64::consts::FRAC_2_PI).round();
    let r = Dd::from(x)
        - two_product(n, std::f64::consts::FRAC_PI_2)
        - two_product(n, 6.123_233_995_736_766e-17)
        - two_product(n, -1.497_384_904_859_169_8e-33);
    let square = r * r;
    let (mut sine, mut cosine) = (r, Dd::from(1.0));
    let (mut odd, mut even) = (r, Dd::from(1.0));
    for i in 1..20 {
        let i = f64::from(2 * i);
        even = -even * square / (i * (i - 1.0)).into();
        odd = -odd * square / (i * (i + 1.0)).into();
        cosine = cosine + even;
        sine = sine + odd;
    }
    match (n as i64).rem_euclid(4) {
        0 => (sine, cosine),
        1 => (cosine, -sine),
        2 => (-sine, -cosine),
        _ => (-cosine, sine),
    }
}
