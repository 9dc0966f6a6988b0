//! Measurements beside other libraries, in one run on one machine. Prints a record (CSV).

#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "fills")]
mod fills;
#[path = "../../../cli/src/commands/bench/law.rs"]
#[allow(dead_code, reason = "each measurement uses its own part")]
mod law;
#[cfg(feature = "orthogonal")]
mod orthogonal;
#[cfg(feature = "cpu")]
#[allow(dead_code, reason = "a build for the best instructions leaves the others out")]
mod peers;
#[path = "../../../cli/src/commands/bench/record.rs"]
mod record;
#[path = "../../../cli/src/commands/bench/turns.rs"]
mod turns;

use record::{Lines, OURS, Record};

fn main() -> anyhow::Result<()> {
    let out = &mut Lines::new(std::io::stdout());
    match std::env::args().nth(1).as_deref() {
        #[cfg(feature = "cpu")]
        Some("cpu") => cpu::run(out),
        #[cfg(feature = "orthogonal")]
        Some("orthogonal") => orthogonal::run(out),
        #[cfg(feature = "fills")]
        Some("fills") => fills::run(out),
        other => anyhow::bail!("say what to measure: cpu, orthogonal or fills (each a feature), not {other:?}"),
    }
}

/// Where the lines go.
type Out<'a> = &'a mut Lines<std::io::Stdout>;

/// One tensor, or a clear of as many bytes, by whom; on the processor unless said otherwise.
fn line(what: &str, work: &str, timing: &str, law: &str, dtype: &str, bytes: usize) -> Record {
    let here = Record::here();
    let of_fill = |text: &str| (work != "clear").then(|| text.to_owned());
    Record {
        device: here.cpu.clone(),
        backend: "CPU".to_owned(),
        clock: "host".to_owned(),
        version: if what == OURS { here.version.clone() } else { String::new() },
        what: what.to_owned(),
        work: work.to_owned(),
        timing: timing.to_owned(),
        law: of_fill(law),
        dtype: of_fill(dtype),
        bytes: Some(bytes as u64),
        tensors: Some(1),
        ..here
    }
}
