//! Writes each kernel of the crate as naga translates it to Metal's language, with the checks that wgpu asks for on Vulkan.
//!
//! Prints a line for each: file, kernel, products, table, bytes of an element, workgroup size.

use clap::Parser;
use naga::back::{PipelineConstants, msl, pipeline_constants::process_overrides};
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use std::fs;
use std::path::{Path, PathBuf};
use wgpu_init::DType;
use wgpu_init::wgsl::{Kernel, Products, Table};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Parser)]
struct Options {
    /// Where to write
    folder: PathBuf,
    /// Values are not clamped: what a fill runs that cannot reach its bounds
    #[arg(long)]
    unclamped: bool,
    /// Files that stand for those of `shaders/` with the same name
    #[arg(long)]
    variant: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    fs::create_dir_all(&options.folder)?;
    let replacements = options.variant.as_deref().map(replacements).transpose()?.unwrap_or_default();
    let mut used = vec![false; replacements.len()];
    // `Table::Uniform` is meant for devices that emulate a GPU.
    let table = Table::Workgroup;
    for kernel in Kernel::all() {
        for products in [Products::Native, Products::Portable] {
            let mut source = kernel.source(products, table);
            // Without products, both modules are one.
            if products == Products::Portable && kernel.source(Products::Native, table) == source {
                continue;
            }
            for ((original, replacement), used) in replacements.iter().zip(&mut used) {
                *used |= source.contains(original);
                source = source.replace(original, replacement);
            }
            let (name, threads) = (kernel.name(), kernel.default_workgroup_size());
            let file = format!("{name}-{products:?}-{table:?}").to_lowercase();
            let text = metal(&source, &options).map_err(|error| format!("{file}: {error}"))?;
            fs::write(options.folder.join(format!("{file}.metal")), text)?;
            let dtype = DType::ALL.iter().find(|dtype| name.contains(&format!("_{dtype}")));
            println!("{file},{name},{products:?},{table:?},{},{threads}", dtype.map_or(0, |dtype| dtype.size()));
        }
    }
    if used.contains(&false) {
        return Err("a file of the variant stands in no kernel".into());
    }
    Ok(())
}

/// The shipped text of each file of the variant, and what stands for it.
fn replacements(variant: &Path) -> Result<Vec<(String, String)>> {
    let shaders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shaders");
    let paths = fs::read_dir(variant)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let files = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "wgsl"));
    let both = |path: &PathBuf| {
        let shipped = shaders.join(path.file_name().ok_or("no name")?);
        Ok((fs::read_to_string(shipped)?, fs::read_to_string(path)?))
    };
    files.map(both).collect()
}

fn metal(source: &str, options: &Options) -> Result<String> {
    let module = naga::front::wgsl::parse_str(source)?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::SHADER_INT64).validate(&module)?;
    let mut constants = PipelineConstants::default();
    let can_clamp = module.overrides.iter().any(|(_, constant)| constant.name.as_deref() == Some("clamped"));
    if options.unclamped && can_clamp {
        constants.insert("clamped".to_owned(), 0.0);
    }
    let entry = (naga::ShaderStage::Compute, Kernel::ENTRY_POINT);
    let (module, info) = process_overrides(&module, &info, Some(entry), &constants)?;
    // As wgpu-hal's Vulkan back end sets them on a device that checks buffers itself (`robustBufferAccess2`).
    let written = msl::Options {
        lang_version: (2, 4),
        fake_missing_bindings: true,
        bounds_check_policies: BoundsCheckPolicies { index: BoundsCheckPolicy::Restrict, ..Default::default() },
        // `src/gpu/pipelines.rs` asks for none.
        zero_initialize_workgroup_memory: false,
        force_loop_bounding: true,
        ..Default::default()
    };
    let pipeline = msl::PipelineOptions { entry_point: Some((entry.0, entry.1.to_owned())), ..Default::default() };
    Ok(msl::write_string(&module, &info, &written, &pipeline)?.0)
}
