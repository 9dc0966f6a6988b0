//! The quantile of the normal distribution in f64, independent of the crate: Wichura's algorithm AS 241 (PPND16), Applied
//! Statistics 37 (1988) 477–484, for the tail words of a 32-bit lattice.
#![expect(clippy::excessive_precision, reason = "the coefficients as they are published")]

const A: [f64; 8] = [
    3.387_132_872_796_366_608,
    133.141_667_891_784_377_45,
    1_971.590_950_306_551_442_7,
    13_731.693_765_509_461_125,
    45_921.953_931_549_871_457,
    67_265.770_927_008_700_853,
    33_430.575_583_588_128_105,
    2_509.080_928_730_122_672_7,
];
const B: [f64; 8] = [
    1.0,
    42.313_330_701_600_911_252,
    687.187_007_492_057_908_3,
    5_394.196_021_424_751_107_7,
    21_213.794_301_586_595_867,
    39_307.895_800_092_710_61,
    28_729.085_735_721_942_674,
    5_226.495_278_852_854_561,
];
const C: [f64; 8] = [
    1.423_437_110_749_683_577_34,
    4.630_337_846_156_545_295_9,
    5.769_497_221_460_691_405_5,
    3.647_848_324_763_204_605_04,
    1.270_458_252_452_368_382_58,
    0.241_780_725_177_450_611_77,
    0.022_723_844_989_269_184_583_3,
    7.745_450_142_783_414_076_4e-4,
];
const D: [f64; 8] = [
    1.0,
    2.053_191_626_637_758_821_87,
    1.676_384_830_183_803_849_4,
    0.689_767_334_985_100_004_55,
    0.148_103_976_427_480_074_59,
    0.015_198_666_563_616_457_196_6,
    5.475_938_084_995_344_946e-4,
    1.050_750_071_644_416_843_24e-9,
];

fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// −Φ⁻¹((t + ½)/2^32) for a tail word t < 2^31: between 0 and 6.34.
pub(crate) fn upper_quantile(tail: u32) -> f64 {
    let p = (f64::from(tail) + 0.5) / 4_294_967_296.0;
    let q = 0.5 - p;
    if q <= 0.425 {
        let r = 0.180_625 - q * q;
        q * polynomial(&A, r) / polynomial(&B, r)
    } else {
        // The paper's third branch begins at r = 5, p = 1.4e-11; the least p here is 1.2e-10.
        let r = libm::sqrt(-libm::log(p)) - 1.6;
        polynomial(&C, r) / polynomial(&D, r)
    }
}

/// Rows of `tests/data/normal_quantile.points`: tail words and their quantiles, rounded from 40 digits.
pub(crate) fn points() -> Vec<(u32, f64)> {
    let rows = include_str!("../data/normal_quantile.points").lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let (tail, quantile) = row.split_once(' ').expect("two fields");
        (tail.parse().expect("a tail word"), quantile.parse().expect("a quantile"))
    })
    .collect()
}
