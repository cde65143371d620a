//! Every layer, activation and loss, compiled in f32 and f64, against PyTorch: outputs, gradients of parameters and
//! inputs, losses, running statistics.

#[path = "layers/fixture.rs"]
mod fixture;

macro_rules! networks {
    ($scalar:ident) => {
        use nn_runtime::prelude::*;

        use crate::fixture::Case;

        type T = $scalar;

        network! {
            #[scalar($scalar)]
            Relu(x: Tensor<2, 4>) -> Tensor<2, 4> { x.relu() }
            #[scalar($scalar)]
            LeakyRelu(x: Tensor<2, 4>) -> Tensor<2, 4> { x.leaky_relu() }
            #[scalar($scalar)]
            LeakyReluSlope(x: Tensor<2, 4>) -> Tensor<2, 4> { x.leaky_relu(0.3) }
            #[scalar($scalar)]
            Elu(x: Tensor<2, 4>) -> Tensor<2, 4> { x.elu() }
            #[scalar($scalar)]
            EluAlpha(x: Tensor<2, 4>) -> Tensor<2, 4> { x.elu(0.5) }
            #[scalar($scalar)]
            Selu(x: Tensor<2, 4>) -> Tensor<2, 4> { x.selu() }
            #[scalar($scalar)]
            Gelu(x: Tensor<2, 4>) -> Tensor<2, 4> { x.gelu() }
            #[scalar($scalar)]
            GeluTanh(x: Tensor<2, 4>) -> Tensor<2, 4> { x.gelu(approximate = tanh) }
            #[scalar($scalar)]
            Silu(x: Tensor<2, 4>) -> Tensor<2, 4> { x.silu() }
            #[scalar($scalar)]
            Sigmoid(x: Tensor<2, 4>) -> Tensor<2, 4> { x.sigmoid() }
            #[scalar($scalar)]
            HardSigmoid(x: Tensor<2, 4>) -> Tensor<2, 4> { x.hard_sigmoid() }
            #[scalar($scalar)]
            HardSwish(x: Tensor<2, 4>) -> Tensor<2, 4> { x.hard_swish() }
            #[scalar($scalar)]
            Tanh(x: Tensor<2, 4>) -> Tensor<2, 4> { x.tanh() }
            #[scalar($scalar)]
            Softplus(x: Tensor<2, 4>) -> Tensor<2, 4> { x.softplus() }
            #[scalar($scalar)]
            SoftplusBeta(x: Tensor<2, 4>) -> Tensor<2, 4> { x.softplus(beta = 3.0) }
            #[scalar($scalar)]
            Softmax(x: Tensor<2, 4>) -> Tensor<2, 4> { x.softmax() }
            #[scalar($scalar)]
            LogSoftmax(x: Tensor<2, 4>) -> Tensor<2, 4> { x.log_softmax() }
            #[scalar($scalar)]
            Prelu(x: Tensor<2, 4>) -> Tensor<2, 4> { x.prelu() }
            #[scalar($scalar)]
            PreluPerChannel(x: Tensor<2, 4>) -> Tensor<2, 4> { x.prelu(per_channel = true) }
            #[scalar($scalar)]
            Mish(x: Tensor<2, 4>) -> Tensor<2, 4> { x.mish() }

            #[scalar($scalar)]
            Dense(x: Tensor<3>) -> Tensor<5> { x.dense(5) }
            #[scalar($scalar)]
            DenseRows(x: Tensor<2, 3>) -> Tensor<2, 4> { x.dense(4) }
            #[scalar($scalar)]
            DenseNoBias(x: Tensor<7>) -> Tensor<2> { x.dense(2, bias = false) }
            #[scalar($scalar)]
            Flatten(x: Tensor<2, 3>) -> Tensor<6> { x.flatten() }
            #[scalar($scalar)]
            Reshape(x: Tensor<2, 6>) -> Tensor<3, 2, 2> { x.reshape(3, 2, 2) }
            #[scalar($scalar)]
            LayerNorm(x: Tensor<2, 5>) -> Tensor<2, 5> { x.layer_norm() }
            #[scalar($scalar)]
            LayerNormEps(x: Tensor<6>) -> Tensor<6> { x.layer_norm(eps = 0.1) }
            #[scalar($scalar)]
            LayerNormNoShift(x: Tensor<6>) -> Tensor<6> { x.layer_norm(shift = false) }
            #[scalar($scalar)]
            LayerNormPlain(x: Tensor<6>) -> Tensor<6> { x.layer_norm(scale = false, shift = false) }
            #[scalar($scalar)]
            RmsNorm(x: Tensor<2, 5>) -> Tensor<2, 5> { x.rms_norm() }
            #[scalar($scalar)]
            BatchNorm(x: Tensor<6>) -> Tensor<6> { x.batch_norm() }
            #[scalar($scalar)]
            BatchNormRows(x: Tensor<3, 4>) -> Tensor<3, 4> { x.batch_norm() }
            #[scalar($scalar)]
            BatchNormOptions(x: Tensor<6>) -> Tensor<6> { x.batch_norm(eps = 0.1, momentum = 0.3) }
            #[scalar($scalar)]
            BatchNormPlain(x: Tensor<6>) -> Tensor<6> { x.batch_norm(scale = false, shift = false) }

            #[scalar($scalar)]
            Add(a: Tensor<2, 3>, b: Tensor<2, 3>) -> Tensor<2, 3> { a + b }
            #[scalar($scalar)]
            Sub(a: Tensor<2, 3>, b: Tensor<2, 3>) -> Tensor<2, 3> { a - b }
            #[scalar($scalar)]
            Mul(a: Tensor<2, 3>, b: Tensor<2, 3>) -> Tensor<2, 3> { a * b }
            #[scalar($scalar)]
            Affine(x: Tensor<5>) -> Tensor<5> { 1.5 - 2.0 * x }
            #[scalar($scalar)]
            Concat(a: Tensor<2, 3>, b: Tensor<2, 2>) -> Tensor<2, 5> { concat(a, b) }
            #[scalar($scalar)]
            ConcatRows(a: Tensor<2, 3>, b: Tensor<1, 3>) -> Tensor<3, 3> { concat(a, b, axis = 0) }
            #[scalar($scalar)]
            Split(x: Tensor<2, 6>) -> (Tensor<2, 3>, Tensor<2, 3>) {
                let (a, b) = x.split(2);
                (a, b)
            }
            #[scalar($scalar)]
            Gate(a: Tensor<5>, b: Tensor<5>) -> Tensor<5> { gate(a, b) }

            #[scalar($scalar)] #[loss(mean_squared_error)]
            MeanSquaredError(x: Tensor<3>) -> Tensor<3> { x.dense(3) }
            #[scalar($scalar)] #[loss(mean_squared_error)]
            MeanSquaredErrorRows(x: Tensor<2, 3>) -> Tensor<2, 3> { x.dense(3) }
            #[scalar($scalar)] #[loss(mean_squared_error(half = true))]
            MeanSquaredErrorHalf(x: Tensor<3>) -> Tensor<3> { x.dense(3) }
            #[scalar($scalar)] #[loss(mean_absolute_error)]
            MeanAbsoluteError(x: Tensor<3>) -> Tensor<3> { x.dense(3) }
            #[scalar($scalar)] #[loss(huber)]
            Huber(x: Tensor<3>) -> Tensor<3> { x.dense(3) }
            #[scalar($scalar)] #[loss(huber(delta = 0.5))]
            HuberDelta(x: Tensor<3>) -> Tensor<3> { x.dense(3) }
            #[scalar($scalar)] #[loss(binary_cross_entropy)]
            BinaryCrossEntropy(x: Tensor<3>) -> Tensor<2> { x.dense(2) }
            #[scalar($scalar)] #[loss(softmax_cross_entropy)]
            SoftmaxCrossEntropy(x: Tensor<3>) -> Tensor<4> { x.dense(4) }
            #[scalar($scalar)] #[loss(softmax_cross_entropy)]
            SoftmaxCrossEntropyRows(x: Tensor<3, 3>) -> Tensor<3, 4> { x.dense(4) }
            #[scalar($scalar)] #[loss(softmax_cross_entropy(label_smoothing = 0.1))]
            SoftmaxCrossEntropySmoothing(x: Tensor<3>) -> Tensor<4> { x.dense(4) }
            #[scalar($scalar)] #[loss(softmax_cross_entropy(class_weights = [0.5, 2.0, 1.0, 0.0]))]
            SoftmaxCrossEntropyWeights(x: Tensor<3>) -> Tensor<4> { x.dense(4) }
            #[scalar($scalar)] #[loss(softmax_cross_entropy(target = distribution))]
            SoftmaxCrossEntropyDistribution(x: Tensor<3>) -> Tensor<4> { x.dense(4) }
            #[scalar($scalar)]
            #[loss(softmax_cross_entropy(target = distribution, label_smoothing = 0.2))]
            SoftmaxCrossEntropyDistributionSmoothing(x: Tensor<3>) -> Tensor<4> { x.dense(4) }
            #[scalar($scalar)] #[loss(hinge)]
            Hinge(x: Tensor<3>) -> Tensor<3> { x.dense(3) }
            #[scalar($scalar)] #[loss(kl_divergence)]
            KlDivergence(x: Tensor<3>) -> Tensor<4> { x.dense(4).log_softmax() }
            #[scalar($scalar)] #[loss(kl_divergence(logits = true))]
            KlDivergenceLogits(x: Tensor<3>) -> Tensor<4> { x.dense(4) }
            #[scalar($scalar)] #[loss(cosine)]
            Cosine(x: Tensor<3>) -> Tensor<3> { x.dense(3) }
            #[scalar($scalar)] #[loss(log_cosh)]
            LogCosh(x: Tensor<3>) -> Tensor<3> { x.dense(3) }

            #[scalar($scalar)]
            Dropout(x: Tensor<50>) -> Tensor<50> { x.dropout(0.2) }
            #[scalar($scalar)]
            Frozen(x: Tensor<3>) -> Tensor<2> { x.dense(4, frozen = true).batch_norm(frozen = true).dense(2) }

            fn mish(x) = x * tanh(ln(1.0 + exp(x)));
            fn gate(a, b) = a * sigmoid(b);
            fn log_cosh(y, t) = ln((exp(y - t) + exp(t - y)) / 2.0);
        }

        layer_tests! {
            relu Relu [x0] [y0 dy0];
            leaky_relu LeakyRelu [x0] [y0 dy0];
            leaky_relu_slope LeakyReluSlope [x0] [y0 dy0];
            elu Elu [x0] [y0 dy0];
            elu_alpha EluAlpha [x0] [y0 dy0];
            selu Selu [x0] [y0 dy0];
            gelu Gelu [x0] [y0 dy0];
            gelu_tanh GeluTanh [x0] [y0 dy0];
            silu Silu [x0] [y0 dy0];
            sigmoid Sigmoid [x0] [y0 dy0];
            hard_sigmoid HardSigmoid [x0] [y0 dy0];
            hard_swish HardSwish [x0] [y0 dy0];
            tanh Tanh [x0] [y0 dy0];
            softplus Softplus [x0] [y0 dy0];
            softplus_beta SoftplusBeta [x0] [y0 dy0];
            softmax Softmax [x0] [y0 dy0];
            log_softmax LogSoftmax [x0] [y0 dy0];
            prelu Prelu [x0] [y0 dy0];
            prelu_per_channel PreluPerChannel [x0] [y0 dy0];
            mish Mish [x0] [y0 dy0];
            dense Dense [x0] [y0 dy0];
            dense_rows DenseRows [x0] [y0 dy0];
            dense_no_bias DenseNoBias [x0] [y0 dy0];
            flatten Flatten [x0] [y0 dy0];
            reshape Reshape [x0] [y0 dy0];
            layer_norm LayerNorm [x0] [y0 dy0];
            layer_norm_eps LayerNormEps [x0] [y0 dy0];
            layer_norm_no_shift LayerNormNoShift [x0] [y0 dy0];
            layer_norm_plain LayerNormPlain [x0] [y0 dy0];
            rms_norm RmsNorm [x0] [y0 dy0];
            batch_norm BatchNorm [x0] [y0 dy0];
            batch_norm_rows BatchNormRows [x0] [y0 dy0];
            batch_norm_options BatchNormOptions [x0] [y0 dy0];
            batch_norm_plain BatchNormPlain [x0] [y0 dy0];
            add Add [x0 x1] [y0 dy0];
            sub Sub [x0 x1] [y0 dy0];
            mul Mul [x0 x1] [y0 dy0];
            affine Affine [x0] [y0 dy0];
            concat Concat [x0 x1] [y0 dy0];
            concat_rows ConcatRows [x0 x1] [y0 dy0];
            split Split [x0] [y0 dy0 y1 dy1];
            gate Gate [x0 x1] [y0 dy0];
        }

        loss_tests! {
            mean_squared_error MeanSquaredError T;
            mean_squared_error_rows MeanSquaredErrorRows T;
            mean_squared_error_half MeanSquaredErrorHalf T;
            mean_absolute_error MeanAbsoluteError T;
            huber Huber T;
            huber_delta HuberDelta T;
            binary_cross_entropy BinaryCrossEntropy T;
            softmax_cross_entropy SoftmaxCrossEntropy u32;
            softmax_cross_entropy_rows SoftmaxCrossEntropyRows u32;
            softmax_cross_entropy_smoothing SoftmaxCrossEntropySmoothing u32;
            softmax_cross_entropy_weights SoftmaxCrossEntropyWeights u32;
            softmax_cross_entropy_distribution SoftmaxCrossEntropyDistribution T;
            softmax_cross_entropy_distribution_smoothing SoftmaxCrossEntropyDistributionSmoothing T;
            hinge Hinge T;
            kl_divergence KlDivergence T;
            kl_divergence_logits KlDivergenceLogits T;
            cosine Cosine T;
            log_cosh LogCosh T;
        }

        #[test]
        fn dropout_keeps_or_scales() {
            let mut net = Dropout::new(3);
            let ones = vec![1.0 as T; 50 * 40];
            let predicted = net.predict_batch(&ones).unwrap().as_flattened().to_vec();
            assert_eq!(predicted, ones, "inference changes nothing");
            let y = net.forward(&ones).unwrap().as_flattened().to_vec();
            assert!(y.iter().all(|y| *y == 0.0 || *y == 1.25));
            let zeroed = y.iter().filter(|y| **y == 0.0).count();
            assert!(
                (300..500).contains(&zeroed),
                "{zeroed} of 2000 at a rate of 0.2"
            );
            let dx = net
                .backward_to_inputs(&ones)
                .unwrap()
                .as_flattened()
                .to_vec();
            assert_eq!(dx, y, "the gradient passes where the value did");
            let again = net.forward(&ones).unwrap().as_flattened();
            assert_ne!(again, y, "another step, another mask");
        }

        #[test]
        fn frozen_layers_have_no_gradient() {
            let mut net = Frozen::new(1);
            let before = net.parameters().to_vec();
            let x: Vec<T> = (0..12).map(|i| (i as T).sin()).collect();
            net.forward(&x).unwrap();
            net.backward(&[1.0 as T; 8]).unwrap();
            assert_eq!(net.parameters(), before, "no running statistic moves");
            assert_eq!(
                net.gradients().len(),
                4 * 2 + 2,
                "the last layer alone can be trained"
            );
            assert!(
                net.gradients().iter().all(|g| *g != 0.0),
                "{:?}",
                net.gradients()
            );
        }
    };
}

/// A layer: the case, the network, its inputs, its outputs with their gradients.
macro_rules! layer_tests {
    ($($case:ident $net:ident [$($x:ident)+] [$($y:ident $dy:ident)+];)+) => {$(
        #[test]
        #[allow(unused_parens)]
        fn $case() {
            let case = Case::read(stringify!($case));
            let mut net = $net::new(0);
            case.set_parameters(&mut net);
            $(let $x: Vec<T> = case.numbers(stringify!($x));)+
            {
                let ($($y),+) = net.predict_batch($(&$x),+).unwrap();
                $(if case.has("predicted") {
                    case.compare("predicted", $y.as_flattened());
                } else {
                    case.compare(stringify!($y), $y.as_flattened());
                })+
            }
            {
                let ($($y),+) = net.forward($(&$x),+).unwrap();
                $(case.compare(stringify!($y), $y.as_flattened());)+
            }
            $(let $dy: Vec<T> = case.numbers(stringify!($dy));)+
            {
                let ($($x),+) = net.backward_to_inputs($(&$dy),+).unwrap();
                $(case.compare(concat!("d", stringify!($x)), $x.as_flattened());)+
            }
            case.compare_parameters(&net);
        }
    )+};
}

/// A loss: the case, the network, what its targets are.
macro_rules! loss_tests {
    ($($case:ident $net:ident $target:ident;)+) => {$(
        #[test]
        fn $case() {
            let case = Case::read(stringify!($case));
            let mut net = $net::new(0);
            case.set_parameters(&mut net);
            let x: Vec<T> = case.numbers("x0");
            let targets: Vec<$target> = case.tensor("t").iter().map(|t| *t as $target).collect();
            case.compare("loss", &[net.loss(&x, &targets).unwrap() as T]);
            case.compare("loss", &[net.gradient(&x, &targets).unwrap() as T]);
            case.compare_parameters(&net);
        }
    )+};
}

mod single {
    networks!(f32);
}

mod double {
    networks!(f64);
}
