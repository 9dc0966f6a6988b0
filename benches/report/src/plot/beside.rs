//! This crate beside others on one device, at the largest size of the record.

use super::bars::{Bar, Group, bars};
use super::style::{BLUE, GREEN, GREY, ORANGE, SKY, VERMILION};
use super::{Plot, emulated, recorded};
use crate::record::peers::{Device, Entry};
use crate::subject::Kind;
use crate::text::{significant, size, slug, times};
use anyhow::Result;
use plotters::style::RGBColor;

pub(super) fn plot(device: &Device, driver: Option<&str>) -> Result<Option<Plot>> {
    let Some(bytes) = device.largest() else { return Ok(None) };
    let mut peers: Vec<String> = Vec::new();
    let mut groups = Vec::new();
    for case in device.cases() {
        let entries = device.entries(&case, bytes);
        for entry in entries.iter().filter(|entry| !entry.ours) {
            if !peers.contains(&entry.what) {
                peers.push(entry.what.clone());
            }
        }
        if !entries.is_empty() {
            let bars = entries.iter().map(|entry| bar(entry, &peers)).collect();
            groups.push(Group { name: format!("{}, {}", case.law, case.dtype), bars });
        }
    }
    let title = format!("This crate beside others: one tensor of {}", size(bytes));
    let kind = Kind::of(&device.name);
    // A processor has no driver that a record could name.
    let driver = if kind == Kind::Cpu { driver } else { Some(driver.unwrap_or_default()) };
    let caption = [format!("{}{}", device.name, emulated(kind)), recorded(driver, &device.source)];
    let svg = bars(&title, &caption, "GB/s written (more is better)", &groups)?;
    Ok(Some(Plot {
        chapter: "Beside other crates",
        name: format!("peers-{}.svg", slug(device.name.split('(').next().unwrap_or_default())),
        title: format!("{title}: {}", device.name),
        svg,
    }))
}

fn bar(entry: &Entry, peers: &[String]) -> Bar {
    let rate = significant(entry.rate, 3);
    let remark = match entry.factor {
        None => format!("{rate} GB/s"),
        Some(factor) => format!("{rate} GB/s; this crate is {} as fast", times(factor)),
    };
    let colour = if entry.ours { BLUE } else { colour(peers.iter().position(|peer| *peer == entry.what)) };
    Bar { name: entry.what.clone(), figure: entry.rate, remark, colour }
}

/// A peer has the same colour in every group. There may be more of them than colours: their names stand beside the bars.
fn colour(index: Option<usize>) -> RGBColor {
    [ORANGE, GREEN, VERMILION, SKY, GREY][index.unwrap_or_default() % 5]
}
