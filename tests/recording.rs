//! Recording beside other threads: it starts none and waits for none. A test binary of its own, since it takes the whole thread pool away.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wgpu_init::{DType, Error, Fill, GpuExecutor, Initializer, Seed, Shape, wgpu};

/// A device that validates and computes nothing, and its queue, without which wgpu makes no mapped buffers.
fn noop(edit: impl FnOnce(&mut wgpu::Limits)) -> (wgpu::Device, wgpu::Queue) {
    let mut descriptor = wgpu::DeviceDescriptor::default();
    edit(&mut descriptor.required_limits);
    wgpu::Device::noop(&descriptor)
}

fn target(device: &wgpu::Device, size: u64) -> wgpu::Buffer {
    let usage = wgpu::BufferUsages::STORAGE;
    device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
}

/// What `work` gives on a thread of its own, or nothing after a minute.
fn within_a_minute<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, RecvTimeoutError> {
    let (send, receive) = channel();
    std::thread::spawn(move || send.send(work()));
    receive.recv_timeout(Duration::from_secs(60))
}

/// Every thread of rayon's pool waits for the first of what is returned to be dropped.
fn pool_that_is_taken() -> (std::sync::mpsc::Sender<()>, Receiver<()>) {
    let (release, wait) = channel::<()>();
    let (wait, (taken, all)) = (Arc::new(Mutex::new(wait)), channel());
    let threads = rayon::current_num_threads();
    for _ in 0..threads {
        let (wait, taken) = (Arc::clone(&wait), taken.clone());
        rayon::spawn(move || {
            taken.send(()).expect("the test waits");
            // Ends when the sender is dropped.
            drop(wait.lock().map(|wait| wait.recv()));
        });
    }
    for _ in 0..threads {
        all.recv_timeout(Duration::from_secs(60)).expect("the thread begins");
    }
    (release, all)
}

#[test]
fn a_large_computed_law_is_recorded_without_the_pool() {
    let (device, _queue) = noop(|_| ());
    let executor = GpuExecutor::new(&device).expect("the limits suffice");
    let buffer = target(&device, 4 << 20);
    let fill = Fill::new(Shape::new([1 << 20]).expect("a shape"), Initializer::log_uniform(0.001, 0.1)).expect("valid");
    let fill = fill.named(Seed::new(1), "w");
    let record = {
        let fill = fill.clone();
        move || {
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            executor.record(&mut encoder, [(&buffer, &fill)])
        }
    };
    let (release, _all) = pool_that_is_taken();
    assert_eq!(within_a_minute(record), Ok(Ok(())), "recording waited for the pool");
    // The control: the CPU executor, which does use the pool, waits for it.
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut bytes = vec![0; 4 << 20];
        send.send(wgpu_init::CpuExecutor::new().run([(&mut bytes[..], &fill)]))
    });
    assert_eq!(receive.recv_timeout(Duration::from_secs(1)), Err(RecvTimeoutError::Timeout), "the pool was not taken");
    drop(release);
    assert_eq!(receive.recv_timeout(Duration::from_secs(60)), Ok(Ok(())));
}

/// Of an executor that has compiled nothing yet, while other threads record with it.
#[test]
fn an_error_handler_may_record() {
    // Too few invocations for orthogonal matrices: their pipelines are refused.
    let (device, _queue) = noop(|limits| limits.max_compute_invocations_per_workgroup = 64);
    let executor = Arc::new(GpuExecutor::new(&device).expect("the limits suffice"));
    let recorded = Arc::new(Mutex::new(Vec::new()));
    let fill = |initializer| {
        let fill = Fill::new(Shape::new([1001]).expect("a shape"), initializer).expect("valid");
        fill.named(Seed::new(1), "w").dtype(DType::Bf16)
    };
    let record = {
        let (device, executor) = (device.clone(), Arc::clone(&executor));
        let buffer = target(&device, 4096);
        move |initializer| {
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            executor.record(&mut encoder, [(&buffer, fill(initializer))])
        }
    };
    {
        let (record, recorded) = (record.clone(), Arc::clone(&recorded));
        device.on_uncaptured_error(Arc::new(move |_| {
            recorded.lock().expect("no panic").push(record(Initializer::trunc_normal(0.0, 1.0, -1.0, 1.0)));
        }));
    }
    let work = {
        let (device, executor) = (device.clone(), Arc::clone(&executor));
        move || {
            let refused = executor.warm_up([(Initializer::orthogonal(1.0), DType::F32)]);
            assert!(matches!(refused, Err(Error::DeviceRefused { .. })), "{refused:?}");
            std::thread::scope(|scope| {
                for initializer in [Initializer::normal(0.0, 1.0), Initializer::uniform(0.0, 1.0), Initializer::ones()]
                {
                    let record = &record;
                    scope.spawn(move || record(initializer).expect("valid"));
                }
                // An error of the caller's own: mappable in both ways is not allowed.
                let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::MAP_WRITE;
                drop(device.create_buffer(&wgpu::BufferDescriptor {
                    label: None,
                    size: 16,
                    usage,
                    mapped_at_creation: false,
                }));
            });
        }
    };
    within_a_minute(work).expect("nothing waits for itself");
    // The refused pipeline was the call's error and not the handler's; the caller's own was the handler's.
    assert_eq!(*recorded.lock().expect("no panic"), [Ok(())]);
}
