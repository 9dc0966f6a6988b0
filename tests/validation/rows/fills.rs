//! Fills against a buffer: slices, offsets, ranges, overlaps.

use super::Row;
use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed, Shape};

#[expect(clippy::reversed_empty_ranges, reason = "one row is about just that")]
pub(super) fn slices_and_offsets() -> Vec<Row> {
    let record = Row::record;
    vec![
        record("a normal fill without a key", "MissingKey", ".named(seed, name) or .keyed(seed, stream)", |host| {
            Ok(vec![host.normal([4])?])
        }),
        record("a uniform fill without a key", "MissingKey", "uniform draws random numbers", |host| {
            Ok(vec![host.unkeyed(Initializer::uniform(0.0, 1.0))?])
        }),
        record("a truncated fill without a key", "MissingKey", "trunc_normal draws random numbers", |host| {
            Ok(vec![host.unkeyed(Initializer::trunc_normal(0.0, 1.0, -1.0, 1.0))?])
        }),
        Row::call("numbers of another dtype", "OtherDType", "the target holds f32 and the fill writes bf16", || {
            let fill = Fill::new(Shape::new([4])?, Initializer::zeros())?.dtype(DType::Bf16);
            CpuExecutor::new().run([(&mut [0f32; 4], fill)])
        }),
        record(
            "a slice past the end",
            "SliceOutOfBounds",
            "elements 0..101 were asked for, the tensor has 100",
            |host| Ok(vec![host.keyed([10, 10])?.elements(0..101)]),
        ),
        record("an inverted slice", "SliceOutOfBounds", "elements 5..4 were asked for", |host| {
            Ok(vec![host.keyed([10])?.elements(5..4)])
        }),
        record("an empty slice past the end", "SliceOutOfBounds", "elements 11..11 were asked for", |host| {
            Ok(vec![host.keyed([10])?.elements(11..11)])
        }),
        record("a slice at the end of u64", "SliceOutOfBounds", "the tensor has 10", |host| {
            Ok(vec![host.keyed([10])?.elements(u64::MAX - 1..u64::MAX)])
        }),
        record("a slice of an empty tensor", "SliceOutOfBounds", "the tensor has 0", |host| {
            Ok(vec![host.keyed([5, 0])?.elements(0..1)])
        }),
        record("f32 at byte 1", "Misaligned", "the byte offset 1 is not a multiple of f32's 4 bytes", |host| {
            Ok(vec![host.keyed([4])?.at(1)])
        }),
        record("f32 at byte 2", "Misaligned", "offset 2 is not a multiple of f32's 4", |host| {
            Ok(vec![host.keyed([4])?.at(2)])
        }),
        record("f16 at byte 1", "Misaligned", "offset 1 is not a multiple of f16's 2", |host| {
            Ok(vec![host.keyed([4])?.dtype(DType::F16).at(1)])
        }),
        record("bf16 at byte 259", "Misaligned", "offset 259 is not a multiple of bf16's 2", |host| {
            Ok(vec![host.keyed([4])?.dtype(DType::Bf16).at(259)])
        }),
        record("no elements at byte 2", "Misaligned", "f32's 4", |host| Ok(vec![host.keyed([0])?.at(2)])),
        record("2^64 - 1 elements of f32", "OffsetOverflow", "18446744073709551615 elements of f32", |host| {
            Ok(vec![host.keyed([u64::MAX])?])
        }),
        record("the last offset for f32", "OffsetOverflow", "end past 2^64", |host| {
            Ok(vec![host.keyed([1])?.at(u64::MAX - 3)])
        }),
        record("the last offset for f16", "OffsetOverflow", "1 elements of f16 at byte offset", |host| {
            Ok(vec![host.keyed([1])?.dtype(DType::F16).at(u64::MAX - 1)])
        }),
    ]
}

pub(super) fn ranges() -> Vec<Row> {
    let record = Row::record;
    vec![
        record("one f32 too many", "TargetTooSmall", "bytes 0..1028 are to be written, the target has 1024", |host| {
            Ok(vec![host.keyed([257])?])
        }),
        record("one f16 too many", "TargetTooSmall", "bytes 2..1026 are", |host| {
            Ok(vec![host.keyed([512])?.dtype(DType::F16).at(2)])
        }),
        record("one bf16 at the end", "TargetTooSmall", "bytes 1024..1026 are", |host| {
            Ok(vec![host.keyed([1])?.dtype(DType::Bf16).at(1024)])
        }),
        record("an offset far past the end", "TargetTooSmall", "the target has 1024 bytes", |host| {
            Ok(vec![host.keyed([1])?.at(1 << 63)])
        }),
        record("a tensor of 2^62 - 1 elements", "TargetTooSmall", "bytes 0..18446744073709551612", |host| {
            Ok(vec![host.keyed([(1 << 62) - 1])?])
        }),
        record(
            "the halfword behind the last word",
            "IncompleteWord",
            "make the buffer's size a multiple of 4",
            |host| {
                let spec = host.keyed([3])?.dtype(DType::F16).at(1016);
                Ok(vec![spec.into(&host.uneven)])
            },
        ),
        record("the byte behind the last word", "IncompleteWord", "bytes 1020..1021 end in", |host| {
            let spec = host.keyed([1])?.dtype(DType::F8E5M2).at(1020);
            Ok(vec![spec.into(&host.uneven)])
        }),
        record("all halfwords of an uneven buffer", "IncompleteWord", "a buffer of 1022 bytes", |host| {
            let spec = host.keyed([511])?.dtype(DType::Bf16);
            Ok(vec![spec.into(&host.uneven)])
        }),
        record("past the end of an uneven buffer", "TargetTooSmall", "the target has 1022 bytes", |host| {
            let spec = host.keyed([1])?.at(1020);
            Ok(vec![spec.into(&host.uneven)])
        }),
        record("a buffer without STORAGE", "MissingStorageUsage", "lacks STORAGE; add it", |host| {
            let spec = host.keyed([3])?;
            Ok(vec![spec.into(&host.not_storage)])
        }),
        record("no elements in a buffer without STORAGE", "MissingStorageUsage", "COPY_SRC | COPY_DST", |host| {
            let spec = host.keyed([0])?;
            Ok(vec![host.keyed([3])?, spec.into(&host.not_storage)])
        }),
        record("a bad fill behind good ones", "TargetTooSmall", "fill 2 (c): bytes 1024..1028", |host| {
            let named = |name| Ok(host.normal([1])?.named(Seed::new(0), name));
            Ok(vec![named("a")?, named("b")?.at(4), named("c")?.at(1024), named("d")?.at(8)])
        }),
        record("the first of two bad fills", "Misaligned", "fill 1:", |host| {
            Ok(vec![host.keyed([1])?, host.keyed([1])?.at(6), host.keyed([1])?.at(1024)])
        }),
    ]
}

pub(super) fn overlaps() -> Vec<Row> {
    let record = Row::record;
    vec![
        record("the same fill twice", "Overlap", "fills 0 and 1 both write bytes 0..400 of one target", |host| {
            Ok(vec![host.keyed([100])?, host.keyed([100])?])
        }),
        record("the last element of the one before", "Overlap", "in two calls if that is meant", |host| {
            Ok(vec![host.keyed([100])?, host.keyed([1])?.at(396)])
        }),
        record("the first element of the one behind", "Overlap", "fills 0 and 1 both write bytes 300..304", |host| {
            Ok(vec![host.keyed([10])?.at(300), host.keyed([76])?])
        }),
        record("one halfword", "Overlap", "fills 0 and 1 both write bytes 14..16", |host| {
            Ok(vec![host.keyed([8])?.dtype(DType::F16), host.keyed([8])?.dtype(DType::Bf16).at(14)])
        }),
        record("one byte of a halfword", "Overlap", "fills 0 and 1 both write bytes 15..16", |host| {
            Ok(vec![host.keyed([8])?.dtype(DType::F16), host.keyed([8])?.dtype(DType::F8E4M3Fn).at(15)])
        }),
        record("one halfword of an f32", "Overlap", "both write bytes 2..4", |host| {
            Ok(vec![host.keyed([1])?, host.keyed([1])?.dtype(DType::F16).at(2)])
        }),
        record("one inside another", "Overlap", "both write bytes 512..516", |host| {
            Ok(vec![host.keyed([256])?, host.keyed([1])?.at(512)])
        }),
        record("the first and the last of many", "Overlap", "fills 0 and 3 both write bytes 12..16", |host| {
            let at = |offset| Ok(host.keyed([1])?.at(offset));
            Ok(vec![at(12)?, at(0)?, at(4)?, at(12)?, at(8)?])
        }),
        record("with other buffers in between", "Overlap", "fills 0 and 2 both write", |host| {
            let elsewhere = host.keyed([2])?.into(&host.uneven);
            Ok(vec![host.keyed([2])?, elsewhere, host.keyed([2])?.at(4)])
        }),
    ]
}
