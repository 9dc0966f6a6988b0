//! The generated blocks of the Markdown files.

use crate::charts::{Chart, rate};
use crate::record::Record;
use crate::records::{LAWS, Subject, seconds};
use crate::text::{cell, percentage, significant, size, times};

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
    let head = columns.iter().map(|column| (*column).to_owned()).collect();
    let lines = [head, vec!["---".to_owned(); columns.len()]].into_iter().chain(rows);
    let lines: Vec<_> = lines.map(|cells: Vec<String>| format!("| {} |", cells.join(" | "))).collect();
    (lines.len() > 2).then(|| format!("{caption}{}", lines.join("\n")))
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
    let mut first = Vec::new();
    for subject in alone {
        let row = |law: &str, bytes| subject.at(Some(law), "f32", bytes);
        let sizes = subject.points(Some("constant"), "f32").into_iter().map(|(bytes, _)| bytes);
        let Some(bytes) = sizes.rev().find(|bytes| LAWS.iter().all(|law| row(law, *bytes).is_some())) else { continue };
        let driver = Some(cell(&subject.driver)).filter(|driver| !driver.is_empty());
        let mut cells = vec![cell(&subject.label()), or_dash(driver), format!("`{}`", subject.source), size(bytes)];
        cells.extend(LAWS.map(|law| {
            let figure = row(law, bytes).zip(row("constant", bytes)).and_then(|(ours, constant)| {
                let share = 100.0 * seconds(constant)? / seconds(ours)?;
                Some(format!("{} ({})", significant(rate(ours, bytes)?, 3), percentage(share)))
            });
            or_dash(figure)
        }));
        first.push(cells);
    }
    let mut second = Vec::new();
    for subject in beside {
        let Some(bytes) = subject.compared() else { continue };
        let end = if subject.end_to_end { ", end to end" } else { "" };
        for what in others(subject, bytes) {
            let mut cells = vec![
                cell(known(&what)),
                format!("{}{end}", cell(&subject.label())),
                format!("`{}`", subject.source),
                size(bytes),
            ];
            cells.extend(LAWS.map(|law| or_dash(factor(subject, &what, law, bytes))));
            second.push(cells);
        }
    }
    let first = table(ALONE, &["device", "driver", "record", "tensor", LAWS[0], LAWS[1], LAWS[2]], first);
    let second = table(BESIDE, &["beside", "on", "record", "tensor", LAWS[0], LAWS[1], LAWS[2]], second);
    [missing, first, second].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// Who was measured beside this crate with f32, in the order of the laws and of speed.
fn others(subject: &Subject, bytes: u64) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for law in LAWS {
        for entry in subject.entries(law, bytes).iter().filter(|entry| is_f32(entry.row) && entry.factor.is_some()) {
            if !names.contains(&entry.row.what) {
                names.push(entry.row.what.clone());
            }
        }
    }
    names
}

fn is_f32(row: &Record) -> bool {
    row.dtype.as_deref() == Some("f32")
}

fn factor(subject: &Subject, what: &str, law: &str, bytes: u64) -> Option<String> {
    let entries = subject.entries(law, bytes);
    entries.iter().find(|entry| entry.row.what == what && is_f32(entry.row))?.factor.map(times)
}

/// The README's chart, and beside whom it stands on a card and on a processor.
pub(crate) fn speed(beside: &[Subject], charts: &[Chart]) -> String {
    let mut rows = Vec::new();
    for cpu in [false, true] {
        for (what, name) in KNOWN {
            let has = |subject: &&Subject| subject.rows.iter().any(|row| row.what == what);
            let subjects =
                beside.iter().filter(|subject| subject.is_cpu() == cpu && !subject.is_software()).filter(has);
            // The newest; of a day, on the most threads, and else the first.
            let newest = subjects.rev().max_by_key(|subject| (subject.date().to_owned(), subject.threads));
            let Some(subject) = newest else { continue };
            let Some(bytes) = subject.compared() else { continue };
            let place = if cpu { subject.label() } else { subject.device.clone() };
            let place = format!("{}, {}", cell(&place), size(bytes));
            let mut cells = vec![format!("{name}: {place}")];
            cells.extend(LAWS.map(|law| or_dash(factor(subject, what, law, bytes))));
            rows.push(cells);
        }
    }
    let chart = charts.iter().find(|chart| chart.name == "speed.svg");
    let chart = chart.map(|chart| format!("![{}](docs/plots/{})", plain(&chart.title), chart.name));
    let table = table("", &["how many times as fast as", "uniform", "normal", "truncated normal"], rows);
    let both: Vec<_> = [chart, table].into_iter().flatten().collect();
    if both.is_empty() { "There is no record yet.".to_owned() } else { both.join("\n\n") }
}

/// Every chart under the heading of what it shows: a record of another device gives other files.
pub(crate) fn gallery(charts: &[Chart]) -> String {
    let (mut out, mut last) = (String::new(), "");
    for chart in charts.iter().filter(|chart| !chart.chapter.is_empty()) {
        if chart.chapter != last {
            out += &format!("### {}\n\n", chart.chapter);
            last = chart.chapter;
        }
        out += &format!("![{}](plots/{})\n\n", plain(&chart.title), chart.name);
    }
    if out.is_empty() { "There is no record yet.".to_owned() } else { out }
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
