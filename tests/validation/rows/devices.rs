//! Devices, plans and shaders.

use super::Row;
use crate::host::{Host, noop_device, panic_on_wgpu_errors};
use wgpu_init::gpu::{GpuOptions, Tuning};
use wgpu_init::plan::{self, Region, plan};
use wgpu_init::wgpu::{self, Features, Limits};
use wgpu_init::wgsl::{Products, Table};
use wgpu_init::{Fill, GpuExecutor, Initializer, Seed, Shape, Stream};

/// Devices whose limits are too small, as far as wgpu makes such a device.
pub(super) fn small_devices() -> Vec<Row> {
    type Edit = fn(&mut Limits);
    let row = |name: &str, says: &str, edit: Edit| {
        let says = format!("the device's {says}");
        Row::call(format!("device: {name}"), "DeviceLimit", says, move || {
            let (device, _) = noop_device(|descriptor| edit(&mut descriptor.required_limits));
            panic_on_wgpu_errors(&device);
            GpuExecutor::new(&device).map(|_| ())
        })
    };
    vec![
        row("two storage buffers", "max_storage_buffers_per_shader_stage is 2, at least 3 is needed", |limits| {
            limits.max_storage_buffers_per_shader_stage = 2;
        }),
        row("no bind groups", "max_bind_groups is 0, at least 1 is needed", |limits| limits.max_bind_groups = 0),
        row("two bindings", "max_bindings_per_bind_group is 2, at least 3", |limits| {
            limits.max_bindings_per_bind_group = 2;
        }),
        row("no workgroups", "max_compute_workgroups_per_dimension is 0, at least 1", |limits| {
            limits.max_compute_workgroups_per_dimension = 0;
        }),
        row("no invocations", "max_compute_invocations_per_workgroup is 0, at least 1", |limits| {
            limits.max_compute_invocations_per_workgroup = 0;
        }),
        row("workgroups of no width", "max_compute_invocations_per_workgroup is 0", |limits| {
            limits.max_compute_workgroup_size_x = 0;
        }),
        row(
            "a binding too small for the table",
            "max_storage_buffer_binding_size is 16380, at least 16384",
            |limits| {
                limits.max_storage_buffer_binding_size = 16_380;
            },
        ),
        row(
            "no compute at all",
            "max_storage_buffers_per_shader_stage is 0, at least 3 is needed; request it",
            |limits| {
                *limits = Limits::downlevel_webgl2_defaults();
            },
        ),
    ]
}

/// Limits that only a host of its own can hand to the planner.
pub(super) fn small_plans() -> Vec<Row> {
    type Edit = fn(&mut plan::Device);
    let row = |name: &str, says: &str, edit: Edit| {
        Row::call(format!("plan: {name}"), "DeviceLimit", says, move || {
            let mut device = plan::Device::default();
            edit(&mut device);
            let fill = Fill::new(Shape::new([1000])?, Initializer::normal(0.0, 1.0))?;
            let region = Region { buffer: 0, bytes: 0..4000 };
            plan(&[4000], [(region, fill.keyed(Seed::new(1), Stream::new(2)))], &device).map(|_| ())
        })
    };
    vec![
        row(
            "no room for the table of fills",
            "the table of fills and computed values: the device's max_buffer_size is 32, at least 64",
            |device| {
                device.max_buffer_size = 32;
            },
        ),
        row("a binding of no size", "max_storage_buffer_binding_size is 0", |device| device.max_binding_size = 0),
        row("a binding smaller than its alignment", "at least 272 is needed", |device| device.max_binding_size = 256),
        row("no workgroups", "max_compute_workgroups_per_dimension is 0", |device| {
            device.max_workgroups_per_dimension = 0;
        }),
        row("no invocations", "max_compute_invocations_per_workgroup is 0", |device| device.max_workgroup_size = 0),
    ]
}

/// Shaders that were asked for and that the device cannot run.
pub(super) fn chosen_shaders() -> Vec<Row> {
    let native = || {
        let (device, _) = noop_device(|_| ());
        let mut options = GpuOptions::default();
        options.products = Some(Products::Native);
        GpuExecutor::with_options(&device, options).map(|_| ())
    };
    let table = || {
        let edit = |descriptor: &mut wgpu::DeviceDescriptor<'_>| {
            descriptor.required_limits.max_compute_workgroup_storage_size = 16_383;
            descriptor.required_features = Features::SHADER_INT64;
        };
        let (device, _) = noop_device(edit);
        let mut options = GpuOptions::default();
        options.table = Some(Table::Workgroup);
        GpuExecutor::with_options(&device, options).map(|_| ())
    };
    let uniform = || {
        let (device, _) = noop_device(|descriptor| {
            descriptor.required_limits.max_uniform_buffer_binding_size = 16_383;
        });
        let mut options = GpuOptions::default();
        options.table = Some(Table::Uniform);
        GpuExecutor::with_options(&device, options).map(|_| ())
    };
    let units = || {
        let (device, queue) = noop_device(|descriptor| descriptor.required_limits.max_buffer_size = 1 << 16);
        GpuExecutor::new(&device)?.normal_units_blocking(&queue, 0, 1, (1 << 14) + 1).map(|_| ())
    };
    vec![
        Row::call("the native path without SHADER_INT64", "DeviceLimit", "Features::SHADER_INT64 is 0", native),
        Row::call("the table in too little workgroup memory", "DeviceLimit", "storage_size is 16383", table),
        Row::call("the table in too small a uniform buffer", "DeviceLimit", "binding_size is 16383", uniform),
        Row::call("a tuning of other words", "ParseTuning", "native workgroup 256x64x1024", || {
            "native 256x64x1024".parse::<Tuning>().map(|_| ())
        }),
        Row::call("a tuning with a zero", "ParseTuning", "native workgroup 256x64x1024", || {
            "native storage 256x0x1024".parse::<Tuning>().map(|_| ())
        }),
        Row::call("more units than a binding holds", "DeviceLimit", "is 65536, at least 65540 is needed", units),
    ]
}

/// Devices that are not what they should be.
pub(super) fn devices() -> Vec<Row> {
    let other = || {
        let [host, other] = Host::noop_pair();
        let outcome = host.record(&[other.keyed([4])?]);
        // What was refused has left nothing behind.
        host.record(&[host.keyed([4])?])?;
        outcome
    };
    let other_blocking = || {
        let [host, other] = Host::noop_pair();
        let fill = other.keyed([4])?;
        host.executor.fill_blocking(&host.queue, [fill.parts()])
    };
    let destroyed = || {
        let host = Host::noop();
        host.arena.destroy();
        host.record(&[host.keyed([4])?])
    };
    let self_test = || {
        let host = Host::noop();
        host.executor.self_test_blocking(&host.queue)
    };
    let lost = || {
        let host = Host::noop();
        host.device.destroy();
        host.executor.fill_blocking(&host.queue, [host.keyed([4])?.parts()])
    };
    vec![
        Row::call("a buffer of another device", "DeviceRefused", "the device refused what the fills need", other),
        Row::call("a buffer of another device, blocking", "DeviceRefused", "report the driver", other_blocking),
        Row::call("a destroyed buffer", "DeviceRefused", "destroyed", destroyed),
        Row::call("a device that computes nothing", "SelfTest", "use the CPU executor on this machine", self_test),
        Row::call("recording on a destroyed device", "DeviceFailed", "the device did not finish the work", || {
            let host = Host::noop();
            let mut encoder = host.encoder();
            host.device.destroy();
            host.executor.record(&mut encoder, [host.keyed([4])?.parts()])
        }),
        Row::call("an executor of a destroyed device", "DeviceFailed", "the device did not finish the work", || {
            let host = Host::noop();
            host.device.destroy();
            GpuExecutor::new(&host.device).map(|_| ())
        }),
        Row::call("a destroyed device", "DeviceFailed", "the device did not finish the work", lost),
    ]
}
