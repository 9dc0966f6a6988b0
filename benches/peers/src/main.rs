//! Measurements beside other libraries, in one run on one machine. Prints CSV.

mod fills;
mod orthogonal;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match std::env::args().nth(1).as_deref() {
        Some("orthogonal") => orthogonal::run(),
        Some("fills") => fills::run(),
        other => Err(format!("say what to measure: orthogonal or fills, not {other:?}").into()),
    }
}
