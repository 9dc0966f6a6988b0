//! Times work on a device: by the device's own timestamps where they work, else by the host's clock.

use anyhow::{Result, anyhow};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use wgpu_init::wgpu;

/// A clock of one device. Everything that a percentage compares is read on the same one.
pub(crate) struct Clock {
    device: wgpu::Device,
    queue: wgpu::Queue,
    stamps: Option<Stamps>,
}

/// Two timestamps, written by empty compute passes in front of the work and behind it: `clear_buffer` belongs to no pass and
/// would have none of its own.
struct Stamps {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    staging: wgpu::Buffer,
}

impl Clock {
    /// A clock that has been tried: timestamps must advance over a clear of 1 MiB.
    pub(crate) fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Result<Self> {
        let has_stamps = device.features().contains(wgpu::Features::TIMESTAMP_QUERY);
        let stamps = has_stamps.then(|| Stamps::new(device));
        let mut clock = Self { device: device.clone(), queue: queue.clone(), stamps };
        let target = clock.storage(1 << 20);
        if let Some(stamps) = &clock.stamps {
            let mut clear = |encoder: &mut wgpu::CommandEncoder| {
                encoder.clear_buffer(&target, 0, None);
                Ok(())
            };
            if clock.stamped(stamps, &mut clear)?.is_zero() {
                clock.stamps = None;
            }
        }
        Ok(clock)
    }

    /// Keeps the device at work until this time has passed: one that has been idle runs slowly at first, at the clock it rests at.
    pub(crate) fn warm_up(&self, time: Duration) -> Result<()> {
        let (start, target) = (Instant::now(), self.storage(64 << 20));
        while start.elapsed() < time {
            let mut encoder = self.encoder();
            (0..32).for_each(|_| encoder.clear_buffer(&target, 0, None));
            self.wait(self.queue.submit([encoder.finish()]))?;
        }
        Ok(())
    }

    /// `timestamps` or `host`.
    pub(crate) const fn name(&self) -> &'static str {
        if self.stamps.is_some() { "timestamps" } else { "host" }
    }

    /// A buffer that fills, clears and uploads can write.
    pub(crate) fn storage(&self, bytes: u64) -> wgpu::Buffer {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        buffer(&self.device, bytes, usage)
    }

    /// Time of the recorded work alone.
    pub(crate) fn work(&self, record: &mut Record<'_>) -> Result<Duration> {
        match &self.stamps {
            Some(stamps) => self.stamped(stamps, record),
            None => {
                let mut encoder = self.encoder();
                record(&mut encoder)?;
                let commands = encoder.finish();
                let start = Instant::now();
                self.wait(self.queue.submit([commands]))?;
                Ok(start.elapsed())
            }
        }
    }

    /// The host's time from before recording until the device is done.
    pub(crate) fn end_to_end(&self, record: &mut Record<'_>) -> Result<Duration> {
        let start = Instant::now();
        let mut encoder = self.encoder();
        record(&mut encoder)?;
        self.wait(self.queue.submit([encoder.finish()]))?;
        Ok(start.elapsed())
    }

    /// The host's time from before the allocation of a fresh buffer until the device has written it.
    ///
    /// wgpu zeroes what a shader may read before it was written, so a fill pays for that too; a clear does not.
    pub(crate) fn first_touch(
        &self,
        bytes: u64,
        mut record: impl FnMut(&mut wgpu::CommandEncoder, &wgpu::Buffer) -> Result<()>,
    ) -> Result<Duration> {
        let start = Instant::now();
        let target = self.storage(bytes);
        let mut encoder = self.encoder();
        record(&mut encoder, &target)?;
        self.wait(self.queue.submit([encoder.finish()]))?;
        let elapsed = start.elapsed();
        drop(target);
        self.device.poll(wgpu::PollType::wait_indefinitely())?;
        Ok(elapsed)
    }

    /// Uploads bytes and waits until they are there.
    pub(crate) fn upload(&self, target: &wgpu::Buffer, bytes: &[u8]) -> Result<()> {
        self.queue.write_buffer(target, 0, bytes);
        self.wait(self.queue.submit([]))
    }

    /// The host's time of recording, without submitting.
    pub(crate) fn recording(&self, record: &mut Record<'_>) -> Result<Duration> {
        let mut encoder = self.encoder();
        let start = Instant::now();
        record(&mut encoder)?;
        Ok(start.elapsed())
    }

    fn stamped(&self, stamps: &Stamps, record: &mut Record<'_>) -> Result<Duration> {
        let mut encoder = self.encoder();
        stamps.write(&mut encoder, None, Some(0));
        record(&mut encoder)?;
        stamps.write(&mut encoder, Some(1), None);
        encoder.resolve_query_set(&stamps.queries, 0..2, &stamps.resolved, 0);
        encoder.copy_buffer_to_buffer(&stamps.resolved, 0, &stamps.staging, 0, 16);
        self.wait(self.queue.submit([encoder.finish()]))?;
        let [begin, end] = self.read(&stamps.staging)?;
        #[expect(clippy::cast_precision_loss, reason = "ticks of one submission are far below 2^52")]
        let nanoseconds = end.saturating_sub(begin) as f64 * f64::from(self.queue.get_timestamp_period());
        Ok(Duration::from_secs_f64(nanoseconds * 1e-9))
    }

    fn read(&self, staging: &wgpu::Buffer) -> Result<[u64; 2]> {
        let (sender, receiver) = mpsc::channel();
        staging.map_async(wgpu::MapMode::Read, .., move |result| {
            // The receiver waits below.
            let _ = sender.send(result);
        });
        self.device.poll(wgpu::PollType::wait_indefinitely())?;
        receiver.recv()?.map_err(|error| anyhow!("timestamps cannot be read: {error}"))?;
        let view = staging.get_mapped_range(..).map_err(|error| anyhow!("timestamps cannot be read: {error}"))?;
        let stamp = |at: usize| view[at..at + 8].iter().rev().fold(0, |stamp, byte| stamp << 8 | u64::from(*byte));
        let stamps = [stamp(0), stamp(8)];
        drop(view);
        staging.unmap();
        Ok(stamps)
    }

    fn encoder(&self) -> wgpu::CommandEncoder {
        self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("bench") })
    }

    fn wait(&self, submission: wgpu::SubmissionIndex) -> Result<()> {
        self.device.poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: None })?;
        Ok(())
    }
}

/// Adds work to an encoder.
pub(crate) type Record<'a> = dyn FnMut(&mut wgpu::CommandEncoder) -> Result<()> + 'a;

impl Stamps {
    fn new(device: &wgpu::Device) -> Self {
        Self {
            queries: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("bench"),
                ty: wgpu::QueryType::Timestamp,
                count: 2,
            }),
            resolved: buffer(device, 16, wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC),
            staging: buffer(device, 16, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST),
        }
    }

    fn write(&self, encoder: &mut wgpu::CommandEncoder, at_begin: Option<u32>, at_end: Option<u32>) {
        let timestamp_writes = Some(wgpu::ComputePassTimestampWrites {
            query_set: &self.queries,
            beginning_of_pass_write_index: at_begin,
            end_of_pass_write_index: at_end,
        });
        encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label: Some("timestamp"), timestamp_writes });
    }
}

fn buffer(device: &wgpu::Device, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
    let label = Some("bench");
    device.create_buffer(&wgpu::BufferDescriptor { label, size, usage, mapped_at_creation: false })
}
