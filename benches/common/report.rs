//! GB/s, and percentages of the clear and of the constant fill that the same run has measured.

use std::time::Duration;

/// The times of one device, by what was measured.
pub(crate) struct Report {
    title: String,
    lines: Vec<Line>,
}

struct Line {
    name: String,
    bytes: u64,
    times: Vec<Duration>,
}

impl Report {
    pub(crate) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), lines: Vec::new() }
    }

    pub(crate) fn add(&mut self, name: &str, bytes: u64, time: Duration) {
        match self.lines.last_mut().filter(|line| line.name == name) {
            Some(line) => line.times.push(time),
            None => self.lines.push(Line { name: name.to_owned(), bytes, times: vec![time] }),
        }
    }

    /// Names are `group/what`; `group/clear` and a `group/constant…` in front are what a line is compared with.
    pub(crate) fn print(&self) {
        eprintln!("\n{} (medians)", self.title);
        eprintln!("{:44} {:>10} {:>9} {:>11}", "", "GB/s", "% clear", "% constant");
        for (index, line) in self.lines.iter().enumerate() {
            let group = line.name.rsplit_once('/').map_or("", |(group, _)| group);
            let baseline = |what: &str| {
                let earlier = self.lines[..=index].iter().rev();
                let found = earlier.into_iter().find(|line| line.name.starts_with(&format!("{group}/{what}")))?;
                Some(format!("{:.1}", 100.0 * line.rate() / found.rate()))
            };
            let [clear, constant] = ["clear", "constant"].map(|what| baseline(what).unwrap_or_else(|| "-".to_owned()));
            eprintln!("{:44} {:>10.3} {clear:>9} {constant:>11}", line.name, line.rate());
        }
    }
}

impl Line {
    /// Gigabytes (10^9) a second.
    fn rate(&self) -> f64 {
        let seconds = median(&self.times).unwrap_or_default().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
        let bytes = self.bytes as f64;
        bytes / seconds * 1e-9
    }
}

/// The middle one; the greater of two.
fn median(times: &[Duration]) -> Option<Duration> {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}
