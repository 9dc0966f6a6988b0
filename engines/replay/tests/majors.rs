//! Every law in every dtype, whole and as views, on every major: the bytes of the CPU executor.

use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed, Shape, View};

/// Laws and shapes.
const WHOLE: &[(&str, &[u64])] = &[
    ("zeros", &[61, 67]),
    ("constant(0.1)", &[61, 67]),
    ("uniform(-0.1,0.3)", &[61, 67]),
    ("normal(0,0.02)", &[61, 67]),
    ("normal(0.5,0.02)", &[300, 401]),
    ("trunc_normal(0,0.02,-0.04,0.04)", &[61, 67]),
    ("xavier_uniform", &[61, 67]),
    ("kaiming_normal(fan_in,relu)", &[16, 8, 3, 3]),
    ("log_uniform(0.001,0.1)", &[61, 67]),
    ("log_of_uniform(1,16)", &[61, 67]),
    ("dt_bias(0.001,0.1,0.0001)", &[61, 67]),
    ("rg_lru(0.9,0.999)", &[61, 67]),
    ("a_log", &[61, 16]),
    ("ramp(0,1)", &[61, 67]),
    ("s4d_inv", &[61, 16]),
    ("sinusoids(10000)", &[61, 64]),
    ("sinusoids_interleaved(10000)", &[61, 64]),
    ("stft_real", &[33, 1, 64]),
    ("stft_imag", &[33, 1, 64]),
    ("eye(0.5)", &[61, 67]),
    ("dirac(1)", &[8, 8, 3, 3]),
    ("sparse(0.4,0.02)", &[61, 67]),
    ("sparse_rows(0.4,0.02)", &[61, 67]),
    ("orthogonal(0.7)", &[40, 70]),
    ("orthogonal(1,batch=1)", &[3, 33, 65]),
    ("delta_orthogonal(1)", &[40, 20, 3, 3]),
];

/// Laws of matrices that are written transposed, and whose columns 8 to 41 are written alone.
const VIEWS: &[&str] = &[
    "constant(0.1)",
    "uniform(-0.1,0.3)",
    "normal(0,0.02)",
    "trunc_normal(0,0.02,-0.04,0.04)",
    "dt_bias(0.001,0.1,0.0001)",
    "eye(1)",
    "sparse(0.4,0.02)",
    "orthogonal(0.7)",
];

/// All of them, one behind the other in one buffer, and its size.
fn fills() -> (Vec<Fill>, u64) {
    let (mut fills, mut end) = (Vec::new(), 4u64);
    for dtype in DType::ALL.iter().copied() {
        let mut add = |law: &str, dims: &[u64], view: Option<&dyn Fn(View) -> View>| {
            let shape = Shape::new(dims).expect("a shape");
            let initializer: Initializer = law.parse().expect("an initializer");
            let fill = Fill::new(shape.clone(), initializer).expect("they fit");
            let fill = fill.named(Seed::new(42), "weight").dtype(dtype).at(end);
            let (fill, elements) = match view {
                Some(view) => {
                    let view = view(View::new(&shape));
                    let span = view.span().expect("a layout");
                    (fill.view(view), span)
                }
                None => (fill, shape.elements()),
            };
            fills.push(fill);
            // Between them bytes that stay as they are; 16-bit tensors lie at odd multiples of 2.
            end = (end + elements * dtype.size()).next_multiple_of(4) + 4 + dtype.size() % 4;
        };
        for (law, dims) in WHOLE {
            add(law, dims, None);
        }
        for law in VIEWS {
            add(law, &[40, 70], Some(&|view| view.permuted([1, 0]).expect("two axes")));
            add(law, &[40, 70], Some(&|view| view.part(1, 8..41).expect("inside")));
        }
    }
    (fills, end.next_multiple_of(4))
}

const POISON: u8 = 0xa5;

fn expected(fills: &[Fill], size: u64) -> Vec<u8> {
    let mut bytes = vec![POISON; usize::try_from(size).expect("small")];
    CpuExecutor::new().run_in(&mut bytes, fills).expect("valid fills");
    bytes
}

/// Small windows too: tensors in several dispatches.
fn devices(device: wgpu_init::plan::Device) -> [wgpu_init::plan::Device; 2] {
    let mut small = device;
    (small.max_binding_size, small.max_workgroups_per_dimension) = (64 << 10, 128);
    [device, small]
}

macro_rules! on_major {
    ($test:ident, $module:ident, $instance:expr) => {
        #[test]
        fn $test() {
            use wgpu_init_replay::$module::{Replay, limits, wgpu};

            let instance = $instance;
            let adapter = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()));
            let adapter = adapter.expect("an adapter: apt-get install mesa-vulkan-drivers");
            let (device, queue) =
                pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default())).expect("a device");
            println!("on {:?}", adapter.get_info().name);
            let (fills, size) = fills();
            let truth = expected(&fills, size);
            let mut replay = Replay::new(&device);
            for limits in devices(limits(&device)) {
                let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
                let target = wgpu::util::DeviceExt::create_buffer_init(
                    &device,
                    &wgpu::util::BufferInitDescriptor { label: None, contents: &vec![POISON; truth.len()], usage },
                );
                let regions = fills.iter().map(|fill| (wgpu_init::plan::Region { buffer: 0, bytes: 0..size }, fill));
                let plan = wgpu_init::plan::plan(&[size], regions, &limits).expect("a plan");
                let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                replay.record(&mut encoder, &plan, std::slice::from_ref(&target));
                let staging = device.create_buffer(&wgpu::BufferDescriptor {
                    label: None,
                    size,
                    usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                    mapped_at_creation: false,
                });
                encoder.copy_buffer_to_buffer(&target, 0, &staging, 0, size);
                queue.submit([encoder.finish()]);
                staging.map_async(wgpu::MapMode::Read, .., |result| result.expect("mapped"));
                device.poll(wgpu::PollType::wait_indefinitely()).expect("done");
                let got = staging.slice(..).get_mapped_range().to_vec();
                let differs = got.iter().zip(&truth).position(|(got, expected)| got != expected);
                assert_eq!(differs, None, "of {} dispatches", plan.dispatches.len());
                println!("{} fills, {size} bytes in {} dispatches", fills.len(), plan.dispatches.len());
            }
        }
    };
}

on_major!(wgpu_27_gives_the_bytes_of_the_cpu, on_wgpu27, wgpu::Instance::new(&wgpu::InstanceDescriptor::default()));
on_major!(
    wgpu_29_gives_the_bytes_of_the_cpu,
    on_wgpu29,
    wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle())
);
