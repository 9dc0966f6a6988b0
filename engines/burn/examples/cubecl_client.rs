//! Where an engine on CubeCL gives no wgpu handle: a plan replayed as kernels of CubeCL's own client, in its order and its memory.
//!
//! `cargo run --example cubecl_client`
#![expect(clippy::print_stdout, reason = "an example shows its results")]
#![expect(clippy::cast_possible_truncation, reason = "constants and sizes of an example are small")]

use anyhow::ensure;
use burn::cubecl::Device;
use burn::cubecl::client::Client;
use burn::cubecl::ir::metadata::Info;
use burn::cubecl::ir::settings::Dim3;
use burn::cubecl::prelude::*;
use burn::cubecl::server::{Handle, KernelArguments};
use wgpu_init::plan::{self, Dispatch, Plan, Region, plan};
use wgpu_init::value::normal::TABLE_BYTES;
use wgpu_init::wgsl::{Kernel as Wgsl, Products, Resource, Table};
use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed, Shape, View};

/// A kernel of a plan. CubeCL has no override constants, and binds every buffer for reading and writing: the text says so.
struct Planned {
    kernel: Wgsl,
    constants: Vec<(&'static str, u32)>,
}

impl Planned {
    fn new(dispatch: &Dispatch) -> Self {
        // All of them are small whole numbers, 0 and 1 for bools.
        let constants = dispatch.constants().map(|(name, value)| (name, value as u32)).collect();
        Self { kernel: dispatch.kernel, constants }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for line in self.kernel.source(Products::Portable, Table::Workgroup).lines() {
            let declared = line.strip_prefix("override ").and_then(|rest| rest.split_once(": "));
            let value = declared.and_then(|(name, rest)| Some((name, rest.split_once(' ')?.0, self.constant(name)?)));
            match value {
                Some((name, "bool", value)) => text += &format!("const {name}: bool = {};", value != 0),
                Some((name, of, value)) => text += &format!("const {name}: {of} = {of}({value}u);"),
                None => {
                    text +=
                        &line.replace("var<storage, read>", "var<storage, read_write>").replace("override ", "const ")
                }
            }
            text.push('\n');
        }
        text
    }

    fn constant(&self, name: &str) -> Option<u32> {
        self.constants.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

impl KernelMetadata for Planned {
    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info((self.kernel, self.constants.clone()))
    }

    fn address_type(&self) -> ElemType {
        ElemType::UInt(burn::cubecl::ir::UIntKind::U32)
    }
}

impl CubeKernel for Planned {
    fn define(&self) -> KernelDefinition {
        let settings = KernelSettings::new(Dim3::new_single(), ExecutionMode::Unchecked, AddressType::U32);
        KernelDefinition { body: Scope::root(settings.clone()), settings, info: Info::default() }
    }

    fn source(&self) -> Option<PrecompiledSource> {
        let entrypoint_name = Wgsl::ENTRY_POINT.to_owned();
        Some(PrecompiledSource { source: self.text(), entrypoint_name, lang: "wgsl" })
    }
}

/// Launches the plan's kernels in order. The table of quantiles may be kept from call to call. `target` has `target_bytes`: a handle's own
/// size is rounded up, while its offsets count from what was asked for.
fn replay(client: &Client, plan: &Plan, table: &Handle, target: &Handle, target_bytes: u64) {
    let records = client.create_from_slice(&plan.records);
    let workspace = plan.workspace.map(|size| client.empty(size.max(4) as usize));
    for dispatch in &plan.dispatches {
        let mut arguments = KernelArguments::new();
        for bound in &dispatch.bindings {
            let (handle, size) = match bound.resource {
                Resource::Table => (table, TABLE_BYTES.len() as u64),
                Resource::Workspace(at) => (&workspace[usize::from(at)], plan.workspace[usize::from(at)]),
                Resource::Target => (target, target_bytes),
                _ => (&records, plan.records.len() as u64),
            };
            let part = handle.clone().offset_start(bound.bytes.start).offset_end(size - bound.bytes.end);
            arguments = arguments.with_buffer(part.binding());
        }
        let [x, y, z] = dispatch.grid;
        client.launch(Box::new(Planned::new(dispatch)), CubeCount::Static(x, y, z), arguments);
    }
}

fn main() -> anyhow::Result<()> {
    let client = Device::wgpu(Default::default())?.client();
    let mut limits = plan::Device::default(); // what every device grants
    limits.table = Table::Workgroup;
    let table = client.create_from_slice(TABLE_BYTES);
    let shape = Shape::new([130, 70])?;
    for text in [
        "normal(0,0.02)",
        "uniform(-1,1)",
        "trunc_normal(0,1,-2,2)",
        "sparse(0.4,0.02)",
        "dt_bias(0.001,0.1,0.0001)",
        "orthogonal(1)",
    ] {
        for dtype in DType::ALL.iter().copied() {
            for view in [None, Some(View::new(&shape).permuted([1, 0])?)] {
                let fill =
                    Fill::new(shape.clone(), text.parse::<Initializer>()?)?.named(Seed::new(42), "weight").dtype(dtype);
                let fill = view.into_iter().fold(fill, Fill::view);
                let mut expected = vec![0; 130 * 70 * dtype.size() as usize];
                CpuExecutor::new().run_in(&mut expected, [&fill])?;

                let size = expected.len() as u64;
                let target = client.empty(expected.len());
                let plan = plan(&[size], [(Region { buffer: 0, bytes: 0..size }, &fill)], &limits)?;
                replay(&client, &plan, &table, &target, size);
                let got = client.read_one(target).map_err(|error| anyhow::anyhow!("{error:?}"))?;
                ensure!(*got == *expected, "{text} in {dtype}: other bytes");
            }
        }
        println!("{text}: the bytes of the CPU executor in every dtype, whole and transposed");
    }
    Ok(())
}
