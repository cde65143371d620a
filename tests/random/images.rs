//! Random networks over images: odd sizes, strides over their kernels, dilation with padding, images of one pixel, groups.

use super::generate::{Random, Source, Value, Writer, elems};

/// What the networks of a block call.
pub const SHARED: &str = "
    fn log_cosh(y, t) = ln((exp(y - t) + exp(t - y)) / 2.0);
    block unit(x, filters) { x.conv2d(filters, kernel = 3, padding = same, bias = false).batch_norm(eps = 0.01).relu() }
    block skipped(x, channels) { x + x.conv2d(channels, kernel = 3, padding = 1).gelu() }
";

/// One axis under a window.
struct Axis {
    kernel: usize,
    stride: usize,
    dilation: usize,
    before: usize,
    after: usize,
}

impl Axis {
    /// Elements from the window's first tap to its last.
    fn extent(&self) -> usize {
        self.dilation * (self.kernel - 1) + 1
    }

    fn windows(&self, size: usize) -> usize {
        (size + self.before + self.after - self.extent()) / self.stride + 1
    }

    fn spread(&self, size: usize) -> Option<usize> {
        ((size - 1) * self.stride + self.extent())
            .checked_sub(self.before + self.after)
            .filter(|n| *n > 0)
    }
}

/// A window that fits into an axis of that size, its padding narrower than the kernel.
fn axis(r: &mut Random, size: usize, dilated: bool, padded: bool) -> Axis {
    let mut axis = Axis {
        kernel: 1 + r.below(4),
        stride: r.of(&[1, 1, 2, 3, 5]),
        dilation: if dilated { r.of(&[1, 1, 2, 3]) } else { 1 },
        before: 0,
        after: 0,
    };
    if padded {
        axis.before = r.below(axis.kernel);
        axis.after = r.below(axis.kernel);
    }
    while axis.extent() > size + axis.before + axis.after {
        if axis.dilation > 1 {
            axis.dilation -= 1;
        } else {
            axis.kernel -= 1;
            axis.before = axis.before.min(axis.kernel.saturating_sub(1));
            axis.after = axis.after.min(axis.kernel.saturating_sub(1));
        }
    }
    axis
}

/// `kernel = …, stride = …, dilation = …, padding = …` and the size that comes out.
fn window(r: &mut Random, dims: &[usize], dilated: bool) -> (String, [usize; 2]) {
    let padding = r.below(3);
    let axes = [0, 1].map(|i| axis(r, dims[i], dilated, padding == 2));
    let [a, b] = &axes;
    let mut text = format!(
        "[{}, {}], stride = [{}, {}]",
        a.kernel, b.kernel, a.stride, b.stride
    );
    if dilated {
        text += &format!(", dilation = [{}, {}]", a.dilation, b.dilation);
    }
    let out = match padding {
        0 => [a.windows(dims[0]), b.windows(dims[1])],
        1 => {
            text += ", padding = same";
            [dims[0].div_ceil(a.stride), dims[1].div_ceil(b.stride)]
        }
        _ => {
            text += &format!(
                ", padding = [{}, {}, {}, {}]",
                a.before, a.after, b.before, b.after
            );
            [a.windows(dims[0]), b.windows(dims[1])]
        }
    };
    (text, out)
}

/// Network `number` of a seed.
pub fn network(seed: u64, number: u64) -> Source {
    let mut w = Writer::new(seed, number ^ 0x1000_0000);
    let shapes: [&[usize]; 6] = [
        &[5, 7, 1],
        &[6, 6, 2],
        &[1, 1, 3],
        &[7, 4, 3],
        &[1, 9, 4],
        &[4, 5, 17],
    ];
    let dims = w.r.of(&shapes).to_vec();
    w.values.push(Value {
        name: "x0".into(),
        dims,
        used: false,
    });
    for _ in 0..2 + w.r.below(5) {
        layer(&mut w);
    }
    // An output must not be an input: some draws add nothing.
    if w.values.len() == 1 {
        let dims = w.values[0].dims.clone();
        let x = w.name(0);
        w.bind(&format!("{x}.tanh()"), dims);
    }
    w.finish(&format!("I{number}"), &format!("i{number}"), 1)
}

fn layer(w: &mut Writer) {
    let i = w.pick();
    let dims = w.values[i].dims.clone();
    let [height, width, channels] = dims[..] else {
        unreachable!("all values are images")
    };
    let image = |[h, w]: [usize; 2], c: usize| vec![h, w, c];
    // Large images only shrink.
    let small = elems(&dims) <= 300;
    match w.r.below(16) {
        0..=3 => {
            let (text, out) = window(&mut w.r, &dims, true);
            let (groups, filters) = match w.r.below(3) {
                0 if channels.is_multiple_of(2) => (2, 2 * (1 + w.r.below(3))),
                1 if channels < 5 => (channels, channels * (1 + w.r.below(2))),
                _ => (1, w.r.of(&[1, 2, 3, 4, 6, 17])),
            };
            let bias = w.r.of(&["", ", bias = false", ", frozen = true"]);
            let x = w.name(i);
            w.bind(
                &format!("{x}.conv2d({filters}, kernel = {text}, groups = {groups}{bias})"),
                image(out, filters),
            );
        }
        4 => {
            let (text, out) = window(&mut w.r, &dims, true);
            let multiplier = 1 + w.r.below(2);
            let x = w.name(i);
            w.bind(
                &format!("{x}.depthwise_conv2d({multiplier}, kernel = {text})"),
                image(out, channels * multiplier),
            );
        }
        5 | 6 if small => {
            let axes = [0, 1].map(|a| axis(&mut w.r, dims[a], true, true));
            let [a, b] = &axes;
            let (Some(h), Some(v)) = (a.spread(height), b.spread(width)) else {
                return;
            };
            if h * v > 100 {
                return;
            }
            let filters = 1 + w.r.below(3);
            let x = w.name(i);
            w.bind(
                &format!(
                    "{x}.conv_transpose2d({filters}, kernel = [{}, {}], stride = [{}, {}], dilation = [{}, {}], padding = [{}, {}, {}, {}])",
                    a.kernel, b.kernel, a.stride, b.stride, a.dilation, b.dilation, a.before, a.after, b.before, b.after
                ),
                image([h, v], filters),
            );
        }
        7 | 8 => {
            let (text, out) = window(&mut w.r, &dims, false);
            let how = w.r.of(&["max_pool2d", "avg_pool2d"]);
            let edge = if how == "avg_pool2d" {
                w.r.of(&["", ", edge = zeros"])
            } else {
                ""
            };
            let x = w.name(i);
            w.bind(&format!("{x}.{how}({text}{edge})"), image(out, channels));
        }
        9 => {
            let layer = w.r.of(&[
                "relu()",
                "prelu(per_channel = true)",
                "leaky_relu()",
                "tanh()",
                "dropout(0.3, channels = true)",
                "batch_norm(eps = 0.01)",
                "group_norm(1, eps = 0.01)",
            ]);
            let x = w.name(i);
            w.bind(&format!("{x}.{layer}"), dims);
        }
        10 => {
            let filters = w.r.of(&[1, 2, 5, 16]);
            let x = w.name(i);
            w.bind(&format!("{x}.unit({filters})"), image([height, width], filters));
        }
        11 => {
            let x = w.name(i);
            w.bind(&format!("{x}.skipped({channels})"), dims);
        }
        12 if small => {
            let j = w.alike(i);
            let (a, b) = (w.name(i), w.name(j));
            let axis = w.r.below(3);
            let mut joined = dims;
            joined[axis] *= 2;
            w.bind(&format!("concat({a}, {b}, axis = {axis})"), joined);
        }
        13 if small => {
            let sides = [0; 4].map(|_| w.r.below(3));
            let x = w.name(i);
            w.bind(
                &format!("{x}.pad({sides:?}, value = 0.5)"),
                image(
                    [height + sides[0] + sides[1], width + sides[2] + sides[3]],
                    channels,
                ),
            );
        }
        14 if height > 1 && width > 1 => {
            let (top, left) = (w.r.below(height), w.r.below(width));
            let x = w.name(i);
            w.bind(
                &format!("{x}.crop([{top}, 0, {left}, 0])"),
                image([height - top, width - left], channels),
            );
        }
        15 if small => {
            let mode = w.r.of(&["nearest", "bilinear"]);
            let by = [1 + w.r.below(2), 1 + w.r.below(2)];
            let x = w.name(i);
            w.bind(
                &format!("{x}.upsample2d({by:?}, mode = {mode})"),
                image([height * by[0], width * by[1]], channels),
            );
        }
        _ => {
            let axes = w.r.of(&[[1, 0, 2], [2, 0, 1], [0, 2, 1]]);
            let x = w.name(i);
            w.bind(
                &format!("{x}.transpose({axes:?})"),
                axes.iter().map(|a| dims[*a]).collect(),
            );
        }
    }
}
