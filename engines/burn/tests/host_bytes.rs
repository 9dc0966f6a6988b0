//! No values pass through the host: bytes of the Rust heap and of wgpu's buffers are counted.
#![expect(clippy::print_stdout, reason = "it shows what it counted")]

use burn::nn::LinearConfig;
use burn::tensor::Device;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use wgpu_init::Seed;
use wgpu_init_burn::Init;
use wgpu_init_models::Recipe;

/// Bytes that were asked for, whether or not they were given back.
static ASKED: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[expect(unsafe_code, reason = "an allocator that counts, in a test")]
// SAFETY: all calls go to the system's allocator as they came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller's.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// 16 MiB and a bias. Of the heap the second of two fills is counted, for which kernels are there; of wgpu's buffers both.
#[test]
fn a_fill_on_the_device_copies_nothing_through_the_host() {
    const SIDE: usize = 2048;
    const VALUES: usize = SIDE * SIDE * 4;
    let (device, setup) = Device::wgpu_options().init_with_setup().expect("a wgpu device");
    let count = |init: &Init| {
        let buffers = || setup.device.get_internal_counters().hal.buffer_memory.read();
        let fill = |seed| {
            let linear = LinearConfig::new(SIDE, SIDE).init(&device);
            init.fill(linear, Recipe::TorchDefault, Seed::new(seed)).expect("filled")
        };
        let buffer_memory = buffers();
        drop(fill(1));
        device.sync().expect("done");
        let heap = ASKED.load(Ordering::Relaxed);
        let filled = fill(2);
        let asked = ASKED.load(Ordering::Relaxed) - heap;
        let grown = usize::try_from(buffers() - buffer_memory).unwrap_or_default();
        drop(filled);
        (asked, grown)
    };
    let (asked, grown) = count(&Init::new(&setup).expect("an executor"));
    println!("of {VALUES} bytes of values: {asked} bytes of the heap, {grown} more bytes of wgpu's buffers");
    assert!(asked < VALUES / 16, "{asked} bytes of the heap");
    assert!((VALUES..2 * VALUES).contains(&grown), "{grown} bytes of buffers: the tensor's page and no other");
    // That the heap's counter sees a copy: the CPU executor makes one.
    let (asked, _) = count(&Init::cpu());
    println!("by way of the host: {asked} bytes of the heap");
    assert!(asked >= VALUES, "{asked} bytes of the heap");
}
