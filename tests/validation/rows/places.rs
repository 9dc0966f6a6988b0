//! Elements that a law does not describe, bytes that a target does not give, rows that a shape does not have.

use super::Row;
use crate::host::{Fills, Host, Request};
use wgpu_init::plan::{self, Region, plan};
use wgpu_init::scheme::{Scaling, Side, Window};
use wgpu_init::{DType, Fill, Initializer, Part, Result, Seed, Shape};

/// The laws that know how many elements they have, for a tensor of twelve.
fn placed() -> Result<Vec<Fill>> {
    let stft = Initializer::stft(Side::Real, Window::Hann, Scaling::None, false);
    let laws = [
        (Initializer::sparse(0.5, 1.0), vec![4, 3]),
        (Initializer::sparse_rows(0.5, 1.0), vec![4, 3]),
        (Initializer::orthogonal(1.0), vec![4, 3]),
        (Initializer::orthogonal_batch(1.0, 1), vec![3, 2, 2]),
        (Initializer::delta_orthogonal(1.0), vec![2, 2, 3]),
        (Initializer::eye(1.0), vec![4, 3]),
        (Initializer::dirac(1), vec![2, 2, 3]),
        (stft, vec![4, 1, 3]),
    ];
    // A tensor of another size than the one that the law was made for.
    let fill = |(initializer, dims): (Initializer, Vec<u64>)| {
        let distribution = initializer.distribution(&Shape::new(dims)?)?;
        Ok(Fill::of(17, distribution).named(Seed::new(1), "w"))
    };
    laws.into_iter().map(fill).collect()
}

/// Each of them asked for an element that it does not have.
pub(super) fn outside() -> Vec<Row> {
    type Make = for<'a> fn(&'a Host) -> Result<Fills<'a>>;
    fn all<'a>(host: &'a Host, law: usize, elements: core::ops::Range<u64>) -> Result<Fills<'a>> {
        Ok(vec![Request::new(&host.arena, placed()?.swap_remove(law)).elements(elements)])
    }
    const EACH: [(&str, Make); 8] = [
        ("sparse", |host| all(host, 0, 0..17)),
        ("sparse_rows", |host| all(host, 1, 0..13)),
        ("orthogonal", |host| all(host, 2, 12..13)),
        ("orthogonal", |host| all(host, 3, 5..17)),
        ("delta_orthogonal", |host| all(host, 4, 0..17)),
        ("eye", |host| all(host, 5, 0..17)),
        ("dirac", |host| all(host, 6, 11..14)),
        ("stft_real", |host| all(host, 7, 16..17)),
    ];
    let rows = EACH.into_iter().enumerate().map(|(number, (law, make))| {
        let says = format!("of {law}, which was made for elements 0..12");
        Row::record(&format!("{law} {number} outside of its tensor"), "OutsideDistribution", &says, make)
    });
    let part = Row::record("a part of another size", "OutsideDistribution", "made for elements 6..12", |host| {
        // The rows 2 and 3 of six, asked for the row behind and for the one before.
        let part = Part::rows(&Shape::new([6, 3])?, 2..4, &Initializer::sparse(0.5, 1.0))?;
        let fill = Fill::of_part(18, &part).named(Seed::new(1), "w");
        Ok(vec![Request::new(&host.arena, fill).elements(6..13)])
    });
    let before =
        Row::record("what lies before a part", "OutsideDistribution", "elements 5..8 were asked for", |host| {
            let part = Part::rows(&Shape::new([6, 3])?, 2..4, &Initializer::orthogonal(1.0))?;
            let fill = Fill::of_part(18, &part).named(Seed::new(1), "w");
            Ok(vec![Request::new(&host.arena, fill).elements(5..8)])
        });
    rows.chain([part, before]).collect()
}

/// Targets that are a stretch of a buffer.
pub(super) fn targets() -> Vec<Row> {
    let record = Row::record;
    vec![
        record(
            "one f32 more than its stretch",
            "TargetTooSmall",
            "bytes 0..20 are to be written, the target has 16",
            |host| Ok(vec![host.keyed([5])?.within(256..272)]),
        ),
        record("behind the end of its stretch", "TargetTooSmall", "bytes 16..20 are to be written", |host| {
            Ok(vec![host.keyed([1])?.at(16).within(256..272)])
        }),
        record("a stretch past the buffer's end", "TargetTooSmall", "bytes 1000..1028", |host| {
            Ok(vec![host.keyed([1])?.within(1000..1028)])
        }),
        record("an inverted stretch", "TargetTooSmall", "bytes 512..256", |host| {
            #[expect(clippy::reversed_empty_ranges, reason = "the row is about just that")]
            Ok(vec![host.keyed([1])?.within(512..256)])
        }),
        record("a stretch that begins inside an element", "Misaligned", "byte offset 258 is not a multiple", |host| {
            Ok(vec![host.keyed([2])?.within(258..512)])
        }),
        record("neighbours that share bytes", "Overlap", "fills 0 and 1 both write bytes 268..272", |host| {
            Ok(vec![host.keyed([4])?.within(256..512), host.keyed([4])?.dtype(DType::F16).within(268..512)])
        }),
        Row::call(
            "a buffer that is not there",
            "NoSuchBuffer",
            "buffer 2 was given, there are 2, counted from 0",
            || {
                let fill = Fill::new(Shape::new([4])?, Initializer::ones())?;
                plan(&[16, 16], [(Region { buffer: 2, bytes: 0..16 }, fill)], &plan::Device::default()).map(|_| ())
            },
        ),
    ]
}

/// Rows of a shape.
pub(super) fn parts() -> Vec<Row> {
    let rows = |name: &str, says: &str, dims: &[u64], rows: core::ops::Range<u64>| {
        let dims = dims.to_vec();
        Row::call(name, "RowsOutOfBounds", says, move || {
            Part::rows(&Shape::new(dims.clone())?, rows.clone(), &Initializer::ones()).map(|_| ())
        })
    };
    #[expect(clippy::reversed_empty_ranges, reason = "one row is about just that")]
    let inverted = 3..1;
    vec![
        rows("a row too many", "rows 2..5 of the shape [4, 3]: they must be in order and inside 0..4", &[4, 3], 2..5),
        rows("inverted rows", "rows 3..1 of the shape [4, 3]: they must be in order", &[4, 3], inverted),
        rows("rows of a scalar", "a scalar has no rows", &[], 0..1),
        rows("a row past 2^64 bytes", "inside 0..4", &[4, 3], u64::MAX - 1..u64::MAX),
        Row::call("two parts with one row", "RowsOverlap", "row 2 is in two parts", || {
            let blocks = [(1..3, Initializer::ones()), (2..4, Initializer::zeros())];
            Part::blocks(&Shape::new([4, 3])?, blocks).map(|_| ())
        }),
    ]
}
