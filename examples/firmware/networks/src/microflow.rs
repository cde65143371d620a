//! The three networks that MicroFlow and TensorFlow Lite Micro publish figures of, on 8-bit integers, written as calls of the
//! kernels. The weights are random: what an inference costs follows from the shapes.
//!
//! # Source
//! M. Carnelos, F. Pasti, N. Bellotto, "MicroFlow: An Efficient Rust-Based Inference Engine for TinyML", 2024.

use nn_runtime::int8::{
    Conv2d, Rescale, Softmax, Window2d, average_pool2d, conv2d, conv2d_weight_bytes, dense, padded, softmax,
};

/// The zero point of every tensor: what a relu makes it.
const ZERO: i8 = -128;

/// Weights of `W` words, and the constants of `C` output channels.
struct Parameters<const W: usize, const C: usize> {
    w: [u32; W],
    b: [i32; C],
    multipliers: [i32; C],
    shifts: [i8; C],
}

impl<const W: usize, const C: usize> Parameters<W, C> {
    /// Of layers of so many channels, each a sum over so many products.
    const fn random(layers: &[(usize, usize)]) -> Self {
        let (mut w, mut state) = ([0; W], 1u32);
        let mut i = 0;
        while i < W {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // No weight is -128.
            w[i] = state ^ (state >> 7 & 0x0101_0101) | 0x0101_0101;
            i += 1;
        }
        let (mut b, mut multipliers, mut shifts) = ([0; C], [0; C], [0; C]);
        let (mut c, mut layer) = (0, 0);
        while layer < layers.len() {
            let end = c + layers[layer].0;
            while c < end {
                b[c] = (c as i32 * 733) % 5000 - 2500;
                multipliers[c] = (1 << 30) + c as i32 % 97 * 1_000_003;
                shifts[c] = -8 - (layers[layer].1.ilog2() / 2) as i8;
                c += 1;
            }
            layer += 1;
        }
        Self {
            w,
            b,
            multipliers,
            shifts,
        }
    }

    #[inline(always)]
    fn reader(&self) -> Reader<'_> {
        // SAFETY: a word is four bytes, and every byte is a number.
        let w = unsafe { core::slice::from_raw_parts(self.w.as_ptr().cast(), 4 * W) };
        Reader {
            w,
            b: &self.b,
            multipliers: &self.multipliers,
            shifts: &self.shifts,
        }
    }
}

/// The parameters of the layers that are still to come.
struct Reader<'a> {
    w: &'a [i8],
    b: &'a [i32],
    multipliers: &'a [i32],
    shifts: &'a [i8],
}

impl<'a> Reader<'a> {
    #[inline(always)]
    fn next(&mut self, weights: usize, channels: usize) -> (&'a [i8], &'a [i32], Rescale<'a>) {
        let w = take(&mut self.w, weights);
        let b = take(&mut self.b, channels);
        let rescale = Rescale {
            multipliers: take(&mut self.multipliers, channels),
            shifts: take(&mut self.shifts, channels),
            zero: i32::from(ZERO),
            low: -128,
            high: 127,
        };
        (w, b, rescale)
    }

    #[inline(always)]
    fn dense(&mut self, x: &[i8], y: &mut [i8]) {
        let (w, b, r) = self.next(y.len() * padded(x.len()), y.len());
        dense(1, x.len(), y.len(), x, w, b, r, y);
    }

    #[inline(always)]
    fn conv2d(&mut self, window: Window2d, channels: [usize; 2], groups: usize, x: &[i8], y: &mut [i8]) {
        let conv = Conv2d {
            window,
            inputs: channels[0],
            outputs: channels[1],
            groups,
        };
        let (w, b, r) = self.next(conv2d_weight_bytes(&conv), channels[1]);
        let (x, y) = (&x[..window.input[0] * window.input[1] * channels[0]], &mut y[..]);
        let y = &mut y[..window.output[0] * window.output[1] * channels[1]];
        conv2d(&conv, x, ZERO, w, b, r, y);
    }
}

#[inline(always)]
fn take<'a, T>(all: &mut &'a [T], count: usize) -> &'a [T] {
    let (first, rest) = all.split_at(count);
    *all = rest;
    first
}

/// A square window over a square image, padded as TensorFlow's `same`.
const fn same(size: usize, kernel: usize, stride: usize) -> Window2d {
    let output = size / stride;
    Window2d {
        input: [size; 2],
        output: [output; 2],
        kernel: [kernel; 2],
        stride: [stride; 2],
        dilation: [1; 2],
        before: [(kernel - stride) / 2; 2],
    }
}

static SINE: Parameters<84, 33> = Parameters::random(&[(16, 1), (16, 16), (1, 16)]);

/// The sine of a number: dense 1-16-16-1.
#[inline(always)]
pub fn sine(x: &[i8; 1], arena: &mut [i8; 32], y: &mut [i8; 1]) {
    let mut next = SINE.reader();
    let (a, b) = arena.split_at_mut(16);
    next.dense(x, a);
    next.dense(a, b);
    next.dense(b, y);
}

static SPEECH: Parameters<4160, 12> = Parameters::random(&[(8, 80), (4, 4000)]);

/// A spoken word among four: a convolution to 8 channels, dense, softmax.
#[inline(always)]
pub fn speech(x: &[i8; 1960], arena: &mut [i8; 4004], y: &mut [i8; 4]) {
    let mut next = SPEECH.reader();
    let (a, b) = arena.split_at_mut(4000);
    let window = Window2d {
        input: [49, 40],
        output: [25, 20],
        kernel: [10, 8],
        stride: [2, 2],
        dilation: [1, 1],
        before: [4, 3],
    };
    next.conv2d(window, [1, 8], 1, x, a);
    next.dense(a, b);
    softmax(1, 4, b, &const { Softmax::new(0.05) }, y);
}

/// Of each pair: the image's size, the stride, channels in and out.
const PAIRS: [(usize, usize, usize, usize); 13] = [
    (48, 1, 8, 16),
    (48, 2, 16, 32),
    (24, 1, 32, 32),
    (24, 2, 32, 64),
    (12, 1, 64, 64),
    (12, 2, 64, 128),
    (6, 1, 128, 128),
    (6, 1, 128, 128),
    (6, 1, 128, 128),
    (6, 1, 128, 128),
    (6, 1, 128, 128),
    (6, 2, 128, 256),
    (3, 1, 256, 256),
];

const fn person_layers() -> [(usize, usize); 28] {
    let mut layers = [(8, 9); 28];
    let mut i = 0;
    while i < PAIRS.len() {
        layers[1 + 2 * i] = (PAIRS[i].2, 9);
        layers[2 + 2 * i] = (PAIRS[i].3, PAIRS[i].2);
        i += 1;
    }
    layers[27] = (2, 256);
    layers
}

/// Words of weights and output channels.
const PERSON_SIZE: (usize, usize) = {
    let (mut bytes, mut channels, mut i) = (8 * 12 + 2 * 256, 8 + 2, 0);
    while i < PAIRS.len() {
        let (_, _, inputs, outputs) = PAIRS[i];
        bytes += 9 * inputs + outputs * inputs;
        channels += inputs + outputs;
        i += 1;
    }
    (bytes / 4, channels)
};

static PERSON: Parameters<{ PERSON_SIZE.0 }, { PERSON_SIZE.1 }> = Parameters::random(&person_layers());

/// Bytes of [`person`]'s arena, of which the first 9,216 are the image: the first pair's input and output.
pub const PERSON_ARENA: usize = 18_432 + 36_864;

/// Whether a person is in a picture of 96 x 96 grey pixels: MobileNetV1 at a quarter of the channels.
#[inline(always)]
pub fn person(arena: &mut [i8; PERSON_ARENA], y: &mut [i8; 2]) {
    let mut next = PERSON.reader();
    let (a, b) = arena.split_at_mut(18_432);
    next.conv2d(same(96, 3, 2), [1, 8], 1, a, b);
    // Straight-line code, for which every length is a constant.
    macro_rules! pairs {
        ($($i:literal)*) => { $({
            const PAIR: (usize, usize, usize, usize) = PAIRS[$i];
            let (size, stride, inputs, outputs) = PAIR;
            next.conv2d(same(size, 3, stride), [inputs; 2], inputs, b, a);
            next.conv2d(same(size / stride, 1, 1), [inputs, outputs], 1, a, b);
        })* };
    }
    pairs!(0 1 2 3 4 5 6 7 8 9 10 11 12);
    let all = Window2d {
        output: [1; 2],
        before: [0; 2],
        ..same(3, 3, 3)
    };
    average_pool2d(&all, 256, &b[..2304], -128, 127, &mut a[..256]);
    let mut scores = [0; 2];
    next.dense(&a[..256], &mut scores);
    softmax(1, 2, &scores, &const { Softmax::new(0.05) }, y);
}

/// The same bytes on either side.
pub fn fill(x: &mut [i8]) {
    let mut state = 7u32;
    for x in x {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *x = (state >> 24) as i8;
    }
}

/// A number of which no byte can change alone.
#[must_use]
pub fn checksum(bytes: &[i8]) -> u32 {
    bytes.iter().fold(0, |sum: u32, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(*byte as u8))
    })
}
