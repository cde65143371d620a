//! Inputs, layers, formulas and networks may bear the names that the generated code uses itself.

use nn_runtime::prelude::*;

network! {
    #[loss(mean_squared_error)]
    pub Plain(a: Tensor<2>, b: Tensor<2>, c: Tensor<2>, d: Tensor<2>) -> Tensor<1> {
        (a + b - c * d).dense(3, name = "hidden").tanh().dense(1)
    }

    #[loss(mean_squared_error)]
    pub Vec(n: Tensor<2>, rows: Tensor<2>, feed: Tensor<2>, samples: Tensor<2>) -> Tensor<1> {
        (n + rows - feed * samples).dense(3, name = "infer").tanh().dense(1, name = "step")
    }

    #[loss(mean_squared_error)]
    pub Option(rt: Tensor<2>, target: Tensor<2>, model: Tensor<2>, arena: Tensor<2>) -> Tensor<1> {
        (rt + target - model * arena).dense(3, name = "Dense").tanh().dense(1, name = "x0")
    }

    #[loss(mean_squared_error)]
    pub Result(s: Tensor<2>, tile: Tensor<2>, dense_1: Tensor<2>, d_x: Tensor<2>) -> Tensor<1> {
        (s + tile - dense_1 * d_x).dense(3).tanh().dense(1, name = "parameters")
    }

    Formulas(x: Tensor<2>) -> Tensor<2> {
        x.r().s().t()
    }

    fn r(x) = x;
    fn s(rt) = rt * abs(sin(rt));
    fn t(S) = if S >= 1.0 && S < 2.0 { erf(S) } else { sqrt(1.0 + S * S) };
}

const X: [f32; 2] = [0.5, -1.0];

#[test]
fn names_change_nothing() {
    let mut plain = Plain::new(5);
    let expected = plain.predict(&X, &X, &X, &X)[0];
    let loss = plain.gradient(&X, &X, &X, &X, &[1.0_f32]).expect("a loss");
    macro_rules! same {
        ($($name:ident)+) => {$(
            let mut net = $name::new(5);
            // The start of a parameter depends on its name.
            net.parameters_mut().copy_from_slice(plain.parameters());
            assert_eq!(net.predict(&X, &X, &X, &X), &[expected]);
            assert_eq!(net.gradient(&X, &X, &X, &X, &[1.0_f32]).expect("a loss"), loss);
            assert_eq!(net.gradients(), plain.gradients());
        )+};
    }
    same!(Vec Option Result);
}

#[test]
fn formulas_in_the_words_of_their_expansion() {
    let s = X.map(|x| x * x.sin().abs());
    for (y, s) in Formulas::new(1).predict(&X).iter().zip(s) {
        assert!((y - (1.0 + s * s).sqrt()).abs() < 1e-6, "{y}");
    }
}
