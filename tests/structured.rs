//! Laws whose values depend on their place, on the CPU: identities, sparse matrices, STFT kernels, unit rows; bits of all of them, with
//! those of orthogonal matrices (`tests/orthogonal.rs` has what holds of these).

#[path = "support/kolmogorov.rs"]
mod kolmogorov;
#[path = "support/tensor.rs"]
mod tensor;

use kolmogorov::{MOST, kolmogorov};
use sha2::{Digest, Sha256};
use statrs::distribution::{ContinuousCDF, Normal};
use std::fmt::Write;
use tensor::{shape, values};
use wgpu_init::cpu::reference;
use wgpu_init::scheme::Layout;
use wgpu_init::scheme::{Scaling, Side, Window};
use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed};

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
