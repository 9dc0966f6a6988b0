//! The CPU executor: nanoseconds an element, beside `rand_distr`.

use super::LAWS;
use super::table::{self, dated, or_dash};
use crate::arithmetic::{factor, nanoseconds_an_element};
use crate::record::Records;
use crate::record::bench::{Device, Work};
use crate::subject::Kind;
use crate::text::{cell, significant, size, times};

const CAPTION: &str = "Nanoseconds an f32 element on the CPU; in brackets how many times as fast that is as `rand_distr` with \
                       `SmallRng` on as many threads (below 1× it is slower):";

pub(super) fn table(records: &Records) -> Option<String> {
    let processors = records.bench.iter().filter(|device| device.subject.kind() == Kind::Cpu);
    let rows: Vec<_> = processors.filter_map(row).collect();
    table::table(CAPTION, &["CPU", "record", "tensor", LAWS[0], LAWS[1], LAWS[2]], &rows)
}

fn row(device: &Device) -> Option<Vec<String>> {
    let bytes = compared_size(device)?;
    let mut row = vec![cell(&device.subject.label()), dated(&device.source), size(bytes)];
    row.extend(LAWS.map(|law| or_dash(figure(device, law, bytes))));
    Some(row)
}

/// The largest size at which both were measured with every law.
pub(crate) fn compared_size(device: &Device) -> Option<u64> {
    let works = LAWS.iter().flat_map(|law| [Work::Fill(law, "f32"), Work::RandDistr(law)]);
    device.largest(&works.collect::<Vec<_>>())
}

fn figure(device: &Device, law: &'static str, bytes: u64) -> Option<String> {
    let ours = device.seconds(Work::Fill(law, "f32"), bytes)?;
    let theirs = device.seconds(Work::RandDistr(law), bytes)?;
    let each = nanoseconds_an_element(bytes, 4, ours)?;
    Some(format!("{} ({})", significant(each, 2), times(factor(theirs, ours)?)))
}
