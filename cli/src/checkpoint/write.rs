//! The data of a checkpoint: drawn, digested and written at a time.

use super::Layout;
use crate::device::Device;
use crate::interrupt;
use crate::output::Output;
use crate::stream::{Chunk, Drawer};
use anyhow::{Context, Result, anyhow};
use indicatif::ProgressBar;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;
use wgpu_init::Seed;
use xxhash_rust::xxh3::Xxh3;

/// What writing a checkpoint gave.
pub(crate) struct Outcome {
    pub(crate) fill_time: Duration,
    /// XXH3-128 of the data section.
    pub(crate) digest: u128,
}

/// Draws chunk after chunk; one thread digests them meanwhile and one writes them. The output gets its name when all is well.
pub(crate) fn write(
    layout: &Layout,
    header: &[u8],
    seed: Seed,
    device: &Device,
    output: Output,
    bar: &ProgressBar,
) -> Result<Outcome> {
    let mut drawer = Drawer::new(device, layout.largest_whole());
    // Without bounds of their own: there are only so many chunks.
    let (drawn, to_digest) = mpsc::channel();
    let (digested, to_write) = mpsc::channel();
    let (written, empty) = mpsc::channel();
    std::thread::scope(|scope| {
        // The threads own their ends of the channels: each ends when one of its neighbours does.
        let digester = scope.spawn(move || digest_chunks(&to_digest, &digested));
        let writer = scope.spawn(move || write_chunks(output, header, &to_write, &written, bar));
        let outcome = draw_chunks(layout, seed, &mut drawer, &drawn, &empty);
        drop(drawn);
        let digest = digester.join().map_err(|_| anyhow!("the digesting thread panicked"))?;
        // A writer that failed is why drawing could not go on: its error comes first.
        let output = writer.join().map_err(|_| anyhow!("the writing thread panicked"))??;
        outcome?;
        output.finish()?;
        Ok(Outcome { fill_time: drawer.fill_time, digest })
    })
}

/// Hands every chunk on as soon as it is there, and begins the next ones before it waits for anything.
fn draw_chunks(
    layout: &Layout,
    seed: Seed,
    drawer: &mut Drawer<'_>,
    drawn: &Sender<Chunk>,
    empty: &Receiver<Chunk>,
) -> Result<()> {
    let mut start = 0;
    loop {
        while let Ok(chunk) = empty.try_recv() {
            drawer.give_back(chunk);
        }
        if start < layout.size && drawer.has_room() {
            interrupt::check()?;
            let end = layout.chunk_end(start, drawer.chunk());
            drawer.begin(&layout.fills(seed, &(start..end))?, end - start)?;
            start = end;
        } else if drawer.is_under_way() {
            if drawn.send(drawer.finish()?).is_err() {
                return Ok(());
            }
        } else if start < layout.size {
            // Nobody gives a chunk back once writing has failed.
            let Ok(chunk) = empty.recv() else { return Ok(()) };
            drawer.give_back(chunk);
        } else {
            return Ok(());
        }
    }
}

fn digest_chunks(to_digest: &Receiver<Chunk>, digested: &Sender<Chunk>) -> u128 {
    let mut digest = Xxh3::new();
    for chunk in to_digest {
        digest.update(&chunk);
        if digested.send(chunk).is_err() {
            break;
        }
    }
    digest.digest128()
}

/// Ends when the sender is gone, or with the first error.
fn write_chunks(
    mut output: Output,
    header: &[u8],
    to_write: &Receiver<Chunk>,
    written: &Sender<Chunk>,
    bar: &ProgressBar,
) -> Result<Output> {
    let cannot = "cannot write the checkpoint";
    output.write(header).context(cannot)?;
    for chunk in to_write {
        output.write(&chunk).context(cannot)?;
        bar.inc(chunk.len() as u64);
        // Nobody may be left to use the chunk again.
        let _ = written.send(chunk);
    }
    Ok(output)
}
