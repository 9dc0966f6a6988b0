//! GPU = CPU, bit for bit, on every adapter of this machine, over the native and the portable shaders and both places of
//! the quantile table.
//!
//! Its own main: one test per adapter, path and case, made when the machine's adapters are known. Every test writes into
//! poisoned buffers and compares all of their bytes.

#[path = "../common/mod.rs"]
mod common;
mod harness;
#[path = "../support/mod.rs"]
mod support;

mod encoder;
mod indices;
mod known_answers;
mod placement;
mod prepared;
mod sizes;
mod structured;
mod tuning;
mod values;
mod views;
mod windows;

use common::adapters_or_explain;
use harness::{Gpu, Test};
use libtest_mimic::{Arguments, Failed, Trial};
use std::sync::{Arc, Mutex, OnceLock};
use wgpu_init::wgpu::{Backend, Features};
use wgpu_init::wgsl::{Products, Table};

/// Held by the test that uses OpenGL.
static GL: Mutex<()> = Mutex::new(());

fn main() {
    let arguments = Arguments::from_args();
    let tests: Vec<(&str, Test)> = [
        harness::TESTS,
        known_answers::TESTS,
        values::TESTS,
        sizes::TESTS,
        placement::TESTS,
        prepared::TESTS,
        encoder::TESTS,
        windows::TESTS,
        indices::TESTS,
        structured::TESTS,
        tuning::TESTS,
        views::TESTS,
    ]
    .concat();
    let mut trials = Vec::new();
    for adapter in adapters_or_explain() {
        for products in [Products::Native, Products::Portable] {
            if products == Products::Native && !adapter.adapter.features().contains(Features::SHADER_INT64) {
                continue;
            }
            for table in [Table::Uniform, Table::Workgroup] {
                // One for all tests: software drivers compile a shader for half a second.
                let gpu: Arc<OnceLock<Result<Gpu, Failed>>> = Arc::default();
                for (name, test) in tests.iter().copied() {
                    let (adapter, gpu) = (adapter.clone(), Arc::clone(&gpu));
                    let name = format!("{}::{products:?}::{table:?}::{name}", adapter.label);
                    let run = move || {
                        // One context for all devices: who waits for it while another test compiles gives up after seconds.
                        let one = (adapter.adapter.get_info().backend == Backend::Gl).then(|| GL.lock());
                        let gpu = gpu.get_or_init(|| Gpu::new(&adapter, products, table, |_| {}));
                        let result = gpu.as_ref().map_err(Clone::clone).and_then(test);
                        drop(one);
                        result
                    };
                    trials.push(Trial::test(name, run));
                }
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}
