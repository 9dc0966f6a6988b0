//! Orthogonal matrices on the CPU: orthogonality, the Haar law, batches, blocks and taps.

#[path = "support/kolmogorov.rs"]
mod kolmogorov;
#[path = "support/tensor.rs"]
mod tensor;

use kolmogorov::{MOST, kolmogorov};
use statrs::distribution::{Beta, ContinuousCDF, Normal};
use tensor::{shape, spec, values};
use wgpu_init::cpu::reference;
use wgpu_init::layer::{Cell, Gate, Recurrent};
use wgpu_init::scheme::Layout;
use wgpu_init::value::orthogonal::{Orthonormal, orthonormal};
use wgpu_init::value::word::value_word;
use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed};

/// Greatest |QᵀQ − gain²| or |QQᵀ − gain²|, whichever is the smaller matrix.
fn gram_error(values: &[f32], rows: usize, columns: usize, gain: f64) -> f64 {
    let entry = |long: usize, short: usize| {
        f64::from(if rows < columns { values[short * columns + long] } else { values[long * columns + short] })
    };
    let (long, short) = (rows.max(columns), rows.min(columns));
    let mut worst: f64 = 0.0;
    for a in 0..short {
        for b in 0..=a {
            let dot: f64 = (0..long).map(|l| entry(l, a) * entry(l, b)).sum();
            worst = worst.max((dot - if a == b { gain * gain } else { 0.0 }).abs());
        }
    }
    worst
}

#[test]
fn rows_or_columns_are_orthogonal() {
    for (dims, rows, columns) in [
        (vec![3, 4], 3, 4),
        (vec![4, 3], 4, 3),
        (vec![20, 2, 3, 4], 20, 24),
        (vec![2, 3, 4, 5], 2, 60),
        (vec![1, 1], 1, 1),
        (vec![1, 7], 1, 7),
        (vec![7, 1], 7, 1),
        (vec![64, 64], 64, 64),
        (vec![65, 33], 65, 33),
        (vec![33, 130], 33, 130),
        (vec![256, 256], 256, 256),
        (vec![96, 400], 96, 400),
    ] {
        for gain in [1.0f32, 0.25, 1.75] {
            let gain = f64::from(gain);
            let error = gram_error(&values(Initializer::orthogonal(gain), &dims, 3), rows, columns, gain);
            // Entries are rounded to f32, twice with a gain that is no power of two.
            assert!(error <= 1e-7 * gain * gain, "{dims:?} gain {gain}: {error:e}");
        }
    }
}

/// A matrix by its seed.
fn matrix(rows: usize, columns: usize, seed: u64) -> Orthonormal {
    orthonormal(rows, columns, |row, column| value_word(seed, 1, (row * columns + column) as u64))
}

fn real(matrix: &Orthonormal) -> Vec<f64> {
    matrix.entries.iter().map(|entry| f64::from(*entry) / f64::from(1 << 30)).collect()
}

fn determinant(mut a: Vec<f64>, n: usize) -> f64 {
    let mut product = 1.0;
    for k in 0..n {
        let pivot = (k..n).max_by(|x, y| a[x * n + k].abs().total_cmp(&a[y * n + k].abs())).expect("a row");
        if pivot != k {
            (0..n).for_each(|j| a.swap(k * n + j, pivot * n + j));
            product = -product;
        }
        product *= a[k * n + k];
        for i in k + 1..n {
            let factor = a[i * n + k] / a[k * n + k];
            (k..n).for_each(|j| a[i * n + j] -= factor * a[k * n + j]);
        }
    }
    product
}

/// What must hold of Haar matrices n × n; the names of what does not.
fn haar_failures(n: usize, draw: impl Fn(u64) -> Vec<f64>) -> Vec<String> {
    const DRAWS: u64 = 20_000;
    let matrices: Vec<Vec<f64>> = (0..DRAWS).map(draw).collect();
    let mut failures = Vec::new();
    let size = n as f64;
    // Every entry's square is Beta(1/2, (n − 1)/2), and its sign is even.
    let beta = Beta::new(0.5, (size - 1.0) / 2.0).expect("a law");
    for place in 0..n * n {
        let squares = matrices.iter().map(|matrix| (matrix[place] * matrix[place]).min(1.0)).collect();
        let statistic = kolmogorov(squares, |x| beta.cdf(x));
        if statistic > MOST {
            failures.push(format!("square of entry {place}: {statistic}"));
        }
        let positive = matrices.iter().filter(|matrix| matrix[place] > 0.0).count() as f64;
        let score = (positive - DRAWS as f64 / 2.0) / (DRAWS as f64 / 4.0).sqrt();
        if score.abs() > 5.0 {
            failures.push(format!("sign of entry {place}: {score} deviations"));
        }
    }
    // The determinant is 1 as often as −1.
    let positive = matrices.iter().filter(|matrix| determinant((*matrix).clone(), n) > 0.0).count() as f64;
    let score = (positive - DRAWS as f64 / 2.0) / (DRAWS as f64 / 4.0).sqrt();
    if score.abs() > 5.0 {
        failures.push(format!("determinant: {score} deviations"));
    }
    // E tr Q = 0, E (tr Q)² = 1, E tr Q² = 1 (Diaconis and Shahshahani 1994); E (tr Q)⁴ = 3 from n = 2 on.
    let trace = |matrix: &Vec<f64>| (0..n).map(|i| matrix[i * n + i]).sum::<f64>();
    let square = |matrix: &Vec<f64>| (0..n * n).map(|at| matrix[at] * matrix[at % n * n + at / n]).sum::<f64>();
    for (name, expected, of) in [
        ("trace", 0.0, &trace as &dyn Fn(&Vec<f64>) -> f64),
        ("trace²", 1.0, &|matrix: &Vec<f64>| trace(matrix).powi(2)),
        ("trace⁴", 3.0, &|matrix: &Vec<f64>| trace(matrix).powi(4)),
        ("trace of the square", 1.0, &square),
    ] {
        let numbers: Vec<f64> = matrices.iter().map(of).collect();
        let mean = numbers.iter().sum::<f64>() / DRAWS as f64;
        let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / DRAWS as f64;
        let score = (mean - expected) / (variance / DRAWS as f64).sqrt();
        if score.abs() > 5.0 {
            failures.push(format!("{name}: mean {mean}, {score} deviations"));
        }
    }
    failures
}

#[test]
fn square_matrices_have_the_haar_law() {
    for n in [2, 3, 5] {
        let failures = haar_failures(n, |seed| real(&matrix(n, n, seed)));
        assert!(failures.is_empty(), "{n}: {failures:?}");
    }
}

/// Negative control: QR without the sign fix, which is how it is often done. Gram–Schmidt by reflectors has first entries of one
/// sign.
#[test]
fn the_haar_tests_see_a_missing_sign_fix() {
    let failures = haar_failures(3, |seed| {
        let mut q = real(&matrix(3, 3, seed));
        // The sign of each column is then that of −x₀, which makes the first entry of the first column negative.
        for column in 0..3 {
            let diagonal = q[column * 3 + column];
            if diagonal > 0.0 {
                (0..3).for_each(|row| q[row * 3 + column] = -q[row * 3 + column]);
            }
        }
        q
    });
    for needed in ["sign of entry 0", "trace"] {
        assert!(failures.iter().any(|failure| failure.starts_with(needed)), "{needed} is not seen: {failures:?}");
    }
    // A determinant that is always 1: rotations only.
    let failures = haar_failures(3, |seed| {
        let mut q = real(&matrix(3, 3, seed));
        if determinant(q.clone(), 3) < 0.0 {
            (0..3).for_each(|row| q[row * 3] = -q[row * 3]);
        }
        q
    });
    assert!(failures.iter().any(|failure| failure.starts_with("determinant")), "{failures:?}");
}

/// Columns of a tall matrix are uniform on the sphere, and entries of a large matrix are nearly normal.
#[test]
fn tall_and_large_matrices_have_the_haar_law() {
    let beta = Beta::new(0.5, 6.5).expect("a law");
    let tall: Vec<Vec<f64>> = (0..5000).map(|seed| real(&matrix(14, 3, seed))).collect();
    for place in 0..42 {
        let statistic = kolmogorov(tall.iter().map(|m| m[place] * m[place]).collect(), |x| beta.cdf(x));
        assert!(statistic < MOST, "entry {place}: {statistic}");
    }
    let n = 300;
    let entries: Vec<f64> = real(&matrix(n, n, 9)).into_iter().map(|x| x * (n as f64).sqrt()).collect();
    let normal = Normal::standard();
    assert!(kolmogorov(entries, |x| normal.cdf(x)) < MOST);
    // Two seeds, two streams and two matrices of a batch are independent: their product is as far from 1 as chance has it.
    let batch = values(Initializer::orthogonal_batch(1.0, 1), &[2, 64, 64], 1);
    let dot: f64 = batch[..4096].iter().zip(&batch[4096..]).map(|(a, b)| f64::from(a * b)).sum();
    assert!(dot.abs() < 5.0, "tr AᵀB has variance 1: {dot}");
}

#[test]
fn a_batch_is_its_matrices_and_16_bits_are_the_rounded_f32() {
    let batch = values(Initializer::orthogonal_batch(1.0, 1), &[4, 12, 7], 2);
    for (number, matrix) in batch.chunks(84).enumerate() {
        assert!(gram_error(matrix, 12, 7, 1.0) < 1e-7, "matrix {number}");
    }
    let whole = spec(Initializer::orthogonal(1.0), &[30, 20], 4);
    for dtype in [DType::F16, DType::Bf16] {
        let narrow = Fill::new(shape(&[30, 20]), Initializer::orthogonal(1.0)).expect("valid");
        let narrow = narrow.named(Seed::new(4), "weight").dtype(dtype);
        let wide = reference::elements(&whole).expect("valid").map(f32::from_bits);
        for (narrow, wide) in reference::elements(&narrow).expect("valid").zip(wide) {
            let expected = match dtype {
                DType::F16 => half::f16::from_f32(wide).to_bits(),
                _ => half::bf16::from_f32(wide).to_bits(),
            };
            assert_eq!(narrow, u32::from(expected), "{dtype} {wide}");
        }
    }
}

/// JAX's: an orthogonal matrix at the middle tap, zeros elsewhere; both layouts.
#[test]
fn delta_orthogonal_is_a_matrix_at_the_middle_tap() {
    let weight = values(Initializer::delta_orthogonal(2.0), &[6, 4, 3, 5], 7);
    let taps: Vec<&[f32]> = weight.chunks(15).collect();
    assert!(taps.iter().all(|taps| taps.iter().enumerate().all(|(at, x)| at == 7 || x.to_bits() == 0)));
    let middle: Vec<f32> = taps.iter().map(|taps| taps[7]).collect();
    assert!(gram_error(&middle, 6, 4, 2.0) < 4e-7);
    let weight = values(Initializer::delta_orthogonal(1.0).with_layout(Layout::InOut), &[2, 4, 6], 7);
    assert!(weight[24..].iter().all(|x| x.to_bits() == 0), "an even kernel: the middle of 2 is tap (2 − 1)/2 = 0");
    assert!(gram_error(&weight[..24], 4, 6, 1.0) < 1e-7);
}

#[test]
fn a_block_of_a_tensor_is_a_matrix_of_its_own() {
    let orthogonal = Initializer::orthogonal(1.0);
    let lstm = Recurrent::new(Cell::Lstm, 4, 8)
        .each_gate("weight_hh_l0", orthogonal)
        .gate("weight_ih_l0", Gate::Cell, Initializer::eye(1.0))
        .layer()
        .expect("a layer");
    let value_of = |number: usize, elements: usize| {
        let parameter = &lstm.parameters()[number];
        let mut values = vec![0f32; elements];
        let fills = parameter.fills(Seed::new(1), "", DType::F32, 0).expect("valid");
        CpuExecutor::new().run_in(&mut values, &fills).expect("valid");
        values
    };
    let recurrent = value_of(1, 256);
    for gate in recurrent.chunks(64) {
        assert!(gram_error(gate, 8, 8, 1.0) < 1e-7);
    }
    assert_ne!(recurrent[..64], recurrent[64..128]);
    let input = value_of(0, 128);
    assert!((0..8).all(|row| (0..4).all(|column| input[64 + row * 4 + column] == f32::from(u8::from(row == column)))));
}

/// The accuracy that is promised, where it is cheap to see; the decision's table has more.
#[test]
fn a_larger_matrix_is_orthogonal_to_the_last_bits() {
    let n = 1024;
    let matrix = values(Initializer::orthogonal(1.0), &[n as u64, n as u64], 5);
    let rows: Vec<Vec<f64>> =
        matrix.chunks(n).step_by(16).map(|row| row.iter().map(|x| f64::from(*x)).collect()).collect();
    for (a, left) in rows.iter().enumerate() {
        for (b, right) in rows[..=a].iter().enumerate() {
            let dot: f64 = left.iter().zip(right).map(|(x, y)| x * y).sum();
            assert!((dot - f64::from(u8::from(a == b))).abs() < 4e-8, "{a} {b}: {dot}");
        }
    }
}
