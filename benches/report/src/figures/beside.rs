//! This crate beside others on the same device.

use super::LAWS;
use super::table::{self, dated, or_dash};
use crate::record::Records;
use crate::record::peers::{Case, Device};
use crate::subject::Kind;
use crate::text::{cell, size, times};

const CAPTION: &str = "How many times as fast as another crate this one fills an f32 tensor (below 1× it is slower; – where the other has no \
                       such law). Beside CUDA the work alone by the device's clocks, else end to end:";

pub(super) fn table(records: &Records) -> Option<String> {
    // Many stand beside the CPU executor: they have a plot, and the table above has one of them.
    let adapters = records.peers.iter().filter(|device| records.kind(&device.name) != Kind::Cpu);
    let rows: Vec<_> = adapters.flat_map(|device| rows(device, records.driver(device))).collect();
    let columns = ["beside", "device", "driver", "record", "tensor", LAWS[0], LAWS[1], LAWS[2]];
    table::table(CAPTION, &columns, &rows)
}

fn rows(device: &Device, driver: Option<&str>) -> Vec<Vec<String>> {
    let Some(bytes) = device.largest() else { return Vec::new() };
    let laws = LAWS.map(|law| device.entries(&Case { law: law.to_owned(), dtype: "f32".to_owned() }, bytes));
    let mut peers = Vec::new();
    for entry in laws.iter().flatten() {
        if !entry.ours && !peers.contains(&&entry.what) {
            peers.push(&entry.what);
        }
    }
    let software = if Kind::of(&device.name) == Kind::Software { " (software)" } else { "" };
    let row = |peer: &String| {
        let mut row = vec![
            cell(peer),
            format!("{}{software}", cell(&device.name)),
            or_dash(driver.map(cell)),
            dated(&device.source),
            size(bytes),
        ];
        row.extend(laws.each_ref().map(|entries| {
            let entry = entries.iter().find(|entry| entry.what == *peer);
            or_dash(entry.and_then(|entry| entry.factor).map(times))
        }));
        row
    };
    peers.into_iter().map(row).collect()
}
