//! Every layer over images and sequences, compiled in f32 and f64, against PyTorch: outputs in inference and training,
//! gradients of parameters and inputs, running statistics.

#[path = "layers/fixture.rs"]
mod fixture;

macro_rules! networks {
    ($scalar:ident) => {
        use nn_runtime::prelude::*;

        use crate::fixture::Case;

        type T = $scalar;

        network! {
            #[scalar($scalar)]
            Conv2d(x: Tensor<5, 6, 2>) -> Tensor<3, 5, 3> { x.conv2d(3, kernel = [3, 2]) }
            #[scalar($scalar)]
            Conv2dSame(x: Tensor<5, 4, 2>) -> Tensor<5, 4, 3> { x.conv2d(3, kernel = [3, 2], padding = same) }
            #[scalar($scalar)]
            Conv2dSameStride(x: Tensor<6, 6, 1>) -> Tensor<3, 3, 2> { x.conv2d(2, kernel = 3, stride = 2, padding = same) }
            #[scalar($scalar)]
            Conv2dSides(x: Tensor<4, 5, 2>) -> Tensor<3, 3, 2> { x.conv2d(2, kernel = 3, padding = [0, 1, 2, 0], dilation = [1, 2]) }
            #[scalar($scalar)]
            Conv2dStrideOverKernel(x: Tensor<7, 7, 1>) -> Tensor<2, 2, 2> { x.conv2d(2, kernel = 2, stride = [3, 4]) }
            #[scalar($scalar)]
            Conv2dGroups(x: Tensor<4, 4, 4>) -> Tensor<4, 4, 6> { x.conv2d(6, kernel = 3, padding = 1, groups = 2) }
            #[scalar($scalar)]
            Conv2dPixels(x: Tensor<3, 2, 3>) -> Tensor<3, 2, 4> { x.conv2d(4, kernel = 1, bias = false) }
            #[scalar($scalar)]
            Conv2dWide(x: Tensor<3, 3, 9>) -> Tensor<2, 2, 17> { x.conv2d(17, kernel = 2) }
            #[scalar($scalar)]
            Conv1d(x: Tensor<7, 2>) -> Tensor<3, 3> { x.conv1d(3, kernel = 3, stride = 2) }
            #[scalar($scalar)]
            Conv1dPast(x: Tensor<5, 2>) -> Tensor<5, 2> { x.conv1d(2, kernel = 3, dilation = 2, padding = [4, 0]) }
            #[scalar($scalar)]
            DepthwiseConv2d(x: Tensor<4, 5, 3>) -> Tensor<4, 5, 3> { x.depthwise_conv2d(kernel = 3, padding = same) }
            #[scalar($scalar)]
            DepthwiseConv2dMultiplier(x: Tensor<4, 4, 2>) -> Tensor<2, 2, 4> { x.depthwise_conv2d(2, kernel = 3, stride = 2, padding = same) }
            #[scalar($scalar)]
            ConvTranspose2d(x: Tensor<3, 2, 2>) -> Tensor<7, 5, 3> { x.conv_transpose2d(3, kernel = 3, stride = 2) }
            #[scalar($scalar)]
            ConvTranspose2dSame(x: Tensor<2, 3, 2>) -> Tensor<4, 6, 2> { x.conv_transpose2d(2, kernel = 4, stride = 2, padding = same) }
            #[scalar($scalar)]
            ConvTranspose2dSides(x: Tensor<2, 3, 2>) -> Tensor<4, 6, 2> { x.conv_transpose2d(2, kernel = 3, stride = 2, padding = [1, 0, 1, 0]) }
            #[scalar($scalar)]
            ConvTranspose2dGroups(x: Tensor<2, 2, 4>) -> Tensor<4, 4, 2> { x.conv_transpose2d(2, kernel = 2, groups = 2, dilation = 2) }
            #[scalar($scalar)]
            MaxPool2d(x: Tensor<5, 4, 2>) -> Tensor<2, 2, 2> { x.max_pool2d(2) }
            #[scalar($scalar)]
            MaxPool2dSame(x: Tensor<4, 5, 1>) -> Tensor<4, 3, 1> { x.max_pool2d([3, 2], stride = [1, 2], padding = same) }
            #[scalar($scalar)]
            AvgPool2d(x: Tensor<3, 4, 2>) -> Tensor<2, 2, 2> { x.avg_pool2d([2, 3], stride = 1) }
            #[scalar($scalar)]
            AvgPool2dSkip(x: Tensor<4, 5, 2>) -> Tensor<2, 3, 2> { x.avg_pool2d(3, stride = 2, padding = 1) }
            #[scalar($scalar)]
            AvgPool2dZeros(x: Tensor<4, 5, 2>) -> Tensor<2, 3, 2> { x.avg_pool2d(3, stride = 2, padding = 1, edge = zeros) }
            #[scalar($scalar)]
            MaxPool1d(x: Tensor<7, 2>) -> Tensor<3, 2> { x.max_pool1d(3, stride = 2) }
            #[scalar($scalar)]
            AvgPool1d(x: Tensor<6, 2>) -> Tensor<3, 2> { x.avg_pool1d(2) }
            #[scalar($scalar)]
            GlobalAvgPool2d(x: Tensor<3, 2, 3>) -> Tensor<3> { x.global_avg_pool2d() }
            #[scalar($scalar)]
            GlobalMaxPool2d(x: Tensor<3, 2, 3>) -> Tensor<3> { x.global_max_pool2d() }
            #[scalar($scalar)]
            GlobalAvgPool1d(x: Tensor<4, 3>) -> Tensor<3> { x.global_avg_pool1d() }
            #[scalar($scalar)]
            GlobalMaxPool1d(x: Tensor<4, 3>) -> Tensor<3> { x.global_max_pool1d() }
            #[scalar($scalar)]
            BatchNormImage(x: Tensor<3, 2, 3>) -> Tensor<3, 2, 3> { x.batch_norm() }
            #[scalar($scalar)]
            GroupNorm(x: Tensor<2, 3, 4>) -> Tensor<2, 3, 4> { x.group_norm(2) }
            #[scalar($scalar)]
            GroupNormInstance(x: Tensor<2, 3, 3>) -> Tensor<2, 3, 3> { x.group_norm(3, eps = 0.1) }
            #[scalar($scalar)]
            GroupNormOne(x: Tensor<6>) -> Tensor<6> { x.group_norm(1) }
            #[scalar($scalar)]
            Pad(x: Tensor<2, 2, 2>) -> Tensor<5, 5, 2> { x.pad([1, 2, 0, 3], value = 0.5) }
            #[scalar($scalar)]
            Crop(x: Tensor<4, 4, 2>) -> Tensor<2, 2, 2> { x.crop([1, 1, 2, 0]) }
            #[scalar($scalar)]
            Slice(x: Tensor<2, 4, 2>) -> Tensor<2, 2, 2> { x.slice(1, 3, axis = 1) }
            #[scalar($scalar)]
            Transpose(x: Tensor<2, 3, 2>) -> Tensor<2, 2, 3> { x.transpose([2, 0, 1]) }
            #[scalar($scalar)]
            Upsample2d(x: Tensor<2, 3, 2>) -> Tensor<4, 6, 2> { x.upsample2d() }
            #[scalar($scalar)]
            Upsample2dBilinear(x: Tensor<2, 3, 2>) -> Tensor<6, 6, 2> { x.upsample2d([3, 2], mode = bilinear) }

            #[scalar($scalar)]
            Conv2dSameDilated(x: Tensor<5, 6, 2>) -> Tensor<5, 6, 2> { x.conv2d(2, kernel = [3, 4], padding = same, dilation = [2, 1], bias = false) }
            #[scalar($scalar)]
            Conv2dSameDilatedStride(x: Tensor<7, 5, 2>) -> Tensor<3, 3, 3> { x.conv2d(3, kernel = 3, padding = same, stride = [3, 2], dilation = [2, 1]) }
            #[scalar($scalar)]
            Conv2dSidesStride(x: Tensor<6, 5, 2>) -> Tensor<3, 2, 2> { x.conv2d(2, kernel = [2, 3], stride = [2, 3], padding = [1, 0, 0, 3]) }
            #[scalar($scalar)]
            Conv2dGroupsDilated(x: Tensor<6, 7, 6>) -> Tensor<2, 2, 9> { x.conv2d(9, kernel = [2, 3], stride = 2, dilation = [3, 2], groups = 3, bias = false) }
            #[scalar($scalar)]
            Conv2dOnePixel(x: Tensor<1, 1, 3>) -> Tensor<1, 1, 2> { x.conv2d(2, kernel = 3, padding = same) }
            #[scalar($scalar)]
            Conv1dGroups(x: Tensor<9, 4>) -> Tensor<3, 2> { x.conv1d(2, kernel = 2, stride = 3, dilation = 2, groups = 2, bias = false) }
            #[scalar($scalar)]
            Conv1dSame(x: Tensor<6, 2>) -> Tensor<3, 3> { x.conv1d(3, kernel = 3, stride = 2, padding = same) }
            #[scalar($scalar)]
            DepthwiseConv2dDilated(x: Tensor<4, 5, 3>) -> Tensor<4, 4, 6> { x.depthwise_conv2d(2, kernel = [3, 2], dilation = [2, 3], padding = [1, 3, 2, 0], bias = false) }
            #[scalar($scalar)]
            ConvTranspose2dDilated(x: Tensor<3, 2, 4>) -> Tensor<8, 2, 6> { x.conv_transpose2d(6, kernel = [2, 3], stride = [3, 2], dilation = [2, 1], padding = [1, 0, 2, 1], groups = 2, bias = false) }
            #[scalar($scalar)]
            MaxPool2dSides(x: Tensor<4, 5, 2>) -> Tensor<2, 4, 2> { x.max_pool2d(3, stride = [2, 1], padding = [0, 2, 1, 0]) }
            #[scalar($scalar)]
            MaxPool1dSame(x: Tensor<6, 2>) -> Tensor<3, 2> { x.max_pool1d(3, stride = 2, padding = same) }
            #[scalar($scalar)]
            AvgPool1dZeros(x: Tensor<5, 2>) -> Tensor<5, 2> { x.avg_pool1d(3, stride = 1, padding = 1, edge = zeros) }
            #[scalar($scalar)]
            AvgPool1dSkip(x: Tensor<5, 2>) -> Tensor<5, 2> { x.avg_pool1d(3, stride = 1, padding = same) }
            #[scalar($scalar)]
            AvgPool2dSides(x: Tensor<4, 5, 2>) -> Tensor<3, 2, 2> { x.avg_pool2d(3, stride = [2, 3], padding = [2, 1, 0, 1], edge = zeros) }
            #[scalar($scalar)]
            BatchNormImageFrozen(x: Tensor<3, 2, 3>) -> Tensor<3, 2, 3> { x.batch_norm(frozen = true) }
            #[scalar($scalar)]
            BatchNormImageOptions(x: Tensor<2, 2, 3>) -> Tensor<2, 2, 3> { x.batch_norm(eps = 0.1, momentum = 0.4) }
            #[scalar($scalar)]
            BatchNormImagePlain(x: Tensor<2, 2, 3>) -> Tensor<2, 2, 3> { x.batch_norm(scale = false, shift = false) }
            #[scalar($scalar)]
            GroupNormPlain(x: Tensor<2, 3, 4>) -> Tensor<2, 3, 4> { x.group_norm(2, scale = false, shift = false) }
            #[scalar($scalar)]
            PreluImage(x: Tensor<2, 3, 4>) -> Tensor<2, 3, 4> { x.prelu(per_channel = true) }

            #[scalar($scalar)]
            Residual(x: Tensor<5, 5, 2>) -> Tensor<3, 3, 3> {
                let main = x.conv2d(3, kernel = 3, stride = 2, padding = 1, name = "main").batch_norm(name = "norm");
                (main + x.conv2d(3, kernel = 1, stride = 2, name = "skip")).relu()
            }
            #[scalar($scalar)]
            Inception(x: Tensor<3, 4, 2>) -> Tensor<3, 4, 7> {
                concat(
                    x.conv2d(2, kernel = 1, name = "one").relu(),
                    x.conv2d(3, kernel = 3, padding = same, name = "three").relu(),
                    x.max_pool2d(3, stride = 1, padding = same)
                )
            }
        }

        tests! {
            conv2d Conv2d;
            conv2d_same Conv2dSame;
            conv2d_same_stride Conv2dSameStride;
            conv2d_sides Conv2dSides;
            conv2d_stride_over_kernel Conv2dStrideOverKernel;
            conv2d_groups Conv2dGroups;
            conv2d_pixels Conv2dPixels;
            conv2d_wide Conv2dWide;
            conv1d Conv1d;
            conv1d_past Conv1dPast;
            depthwise_conv2d DepthwiseConv2d;
            depthwise_conv2d_multiplier DepthwiseConv2dMultiplier;
            conv_transpose2d ConvTranspose2d;
            conv_transpose2d_same ConvTranspose2dSame;
            conv_transpose2d_sides ConvTranspose2dSides;
            conv_transpose2d_groups ConvTranspose2dGroups;
            max_pool2d MaxPool2d;
            max_pool2d_same MaxPool2dSame;
            avg_pool2d AvgPool2d;
            avg_pool2d_skip AvgPool2dSkip;
            avg_pool2d_zeros AvgPool2dZeros;
            max_pool1d MaxPool1d;
            avg_pool1d AvgPool1d;
            global_avg_pool2d GlobalAvgPool2d;
            global_max_pool2d GlobalMaxPool2d;
            global_avg_pool1d GlobalAvgPool1d;
            global_max_pool1d GlobalMaxPool1d;
            batch_norm_image BatchNormImage;
            group_norm GroupNorm;
            group_norm_instance GroupNormInstance;
            group_norm_one GroupNormOne;
            pad Pad;
            crop Crop;
            slice Slice;
            transpose Transpose;
            upsample2d Upsample2d;
            upsample2d_bilinear Upsample2dBilinear;
            conv2d_same_dilated Conv2dSameDilated;
            conv2d_same_dilated_stride Conv2dSameDilatedStride;
            conv2d_sides_stride Conv2dSidesStride;
            conv2d_groups_dilated Conv2dGroupsDilated;
            conv2d_one_pixel Conv2dOnePixel;
            conv1d_groups Conv1dGroups;
            conv1d_same Conv1dSame;
            depthwise_conv2d_dilated DepthwiseConv2dDilated;
            conv_transpose2d_dilated ConvTranspose2dDilated;
            max_pool2d_sides MaxPool2dSides;
            max_pool1d_same MaxPool1dSame;
            avg_pool1d_zeros AvgPool1dZeros;
            avg_pool1d_skip AvgPool1dSkip;
            avg_pool2d_sides AvgPool2dSides;
            batch_norm_image_frozen BatchNormImageFrozen;
            batch_norm_image_options BatchNormImageOptions;
            batch_norm_image_plain BatchNormImagePlain;
            group_norm_plain GroupNormPlain;
            prelu_image PreluImage;
            residual Residual;
            inception Inception;
        }
    };
}

macro_rules! tests {
    ($($case:ident $net:ident;)+) => {$(
        #[test]
        fn $case() {
            let case = Case::read(stringify!($case));
            let mut net = $net::new(0);
            case.set_parameters(&mut net);
            let x: Vec<T> = case.numbers("x0");
            let name = if case.has("predicted") { "predicted" } else { "y0" };
            case.compare(name, net.predict_batch(&x).unwrap().as_flattened());
            case.compare("y0", net.forward(&x).unwrap().as_flattened());
            let dy: Vec<T> = case.numbers("dy0");
            case.compare("dx0", net.backward_to_inputs(&dy).unwrap().as_flattened());
            case.compare_parameters(&net);
        }
    )+};
}

mod single {
    networks! { f32 }
}

mod double {
    networks! { f64 }
}

mod wide {
    use nn_runtime::prelude::*;

    network! {
        /// Weights enough to be spread over threads from the inside, behind and before factors of a frozen normalisation.
        #[scalar(f64)]
        #[loss(softmax_cross_entropy)]
        Large(image: Tensor<5, 4, 3>) -> Tensor<3> {
            image
                .conv2d(176, kernel = 1).batch_norm(frozen = true).tanh()
                .conv2d(176, kernel = 3, stride = 2, padding = same).batch_norm(frozen = true).tanh()
                .global_avg_pool2d().dense(3)
        }
    }

    #[test]
    fn gradients_are_central_differences() {
        let mut net = Large::new(5);
        let x: Vec<f64> = (0..7 * 60).map(|i| (i as f64 * 0.7).sin()).collect();
        let t: Vec<u32> = (0..7).map(|i| i % 3).collect();
        let loss = net.gradient(&x, &t).unwrap();
        assert!((loss - net.loss(&x, &t).unwrap()).abs() < 1e-12);
        let gradients = net.gradients().to_vec();
        for i in (0..gradients.len()).step_by(gradients.len() / 40) {
            let was = net.parameters()[i];
            let mut at = |x_i: f64| {
                net.parameters_mut()[i] = x_i;
                net.loss(&x, &t).unwrap()
            };
            let slope = (at(was + 1e-5) - at(was - 1e-5)) / 2e-5;
            at(was);
            assert!(
                (slope - gradients[i]).abs() <= 1e-6 * slope.abs().max(0.01),
                "parameter {i}: {}, slope {slope}",
                gradients[i]
            );
        }
    }
}
