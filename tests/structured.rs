//! Identities, orthogonal and sparse matrices on the CPU: PyTorch's cases, orthogonality, the Haar law, places of zeros.

use sha2::{Digest, Sha256};
use statrs::distribution::{Beta, ContinuousCDF, Normal};
use std::fmt::Write;
use wgpu_init::cpu::reference;
use wgpu_init::layer::{Cell, Gate, Recurrent};
use wgpu_init::scheme::Layout;
use wgpu_init::scheme::{Scaling, Side, Window};
use wgpu_init::value::orthogonal::{Orthonormal, orthonormal};
use wgpu_init::value::word::value_word;
use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed, Shape};

fn shape(dims: &[u64]) -> Shape {
    Shape::new(dims).expect("a shape")
}

fn spec(initializer: Initializer, dims: &[u64], seed: u64) -> Fill {
    let fill = Fill::new(shape(dims), initializer).unwrap_or_else(|error| panic!("{initializer} {dims:?}: {error}"));
    fill.named(Seed::new(seed), "weight")
}

/// The f32 values of a tensor, by the fast executor.
fn values(initializer: Initializer, dims: &[u64], seed: u64) -> Vec<f32> {
    let mut values = vec![f32::NAN; usize::try_from(shape(dims).elements()).expect("small")];
    let spec = spec(initializer, dims, seed);
    CpuExecutor::new().run_in(&mut values, &[spec]).expect("valid");
    values
}

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

#[test]
fn the_fast_executor_has_the_bits_of_the_plain_one() {
    let in_out = |initializer: Initializer| initializer.with_layout(Layout::InOut);
    for (initializer, dims) in [
        (Initializer::orthogonal(1.3), vec![40, 70]),
        (Initializer::orthogonal(-0.5), vec![70, 40]),
        (Initializer::orthogonal(1.0), vec![1, 1]),
        (Initializer::orthogonal(1.0), vec![129, 129]),
        (in_out(Initializer::orthogonal(1.0)), vec![3, 5, 8]),
        (Initializer::orthogonal_batch(1.0, 1), vec![5, 9, 4]),
        (Initializer::orthogonal_batch(1.0, 2), vec![2, 3, 4, 2, 2]),
        (Initializer::unit_rows(1.5), vec![7, 3, 41]),
        (Initializer::unit_rows(1.0), vec![9, 1]),
        (Initializer::delta_orthogonal(2.0), vec![6, 5, 3, 4]),
        (in_out(Initializer::delta_orthogonal(2.0)), vec![3, 4, 5, 6]),
        (Initializer::eye(1.5), vec![7, 5]),
        (Initializer::dirac(2), vec![8, 3, 3, 5]),
        (Initializer::sparse(0.3, 0.5), vec![13, 9]),
        (Initializer::sparse_rows(0.3, 0.5), vec![13, 9]),
    ] {
        let elements = shape(&dims).elements();
        for dtype in DType::ALL.iter().copied() {
            let whole = Fill::new(shape(&dims), initializer).expect("valid").named(Seed::new(5), "w").dtype(dtype);
            for range in [0..elements, elements / 3..elements - elements / 5, elements - 1..elements, 0..0] {
                let spec = whole.clone().elements(range.clone()).at(4);
                let expected = reference::bytes(&spec).expect("valid");
                let mut got = vec![0xA5; expected.len() + 8];
                CpuExecutor::new().run_in(&mut got, &[spec]).expect("valid");
                assert_eq!(got[4..got.len() - 4], expected, "{initializer} {dims:?} {dtype} {range:?}");
                assert!(got[..4].iter().chain(&got[got.len() - 4..]).all(|byte| *byte == 0xA5), "{initializer}");
            }
        }
    }
}

/// What it promises: normalising N(0, 1) of the same name, so a row is uniform on the sphere, and no row depends on how many there are.
#[test]
fn unit_rows_are_normalised_normals() {
    for (dims, row) in [(vec![64, 300], 300), (vec![3, 5, 7], 7), (vec![6], 6), (vec![9, 1], 1), (vec![2, 4096], 4096)]
    {
        let units = values(Initializer::unit_rows(1.5), &dims, 3);
        let normals = values(Initializer::normal(0.0, 1.0), &dims, 3);
        for (units, normals) in units.chunks(row).zip(normals.chunks(row)) {
            let norm = normals.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            for (unit, normal) in units.iter().zip(normals) {
                let expected = 1.5 * f64::from(*normal) / norm;
                // Gaussians are rounded to 2^-20 first; f32 keeps 24 bits.
                let error = 1.5 * 2f64.powi(-20) / norm.max(0.1) + 2e-7;
                assert!((f64::from(*unit) - expected).abs() < error, "{dims:?}: {unit} {expected}");
            }
            let length = units.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            assert!((length - 1.5).abs() < 2e-7, "{dims:?}: {length}");
        }
        let rows = values(Initializer::unit_rows(1.5), &[1, row as u64], 3);
        assert_eq!(rows, units[..row]);
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

/// The Kolmogorov–Smirnov statistic times √n.
fn kolmogorov(mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let distance = sample.iter().enumerate().map(|(i, x)| {
        let p = cdf(*x);
        (p - i as f64 / n).max((i + 1) as f64 / n - p)
    });
    distance.fold(0.0, f64::max) * n.sqrt()
}

/// P(√n·D > 2.5) is 7e-6.
const MOST: f64 = 2.5;

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
fn identities_are_exact() {
    for (rows, columns, gain) in [(5usize, 5usize, 1.0f32), (3, 7, -2.0), (7, 3, 0.5), (1, 1, 3.0), (1, 4, 1.0)] {
        let matrix = values(Initializer::eye(f64::from(gain)), &[rows as u64, columns as u64], 0);
        for (at, x) in matrix.iter().enumerate() {
            let expected = if at / columns == at % columns { gain } else { 0.0 };
            assert_eq!(x.to_bits(), expected.to_bits(), "{rows}x{columns} {at}");
        }
    }
}

/// PyTorch's own test: count, sum, and that a convolution returns its cropped input; in one to three dimensions, with groups.
#[test]
fn a_dirac_convolution_returns_its_cropped_input() {
    for kernel in [vec![3u64], vec![3, 5], vec![4, 3, 2]] {
        for groups in [1u64, 2, 3] {
            for (outputs, inputs) in [(6u64, 2u64), (6, 6), (12, 3)] {
                let dims: Vec<u64> = [outputs, inputs].into_iter().chain(kernel.iter().copied()).collect();
                let weight = values(Initializer::dirac(groups), &dims, 0);
                let ones = weight.iter().filter(|x| **x == 1.0).count() as u64;
                assert_eq!(ones, (outputs / groups).min(inputs) * groups, "{dims:?}");
                assert_eq!(weight.iter().sum::<f32>(), ones as f32, "{dims:?}: the others are zero");
                // Output channel o of a group is input channel o of the group, one tap after the kernel's first half.
                let taps: u64 = kernel.iter().product();
                let middle = kernel.iter().fold(0, |at, size| at * size + size / 2);
                for (at, x) in weight.iter().enumerate() {
                    let at = at as u64;
                    let (output, input, tap) = (at / (inputs * taps), at / taps % inputs, at % taps);
                    let is_one = output % (outputs / groups) == input && tap == middle;
                    assert_eq!(*x, f32::from(u8::from(is_one)), "{dims:?} groups {groups} at {at}");
                }
            }
        }
    }
}

#[test]
fn every_line_has_its_number_of_zeros_and_the_rest_is_normal() {
    for (sparsity, rows, zeros) in
        [(0.1, 30usize, 3usize), (0.15, 35, 6), (0.3, 10, 3), (0.0, 9, 0), (1.0, 9, 9), (0.29, 100, 29)]
    {
        let columns = 31usize;
        let torch = values(Initializer::sparse(sparsity, 0.5), &[rows as u64, columns as u64], 6);
        for column in 0..columns {
            let count = torch.iter().skip(column).step_by(columns).filter(|x| x.to_bits() == 0).count();
            assert_eq!(count, zeros, "column {column} of {rows}, sparsity {sparsity}");
        }
        let mlx = values(Initializer::sparse_rows(sparsity, 0.5), &[columns as u64, rows as u64], 6);
        for row in mlx.chunks(rows) {
            assert_eq!(row.iter().filter(|x| x.to_bits() == 0).count(), zeros, "{rows}, sparsity {sparsity}");
        }
    }
    let normal = Normal::new(0.0, 0.5).expect("a law");
    let plain = values(Initializer::normal(0.0, 0.5), &[200, 200], 6);
    let sparse = values(Initializer::sparse(0.25, 0.5), &[200, 200], 6);
    let rest: Vec<f64> = sparse.iter().filter(|x| **x != 0.0).map(|x| f64::from(*x)).collect();
    assert_eq!(rest.len(), 30_000);
    assert!(kolmogorov(rest, |x| normal.cdf(x)) < MOST);
    assert!(
        sparse.iter().zip(&plain).all(|(sparse, plain)| *sparse == 0.0 || sparse == plain),
        "the words are the element's own"
    );
}

/// The same place in neighbouring columns: both zero in sparsity² of the lines. That all sets of places of a line are equally likely
/// is tested beside the permutation, in `src/value/sparse.rs`.
#[test]
fn zeros_of_neighbouring_lines_are_independent() {
    let sparse = values(Initializer::sparse(0.5, 1.0), &[64, 4096], 8);
    for distance in [1, 2, 64] {
        let both = sparse
            .chunks(4096)
            .map(|row| row.windows(distance + 1).filter(|pair| pair[0] == 0.0 && pair[distance] == 0.0).count() as f64);
        let pairs = 64.0 * (4096 - distance) as f64;
        let score = (both.sum::<f64>() - pairs / 4.0) / (pairs * 3.0 / 16.0).sqrt();
        assert!(score.abs() < 5.0, "distance {distance}: {score}");
    }
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

#[test]
fn text_reads_back() {
    for (text, initializer) in [
        ("orthogonal(1)", Initializer::orthogonal(1.0)),
        ("orthogonal(1.5,batch=2)", Initializer::orthogonal_batch(1.5, 2)),
        ("orthogonal(1,in_out)", Initializer::orthogonal(1.0).with_layout(Layout::InOut)),
        ("delta_orthogonal(1)", Initializer::delta_orthogonal(1.0)),
        ("delta_orthogonal(0.5,in_out)", Initializer::delta_orthogonal(0.5).with_layout(Layout::InOut)),
        ("eye(2)", Initializer::eye(2.0)),
        ("dirac(3)", Initializer::dirac(3)),
        ("sparse(0.3,0.01)", Initializer::sparse(0.3, 0.01)),
        ("sparse_rows(0.3,0.5)", Initializer::sparse_rows(0.3, 0.5)),
        ("stft_real(hann,density)", Initializer::stft(Side::Real, Window::Hann, Scaling::Density, false)),
        ("stft_imag(none,spectrum,periodic)", Initializer::stft(Side::Imag, Window::None, Scaling::Spectrum, true)),
    ] {
        assert_eq!(text.parse(), Ok(initializer));
        assert_eq!(initializer.to_string(), text);
    }
    for (short, long) in [
        ("orthogonal", "orthogonal(1)"),
        ("eye", "eye(1)"),
        ("dirac", "dirac(1)"),
        ("sparse(0.3)", "sparse(0.3,0.01)"),
        ("stft_real", "stft_real(hann,density)"),
    ] {
        assert_eq!(short.parse::<Initializer>().map(|i| i.to_string()), Ok(long.to_owned()));
    }
}

/// PyTorch's test computes a convolution; so does this one. A filter of `dirac` gives its input, cropped by half a kernel.
#[test]
fn a_convolution_with_dirac_crops_its_input() {
    let (channels, height, width) = (4usize, 6usize, 7usize);
    let input: Vec<f64> = (0..channels * height * width).map(|at| (at as f64 * 0.37).sin()).collect();
    let [kernel_height, kernel_width] = [3usize, 4usize];
    for groups in [1usize, 2] {
        let per_group = channels / groups;
        let dims = [channels, per_group, kernel_height, kernel_width].map(|size| size as u64);
        let weight = values(Initializer::dirac(groups as u64), &dims, 0);
        for output in 0..channels {
            for y in 0..=height - kernel_height {
                for x in 0..=width - kernel_width {
                    let mut sum = 0.0;
                    for c in 0..per_group {
                        let from = output / per_group * per_group + c;
                        for ky in 0..kernel_height {
                            for kx in 0..kernel_width {
                                let tap = ((output * per_group + c) * kernel_height + ky) * kernel_width + kx;
                                sum += f64::from(weight[tap]) * input[(from * height + y + ky) * width + x + kx];
                            }
                        }
                    }
                    let middle = input[(output * height + y + kernel_height / 2) * width + x + kernel_width / 2];
                    assert_eq!(sum, middle, "groups {groups}, output {output} at {y}, {x}");
                }
            }
        }
    }
}

/// Keras' formula in f64 with the platform's functions, and its promise: convolving gives the transform of windowed frames.
#[test]
fn stft_kernels_are_those_of_keras() {
    let (frame, bins) = (30usize, 17usize);
    for (periodic, window, coefficients) in [
        (false, Window::Hann, (0.5, 0.5)),
        (true, Window::Hann, (0.5, 0.5)),
        (false, Window::Hamming, (0.54, 0.46)),
        (true, Window::None, (1.0, 0.0)),
    ] {
        let length = if periodic { frame } else { frame - 1 } as f64;
        let weights: Vec<f64> = (0..frame)
            .map(|t| coefficients.0 - coefficients.1 * (std::f64::consts::TAU * t as f64 / length).cos())
            .collect();
        for (scaling, scale) in [
            (Scaling::None, 1.0),
            (Scaling::Density, weights.iter().map(|w| w * w).sum::<f64>().sqrt()),
            (Scaling::Spectrum, weights.iter().sum::<f64>()),
        ] {
            let scale = if window == Window::None { 1.0 } else { scale };
            for side in [Side::Real, Side::Imag] {
                let kernel =
                    values(Initializer::stft(side, window, scaling, periodic), &[frame as u64, 1, bins as u64], 0);
                for (at, x) in kernel.iter().enumerate() {
                    let angle = -2.0 * (at / bins) as f64 * ((at % bins) as f64 / 32.0) * std::f64::consts::PI;
                    let wave = if side == Side::Real { angle.cos() } else { angle.sin() };
                    let expected = wave * weights[at / bins] / scale;
                    assert!(
                        (f64::from(*x) - expected).abs() < 7e-8,
                        "{side:?} {window:?} {scaling:?} {at}: {x} {expected}"
                    );
                }
            }
        }
    }
}

const GOLDEN: &str = include_str!("data/structured.golden");

/// Bits are an API: digests of whole tensors. With `WGPU_INIT_BLESS=1` the file is written anew; then `VALUES_VERSION` must be bumped
/// and the changelog must say so.
#[test]
fn values_are_the_golden_ones() {
    let mut text =
        format!("# Values version {}. SHA-256 of the bytes, dtype, shape, initializer.\n", wgpu_init::VALUES_VERSION);
    for (initializer, dims) in [
        ("orthogonal(1)", vec![3u64, 4]),
        ("orthogonal(1.3)", vec![40, 70]),
        ("orthogonal(-0.5)", vec![70, 40]),
        ("orthogonal(1)", vec![257, 257]),
        ("orthogonal(1)", vec![1, 1]),
        ("orthogonal(1,in_out)", vec![3, 5, 8]),
        ("orthogonal(1,batch=1)", vec![5, 9, 4]),
        ("delta_orthogonal(2)", vec![6, 5, 3, 4]),
        ("delta_orthogonal(2,in_out)", vec![3, 4, 5, 6]),
        ("sparse(0.3,0.5)", vec![130, 90]),
        ("sparse_rows(0.3,0.5)", vec![13, 900]),
        ("eye(1.5)", vec![70, 50]),
        ("dirac(2)", vec![8, 3, 3, 5]),
        ("stft_real(hann,density)", vec![30, 1, 17]),
        ("stft_imag(hamming,spectrum,periodic)", vec![30, 1, 17]),
        ("unit_rows(1)", vec![7, 300]),
        ("unit_rows(-0.5)", vec![2, 3, 5]),
    ] {
        for dtype in DType::ALL.iter().copied() {
            let parsed: Initializer = initializer.parse().expect("an initializer");
            let fill = Fill::new(shape(&dims), parsed).expect("valid").named(Seed::new(2026), "golden").dtype(dtype);
            let mut bytes = vec![0; usize::try_from(shape(&dims).elements() * dtype.size()).expect("small")];
            CpuExecutor::new().run_in(&mut bytes, &[fill]).expect("valid");
            let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(text, "{digest} {dtype} {dims:?} {initializer}").expect("a string");
        }
    }
    if std::env::var_os("WGPU_INIT_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/structured.golden");
        std::fs::write(path, &text).expect("the golden file can be written");
        return;
    }
    assert_eq!(text, GOLDEN, "a produced bit changed; see the head of this test");
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
