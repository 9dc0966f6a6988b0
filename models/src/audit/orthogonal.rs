//! Matrices that should be orthogonal, and sparse ones: a second look at the tensor, with memory for a few vectors.

use super::element::Element;
use super::probability::poisson_at_least;
use super::trial::short;
use core::ops::Range;
use wgpu_init::{Distribution, Initializer};

/// Where the entries of matrices lie in a stretch of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Matrices {
    rows: u64,
    columns: u64,
    taps: u64,
    centre: u64,
    taps_first: bool,
    gain: f64,
    zeros: Zeros,
}

/// What is expected of zeros.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Zeros {
    /// The matrices are orthogonal.
    Orthogonal,
    /// So many in each column.
    InColumns(u64),
    /// So many in each row.
    InRows(u64),
}

/// Vectors of signs that matrices are multiplied by.
const PROBES: usize = 4;

impl Matrices {
    /// Of a law of whole matrices, for a stretch with these sizes.
    pub(super) fn of(distribution: &Distribution, dims: &[u64]) -> Option<Self> {
        let text = Initializer::from(*distribution).to_string();
        let (name, rest) = text.split_once('(').unwrap_or((&text, ""));
        let arguments: Vec<&str> = rest.trim_end_matches(')').split(',').map(str::trim).collect();
        let numbers: Vec<f64> = arguments.iter().map_while(|argument| argument.parse().ok()).collect();
        let in_out = arguments.contains(&"in_out");
        let batch = arguments.iter().find_map(|argument| argument.strip_prefix("batch=")?.parse::<usize>().ok());
        let gain = distribution.parameters().iter().find(|(name, _)| *name == "gain").map_or(1.0, |(_, gain)| *gain);
        let product = |sizes: &[u64]| sizes.iter().product::<u64>();
        let plain = Self { rows: 0, columns: 0, taps: 1, centre: 0, taps_first: false, gain, zeros: Zeros::Orthogonal };
        match (name, dims) {
            ("orthogonal", _) => {
                let matrix = dims.get(batch.unwrap_or(0)..)?;
                let (first, last) = (*matrix.first()?, *matrix.last()?);
                let (rows, columns) =
                    if in_out { (product(&matrix[..matrix.len() - 1]), last) } else { (first, product(&matrix[1..])) };
                Some(Self { rows, columns, ..plain })
            }
            ("unit_rows", &[.., columns]) => Some(Self { rows: 1, columns, ..plain }),
            ("delta_orthogonal", [.., _, _, _]) => {
                let (rows, columns, kernel) = if in_out {
                    (dims[dims.len() - 2], dims[dims.len() - 1], &dims[..dims.len() - 2])
                } else {
                    (dims[0], dims[1], &dims[2..])
                };
                let centre = kernel.iter().fold(0, |centre, size| centre * size + (size - 1) / 2);
                Some(Self { rows, columns, taps: product(kernel), centre, taps_first: in_out, ..plain })
            }
            ("sparse" | "sparse_rows", &[rows, columns]) => {
                let by_rows = name == "sparse_rows";
                let length = if by_rows { columns } else { rows };
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the length")]
                let zeros = ((numbers.first()? * length as f64).ceil() as u64).min(length);
                let zeros = if by_rows { Zeros::InRows(zeros) } else { Zeros::InColumns(zeros) };
                Some(Self { rows, columns, zeros, ..plain })
            }
            _ => None,
        }
    }

    /// Whether every element is drawn by itself but for those that are zero.
    pub(super) const fn is_sparse(&self) -> bool {
        !matches!(self.zeros, Zeros::Orthogonal)
    }

    /// How many elements are zero by the law.
    pub(super) const fn zeros(&self) -> u64 {
        match self.zeros {
            Zeros::Orthogonal => 0,
            Zeros::InColumns(zeros) => zeros * self.columns,
            Zeros::InRows(zeros) => zeros * self.rows,
        }
    }

    /// Matrix, row and column of an element of the stretch; none for a tap that is zero.
    fn place(&self, element: u64) -> Option<(u64, u64, u64)> {
        let entries = self.rows * self.columns;
        let (matrix, inside) = (element / (entries * self.taps), element % (entries * self.taps));
        let (tap, entry) = if self.taps_first {
            (inside / entries, inside % entries)
        } else {
            (inside % self.taps, inside / self.taps)
        };
        (tap == self.centre).then_some((matrix, entry / self.columns, entry % self.columns))
    }
}

/// What a second look finds out.
#[derive(Debug)]
pub(super) struct Look {
    matrices: Matrices,
    matrix: u64,
    probes: Vec<[f64; PROBES]>,
    norms: Vec<f64>,
    zeros: Vec<u64>,
    /// The chance that what is drawn is rounded to 0.
    rounded: f64,
    /// What is wrong, of the first matrix where something is.
    wrong: Option<String>,
}

impl Look {
    /// `rounded` is the chance that an element that is drawn is rounded to 0.
    pub(super) fn new(matrices: Matrices, rounded: f64) -> Self {
        let longest = usize::try_from(matrices.rows.max(matrices.columns)).unwrap_or(0);
        let zeros = vec![0; longest];
        Self {
            rounded,
            matrix: 0,
            probes: vec![[0.0; PROBES]; longest],
            norms: vec![0.0; longest],
            zeros,
            wrong: None,
            matrices,
        }
    }

    /// Elements of the stretch, in order.
    pub(super) fn add(&mut self, found: &[f32], elements: &Range<u64>, element: Element) {
        let tall = self.matrices.rows >= self.matrices.columns;
        for (x, at) in found.iter().zip(elements.clone()) {
            let x = f64::from(*x);
            let Some((matrix, row, column)) = self.matrices.place(at) else {
                if x != 0.0 {
                    self.wrong.get_or_insert_with(|| format!("a tap that should be 0 is {}", short(x)));
                }
                continue;
            };
            if matrix != self.matrix {
                self.end(element);
                self.matrix = matrix;
            }
            // Of a tall matrix the columns are orthonormal: (Wv)² is v². Else the rows: (Wᵀv)² is v².
            let (kept, summed) = if tall { (row, column) } else { (column, row) };
            let (kept, summed) = (usize::try_from(kept).unwrap_or(0), usize::try_from(summed).unwrap_or(0));
            let signs = signs(summed as u64);
            for (probe, sum) in self.probes[kept].iter_mut().enumerate() {
                *sum += if signs >> probe & 1 == 0 { x } else { -x };
            }
            self.norms[summed] += x * x;
            if x == 0.0 {
                let line = if matches!(self.matrices.zeros, Zeros::InRows(_)) { row } else { column };
                self.zeros[usize::try_from(line).unwrap_or(0)] += 1;
            }
        }
    }

    /// Judges a matrix, and begins the next.
    fn end(&mut self, element: Element) {
        let (rows, columns) = (self.matrices.rows, self.matrices.columns);
        let (long, small) = (rows.max(columns) as f64, usize::try_from(rows.min(columns)).unwrap_or(0));
        let wrong = match self.matrices.zeros {
            Zeros::Orthogonal => {
                let square = self.matrices.gain.powi(2);
                // Rounding is about a third of a step.
                let rounding = element.step() / 3.0;
                let reach = 16.0 * rounding / long.sqrt() + 4.0 * rounding * rounding + 1e-5;
                let norm = self.norms[..small].iter().map(|norm| norm / square);
                let farthest =
                    norm.fold(1.0, |far: f64, norm| if (norm - 1.0).abs() > (far - 1.0).abs() { norm } else { far });
                let probe =
                    |at: usize| self.probes.iter().map(|sums| sums[at].powi(2)).sum::<f64>() / (square * small as f64);
                let product = (0..PROBES).map(probe).find(|product| (product - 1.0).abs() > reach);
                if (farthest - 1.0).abs() > reach {
                    let gain = short((farthest * square).sqrt());
                    Some(format!("a row or column has the norm {gain}, it should be {}", short(square.sqrt())))
                } else {
                    product.map(|product| {
                        format!(
                            "the norms are right, the products are not: a vector becomes {} times as long",
                            short(product.sqrt())
                        )
                    })
                }
            }
            Zeros::InColumns(zeros) | Zeros::InRows(zeros) => {
                let lines = if matches!(self.matrices.zeros, Zeros::InRows(_)) { rows } else { columns };
                let lines = &self.zeros[..usize::try_from(lines).unwrap_or(0)];
                let length = (rows * columns) as f64 / lines.len() as f64;
                let is_wrong = |count: &u64| {
                    let more = count.checked_sub(zeros);
                    // So unlikely that it counts whatever the level is.
                    more.is_none_or(|more| poisson_at_least(more as f64, length * self.rounded) < 1e-12)
                };
                let at = lines.iter().position(is_wrong);
                at.map(|at| format!("line {at} has {} zeros, it should have {zeros}", lines[at]))
            }
        };
        self.wrong = self.wrong.take().or(wrong);
        self.probes.fill([0.0; PROBES]);
        self.norms.fill(0.0);
        self.zeros.fill(0);
    }

    /// What is wrong.
    pub(super) fn finish(mut self, element: Element) -> Option<String> {
        self.end(element);
        self.wrong
    }
}

/// Four signs for each place, alike for all matrices.
const fn signs(place: u64) -> u64 {
    let mut bits = place.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits ^ (bits >> 27)
}
