//! The data of a checkpoint: drawn, digested and written at a time.

use super::{Chunk, Drawer, Error, Layout, Observer, Result};
use std::io::Write;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;
use wgpu_init::Seed;
use xxhash_rust::xxh3::Xxh3;

/// What writing a checkpoint gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// Time spent filling, without reading back and writing.
    pub fill_time: Duration,
    /// XXH3-128 of the data section.
    pub digest: u128,
}

/// Writes `header` and then the data: draws chunk after chunk; one thread digests them meanwhile and one writes them.
///
/// `output` is not flushed. After an error it holds the beginning of a checkpoint.
///
/// # Errors
/// [`Error::Write`]; [`Error::Cancelled`]; [`Error::Thread`]; what drawing gives.
pub fn write(
    layout: &Layout,
    header: &[u8],
    seed: Seed,
    drawer: &mut Drawer<'_>,
    output: &mut (impl Write + Send),
    observe: &Observer<'_>,
) -> Result<Outcome> {
    // Without bounds of their own: there are only so many chunks.
    let (drawn, to_digest) = mpsc::channel();
    let (digested, to_write) = mpsc::channel();
    let (written, empty) = mpsc::channel();
    let before = drawer.fill_time();
    thread::scope(|scope| {
        // The threads own their ends of the channels: each ends when one of its neighbours does.
        let digester = thread::Builder::new().name("digest".to_owned());
        let digester = digester.spawn_scoped(scope, move || digest_chunks(&to_digest, &digested));
        let writer = thread::Builder::new().name("write".to_owned());
        let writer = writer.spawn_scoped(scope, move || write_chunks(output, header, &to_write, &written, observe));
        let (digester, writer) = (digester.map_err(Error::Thread)?, writer.map_err(Error::Thread)?);
        let outcome = draw_chunks(layout, seed, drawer, &drawn, &empty, observe);
        drop(drawn);
        let digest = digester.join().unwrap_or_else(|panic| resume_unwind(panic));
        // A writer that failed is why drawing could not go on: its error comes first.
        writer.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        outcome?;
        // For the next file.
        empty.try_iter().for_each(|chunk| drawer.give_back(chunk));
        Ok(Outcome { fill_time: drawer.fill_time().saturating_sub(before), digest })
    })
}

/// Hands every chunk on as soon as it is there, and begins the next ones before it waits for anything.
fn draw_chunks(
    layout: &Layout,
    seed: Seed,
    drawer: &mut Drawer<'_>,
    drawn: &Sender<Chunk>,
    empty: &Receiver<Chunk>,
    observe: &Observer<'_>,
) -> Result<()> {
    let mut start = 0;
    loop {
        while let Ok(chunk) = empty.try_recv() {
            drawer.give_back(chunk);
        }
        if start < layout.size() && drawer.has_room() {
            if observe(0).is_break() {
                return Err(Error::Cancelled);
            }
            let end = layout.chunk_end(start, drawer.chunk());
            layout.begin(seed, &(start..end), drawer)?;
            start = end;
        } else if drawer.is_under_way() {
            if drawn.send(drawer.finish()?).is_err() {
                return Ok(());
            }
        } else if start < layout.size() {
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
    output: &mut impl Write,
    header: &[u8],
    to_write: &Receiver<Chunk>,
    written: &Sender<Chunk>,
    observe: &Observer<'_>,
) -> Result<()> {
    output.write_all(header).map_err(Error::Write)?;
    for chunk in to_write {
        output.write_all(&chunk).map_err(Error::Write)?;
        if observe(chunk.len() as u64).is_break() {
            return Err(Error::Cancelled);
        }
        // Nobody may be left to use the chunk again.
        let _ = written.send(chunk);
    }
    Ok(())
}
