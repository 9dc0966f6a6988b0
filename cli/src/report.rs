//! How a command says what it does: to people, or as events for a job's log.

use clap::Args;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::time::Duration;
use wgpu_init_models::checkpoint::Rank;

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ReportArguments {
    /// Write events to the standard output, each a JSON object in a line of its own: "start", "progress" and "done", with rank, bytes
    /// and seconds
    #[arg(long)]
    pub(crate) json: bool,
    /// Seconds from one line about the progress to the next, where no bar is shown: with --json, and where the standard error is no
    /// terminal; 0 for none
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = parse_seconds)]
    pub(crate) progress_every: Duration,
}

impl Default for ReportArguments {
    fn default() -> Self {
        Self { json: false, progress_every: Duration::from_secs(10) }
    }
}

/// Who reports, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    arguments: ReportArguments,
    rank: Rank,
    /// Whether the standard output is the checkpoint's.
    beside: bool,
}

impl ReportArguments {
    /// For one of several processes.
    pub(crate) const fn of(self, rank: Rank) -> Report {
        Report { arguments: self, rank, beside: false }
    }
}

impl Report {
    /// Events go to the standard error if the standard output is taken.
    pub(crate) const fn beside(self, is_taken: bool) -> Self {
        Self { beside: is_taken, ..self }
    }

    pub(crate) const fn is_json(self) -> bool {
        self.arguments.json
    }

    /// From one line to the next; none if there are to be none.
    pub(crate) fn every(self) -> Option<Duration> {
        Some(self.arguments.progress_every).filter(|every| !every.is_zero())
    }

    /// `rank 3 of 8: `, or nothing for a process alone.
    pub(crate) fn prefix(self) -> String {
        match self.rank {
            Rank::ALONE => String::new(),
            rank => format!("rank {} of {}: ", rank.rank(), rank.ranks()),
        }
    }

    /// An event with these members, if events are asked for. Nobody may be left to read it, which is no reason to leave a checkpoint
    /// unfinished.
    pub(crate) fn event(self, event: &str, members: Value) {
        if !self.is_json() {
            return;
        }
        let mut all = Map::new();
        all.insert("event".to_owned(), event.into());
        all.insert("rank".to_owned(), self.rank.rank().into());
        all.insert("ranks".to_owned(), self.rank.ranks().into());
        if let Value::Object(members) = members {
            all.extend(members);
        }
        // In one piece: several processes may share the log.
        let line = format!("{}\n", Value::Object(all));
        let _ = if self.beside {
            std::io::stderr().write_all(line.as_bytes())
        } else {
            let mut out = std::io::stdout().lock();
            out.write_all(line.as_bytes()).and_then(|()| out.flush())
        };
    }

    /// The last event.
    pub(crate) fn done(self, elapsed: Duration, mut members: Value) {
        if let Value::Object(members) = &mut members {
            members.insert("seconds".to_owned(), json!(elapsed.as_secs_f64()));
        }
        self.event("done", members);
    }
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.trim().parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "write a number of seconds, e.g. 10 or 0.5; 0 for no lines".to_owned())
}
