//! Every instruction set against three nested loops, on sizes at and around every edge.

use super::Gemm;
use crate::Scalar;
use crate::isa::forced::on_every_isa;

fn numbers<T: Scalar>(count: usize, seed: u64) -> Vec<T> {
    let mut state = seed;
    (0..count)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            T::from_f64((state >> 40) as f64 / (1u64 << 23) as f64 - 1.0)
        })
        .collect()
}

#[derive(Clone, Copy, Debug)]
enum Layout {
    /// `x · w + b`
    Forward,
    /// `dy · wᵀ`
    Input,
    /// `c + xᵀ · dy`
    Weight,
}

/// One product of each layout, against the loops; rows beside the result stay untouched.
fn check<T: Scalar>(m: usize, n: usize, k: usize, layout: Layout, bound: f64) {
    let a = numbers::<T>(m * k, 1);
    let b = numbers::<T>(k * n, 2);
    let bias = numbers::<T>(n, 3);
    let pad = 3;
    let old = numbers::<T>(m * (n + pad), 4);
    let mut c = old.clone();
    let (a_row, a_step) = if matches!(layout, Layout::Weight) {
        (1, m)
    } else {
        (k, 1)
    };
    let (b_step, b_column) = if matches!(layout, Layout::Input) {
        (1, k)
    } else {
        (n, 1)
    };
    T::gemm(&Gemm {
        m,
        n,
        k,
        a: a.as_ptr(),
        a_row,
        a_step,
        b: b.as_ptr(),
        b_step,
        b_column,
        bias: if matches!(layout, Layout::Forward) {
            bias.as_ptr()
        } else {
            std::ptr::null()
        },
        c: c.as_mut_ptr(),
        c_row: n + pad,
        accumulate: matches!(layout, Layout::Weight),
    });
    for i in 0..m {
        for j in 0..n + pad {
            let found = c[i * (n + pad) + j];
            let before = old[i * (n + pad) + j];
            if j >= n {
                assert_eq!(found, before, "a number beside the result was written");
                continue;
            }
            let mut sum = match layout {
                Layout::Forward => bias[j].to_f64(),
                Layout::Input => 0.0,
                Layout::Weight => before.to_f64(),
            };
            for p in 0..k {
                sum += a[i * a_row + p * a_step].to_f64() * b[p * b_step + j * b_column].to_f64();
            }
            let error = (found.to_f64() - sum).abs();
            assert!(
                error <= bound * (k + 1) as f64,
                "{layout:?} {m}x{n}x{k} at {i}, {j}: {found}, not {sum}"
            );
        }
    }
}

#[test]
fn every_layout_on_odd_sizes() {
    let sizes = [
        (1, 1, 1),
        (4, 3, 2),
        (4, 1, 3),
        (1, 10, 84),
        (1, 131, 17),
        (2, 17, 5),
        (3, 16, 16),
        (5, 33, 7),
        (7, 48, 40),
        (8, 49, 31),
        (9, 100, 9),
        (15, 24, 3),
        (16, 65, 33),
        (17, 95, 257),
        (23, 145, 300),
        (33, 70, 513),
        (64, 130, 16),
        (3, 5, 0),
        (0, 5, 3),
        (5, 0, 3),
    ];
    on_every_isa(|_| {
        for (m, n, k) in sizes {
            for layout in [Layout::Forward, Layout::Input, Layout::Weight] {
                check::<f32>(m, n, k, layout, 1e-7);
                check::<f64>(m, n, k, layout, 2e-16);
            }
        }
    });
}

#[test]
fn a_row_alone_has_the_bits_it_has_among_others() {
    let (m, n, k) = (37, 101, 530);
    let a = numbers::<f32>(m * k, 1);
    let b = numbers::<f32>(k * n, 2);
    let transposed: Vec<f32> = (0..n * k).map(|i| b[i % k * n + i / k]).collect();
    let product = |rows: std::ops::Range<usize>, b: &[f32], b_step, b_column| {
        let mut c = vec![0.0f32; rows.len() * n];
        f32::gemm(&Gemm {
            m: rows.len(),
            n,
            k,
            a: a[rows.start * k..].as_ptr(),
            a_row: k,
            a_step: 1,
            b: b.as_ptr(),
            b_step,
            b_column,
            bias: std::ptr::null(),
            c: c.as_mut_ptr(),
            c_row: n,
            accumulate: false,
        });
        c
    };
    use crate::kernels::dispatch::Dispatch;
    let mut fused: Option<Vec<f32>> = None;
    on_every_isa(|isa| {
        let whole = product(0..m, &b, n, 1);
        assert_eq!(
            whole,
            product(0..m, &transposed, 1, k),
            "{isa:?}: the order of b's numbers matters"
        );
        let mut from = 0;
        for rows in [1, 3, 16, 2, 8, 7] {
            let part = product(from..from + rows, &b, n, 1);
            assert_eq!(
                part,
                whole[from * n..(from + rows) * n],
                "{isa:?}: rows {from} and {rows} more"
            );
            from += rows;
        }
        if isa != crate::Isa::Scalar {
            let first = fused.get_or_insert_with(|| whole.clone());
            assert_eq!(*first, whole, "{isa:?} differs");
        }
    });
}
