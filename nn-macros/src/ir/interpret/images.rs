//! The meaning of the operations on images.

use super::Run;
use crate::ir::geometry::{Conv, Pooling, Window};
use crate::ir::{OpKind, ParamId, ValueId};

impl Run {
    /// Runs an operation on images.
    pub(super) fn image_step(&mut self, op: &OpKind) {
        match op {
            OpKind::Conv2d {
                y,
                x,
                w,
                b,
                conv,
                epilogue,
                pool,
            } => {
                let (x, w) = (&self.values[x.0], &self.params[w.0]);
                let bias = |c| b.map_or(0.0, |b: ParamId| self.params[b.0][c]);
                let mut product: Vec<f64> = (0..self.samples * conv.output_elems())
                    .map(|i| bias(i % conv.outputs))
                    .collect();
                each_product(conv, self.samples, |xi, wi, yi| product[yi] += x[xi] * w[wi]);
                self.values[y.0] = self.epilogue(product, conv.outputs, epilogue);
                if let Some(pool) = pool {
                    self.values[y.0] = self.pool(*y, &pool.window, conv.outputs, pool.how).0;
                }
            }
            OpKind::Conv2dGradInput {
                dx,
                dy,
                w,
                conv,
                epilogue,
            } => {
                let (dy, w) = (&self.values[dy.0], self.source(*w));
                let mut product = vec![0.0; self.samples * conv.input_elems()];
                each_product(conv, self.samples, |xi, wi, yi| {
                    product[xi] += dy[yi] * w[transposed(conv, wi)];
                });
                self.values[dx.0] = self.epilogue(product, conv.inputs, epilogue);
            }
            OpKind::Conv2dGradWeight { w, x, dy, conv } => {
                let (x, dy) = (&self.values[x.0], &self.values[dy.0]);
                let dw = &mut self.gradients[w.0];
                each_product(conv, self.samples, |xi, wi, yi| dw[wi] += x[xi] * dy[yi]);
            }
            OpKind::Pool {
                y,
                x,
                index,
                window,
                channels,
                how,
            } => {
                let (pooled, places) = self.pool(*x, window, *channels, *how);
                self.values[y.0] = pooled;
                if let Some(index) = index {
                    self.values[index.0] = places;
                }
            }
            OpKind::PoolGrad {
                dx,
                dy,
                index,
                window,
                channels,
                how,
            } => {
                let dy = &self.values[dy.0];
                let mut sum = vec![0.0; self.samples * window.inputs() * channels];
                each_window(window, self.samples, *channels, |yi, taps| {
                    for (tap, xi) in taps {
                        sum[*xi] += match (how, index) {
                            (Pooling::Max, Some(index)) => {
                                f64::from(u8::from(self.values[index.0][yi] == *tap as f64)) * dy[yi]
                            }
                            (Pooling::Max, None) => panic!("a maximum's gradient needs its places"),
                            (Pooling::Mean, _) => dy[yi] / taps.len() as f64,
                            (Pooling::Sum(scale), _) => dy[yi] * scale,
                        };
                    }
                });
                self.values[dx.0] = sum;
            }
            OpKind::Permute { y, x, dims, axes } => {
                let x = self.source(*x);
                let size = dims.map(|d| d as isize);
                let to = axes.map(|a| dims[a]);
                self.values[y.0] = x
                    .chunks(dims.iter().product())
                    .flat_map(|x| {
                        each_place(&to).map(move |place| {
                            let mut from = [0; 4];
                            (0..4).for_each(|i| from[axes[i]] = place[i]);
                            x[from.iter().zip(&size).fold(0, |at, (i, d)| at * d + i) as usize]
                        })
                    })
                    .collect();
            }
            OpKind::CopyBox {
                y,
                x,
                from,
                to,
                at,
                fill,
            } => {
                let x = &self.values[x.0];
                self.values[y.0] = x
                    .chunks(from.iter().product())
                    .flat_map(|x| {
                        each_place(to).map(move |place| {
                            let mut index = 0;
                            for i in 0..3 {
                                let p = place[i] - at[i];
                                if !(0..from[i] as isize).contains(&p) {
                                    return *fill;
                                }
                                index = index * from[i] as isize + p;
                            }
                            x[index as usize]
                        })
                    })
                    .collect();
            }
            OpKind::Bilinear {
                y,
                x,
                from,
                to,
                channels,
                transposed,
            } => self.bilinear(*y, *x, *from, *to, *channels, *transposed),
            _ => panic!("no operation on images: {op:?}"),
        }
    }

    fn pool(&self, x: ValueId, window: &Window, channels: usize, how: Pooling) -> (Vec<f64>, Vec<f64>) {
        let x = &self.values[x.0];
        let (mut pooled, mut places) = (Vec::new(), Vec::new());
        each_window(window, self.samples, channels, |_, taps| {
            let sum: f64 = taps.iter().map(|(_, i)| x[*i]).sum();
            let (mut place, mut max) = (0, f64::NEG_INFINITY);
            for (tap, i) in taps {
                if x[*i] > max {
                    (place, max) = (*tap, x[*i]);
                }
            }
            places.push(place as f64);
            pooled.push(match how {
                Pooling::Max => max,
                Pooling::Mean => sum / taps.len() as f64,
                Pooling::Sum(scale) => sum * scale,
            });
        });
        (pooled, places)
    }

    fn bilinear(
        &mut self,
        y: ValueId,
        x: ValueId,
        from: [usize; 2],
        to: [usize; 2],
        channels: usize,
        transposed: bool,
    ) {
        let size = |[h, w]: [usize; 2]| h * w * channels;
        let weights = [0, 1].map(|a| (0..to[a]).map(|o| linear(from[a], to[a], o)).collect::<Vec<_>>());
        let result = if transposed { size(from) } else { size(to) };
        let mut sum = vec![0.0; self.samples * result];
        for n in 0..self.samples {
            for i in 0..size(to) {
                let (pixel, c) = (i / channels, i % channels);
                for (h, wh) in weights[0][pixel / to[1]] {
                    for (w, ww) in weights[1][pixel % to[1]] {
                        let (small, large) = ((h * from[1] + w) * channels + c, i);
                        let (at, of) = if transposed {
                            (small, large)
                        } else {
                            (large, small)
                        };
                        let given = self.values[x.0].len() / self.samples;
                        sum[n * result + at] += wh * ww * self.values[x.0][n * given + of];
                    }
                }
            }
        }
        self.values[y.0] = sum;
    }
}

/// The two elements that output `o` lies between, with their weights.
fn linear(from: usize, to: usize, o: usize) -> [(usize, f64); 2] {
    let at = ((o as f64 + 0.5) * from as f64 / to as f64 - 0.5).max(0.0);
    let low = (at as usize).min(from - 1);
    let share = at - low as f64;
    [(low, 1.0 - share), ((low + 1).min(from - 1), share)]
}

/// Every product of a convolution: the places of its factors in `x` and `w`, and of its sum in `y`.
fn each_product(conv: &Conv, samples: usize, mut f: impl FnMut(usize, usize, usize)) {
    let w = &conv.window;
    let (inputs, outputs) = (conv.inputs / conv.groups, conv.outputs / conv.groups);
    each_window(w, samples, 1, |pixel, taps| {
        for (tap, source) in taps {
            for o in 0..conv.outputs {
                for i in 0..inputs {
                    f(
                        source * conv.inputs + o / outputs * inputs + i,
                        (tap * inputs + i) * conv.outputs + o,
                        pixel * conv.outputs + o,
                    );
                }
            }
        }
    });
}

/// Where the weight at `i` lies in `[KH, KW, outputs / groups, inputs]`.
fn transposed(conv: &Conv, i: usize) -> usize {
    let (inputs, outputs) = (conv.inputs / conv.groups, conv.outputs / conv.groups);
    let (tap, o) = (i / conv.outputs / inputs, i % conv.outputs);
    (tap * outputs + o % outputs) * conv.inputs + o / outputs * inputs + i / conv.outputs % inputs
}

/// Every position of a window, channel by channel: its place in `y`, and its taps with their places in `x`.
fn each_window(w: &Window, samples: usize, channels: usize, mut f: impl FnMut(usize, &[(usize, usize)])) {
    let mut y = 0;
    for n in 0..samples {
        for o in each_place(&w.output) {
            let taps: Vec<(usize, usize)> = each_place(&w.kernel)
                .enumerate()
                .filter_map(|(tap, t)| {
                    let i = [0, 1].map(|a| w.source(a, o[a] as usize, t[a] as usize));
                    Some((tap, (n * w.input[0] + i[0]?) * w.input[1] + i[1]?))
                })
                .collect();
            for c in 0..channels {
                let taps: Vec<_> = taps
                    .iter()
                    .map(|(tap, pixel)| (*tap, pixel * channels + c))
                    .collect();
                f(y, &taps);
                y += 1;
            }
        }
    }
}

/// Every place of an array in the order of its numbers.
fn each_place<const N: usize>(dims: &[usize; N]) -> impl Iterator<Item = [isize; N]> + use<N> {
    let dims = *dims;
    (0..dims.iter().product()).map(move |mut i: usize| {
        let mut place = [0; N];
        for (p, d) in place.iter_mut().zip(dims).rev() {
            *p = (i % d) as isize;
            i /= d;
        }
        place
    })
}
