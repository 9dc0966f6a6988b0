//! What checkers of memory run, by `./check --memory`: `executor` fills small tensors on the CPU in every way in which the executor casts,
//! cuts and shares host memory, and `planted` reads past an allocation, which a checker must report, or it checks nothing.

use std::process::ExitCode;
use wgpu_init::cpu::reference;
use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Result, Seed, Shape, View};

/// A law of each kind, among them those that work in memory of their own, with rows and columns: several batches of Philox blocks, or
/// as few numbers as have all of a matrix, since Miri interprets every product.
const LAWS: [(&str, u64, u64); 8] = [
    ("constant(0.5)", 7, 9),
    ("uniform(-1,1)", 7, 9),
    ("normal(0,1)", 7, 9),
    ("trunc_normal(0,1,-2,2)", 7, 9),
    ("log_uniform(0.001,0.1)", 3, 5),
    ("sinusoids(10000)", 3, 6),
    ("sparse(0.5,1)", 3, 5),
    ("orthogonal(1)", 3, 4),
];
const POISON: u8 = 0xA5;

#[expect(clippy::print_stderr, reason = "whoever runs it reads it")]
fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        Some("executor") => executor(),
        Some("planted") => {
            planted();
            Ok(())
        }
        _ => {
            eprintln!("usage: wgpu-init-memory executor|planted");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn executor() -> Result<()> {
    for (law, rows, columns) in LAWS {
        let shape = Shape::new([rows, columns])?;
        let initializer: Initializer = law.parse()?;
        let whole = Fill::new(shape.clone(), initializer)?.named(Seed::new(42), "weight");
        for dtype in DType::ALL.iter().copied() {
            // At a place that is aligned to nothing but the element, with bytes before and behind.
            let fill = whole.clone().dtype(dtype);
            within(&fill, dtype.size())?;
            // A shard of it, transposed in memory.
            within(&fill.clone().view(View::new(&shape).shard(1, 1, 2)?.permuted([1, 0])?), dtype.size())?;
        }
        slices(&whole, usize::try_from(rows * columns).unwrap_or(0))?;
        say(law);
    }
    Ok(())
}

/// Fills some bytes of a target and compares all of it with the reference.
fn within(fill: &Fill, at: u64) -> Result<()> {
    let bytes = reference::bytes(fill)?;
    let (before, after) = (usize::try_from(at).unwrap_or(0), 5);
    let mut target = vec![POISON; before + bytes.len() + after];
    CpuExecutor::new().run_in(&mut target, [fill.clone().at(at)])?;
    assert!(target[before..before + bytes.len()] == bytes, "{fill:?}");
    assert!(target[..before].iter().chain(&target[before + bytes.len()..]).all(|byte| *byte == POISON), "{fill:?}");
    Ok(())
}

/// The same into slices of numbers, several in one call.
fn slices(whole: &Fill, elements: usize) -> Result<()> {
    let mut words = vec![0f32; elements];
    let mut halves = [vec![half::f16::ZERO; elements], vec![half::f16::ZERO; elements]];
    let mut brains = vec![half::bf16::ZERO; elements];
    CpuExecutor::new().run([(&mut words, whole)])?;
    let [first, second] = &mut halves;
    let half = whole.clone().dtype(DType::F16);
    CpuExecutor::new().run([(first, &half), (second, &half)])?;
    CpuExecutor::new().run([(&mut brains, whole.clone().dtype(DType::Bf16))])?;
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    assert!(bytes == reference::bytes(whole)?, "{whole:?}");
    assert!(halves[0] == halves[1], "{whole:?}");
    let bytes: Vec<u8> = brains.iter().flat_map(|brain| brain.to_le_bytes()).collect();
    assert!(bytes == reference::bytes(&whole.clone().dtype(DType::Bf16))?, "{whole:?}");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "whoever runs it reads it")]
fn say(law: &str) {
    println!("{law}");
}

/// One byte behind an allocation of the heap.
fn planted() {
    let bytes: Box<[u8]> = (0..std::hint::black_box(16)).collect();
    let behind = bytes.as_ptr().wrapping_add(bytes.len());
    // SAFETY: there is none. This is the error that a checker must see.
    #[expect(unsafe_code, reason = "safe code cannot do it")]
    let read = unsafe { behind.read_volatile() };
    std::hint::black_box(read);
}
