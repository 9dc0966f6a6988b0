//! What one pass over a stretch of a tensor keeps of it, in memory that does not grow with the tensor but for some bytes a page.

use super::bins::{self, Counts};
use super::element::Element;
use super::expectation::cells;
use super::grid::Grid;
use super::lanes;
use super::law::Law;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Elements that are worked on at a time: they stay in a core's nearest cache.
pub(super) const BLOCK: usize = 8192;
/// Bytes of a row's beginning by which it is known again.
pub(super) const HEAD: usize = 64;
/// Elements of a column's.
pub(super) const DEPTH: u64 = 16;
/// A page of memory.
pub(super) const PAGE: usize = 4096;

/// Sums of several lines of one length: rows, or columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    pub(super) count: f64,
    /// The largest |sum of (x − shift)|.
    pub(super) farthest: f64,
    /// The sum of the squares of those sums.
    pub(super) sums_squared: f64,
    /// The least and the greatest sum of squares, with the number of its line.
    pub(super) least: (f64, u64),
    pub(super) greatest: (f64, u64),
}

impl Lines {
    pub(super) fn add(&mut self, line: u64, sum: f64, squares: f64) {
        if self.count == 0.0 || squares < self.least.0 {
            self.least = (squares, line);
        }
        if self.count == 0.0 || squares > self.greatest.0 {
            self.greatest = (squares, line);
        }
        self.count += 1.0;
        self.farthest = self.farthest.max(sum.abs());
        self.sums_squared += sum * sum;
    }

    fn merge(&mut self, other: &Self) {
        if other.count == 0.0 {
            return;
        }
        if self.count == 0.0 {
            *self = other.clone();
            return;
        }
        self.count += other.count;
        self.farthest = self.farthest.max(other.farthest);
        self.sums_squared += other.sums_squared;
        if other.least.0 < self.least.0 {
            self.least = other.least;
        }
        if other.greatest.0 > self.greatest.0 {
            self.greatest = other.greatest;
        }
    }
}

/// What is kept of a stretch.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) element: Element,
    pub(super) grid: Grid,
    /// Sums are of x − shift.
    pub(super) shift: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) sum: f64,
    pub(super) squares: f64,
    /// The sum of the products of neighbours in a row, of blocks that are counted, and how many there are.
    pub(super) neighbours: f64,
    pub(super) pairs: f64,
    pub(super) nan: u64,
    pub(super) infinite: u64,
    /// One block of so many is counted by bins.
    share: u64,
    /// Elements that were counted by bins.
    pub(super) counted: u64,
    /// The bins that hold some of them, in ascending order of their bits; known when all is read.
    pub(super) filled: Vec<(u32, u64)>,
    counts: Counts,
    /// Those in the bin of 0 that are not 0; of a coarse dtype none.
    pub(super) specks: u64,
    /// All bits that some element has.
    pub(super) bits: u64,
    pub(super) rows: Lines,
    /// Sum and sum of squares of stretches of rows, and their elements.
    pub(super) groups: Vec<[f64; 3]>,
    pub(super) column_sums: Vec<[f64; 2]>,
    /// By which columns are known again: their first [`DEPTH`] elements.
    pub(super) column_heads: Vec<u64>,
    /// By which rows are known again, with the first row of each run.
    pub(super) heads: Vec<(u64, Vec<u64>)>,
    /// The same of pages.
    pub(super) pages: Vec<(u64, Vec<u64>)>,
    /// The signs of the first 64 elements about the shift, if there are as many.
    pub(super) signs: Option<u64>,
    numbers: Vec<f32>,
    /// Sums and sums of squares of the columns of what is being read.
    lanes: [Vec<f32>; 2],
    table: &'static [f32],
}

impl Sample {
    /// Of a stretch of which one block of `share` is counted by bins.
    pub(super) fn new(element: Element, grid: Grid, shift: f64, share: u64) -> Self {
        let columns = if grid.is_matrix { usize::try_from(grid.columns).unwrap_or(0) } else { 0 };
        Self {
            element,
            grid,
            shift,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            sum: 0.0,
            squares: 0.0,
            neighbours: 0.0,
            pairs: 0.0,
            nan: 0,
            infinite: 0,
            share,
            counted: 0,
            filled: Vec::new(),
            counts: Counts::new(element.bins()),
            specks: 0,
            bits: 0,
            rows: Lines::default(),
            groups: vec![[0.0; 3]; usize::try_from(grid.groups()).unwrap_or(0)],
            column_sums: vec![[0.0; 2]; columns],
            column_heads: vec![0; columns],
            heads: Vec::new(),
            pages: Vec::new(),
            signs: None,
            numbers: Vec::with_capacity(BLOCK),
            lanes: [Vec::new(), Vec::new()],
            table: element.table(),
        }
    }

    /// Adds the bytes of whole rows, the first of which is given; a whole number of [steps](Grid::step) of them but at the end. Pages count from there.
    pub(super) fn add(&mut self, first_row: u64, bytes: &[u8]) {
        let (size, columns) = (self.element.size(), usize::try_from(self.grid.columns).unwrap_or(usize::MAX));
        let first_byte = first_row.saturating_mul(self.grid.columns).saturating_mul(size as u64);
        // The last one may have few bytes, which may well be alike.
        let page = |page: &[u8]| match page.len() {
            PAGE => xxh3_64(page),
            _ => xxh3_64_with_seed(page, first_byte + 1),
        };
        self.pages.push((first_byte / PAGE as u64, bytes.chunks(PAGE).map(page).collect()));
        if first_row == 0 && bytes.len() >= 64 * size {
            let mut first = Vec::with_capacity(64);
            self.element.decode(&bytes[..64 * size], self.table, &mut first);
            let is_above = |x: &f32| u64::from(f64::from(*x) > self.shift);
            self.signs = Some(first.iter().fold(0, |signs, x| signs << 1 | is_above(x)));
        }
        if self.grid.is_matrix {
            let unit = usize::try_from(self.grid.unit()).unwrap_or(1);
            let rows = bytes.chunks(columns * size * unit);
            let head = |row: &[u8]| xxh3_64(&row[..row.len().min(HEAD)]);
            self.heads.push((first_row / self.grid.unit(), rows.map(head).collect()));
            for lanes in &mut self.lanes {
                lanes.clear();
                lanes.resize(columns, 0.0);
            }
        }
        for (at, row) in bytes.chunks(columns * size).enumerate() {
            self.row(first_row + at as u64, row);
        }
        let [sums, squares] = &self.lanes;
        for (total, (sum, square)) in self.column_sums.iter_mut().zip(sums.iter().zip(squares)) {
            total[0] += f64::from(*sum);
            total[1] += f64::from(*square);
        }
    }

    fn row(&mut self, row: u64, bytes: &[u8]) {
        let size = self.element.size();
        let (mut sum, mut squares) = (0.0, 0.0);
        for (block, part) in bytes.chunks(BLOCK * size).enumerate() {
            let is_counted = is_counted(row, block as u64, self.share);
            let mut numbers = core::mem::take(&mut self.numbers);
            numbers.clear();
            if is_counted || row < DEPTH || !self.element.has_pass() {
                self.element.decode(part, self.table, &mut numbers);
            }
            #[expect(clippy::cast_possible_truncation, reason = "a point near the mean")]
            let shift = self.shift as f32;
            let offset = self.shift - f64::from(shift);
            let n = (part.len() / size) as f64;
            let columns = if self.grid.is_matrix { block * BLOCK..block * BLOCK + part.len() / size } else { 0..0 };
            let columns = self.lanes.each_mut().map(|lanes| &mut lanes[columns.clone()]);
            let of_block = self.element.add(part, &numbers, shift, columns);
            // The shift is the mean to some 7 digits; the rest is put right here.
            sum += of_block.sum - n * offset;
            squares += of_block.squares - 2.0 * offset * of_block.sum + n * offset * offset;
            self.min = self.min.min(f64::from(of_block.min));
            self.max = self.max.max(f64::from(of_block.max));
            self.bits |= u64::from(of_block.bits);
            if !of_block.sum.is_finite() {
                numbers.clear();
                self.element.decode(part, self.table, &mut numbers);
                self.nan += numbers.iter().filter(|x| x.is_nan()).count() as u64;
                self.infinite += numbers.iter().filter(|x| x.is_infinite()).count() as u64;
            }
            if is_counted {
                self.count(part, &numbers);
                self.neighbours += lanes::neighbours(&numbers, shift);
                self.pairs += n - 1.0;
            }
            if row < DEPTH {
                for (head, x) in self.column_heads.iter_mut().skip(block * BLOCK).zip(&numbers) {
                    *head = (*head ^ u64::from(x.to_bits())).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
                }
            }
            self.numbers = numbers;
        }
        self.sum += sum;
        self.squares += squares;
        if self.grid.is_matrix {
            self.rows.add(row, sum, squares);
        }
        let groups = self.groups.len() as u64;
        let group = usize::try_from(row * groups / self.grid.rows()).unwrap_or(0);
        if let Some([of_sum, of_squares, n]) = self.groups.get_mut(group) {
            *of_sum += sum;
            *of_squares += squares;
            *n += (bytes.len() / size) as f64;
        }
    }

    /// Counts elements by their bin.
    fn count(&mut self, bytes: &[u8], numbers: &[f32]) {
        self.counted += numbers.len() as u64;
        let Counts { own, all } = &mut self.counts;
        let mut spill = |bin: usize| {
            all.resize(1 << 16, 0);
            all[bin] += 1 << 16;
        };
        match (self.element.size(), own.first_chunk_mut::<{ 1 << 16 }>()) {
            (2, Some(counts)) => bins::of_two_bytes(bytes, counts, &mut spill),
            (4 | 8, Some(counts)) => {
                let zeros = |counts: &[u16; 1 << 16]| counts[0].wrapping_add(counts[1 << 15]);
                let before = zeros(counts);
                bins::of_numbers(numbers, counts, &mut spill);
                if zeros(counts) != before {
                    let is_speck = |x: &&f32| **x != 0.0 && x.abs().to_bits() < 1 << 16;
                    self.specks += numbers.iter().filter(is_speck).count() as u64;
                }
            }
            // A byte each, of which there are few bins and many elements.
            _ => {
                let mut of_block = [0u64; 1 << 8];
                bytes.iter().for_each(|byte| of_block[usize::from(*byte)] += 1);
                all.resize(1 << 8, 0);
                all.iter_mut().zip(of_block).for_each(|(all, more)| *all += more);
            }
        }
    }

    /// Adds what another worker kept of the same stretch.
    pub(super) fn merge(mut self, other: Self) -> Self {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        self.squares += other.squares;
        self.neighbours += other.neighbours;
        self.pairs += other.pairs;
        self.nan += other.nan;
        self.infinite += other.infinite;
        self.counted += other.counted;
        self.bits |= other.bits;
        self.specks += other.specks;
        self.counts.merge(other.counts);
        self.rows.merge(&other.rows);
        for (a, b) in self.groups.iter_mut().zip(&other.groups) {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        }
        for (a, b) in self.column_sums.iter_mut().zip(&other.column_sums) {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        }
        // The first rows are one worker's.
        self.column_heads.iter_mut().zip(&other.column_heads).for_each(|(a, b)| *a |= b);
        self.heads.extend(other.heads);
        self.pages.extend(other.pages);
        self.signs = self.signs.or(other.signs);
        self
    }

    /// The sums of columns as lines.
    pub(super) fn columns(&self) -> Lines {
        let mut lines = Lines::default();
        self.column_sums.iter().zip(0..).for_each(|([sum, squares], at)| lines.add(at, *sum, *squares));
        lines
    }

    /// One number for all of the contents.
    pub(super) fn digest(&self) -> u64 {
        let mut pages: Vec<_> = self.pages.iter().collect();
        pages.sort_by_key(|(first, _)| *first);
        let bytes: Vec<u8> = pages.iter().flat_map(|(_, of)| of).flat_map(|page| page.to_le_bytes()).collect();
        xxh3_64(&bytes)
    }
}

impl Sample {
    /// Counts what was read.
    pub(super) fn seal(&mut self) {
        self.filled = self.counts.take();
    }

    /// Bins of numbers of one sign.
    fn half(&self) -> u32 {
        u32::try_from(self.element.bins() / 2).unwrap_or(u32::MAX)
    }

    /// The parts of the counted elements that are not 0 and smaller than any law gives, and that are larger.
    pub(super) fn extreme_parts(&self) -> [f64; 2] {
        const TINY: f64 = 1e-30;
        const HUGE: f64 = 1e12;
        let (mut tiny, mut huge) = (self.specks, 0u64);
        for (bin, count) in &self.filled {
            let size = self.element.number(bin % self.half());
            if size > HUGE {
                huge += count;
            } else if size < TINY && size > 0.0 {
                tiny += count;
            }
        }
        [tiny, huge].map(|count| count as f64 / self.counted as f64)
    }

    /// The chance that another draw from the same numbers is the same.
    pub(super) fn chance_of_twin(&self) -> f64 {
        let counted = self.counted as f64;
        let same: f64 = self.filled.iter().map(|(_, count)| (*count as f64 / counted).powi(2)).sum();
        same.min(1.0).powf(self.grid.elements as f64)
    }

    /// The chance, by a law, of what is rounded to 0.
    pub(super) fn chance_of_zero(&self, law: &Law) -> f64 {
        let cells = cells(self.element);
        let zero = cells[cells.len() / 2];
        law.below(zero.upper) - law.below(zero.lower)
    }

    /// The chance, by a law, that all the others are what the first one is; of f32 and f64 an upper bound.
    pub(super) fn chance_of_one_value(&self, law: Option<&Law>) -> f64 {
        let value = self.min;
        let cells = cells(self.element);
        let cell = &cells[cells.partition_point(|cell| cell.upper <= value).min(cells.len() - 1)];
        let mass = match law {
            Some(law) => law.below(cell.upper) - law.below(cell.lower),
            // Of what matrices have: few formats have more than one number in so wide a step.
            None => (2.0 * self.element.step()).min(0.5),
        };
        // A stretch of 2^16 numbers, of which a law may use a part.
        let share = if self.element.is_coarse() { 1.0 } else { f64::exp2(-8.0) };
        (mass * share).powf(self.grid.elements as f64 - 1.0)
    }

    /// Without so many zeros, and without the order of the elements; for laws about 0. All elements were counted.
    pub(super) fn without(mut self, zeros: u64) -> Self {
        let half = self.half();
        let mut left = zeros;
        for (_, count) in self.filled.iter_mut().filter(|(bin, _)| bin % half == 0) {
            let taken = left.min(*count);
            *count -= taken;
            left -= taken;
        }
        let elements = (self.grid.elements - (zeros - left)).max(1);
        self.grid = Grid { elements, columns: elements, is_matrix: false };
        self.counted = elements;
        self.pairs = 0.0;
        self.groups.clear();
        self.pages.clear();
        self
    }

    /// The sums of stretches of rows, in so many parts at most.
    pub(super) fn merged(&self, parts: usize) -> Vec<[f64; 3]> {
        let groups = self.groups.len();
        let mut merged = vec![[0.0; 3]; parts.min(groups)];
        for (at, group) in self.groups.iter().enumerate() {
            let part = at * merged.len() / groups;
            merged[part].iter_mut().zip(group).for_each(|(sum, more)| *sum += more);
        }
        merged
    }

    /// Whether the variances of stretches of rows differ more than chance lets them, whatever their mean is.
    pub(super) fn is_uneven(&self, law: &Law) -> bool {
        let merged = self.merged(16);
        let groups: Vec<_> = merged.iter().filter(|[.., n]| *n >= 64.0).collect();
        let n: f64 = groups.iter().map(|[.., n]| n).sum();
        let pooled = groups.iter().map(|[_, squares, _]| squares).sum::<f64>() / n;
        let far = |[_, squares, n]: &&&[f64; 3]| {
            ((squares / n / pooled) - 1.0).abs() / ((law.kurtosis - 1.0) / n).sqrt() > 6.0
        };
        groups.len() > 1 && groups.iter().any(|group| far(&group))
    }
}

/// Whether a block is one of those that are counted: about one of `share`, scattered over rows and columns.
fn is_counted(row: u64, block: u64, share: u64) -> bool {
    // The product of the golden ratio spreads what is near each other; its upper bits are the ones that are spread.
    let scattered = (row ^ block << 40).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((scattered ^ scattered >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 32).is_multiple_of(share)
}

#[cfg(test)]
mod tests {
    use super::{Element, Grid, Sample, is_counted};
    use wgpu_init::DType;

    /// About one of eight, of all rows and of all blocks of a row.
    #[test]
    fn counted_blocks_are_scattered() {
        let (rows, blocks, share) = (4096u64, 8u64, 8u64);
        let is = |row: u64, block: u64| u64::from(is_counted(row, block, share));
        let all: u64 = (0..rows).flat_map(|row| (0..blocks).map(move |block| is(row, block))).sum();
        let expected = rows * blocks / share;
        assert!(all.abs_diff(expected) < expected / 10, "{all} for {expected}");
        for block in 0..blocks {
            let of_block: u64 = (0..rows).map(|row| is(row, block)).sum();
            assert!(of_block.abs_diff(rows / share) < rows / share / 4, "block {block}: {of_block}");
        }
        for stretch in 0..rows / 64 {
            let of_rows: u64 = (0..64).map(|row| (0..blocks).map(|at| is(stretch * 64 + row, at)).sum::<u64>()).sum();
            assert!((24..=112).contains(&of_rows), "rows from {}: {of_rows} of 512", stretch * 64);
        }
        assert!((0..rows).all(|row| is_counted(row, 0, 1)));
    }

    /// More equal elements than a counter holds, and some others, by two workers.
    #[test]
    fn counters_run_over_into_larger_ones() {
        for (dtype, one) in [(DType::F32, 0x3F80), (DType::F16, 0x3C00), (DType::Bf16, 0x3F80), (DType::F8E4M3Fn, 0x38)]
        {
            let element = Element::Drawn(dtype);
            let (size, grid) = (element.size(), Grid::new(&[1 << 18], 1 << 18));
            let of = |ones: usize, zeros: usize| {
                let mut bytes = if dtype == DType::F32 { 1f32.to_le_bytes().repeat(ones) } else { Vec::new() };
                if bytes.is_empty() {
                    bytes = u32::to_le_bytes(one)[..size].repeat(ones);
                }
                bytes.resize((ones + zeros) * size, 0);
                let mut sample = Sample::new(element, grid, 0.0, 1);
                sample.add(0, &bytes);
                sample
            };
            let mut both = of(3 * 65536 + 7, 65535).merge(of(5, 65537));
            both.seal();
            assert_eq!(both.filled, [(0, 2 * 65536), (one, 3 * 65536 + 12)], "{dtype}");
        }
    }
}
