//! Measurements beside other libraries, in one run on one machine. Prints CSV.

#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "fills")]
mod fills;
#[cfg(feature = "orthogonal")]
mod orthogonal;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match std::env::args().nth(1).as_deref() {
        #[cfg(feature = "cpu")]
        Some("cpu") => cpu::run(),
        #[cfg(feature = "orthogonal")]
        Some("orthogonal") => orthogonal::run(),
        #[cfg(feature = "fills")]
        Some("fills") => fills::run(),
        other => Err(format!("say what to measure: cpu, orthogonal or fills (each a feature), not {other:?}").into()),
    }
}
