//! Ctrl-C and termination.
//!
//! The first signal asks: loops and the library's observers stop, and half-written files are removed on the way out. Whatever the
//! main thread is in (a matrix of minutes, a pipe that nobody reads, a driver), the process ends within a second, because a thread
//! that waits for nothing else sees to it. The second signal ends it at once.

use anyhow::{Context, Result};
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long the main thread has to end by itself.
const GRACE: Duration = Duration::from_millis(700);
/// How long the end may wait for a disk or a terminal.
const PATIENCE: Duration = Duration::from_millis(100);

/// The exit code that was asked for, 128 and the signal's number; 0 for none.
static CODE: AtomicU8 = AtomicU8::new(0);
static IS_SAID: AtomicBool = AtomicBool::new(false);
/// Files and folders that must not be left behind.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The user asked to stop.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted; nothing unfinished was left behind")
    }
}

impl std::error::Error for Interrupted {}

/// Listens to the signals from now on.
pub(crate) fn install() -> Result<()> {
    let (asked, is_asked) = mpsc::channel();
    // Both threads exist before they are needed.
    let watchdog = thread::Builder::new().name("watchdog".to_owned()).spawn(move || watch(&is_asked));
    watchdog.context("cannot start a thread")?;
    listen(move |code| {
        if CODE.swap(code, Ordering::SeqCst) != 0 || asked.send(code).is_err() {
            leave(code);
        }
    })
}

/// Calls `heard` on a thread of its own for every signal, with the exit code that goes with it.
#[cfg(unix)]
fn listen(heard: impl Fn(u8) + Send + 'static) -> Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    // A file larger than is allowed: writing then fails, and says so.
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default()).context("cannot listen to signals")?;
    let mut signals =
        signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen to signals")?;
    let each =
        move || signals.forever().for_each(|signal| heard(u8::try_from(signal).map_or(130, |signal| 128 + signal)));
    thread::Builder::new().name("signals".to_owned()).spawn(each).context("cannot start a thread")?;
    Ok(())
}

#[cfg(not(unix))]
fn listen(heard: impl Fn(u8) + Send + 'static) -> Result<()> {
    Ok(ctrlc::set_handler(move || heard(130))?)
}

/// Ends the process some time after the first signal, if the main thread has not.
fn watch(is_asked: &Receiver<u8>) {
    let Ok(code) = is_asked.recv() else { return };
    thread::sleep(GRACE);
    leave(code);
}

/// Ends the process, after what can be done quickly: a dead disk or a terminal that takes nothing is not waited for.
fn leave(code: u8) -> ! {
    let (done, is_done) = mpsc::channel();
    let last = move || {
        remove_unfinished();
        say();
        // Nobody may be left to hear of it.
        let _ = done.send(());
    };
    if thread::Builder::new().spawn(last).is_ok() {
        let _ = is_done.recv_timeout(PATIENCE);
    }
    exit(code);
}

/// Without what programs do at their end, such as waiting for a device.
fn exit(code: u8) -> ! {
    #[cfg(unix)]
    signal_hook::low_level::exit(code.into());
    #[cfg(not(unix))]
    std::process::exit(code.into());
}

/// One line, from whichever thread comes first.
pub(crate) fn say() {
    if !IS_SAID.swap(true, Ordering::SeqCst) {
        // Nobody may be left to read it.
        let _ = writeln!(io::stderr(), "error: {Interrupted}");
    }
}

/// The exit code, once the user has asked to stop.
pub(crate) fn requested() -> Option<u8> {
    Some(CODE.load(Ordering::SeqCst)).filter(|code| *code != 0)
}

/// An error once the user has asked to stop.
pub(crate) fn check() -> Result<()> {
    if requested().is_some() { Err(Interrupted.into()) } else { Ok(()) }
}

/// The same for the library, which knows no signals.
pub(crate) fn control() -> ControlFlow<()> {
    if requested().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// A file or folder that is removed if the process ends while this value lives.
#[derive(Debug)]
pub(crate) struct Unfinished(PathBuf);

impl Unfinished {
    pub(crate) fn new(path: &Path) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        unfinished().push(path.clone());
        Self(path)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        unfinished().retain(|path| *path != self.0);
    }
}

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what is half written.
pub(crate) fn remove_unfinished() {
    for path in unfinished().iter() {
        // One that is gone already has got its name, or was removed.
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
}
