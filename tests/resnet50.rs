//! A network of 53 convolutions: ResNet-50 (He et al., 2016) predicts one image as PyTorch does with the same weights.
//! `fixtures/resnet50.py` says where the numbers come from.

use nn_runtime::ParameterInfo;
use nn_runtime::prelude::*;

network! {
    ResNet50(image: Tensor<224, 224, 3>) -> Tensor<1000> {
        image
            .conv2d(64, kernel = 7, stride = 2, padding = 3, bias = false).batch_norm().relu()
            .max_pool2d(3, stride = 2, padding = 1)
            .bottleneck(64, 1).repeat(2, identity(64))
            .bottleneck(128, 2).repeat(3, identity(128))
            .bottleneck(256, 2).repeat(5, identity(256))
            .bottleneck(512, 2).repeat(2, identity(512))
            .global_avg_pool2d()
            .dense(1000)
    }

    block bottleneck(x, width, stride) {
        let main = x
            .conv2d(width, kernel = 1, bias = false).batch_norm().relu()
            .conv2d(width, kernel = 3, stride = stride, padding = 1, bias = false).batch_norm().relu()
            .conv2d(4 * width, kernel = 1, bias = false).batch_norm();
        let skip = x.conv2d(4 * width, kernel = 1, stride = stride, bias = false).batch_norm();
        (main + skip).relu()
    }

    block identity(x, width) {
        let main = x
            .conv2d(width, kernel = 1, bias = false).batch_norm().relu()
            .conv2d(width, kernel = 3, padding = 1, bias = false).batch_norm().relu()
            .conv2d(4 * width, kernel = 1, bias = false).batch_norm();
        (main + x).relu()
    }
}

/// Numbers in [0, 1) from a name and a place, as in `fixtures/models.py`.
fn hashed(name: &str) -> impl Fn(usize) -> f64 {
    let of_name = name.bytes().fold(0x811c_9dc5_u32, |h, b| {
        (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
    });
    move |i| {
        let h = of_name ^ (i as u32).wrapping_mul(0x9e37_79b9);
        let h = (h ^ (h >> 16)).wrapping_mul(0x7feb_352d);
        let h = (h ^ (h >> 15)).wrapping_mul(0x846c_a68b);
        f64::from(h ^ (h >> 16)) / 4_294_967_296.0
    }
}

/// Fills one parameter from the formula, which counts in PyTorch's layout.
fn fill(info: &ParameterInfo, numbers: &mut [f32]) {
    let u = hashed(info.name);
    let outputs = info.shape[info.file_axes[0]];
    let scale = (6.0 * outputs as f64 / info.len() as f64).sqrt();
    let value = |u: f64| match info.name.rsplit('.').next() {
        Some("running_var") => 0.5 + u,
        Some("running_mean") => 0.4 * u - 0.2,
        Some("bias") if info.name.contains("norm") => 0.2 * u + 0.9,
        Some("bias") => 0.2 * u - 0.1,
        _ if info.shape.len() == 1 => 0.75 + 0.5 * u,
        _ => (2.0 * u - 1.0) * scale,
    };
    // From one element of the file's layout to the next, per axis of it.
    let steps: Vec<usize> = info
        .file_axes
        .iter()
        .map(|&axis| info.shape[axis + 1..].iter().product())
        .collect();
    let mut index = vec![0; info.shape.len()];
    let mut at = 0;
    for i in 0..info.len() {
        numbers[at] = value(u(i)) as f32;
        for axis in (0..index.len()).rev() {
            index[axis] += 1;
            at += steps[axis];
            let size = info.shape[info.file_axes[axis]];
            if index[axis] < size {
                break;
            }
            index[axis] = 0;
            at -= size * steps[axis];
        }
    }
}

#[test]
fn one_image_as_pytorch() {
    // As torchvision counts them.
    assert_eq!((ResNet50::PARAMS, ResNet50::MACS), (25_557_032, 4_089_184_256));
    let mut net = ResNet50::new(0);
    for info in ResNet50::PARAMETERS {
        fill(info, &mut net.parameters_mut()[info.range()]);
    }
    let u = hashed("input");
    let image: Vec<f32> = (0..224 * 224 * 3).map(|i| (2.0 * u(i) - 1.0) as f32).collect();
    let y = net.predict_batch(&image).unwrap()[0];
    let expected: Vec<f64> = include_str!("fixtures/resnet50.txt")
        .split_whitespace()
        .map(|n| n.parse().expect("a number"))
        .collect();
    let most = expected.iter().fold(0.0, |most: f64, e| most.max(e.abs()));
    assert!(most > 0.0);
    for (i, expected) in expected.iter().enumerate() {
        let found = f64::from(y[20 * i]);
        assert!(
            (found - expected).abs() <= 1e-4 * most,
            "output {}: {found}, PyTorch has {expected}",
            20 * i
        );
    }
}
