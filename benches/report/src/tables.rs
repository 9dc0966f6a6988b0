//! The generated blocks of the Markdown files.

use crate::charts::Chart;
use crate::records::{LAWS, Subject, gigabytes, ratio};
use crate::text::{cell, percentage, significant, size, times};
use itertools::Itertools;

/// What people use today, as records and as readers call it: what the README shows.
pub(crate) const KNOWN: [(&str, &str); 4] = [
    ("torch", "PyTorch"),
    ("cuRAND Philox", "cuRAND (Philox)"),
    ("JAX threefry2x32", "JAX (threefry)"),
    ("rand_distr", "rand_distr"),
];

pub(crate) fn known(what: &str) -> &str {
    KNOWN.iter().find(|(name, _)| *name == what).map_or(what, |(_, name)| name)
}

/// A sentence and a table under it; nothing where there is no row.
fn table(caption: &str, columns: &[&str], rows: Vec<Vec<String>>) -> Option<String> {
    let head = [columns.join(" | "), vec!["---"; columns.len()].join(" | ")];
    let has_rows = !rows.is_empty();
    let lines = head.into_iter().chain(rows.into_iter().map(|cells| cells.join(" | ")));
    has_rows.then(|| format!("{caption}{}", lines.map(|line| format!("| {line} |")).join("\n")))
}

fn or_dash(figure: Option<String>) -> String {
    figure.unwrap_or_else(|| "–".to_owned())
}

/// The figures of `docs/performance.md` in short: what was measured last on each device.
pub(crate) fn figures(alone: &[Subject], beside: &[Subject]) -> String {
    const ALONE: &str = "GB/s written by a warm fill of one f32 tensor, the largest that was measured; in brackets the share of the \
                         constant fill's speed:\n\n";
    const BESIDE: &str = "How many times as fast as another library this crate fills one f32 tensor (below 1× it is slower; – where the \
                          other has no such law), each in its best form; the work alone, or end to end where it says so:\n\n";
    let hardware = |subject: &Subject| !subject.is_cpu() && !subject.is_software();
    let missing = !alone.iter().chain(beside).any(hardware);
    let missing = missing.then(|| "**Not measured on a hardware GPU.**".to_owned());
    let first = alone.iter().filter_map(|subject| {
        let row = |law: &str, bytes| subject.at(law, "f32", bytes);
        let sizes = subject.points("constant", "f32").into_iter().filter_map(|row| row.bytes);
        let bytes = sizes.rev().find(|bytes| LAWS.iter().all(|law| row(law, *bytes).is_some()))?;
        let driver = Some(cell(&subject.of.driver)).filter(|driver| !driver.is_empty());
        let figure = |law| {
            let (ours, constant) = (row(law, bytes)?, row("constant", bytes)?);
            let share = percentage(100.0 * ratio(ours, constant)?);
            Some(format!("{} ({share})", significant(gigabytes(ours)?, 3)))
        };
        let place = [cell(&subject.label()), or_dash(driver), format!("`{}`", subject.source), size(bytes)];
        Some(place.into_iter().chain(LAWS.map(|law| or_dash(figure(law)))).collect())
    });
    let second =
        beside.iter().filter_map(|subject| Some((subject, subject.compared()?))).flat_map(|(subject, bytes)| {
            let end = if subject.end_to_end() { ", end to end" } else { "" };
            let place = format!("{}{end}", cell(&subject.label()));
            others(subject, bytes).into_iter().map(move |what| {
                let row = [cell(known(&what)), place.clone(), format!("`{}`", subject.source), size(bytes)];
                row.into_iter().chain(factors(subject, &what, bytes)).collect()
            })
        });
    let columns = |what, place, record| [what, place, record, "tensor", LAWS[0], LAWS[1], LAWS[2]];
    let first = table(ALONE, &columns("device", "driver", "record"), first.collect());
    let second = table(BESIDE, &columns("beside", "on", "record"), second.collect());
    [missing, first, second].into_iter().flatten().join("\n\n")
}

/// Who was measured beside this crate with f32, in the order of the laws and of speed.
fn others(subject: &Subject, bytes: u64) -> Vec<String> {
    let entries = LAWS.iter().flat_map(|law| subject.entries(law, bytes));
    let others = entries.filter(|entry| entry.row.dtype.as_deref() == Some("f32") && entry.factor.is_some());
    others.map(|entry| entry.row.what.clone()).unique().collect()
}

/// How many times as fast as another this crate is, for each law.
fn factors(subject: &Subject, what: &str, bytes: u64) -> [String; 3] {
    LAWS.map(|law| {
        let entries = subject.entries(law, bytes);
        let entry = entries.iter().find(|entry| entry.row.what == what && entry.row.dtype.as_deref() == Some("f32"));
        or_dash(entry.and_then(|entry| entry.factor).map(times))
    })
}

/// The README's chart, and beside whom it stands on a card and on a processor.
pub(crate) fn speed(beside: &[Subject], charts: &[Chart]) -> String {
    let row = |(cpu, (what, name)): (bool, (&str, &str))| {
        let subjects = beside.iter().filter(|subject| subject.is_cpu() == cpu && !subject.is_software());
        // The newest; of a day, on the most threads, and else the first.
        let newest = |subject: &&Subject| (subject.date().to_owned(), subject.of.threads);
        let subject = subjects.filter(|subject| subject.knows(what)).rev().max_by_key(newest)?;
        let bytes = subject.compared()?;
        let place = if cpu { subject.label() } else { subject.of.device.clone() };
        let place = format!("{name}: {}, {}", cell(&place), size(bytes));
        Some([place].into_iter().chain(factors(subject, what, bytes)).collect())
    };
    let rows = [false, true].into_iter().cartesian_product(KNOWN).filter_map(row).collect();
    let chart = charts.iter().find(|chart| chart.name == "speed.svg");
    let chart = chart.map(|chart| format!("![{}](docs/plots/{})", plain(&chart.title), chart.name));
    let table = table("", &["how many times as fast as", "uniform", "normal", "truncated normal"], rows);
    or_none([chart, table].into_iter().flatten().join("\n\n"))
}

/// Every chart under the heading of what it shows: a record of another device gives other files.
pub(crate) fn gallery(charts: &[Chart]) -> String {
    let chapters = charts.iter().map(|chart| chart.chapter).filter(|chapter| !chapter.is_empty()).unique();
    let chapter = |chapter| {
        let charts = charts.iter().filter(|chart| chart.chapter == chapter);
        let images = charts.map(|chart| format!("![{}](plots/{})", plain(&chart.title), chart.name));
        format!("### {chapter}\n\n{}", images.collect::<Vec<_>>().join("\n\n"))
    };
    or_none(chapters.map(chapter).collect::<Vec<_>>().join("\n\n"))
}

fn or_none(text: String) -> String {
    if text.is_empty() { "There is no record yet.".to_owned() } else { text }
}

fn plain(title: &str) -> String {
    title.replace(['[', ']', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::{figures, speed};
    use crate::{charts, records::choose};

    const HEADER: &str = "device,backend,driver,threads,what,work,timing,law,dtype,bytes,tensors,seconds\n";

    #[test]
    #[expect(clippy::unwrap_used, reason = "a test")]
    fn figures_with_losses_device_driver_and_record() {
        let mut text = HEADER.to_owned();
        for law in ["constant", "uniform", "normal", "trunc_normal"] {
            let time = if law == "constant" { "2e-6" } else { "4e-6" };
            text += &format!("NVIDIA <X>,Vulkan,d 1,,wgpu-init,fill,warm,{law},f32,4000,1,{time}\n");
            text += &format!("c,CPU,,2,wgpu-init,fill,warm,{law},f32,4000,1,8e-6\n");
        }
        text += "NVIDIA <X>,CUDA,,,torch,fill,warm,normal,f32,4000,1,2e-6\n";
        text += "c,CPU,,2,rand_distr,fill,warm,normal,f32,4000,1,16e-6\n";
        let (alone, beside) = choose(vec![(text, "x-2026-11-24.csv".to_owned())]).unwrap();
        let (page, charts) = (figures(&alone, &beside), charts::all(&alone, &beside).unwrap());
        let readme = speed(&beside, &charts);
        for (text, row) in [
            (&page, "| NVIDIA &lt;X>, Vulkan | d 1 | `x-2026-11-24.csv` | 3.91 KiB | 1.00 (50 %) |"),
            (&page, "| PyTorch | NVIDIA &lt;X>, Vulkan | `x-2026-11-24.csv` | 3.91 KiB | – | 0.50× | – |"),
            (&page, "| rand\\_distr | c, 2 threads | `x-2026-11-24.csv` | 3.91 KiB | – | 2.0× | – |"),
            (&readme, "| PyTorch: NVIDIA &lt;X>, 3.91 KiB | – | 0.50× | – |"),
            (&readme, "(docs/plots/speed.svg)"),
        ] {
            assert!(text.contains(row), "{row}\nis not in\n{text}");
        }
        assert!(!page.contains("Not measured") && charts[0].svg.contains("NVIDIA &lt;X&gt;"), "{page}");
        assert!(figures(&[], &[]).contains("Not measured on a hardware GPU") && speed(&[], &[]).contains("no record"));
    }
}
