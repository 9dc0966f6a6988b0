//! Bad requests: each is refused with its variant of `Error`, in words that say what to do, before anything is recorded or
//! written. A table of inputs (`rows.rs`), thousands of random ones (`random.rs`), and what is unusual but allowed.
//!
//! Most of it runs on wgpu's noop device, which validates like any other and computes nothing.

#[path = "../common/mod.rs"]
mod common;
mod host;
mod random;
mod rows;
#[path = "../support/variants.rs"]
mod variants;

use host::{Fills, Host, Request};
use rows::{Bad, Row, rows};
use std::collections::BTreeSet;
use wgpu_init::plan::{Region, plan};
use wgpu_init::{CpuExecutor, DType, Error, Fill, Initializer, Result, Seed};

#[test]
fn every_bad_input_is_refused_with_its_variant_and_says_what_to_do() {
    let host = Host::noop();
    let rows = rows();
    assert!(rows.len() >= 50, "{} rows", rows.len());
    let names: BTreeSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names.len(), rows.len(), "two rows have one name");
    let wrong: Vec<String> = rows.iter().filter_map(|row| check(row, &host).err()).collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn every_variant_of_error_is_produced_by_a_row() {
    let declared = variants::declared(include_str!("../../src/error.rs"));
    assert!(declared.len() > 20, "the variants were not found: {declared:?}");
    let mut produced: BTreeSet<&str> = rows().iter().map(|row| row.variant).collect();
    // Around the variants of every row that records; `a_bad_fill_among_good_ones_is_named` looks at it.
    produced.insert("Fill");
    // No device runs out of memory at will: `src/gpu/scope.rs` tests it beside what gives it.
    produced.insert("OutOfMemory");
    // Nor does every host: `src/cpu/orthogonal.rs` asks for more than there can be, the command's tests run under a limit.
    produced.insert("NoHostMemory");
    assert_eq!(declared, produced);
}

/// Negative control: a table that accepts everything proves nothing.
#[test]
fn the_table_sees_a_wrong_variant_a_missing_word_and_an_accepted_input() {
    let host = Host::noop();
    let parse = |text: &'static str| move || text.parse::<DType>().map(|_| ());
    let fails = |row: Row| check(&row, &host).expect_err("the row is wrong");
    assert!(fails(Row::call("a", "ParseInitializer", "f32", parse("f64"))).contains("ParseDType"));
    assert!(fails(Row::call("b", "ParseDType", "write f64", parse("f64"))).contains("does not say"));
    assert!(fails(Row::call("c", "ParseDType", "f32", parse("f32"))).contains("accepted"));
    assert!(fails(Row::record("d", "Misaligned", "", |host| Ok(vec![host.keyed([3])?]))).contains("accepted"));
}

/// On devices that compute: after an error the encoder goes on, and the bytes are what they were.
#[test]
fn a_refused_record_leaves_encoder_and_bytes_as_they_were_on_every_adapter() {
    for adapter in common::adapters_or_explain() {
        let host = Host::of(&adapter.adapter);
        for row in rows() {
            if matches!(row.bad, Bad::Record(_)) {
                check(&row, &host).unwrap_or_else(|wrong| panic!("{}: {wrong}", adapter.label));
            }
        }
    }
}

#[test]
fn the_cpu_executor_refuses_what_the_gpu_executor_refuses() {
    let host = Host::noop();
    let mut compared = 0;
    for row in rows() {
        let Bad::Record(make) = row.bad else { continue };
        let fills = make(&host).expect("the parameters are valid");
        // The other buffers are bad in ways that only buffers can be, and bytes of host memory have no ranges.
        if fills.iter().any(|fill| fill.buffer != &host.arena || fill.bytes != (0..host.arena.size())) {
            continue;
        }
        let gpu = host.record(&fills).expect_err("refused");
        let specs: Vec<&Fill> = fills.iter().map(|fill| &fill.fill).collect();
        let mut bytes = vec![common::POISON; usize::try_from(host.arena.size()).expect("small")];
        assert_eq!(CpuExecutor::new().run_in(&mut bytes, specs), Err(gpu), "{}", row.name);
        assert!(bytes.iter().all(|byte| *byte == common::POISON), "{}: bytes were written", row.name);
        compared += 1;
    }
    assert!(compared > 20, "{compared} rows were compared");
}

#[test]
fn a_bad_fill_among_good_ones_is_named() {
    let host = Host::noop();
    let tensor = |name: &str, offset| host.normal([4]).expect("valid").named(Seed::new(1), name).at(offset);
    let error = host.record(&[tensor("a", 0), tensor("b", 16), tensor("c.weight", 34), tensor("d", 64)]);
    let error = error.expect_err("34 is no multiple of 4");
    assert!(matches!(&error, Error::Fill { index: 2, name: Some(name), .. } if name == "c.weight"), "{error:?}");
    assert!(matches!(error.root(), Error::Misaligned { offset: 34, .. }));
    assert!(error.to_string().starts_with("fill 2 (c.weight): the byte offset 34"), "{error}");
    // The message has the cause; a chain of errors that had it too would print it twice.
    assert!(std::error::Error::source(&error).is_none(), "{error}");

    let error = host.record(&[host.normal([4]).expect("valid")]).expect_err("no key");
    assert!(error.to_string().starts_with("fill 0: normal draws random numbers"), "{error}");
}

/// Unusual, and allowed: every one of these is recorded, submitted and runs on the CPU.
#[test]
fn what_is_unusual_but_meant_is_no_error() {
    let host = Host::noop();
    for (name, make) in unusual() {
        let fills = make(&host).unwrap_or_else(|error| panic!("{name}: {error}"));
        host.record(&fills).unwrap_or_else(|error| panic!("{name}: {error}"));
        let specs: Vec<&Fill> = fills.iter().map(|fill| &fill.fill).collect();
        let mut bytes = vec![0; usize::try_from(host.arena.size()).expect("small")];
        CpuExecutor::new().run_in(&mut bytes, specs).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

type Make = for<'a> fn(&'a Host) -> Result<Fills<'a>>;

fn unusual() -> [(&'static str, Make); 14] {
    [
        ("no fills", |_| Ok(vec![])),
        ("a dimension of zero", |host| Ok(vec![host.keyed([3, 0, 5])?])),
        ("a dimension of zero beside huge ones", |host| Ok(vec![host.keyed([u64::MAX, u64::MAX, 0])?])),
        ("a scalar of rank 0", |host| Ok(vec![host.keyed([])?])),
        ("rank 8", |host| Ok(vec![host.keyed([1, 2, 1, 2, 1, 2, 1, 2])?])),
        ("an empty slice at the tensor's end", |host| Ok(vec![host.keyed([4])?.elements(4..4)])),
        ("an empty fill at the buffer's end", |host| Ok(vec![host.keyed([0])?.at(1024)])),
        ("an empty fill past the buffer's end", |host| Ok(vec![host.keyed([0])?.at(4096)])),
        ("an empty fill inside another", |host| Ok(vec![host.keyed([9])?, host.keyed([0])?.at(8)])),
        ("a constant without a key", |host| Ok(vec![host.unkeyed(Initializer::zeros())?])),
        ("a std of zero without a key", |host| Ok(vec![host.unkeyed(Initializer::normal(3.0, 0.0))?])),
        ("equal bounds without a key", |host| Ok(vec![host.unkeyed(Initializer::uniform(3.0, 3.0))?])),
        ("two fills that share a word and no byte", |host| {
            Ok(vec![host.keyed([3])?.dtype(DType::F16).at(2), host.keyed([3])?.dtype(DType::Bf16).at(8)])
        }),
        ("the end of a tensor of 2^64 - 1 elements", |host| {
            Ok(vec![host.keyed([u64::MAX])?.elements(u64::MAX - 5..u64::MAX)])
        }),
    ]
}

/// Whether a row holds on a host; `Err` says in which way it does not.
fn check(row: &Row, host: &Host) -> Result<(), String> {
    let Row { name, variant, says, bad } = row;
    let outcome = match bad {
        Bad::Call(call) => call(),
        Bad::Record(make) => make(host).and_then(|fills| host.record_and_go_on(&fills)),
    };
    let Err(error) = outcome else { return Err(format!("{name}: was accepted")) };
    let (message, got) = (error.to_string(), variants::name(error.root()));
    if got != *variant {
        return Err(format!("{name}: {got} instead of {variant}: {message}"));
    }
    if !message.contains(says.as_str()) {
        return Err(format!("{name}: does not say {says:?}: {message}"));
    }
    match bad {
        // The planner knows sizes, not usages or what a device makes of a buffer.
        Bad::Record(make) if !matches!(*variant, "MissingStorageUsage" | "DeviceRefused") => {
            same_from_the_planner(make, host, &error)
                .map_err(|other| format!("{name}: plan says {other}, record says {message}"))
        }
        _ => Ok(()),
    }
}

/// The planner without a GPU says the same about the same fills.
fn same_from_the_planner(make: &Make, host: &Host, error: &Error) -> Result<(), String> {
    let fills = make(host).map_err(|error| error.to_string())?;
    let mut buffers = Vec::new();
    let mut specs = Vec::new();
    for Request { buffer, bytes, fill } in &fills {
        let known = buffers.iter().position(|other| other == buffer);
        let region = Region { buffer: known.unwrap_or(buffers.len()), bytes: bytes.clone() };
        specs.push((region, fill));
        if known.is_none() {
            buffers.push(*buffer);
        }
    }
    let sizes: Vec<u64> = buffers.iter().map(|buffer| buffer.size()).collect();
    match plan(&sizes, specs, host.executor.plan_device()) {
        Err(other) if other == *error => Ok(()),
        other => Err(format!("{other:?}")),
    }
}
