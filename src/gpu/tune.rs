//! Finding the fastest of the equivalent ways on a device.

use super::{GpuExecutor, Tuning, readback};
use crate::plan::Tiling;
use crate::wgsl::{Products, Table};
use crate::{Error, Fill, Initializer, Result, Seed, Shape};
use core::time::Duration;
#[cfg(not(target_arch = "wasm32"))]
use std::time::Instant;
#[cfg(target_arch = "wasm32")]
use web_time::Instant;

/// Long against submitting and waiting, short enough to be repeated.
const LONG: Duration = Duration::from_millis(20);
/// A GPU of today fills it in tens of microseconds.
const MOST_BYTES: u64 = 64 << 20;
const LEAST_BYTES: u64 = 1 << 20;
const MOST_FILLS: u32 = 256;
const REPETITIONS: u32 = 3;
/// What is not clearly faster is not taken: defaults win ties.
const CLEARLY: f64 = 0.97;

/// Tilings that are tried: both defaults, smaller workgroups, and more and less work for an invocation.
const TILINGS: [Tiling; 8] = [
    Tiling::PARALLEL,
    Tiling::EMULATED,
    Tiling { workgroup_size: 128, ..Tiling::PARALLEL },
    Tiling { workgroup_size: 64, ..Tiling::PARALLEL },
    Tiling { most_groups: 16, ..Tiling::PARALLEL },
    Tiling { most_groups: 256, ..Tiling::PARALLEL },
    Tiling { enough_workgroups: 4096, ..Tiling::PARALLEL },
    Tiling { workgroup_size: 4, ..Tiling::EMULATED },
];

impl GpuExecutor {
    /// Measures the equivalent ways to fill a tensor on this device and gives the fastest, for
    /// [`GpuOptions::from`](super::GpuOptions) and to be kept as text. Whichever it is, the bits are the same.
    ///
    /// Normal f32 values are drawn into a buffer of its own, up to 64 MiB: with every product and place of the table that
    /// the device has, then with several tilings. What is not at least 3 % faster than the default is not taken.
    ///
    /// Submits to `queue` and waits for it, for about a second on a GPU. Works in a browser, whose clock is coarse: there a tuning is
    /// chosen from longer runs.
    ///
    /// # Errors
    /// [`Error::DeviceLimit`] as [`new`](Self::new); [`Error::DeviceFailed`].
    pub async fn tune(device: &wgpu::Device, queue: &wgpu::Queue) -> Result<Tuning> {
        let mut best = Self::new(device)?.tuning();
        let work = Work::new(device, queue, best).await?;
        let mut least = work.time(best).await?;
        let first = work.first;
        let paths = [Products::Native, Products::Portable]
            .into_iter()
            .flat_map(|products| [Table::Workgroup, Table::Uniform].map(|table| (products, table)));
        for (products, table) in paths {
            work.consider(Tuning { products, table, tiling: first.tiling }, &mut best, &mut least).await?;
        }
        let Tuning { products, table, .. } = best;
        for tiling in TILINGS {
            work.consider(Tuning { products, table, tiling }, &mut best, &mut least).await?;
        }
        Ok(best)
    }

    /// [`tune`](Self::tune), **blocking** the thread.
    ///
    /// # Errors
    /// As there.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn tune_blocking(device: &wgpu::Device, queue: &wgpu::Queue) -> Result<Tuning> {
        readback::block_on(device, core::pin::pin!(Self::tune(device, queue)))
    }
}

/// Fills of one tensor, as many and as large as take long.
struct Work<'a> {
    device: &'a wgpu::Device,
    queue: &'a wgpu::Queue,
    target: wgpu::Buffer,
    fills: u32,
    /// What the device would have without tuning.
    first: Tuning,
}

impl<'a> Work<'a> {
    async fn new(device: &'a wgpu::Device, queue: &'a wgpu::Queue, first: Tuning) -> Result<Self> {
        let limits = device.limits();
        let most = MOST_BYTES.min(limits.max_buffer_size).min(limits.max_storage_buffer_binding_size) / 16 * 16;
        let mut bytes = LEAST_BYTES.min(most);
        loop {
            let label = Some("wgpu_init::tune");
            let (size, usage) = (bytes, wgpu::BufferUsages::STORAGE);
            let target =
                device.create_buffer(&wgpu::BufferDescriptor { label, size, usage, mapped_at_creation: false });
            let mut work = Self { device, queue, target, fills: 1, first };
            let once = work.time(first).await?;
            if bytes == most || once >= LONG {
                let times = LONG.as_nanos().div_ceil(once.as_nanos().max(1));
                work.fills = u32::try_from(times).unwrap_or(MOST_FILLS).clamp(1, MOST_FILLS);
                return Ok(work);
            }
            bytes = bytes.saturating_mul(4).min(most);
        }
    }

    /// Takes a tuning if it is clearly faster. A device refuses what it lacks.
    async fn consider(&self, tuning: Tuning, best: &mut Tuning, least: &mut Duration) -> Result<()> {
        if tuning != *best {
            match self.time(tuning).await {
                Ok(time) if time.as_secs_f64() < CLEARLY * least.as_secs_f64() => (*best, *least) = (tuning, time),
                Ok(_) | Err(Error::DeviceLimit { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The least time of some repetitions, after one that compiles.
    async fn time(&self, tuning: Tuning) -> Result<Duration> {
        let executor = GpuExecutor::with_options(self.device, tuning.into())?;
        let shape = Shape::new([self.target.size() / 4])?;
        let fill = Fill::new(shape, Initializer::normal(0.0, 1.0))?.named(Seed::new(0), "tune");
        let prepared = executor.prepare([(&self.target, &fill)])?;
        let mut least = Duration::MAX;
        for repetition in 0..=REPETITIONS {
            let start = Instant::now();
            let label = Some("wgpu_init::tune");
            let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label });
            for _ in 0..self.fills {
                prepared.record(&mut encoder);
            }
            self.queue.submit([encoder.finish()]);
            readback::done(self.device, self.queue).await?;
            if repetition > 0 {
                least = least.min(start.elapsed());
            }
        }
        Ok(least)
    }
}
