//! Tensors that several workers read, in many pieces: nothing is lost where pieces meet.

use super::made::{Raw, found_with, rule};
use wgpu_init::DType;
use wgpu_init_models::audit::{Kind, Options, Report};

const LAW: &str = "normal(0, 0.02)";

fn drawn(shape: &[usize]) -> Raw {
    Raw::drawn("w", LAW, shape, DType::F32, 3)
}

fn audit(raw: &Raw) -> Report {
    found_with(std::slice::from_ref(raw), &rule(LAW), &Options::default(), None)
}

fn only(report: &Report) -> (Kind, &str) {
    let [found] = report.findings.as_slice() else { panic!("{:#?}", report.findings) };
    (found.kind, &found.message)
}

/// More than 16 MiB, with rows that end nowhere near a page.
#[test]
fn what_lies_far_apart_is_found() {
    let raw = drawn(&[3001, 1501]);
    let report = audit(&raw);
    assert!(report.findings.is_empty() && report.tests > 10, "{:?}", report.findings);
    let moments = report.tensors[0].moments.expect("read");
    let numbers = raw.numbers();
    let mean = numbers.iter().map(|x| f64::from(*x)).sum::<f64>() / numbers.len() as f64;
    assert!((moments[0] - mean).abs() < 1e-9, "{moments:?}, {mean}");
    let report = audit(&raw.with(|numbers| *numbers.last_mut().expect("a number") = f32::NAN));
    assert_eq!(only(&report).0, Kind::NonFinite);
    let report = audit(&raw.with(|numbers| numbers.copy_within(1501 * 7..1501 * 8, 1501 * 2990)));
    assert_eq!(only(&report).0, Kind::RepeatedRows);
    assert!(only(&report).1.contains("2990 is as 7"), "{report:?}");
    let report = audit(&raw.with(|numbers| numbers.chunks_mut(1501).for_each(|row| row[1400] = row[2])));
    assert_eq!(only(&report).0, Kind::RepeatedColumns);
    let scaled = |numbers: &mut Vec<f32>| numbers[1501 * 2000..].iter_mut().for_each(|x| *x *= 1.005);
    let report = audit(&raw.with(scaled));
    assert!(matches!(only(&report).0, Kind::WrongLaw | Kind::Uneven), "{report:?}");
}

/// Neither rows nor columns.
#[test]
fn a_long_vector_is_clean_and_its_repeated_pages_are_found() {
    let raw = drawn(&[5_000_003]);
    let report = audit(&raw);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let report = audit(&raw.with(|numbers| numbers.copy_within(0..8192, 4_505_600)));
    assert_eq!(only(&report).0, Kind::RepeatedPages);
}

/// Of so large a tensor an eighth is counted by value; what is alone in the rest, and what is everywhere, is found all the same.
#[test]
fn what_lies_where_values_are_not_counted_is_found() {
    for dtype in [DType::F16, DType::Bf16] {
        let raw = Raw::drawn("w", LAW, &[4096, 4100], dtype, 3);
        let report = audit(&raw);
        assert!(report.findings.is_empty() && report.tests > 10, "{dtype}: {:?}", report.findings);
        let with = |change: &dyn Fn(&mut [u8])| {
            let mut raw = raw.clone();
            change(&mut raw.bytes);
            audit(&raw)
        };
        let (nan, infinity) = if dtype == DType::F16 { (0x7E00u16, 0xFC00u16) } else { (0x7FC0, 0xFF80) };
        let set =
            |bytes: &mut [u8], at: usize, value: u16| bytes[2 * at..2 * at + 2].copy_from_slice(&value.to_le_bytes());
        for at in (0..24).map(|row| row * 4100 * 170 + 4000) {
            let report = with(&|bytes| set(bytes, at, nan));
            assert_eq!(
                only(&report),
                (Kind::NonFinite, "1 NaN and 0 infinities among 16793600 elements"),
                "{dtype} {at}"
            );
        }
        let both = |bytes: &mut [u8]| {
            set(bytes, 1, infinity);
            set(bytes, 16_000_000, infinity);
            set(bytes, 8_000_000, nan);
        };
        assert_eq!(only(&with(&both)).1, "1 NaN and 2 infinities among 16793600 elements");
        // 0 once in a thousand, which changes sums by less than chance does.
        let report = with(&|bytes| (0..16_793).for_each(|at| set(bytes, at * 1000 + 7, 0)));
        assert!(only(&report).1.contains("0 comes"), "{dtype}: {report:?}");
        // An element far out, where it is not counted perhaps.
        let one = if dtype == DType::F16 { 0x3C00 } else { 0x3F80 };
        let report = with(&|bytes| set(bytes, 12_345_678, one));
        assert_eq!(only(&report).0, Kind::WrongLaw, "{dtype}");
    }
}

/// Tied tensors are compared in all bytes: also the last.
#[test]
fn one_bit_at_the_end_tells_twins_apart() {
    let raw = drawn(&[3001, 1501]);
    let rules = format!("[[rule]]\nname = \"z\"\ntie = \"w\"\n{}", rule(LAW));
    let twin = |raw: &Raw| Raw { name: "z".to_owned(), ..raw.clone() };
    let report = found_with(&[raw.clone(), twin(&raw)], &rules, &Options::default(), None);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let mut other = twin(&raw);
    let last = other.bytes.len() - 4;
    other.bytes[last] ^= 1;
    let report = found_with(&[raw, other], &rules, &Options::default(), None);
    assert_eq!(only(&report).0, Kind::Untied);
}
