//! GPUs, and what emulates one: GB/s and share of the constant fill.

use super::LAWS;
use super::table::{self, dated, or_dash};
use crate::arithmetic::{percent, rate};
use crate::record::Records;
use crate::record::bench::{Device, Work};
use crate::subject::Kind;
use crate::text::{cell, percentage, significant, size};

const CAPTION: &str = "GB/s written by a warm fill of one f32 tensor, the largest that was measured; in brackets the share of the \
                       constant fill's speed:";

pub(super) fn table(records: &Records) -> Option<String> {
    let adapters = records.bench.iter().filter(|device| device.subject.kind() != Kind::Cpu);
    let rows: Vec<_> = adapters.filter_map(row).collect();
    table::table(CAPTION, &["device", "driver", "record", "tensor", LAWS[0], LAWS[1], LAWS[2]], &rows)
}

fn row(device: &Device) -> Option<Vec<String>> {
    let constant = Work::Fill("constant", "f32");
    let fills = LAWS.map(|law| Work::Fill(law, "f32"));
    let bytes = device.largest(&[constant, fills[0], fills[1], fills[2]])?;
    let software = if device.subject.kind() == Kind::Software { " (software)" } else { "" };
    let mut row = vec![
        format!("{}{software}", cell(&device.subject.label())),
        or_dash(Some(cell(&device.subject.driver)).filter(|driver| !driver.is_empty())),
        dated(&device.source),
        size(bytes),
    ];
    row.extend(fills.map(|fill| or_dash(figure(device, constant, fill, bytes))));
    Some(row)
}

fn figure(device: &Device, constant: Work, fill: Work, bytes: u64) -> Option<String> {
    let seconds = device.seconds(fill, bytes)?;
    let share = percent(device.seconds(constant, bytes)?, seconds)?;
    Some(format!("{} ({})", significant(rate(bytes, seconds)?, 3), percentage(share)))
}
