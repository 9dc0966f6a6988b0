//! Whatever is wrong with a request is a typed error that says what to do; the encoder stays as it was, nothing panics, and no
//! validation error of wgpu ever surfaces. On wgpu's noop device, which validates as every other.

#[path = "../common/mod.rs"]
mod common;
mod host;
mod names;
mod random;
mod rows;

use common::{POISON, adapters_or_explain, device_with, poisoned_buffer, read_back};
use host::Host;
use rows::{Bad, Row, rows};
use std::collections::BTreeSet;
use wgpu_init::{DType, Error, Fill, GpuExecutor, Initializer, Seed, Shape, Stream};

/// What a bad input gives: never success.
fn refusal(row: &Row) -> Error {
    let outcome = match &row.bad {
        Bad::Call(call) => call(),
        Bad::Record(fills) => {
            let host = Host::noop();
            fills(&host).and_then(|fills| host.record_and_go_on(&fills))
        }
    };
    outcome.err().unwrap_or_else(|| panic!("{}: was accepted", row.name))
}

#[test]
fn every_bad_request_is_a_typed_error_that_says_what_to_do() {
    let rows = rows();
    assert!(rows.len() >= 100, "{} rows", rows.len());
    for row in &rows {
        let error = refusal(row);
        assert_eq!(names::variant(error.root()), row.variant, "{}: {error}", row.name);
        assert!(error.to_string().contains(&row.says), "{}: {error} does not say {:?}", row.name, row.says);
    }
}

/// No variant is left that nothing produces; none of the table is misspelt.
#[test]
fn every_variant_of_the_error_is_produced() {
    let mut produced: BTreeSet<_> = rows().iter().map(|row| row.variant.to_owned()).collect();
    // The position in a list stands around every error of `record`.
    produced.insert("Fill".to_owned());
    assert_eq!(produced, names::declared());
}

#[test]
fn a_bad_fill_in_a_list_is_named() {
    let host = Host::noop();
    let good = || host.normal([16]).expect("valid").named(Seed::new(1), "good");
    let bad = host.normal([16]).expect("valid").named(Seed::new(1), "h.3.bad").at(2);
    let error = host.record_and_go_on(&[good(), good().at(256), bad, good().at(512)]).expect_err("misaligned");
    let Error::Fill { index, name, .. } = &error else { panic!("{error}") };
    assert_eq!((*index, name.as_deref()), (2, Some("h.3.bad")));
    assert!(error.to_string().starts_with("fill 2 (h.3.bad): the byte offset 2"), "{error}");
}

#[test]
fn what_looks_odd_but_is_right_is_accepted() {
    let host = Host::noop();
    let constant = |dims: &[u64]| {
        Fill::new(&host.arena, Shape::new(dims).expect("a shape"), Initializer::ones()).expect("valid parameters")
    };
    let drawn = |initializer, dtype| host.drawn(initializer, dtype).expect("valid parameters");
    for (what, fills) in [
        ("no fills", vec![]),
        ("zero dimensions", vec![constant(&[0, 5]), constant(&[7, 0, 0]).at(1 << 40)]),
        ("a zero beside sizes whose product would not fit", vec![constant(&[u64::MAX, u64::MAX, 0])]),
        ("a scalar", vec![constant(&[])]),
        ("rank 8", vec![constant(&[1; 8])]),
        ("an empty slice", vec![host.keyed([64]).expect("valid").elements(64..64)]),
        ("two halves of one word", vec![constant(&[1]).dtype(DType::F16), constant(&[1]).dtype(DType::Bf16).at(2)]),
        ("a constant without a key", vec![constant(&[5])]),
        (
            "equal bounds, no std",
            vec![
                drawn(Initializer::uniform(3.0, 3.0), DType::F32),
                drawn(Initializer::normal(3.0, 0.0), DType::F32).at(64),
            ],
        ),
        ("the widest uniform", vec![drawn(Initializer::uniform(-3.4e38, 3.4e38), DType::F32)]),
    ] {
        assert_eq!(host.record_and_go_on(&fills), Ok(()), "{what}");
    }
}

/// On real adapters: what is refused has written nothing, though the encoder was submitted.
#[test]
fn a_refused_call_leaves_every_byte() {
    for adapter in adapters_or_explain() {
        let (device, queue) = device_with(&adapter.adapter, |_| {});
        let executor = GpuExecutor::new(&device).expect("an executor");
        let buffer = poisoned_buffer(&device, 4096);
        let fill = |offset| {
            let fill = Fill::new(&buffer, Shape::new([64]).expect("a shape"), Initializer::normal(0.0, 1.0));
            fill.expect("valid parameters").keyed(Seed::new(1), Stream::new(2)).at(offset)
        };
        let mut encoder = device.create_command_encoder(&wgpu_init::wgpu::CommandEncoderDescriptor::default());
        for bad in [4096, 2, 100] {
            let outcome = executor.record(&device, &mut encoder, &[fill(0), fill(bad)]);
            assert!(outcome.is_err(), "{}: {bad}", adapter.label);
        }
        let bytes = read_back(&device, &queue, encoder, &buffer);
        assert!(bytes.iter().all(|byte| *byte == POISON), "{}", adapter.label);
    }
}
