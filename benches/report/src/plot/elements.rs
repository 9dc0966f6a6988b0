//! The CPU executor's time for an element, beside `rand_distr`, in every dtype.

use super::bars::{Bar, Group, bars};
use super::style::{BLUE, GREEN, GREY, SKY};
use super::{Plot, caption};
use crate::arithmetic::{factor, nanoseconds_an_element};
use crate::figures::{LAWS, compared_size};
use crate::record::bench::{Device, Work};
use crate::subject::Kind;
use crate::text::{significant, size, times};
use anyhow::Result;
use plotters::style::RGBColor;

const DTYPES: [(&str, u64, RGBColor); 3] = [("f32", 4, BLUE), ("f16", 2, SKY), ("bf16", 2, GREEN)];

/// Numbers of threads have plots of their own: on one axis, the bars of many threads would be nothing beside those of one.
pub(super) fn plot(device: &Device) -> Result<Option<Plot>> {
    let size_compared = compared_size(device).filter(|_| device.subject.kind() == Kind::Cpu);
    let Some(bytes) = size_compared else { return Ok(None) };
    let groups = LAWS.map(|law| Group { name: law.to_owned(), bars: group(device, law, bytes) });
    let title = format!("Time of the CPU executor for an element, tensors of {}", size(bytes));
    let caption = caption(&device.subject, &device.source);
    let svg = bars(&title, &caption, "nanoseconds an element (less is better)", &groups)?;
    Ok(Some(Plot {
        chapter: "The CPU executor beside rand_distr",
        name: format!("elements-{}.svg", device.subject.slug()),
        title: format!("{title}: {}", device.subject.label()),
        svg,
    }))
}

fn group(device: &Device, law: &'static str, bytes: u64) -> Vec<Bar> {
    let theirs = device.seconds(Work::RandDistr(law), bytes);
    let ours = DTYPES.iter().filter_map(|(dtype, element, colour)| {
        let seconds = device.seconds(Work::Fill(law, dtype), bytes)?;
        let speed = theirs.filter(|_| *dtype == "f32").and_then(|theirs| factor(theirs, seconds));
        bar(dtype, bytes, *element, seconds, speed, *colour)
    });
    let theirs = theirs.and_then(|seconds| bar("rand_distr, f32", bytes, 4, seconds, None, GREY));
    ours.chain(theirs).collect()
}

fn bar(name: &str, bytes: u64, element: u64, seconds: f64, speed: Option<f64>, colour: RGBColor) -> Option<Bar> {
    let figure = nanoseconds_an_element(bytes, element, seconds)?;
    let speed = speed.map_or_else(String::new, |speed| format!("; {} as fast as rand_distr", times(speed)));
    let remark = format!("{} ns{speed}", significant(figure, 2));
    Some(Bar { name: name.to_owned(), figure, remark, colour })
}
