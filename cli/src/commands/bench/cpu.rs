//! Everything that is measured on the CPU, on one thread and on all.

use super::host::Host;
use super::law::Law;
use super::measure::{Rows, Settings};
use super::output::Report;
use super::row::{Subject, Task, Timing, Work};
use super::{growth, orthogonal, view};
use crate::args::BenchWork;
use anyhow::Result;
use wgpu_init::DType;

pub(crate) fn rows(settings: &Settings, cpu: &str, report: &mut Report) -> Result<()> {
    let cores = rayon::current_num_threads();
    let threads = if cores == 1 { vec![1] } else { vec![1, cores] };
    for threads in threads {
        let mut rows = Rows::new(settings, subject(cpu, threads), report);
        if settings.wants(BenchWork::Fill) {
            for bytes in &settings.sizes {
                single(&mut rows, Host::new(threads, *bytes)?, *bytes)?;
            }
            if threads == cores {
                for sizes in &settings.lists {
                    list(&mut rows, Host::new(threads, sizes.iter().sum())?, sizes)?;
                }
            }
        }
        if settings.wants(BenchWork::View) {
            let bytes = settings.most.unwrap_or(view::BYTES);
            let mut host = Host::new(threads, 2 * bytes)?;
            view::rows(&mut rows, bytes, |fills| host.fill(fills))?;
        }
        if settings.wants(BenchWork::Orthogonal) {
            let bytes = settings.most.unwrap_or(orthogonal::BYTES);
            let mut host = Host::new(threads, bytes)?;
            orthogonal::rows(&mut rows, bytes, |fills| host.fill(fills))?;
        }
        if settings.wants(BenchWork::Growth) {
            growth::rows(&mut rows, threads, settings.most.unwrap_or(growth::BYTES))?;
        }
    }
    Ok(())
}

pub(super) fn subject(cpu: &str, threads: usize) -> Subject {
    Subject {
        device: cpu.to_owned(),
        backend: "CPU".to_owned(),
        driver: String::new(),
        path: format!("{threads} thread{}", if threads == 1 { "" } else { "s" }),
        clock: "host",
        threads: Some(threads),
    }
}

fn single(rows: &mut Rows<'_>, mut host: Host, bytes: u64) -> Result<()> {
    rows.measure(Task::clear(Timing::Warm, bytes), || Ok(host.clear()))?;
    for dtype in DType::ALL.iter().copied() {
        for law in Law::ALL {
            let specs = [law.tensor(dtype, bytes)?];
            rows.measure(Task::new(Work::Fill, Timing::Warm, law, dtype, bytes), || host.fill(&specs))?;
        }
    }
    for law in Law::RANDOM {
        let task = Task::new(Work::RandDistr, Timing::Warm, law, DType::F32, bytes);
        rows.measure(task, || host.rand_distr(law))?;
    }
    Ok(())
}

/// Many tensors in one call, and one tensor of the same bytes.
fn list(rows: &mut Rows<'_>, mut host: Host, sizes: &[u64]) -> Result<()> {
    let (law, dtype, bytes) = (Law::Normal, DType::F32, sizes.iter().sum());
    rows.measure(Task::clear(Timing::Warm, bytes), || Ok(host.clear()))?;
    let (one, many) = (vec![law.tensor(dtype, bytes)?], law.tensors(dtype, sizes)?);
    let constant = vec![Law::Constant.tensor(dtype, bytes)?];
    for (law, specs) in [(Law::Constant, constant), (law, one), (law, many)] {
        let task = Task::new(Work::Fill, Timing::Warm, law, dtype, bytes).tensors(specs.len());
        rows.measure(task, || host.fill(&specs))?;
    }
    Ok(())
}
