//! The plots, as SVG.

mod bars;
mod beside;
mod elements;
mod histogram;
mod page;
mod panel;
mod scale;
mod share;
mod style;
mod throughput;

pub(crate) use histogram::plot as histograms;

use crate::record::{Records, Source};
use crate::subject::{Kind, Subject};
use anyhow::Result;

/// A plot and where it belongs.
#[derive(Clone, Debug)]
pub struct Plot {
    /// What it shows, with others of its kind.
    pub chapter: &'static str,
    /// The file's name.
    pub name: String,
    /// For a person who cannot see it.
    pub title: String,
    /// The file's content.
    pub svg: String,
}

/// Every plot that the records give, each under a name of its own.
///
/// # Errors
/// A plot cannot be drawn.
pub fn all(records: &Records) -> Result<Vec<Plot>> {
    let mut plots = Vec::new();
    for device in &records.bench {
        plots.extend(throughput::plot(device)?);
    }
    for device in &records.bench {
        plots.extend(share::plot(device)?);
    }
    for device in &records.peers {
        plots.extend(beside::plot(device, records.driver(device))?);
    }
    for device in &records.bench {
        plots.extend(elements::plot(device)?);
    }
    for index in 0..plots.len() {
        let same = plots[..index].iter().filter(|plot| plot.name == plots[index].name).count();
        if same > 0 {
            // Two devices of one name, as with two equal cards.
            plots[index].name = plots[index].name.replace(".svg", &format!("-{}.svg", same + 1));
        }
    }
    Ok(plots)
}

/// The lines under a title: what was measured, by which driver, in which record.
fn caption(subject: &Subject, source: &Source) -> Vec<String> {
    match subject.kind() {
        Kind::Cpu => vec![subject.label(), recorded(None, source)],
        kind => vec![format!("{}{}", subject.label(), emulated(kind)), recorded(Some(&subject.driver), source)],
    }
}

fn emulated(kind: Kind) -> &'static str {
    if kind == Kind::Software { " (a CPU that emulates a GPU)" } else { "" }
}

fn recorded(driver: Option<&str>, source: &Source) -> String {
    let driver = match driver {
        None => String::new(),
        Some("") => "driver not recorded, ".to_owned(),
        Some(driver) => format!("driver: {driver}, "),
    };
    format!("{driver}record of {}: {}", source.date, source.name)
}

#[cfg(test)]
mod tests {
    use super::{Plot, all};
    use crate::record::Records;
    use std::fmt::Write;

    /// One device with so many sizes from 1 MiB on, evenly on a logarithmic axis up to 1 GiB.
    #[expect(clippy::unwrap_used, reason = "a test")]
    fn plots(sizes: u32, cards: usize) -> Vec<Plot> {
        let mut text = "device,backend,path,work,timing,distribution,dtype,bytes,seconds\n".to_owned();
        for card in 0..cards {
            for index in 0..sizes {
                let bytes = (1u64 << 20) << (10 * index / (sizes - 1).max(1));
                for law in ["constant", "uniform", "normal", "trunc_normal"] {
                    writeln!(text, "GPU <1>,Vulkan,{card},fill,warm,{law},f32,{bytes},1e-3").unwrap();
                }
                writeln!(text, "GPU <1>,Vulkan,{card},clear,warm,,,{bytes},1e-4").unwrap();
            }
        }
        all(&Records::of(vec![("bench-2026-11-24.csv".to_owned(), text)]).unwrap()).unwrap()
    }

    #[test]
    fn one_to_thirty_sizes_give_the_same_text_each_time() {
        for sizes in [1, 2, 30] {
            let [first, second] = [plots(sizes, 1), plots(sizes, 1)];
            assert_eq!(first.len(), 2);
            for (first, second) in first.iter().zip(&second) {
                assert_eq!(first.svg, second.svg);
                assert!(first.svg.contains("GPU &lt;1&gt;"), "a name is escaped");
            }
        }
    }

    #[test]
    fn equal_cards_have_files_of_their_own() {
        let names: Vec<_> = plots(2, 2).into_iter().map(|plot| plot.name).collect();
        let expected = ["throughput-gpu-1-vulkan.svg", "throughput-gpu-1-vulkan-2.svg", "share-gpu-1-vulkan.svg"];
        assert_eq!(names[..3], expected);
    }
}
