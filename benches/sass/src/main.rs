//! Writes each kernel of the crate as naga translates it to Metal's language, with the checks that wgpu asks for on Vulkan.
//!
//! Prints a line for each: file, kernel, products, table, bytes of an element, workgroup size.

use naga::back::msl;
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use std::path::{Path, PathBuf};
use wgpu_init::DType;
use wgpu_init::wgsl::{Kernel, Products, Table};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

struct Options {
    folder: PathBuf,
    /// Array indices are not restricted.
    unchecked: bool,
    /// Loops may run for ever.
    unbounded_loops: bool,
    /// Values are not clamped: what a fill runs that cannot reach its bounds.
    unclamped: bool,
    /// Files that stand for those of `shaders/` with the same name.
    variant: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = options()?;
    std::fs::create_dir_all(&options.folder)?;
    let replacements = options.variant.as_deref().map(replacements).transpose()?.unwrap_or_default();
    let mut used = vec![false; replacements.len()];
    for kernel in Kernel::all() {
        for products in [Products::Native, Products::Portable] {
            // `Table::Uniform` is meant for devices that emulate a GPU.
            let table = Table::Workgroup;
            // Without products, both modules are one.
            if products == Products::Portable
                && kernel.source(Products::Native, table) == kernel.source(products, table)
            {
                continue;
            }
            let mut source = kernel.source(products, table);
            for ((original, replacement), used) in replacements.iter().zip(&mut used) {
                *used |= source.contains(original);
                source = source.replace(original, replacement);
            }
            let name = format!("{}-{products:?}-{table:?}", kernel.name()).to_lowercase();
            let text = metal(&source, &options).map_err(|error| format!("{name}: {error}"))?;
            std::fs::write(options.folder.join(format!("{name}.metal")), text)?;
            let size = DType::ALL
                .iter()
                .find(|dtype| kernel.name().contains(&format!("_{dtype}")))
                .map_or(0, |d| d.size());
            let (kernel, threads) = (kernel.name(), kernel.default_workgroup_size());
            println!("{name},{kernel},{products:?},{table:?},{size},{threads}");
        }
    }
    if used.contains(&false) {
        return Err("a file of the variant stands in no kernel".into());
    }
    Ok(())
}

fn options() -> Result<Options> {
    let mut options = Options { folder: PathBuf::new(), unchecked: false, unbounded_loops: false, unclamped: false, variant: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--unchecked" => options.unchecked = true,
            "--unbounded-loops" => options.unbounded_loops = true,
            "--unclamped" => options.unclamped = true,
            "--variant" => options.variant = Some(arguments.next().ok_or("--variant wants a folder")?.into()),
            _ => options.folder = argument.into(),
        }
    }
    if options.folder.as_os_str().is_empty() {
        return Err("say where to write".into());
    }
    Ok(options)
}

/// The shipped text of each file of the variant, and what stands for it.
fn replacements(variant: &Path) -> Result<Vec<(String, String)>> {
    let shaders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shaders");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(variant)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wgsl") {
            let name = path.file_name().ok_or("no name")?;
            all.push((std::fs::read_to_string(shaders.join(name))?, std::fs::read_to_string(&path)?));
        }
    }
    Ok(all)
}

fn metal(source: &str, options: &Options) -> Result<String> {
    let module = naga::front::wgsl::parse_str(source)?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::SHADER_INT64).validate(&module)?;
    let point = (naga::ShaderStage::Compute, Kernel::ENTRY_POINT.to_owned());
    let mut constants = naga::back::PipelineConstants::default();
    let can_clamp = module.overrides.iter().any(|(_, constant)| constant.name.as_deref() == Some("clamped"));
    if options.unclamped && can_clamp {
        constants.insert("clamped".to_owned(), 0.0);
    }
    let (module, info) = naga::back::pipeline_constants::process_overrides(
        &module,
        &info,
        Some((point.0, point.1.as_str())),
        &constants,
    )?;
    // As wgpu-hal's Vulkan back end sets them on a device that checks buffers itself (`robustBufferAccess2`).
    let index = if options.unchecked { BoundsCheckPolicy::Unchecked } else { BoundsCheckPolicy::Restrict };
    let options = msl::Options {
        lang_version: (2, 4),
        fake_missing_bindings: true,
        bounds_check_policies: BoundsCheckPolicies { index, ..Default::default() },
        // `src/gpu/pipelines.rs` asks for none.
        zero_initialize_workgroup_memory: false,
        force_loop_bounding: !options.unbounded_loops,
        ..Default::default()
    };
    let pipeline = msl::PipelineOptions { entry_point: Some(point), ..Default::default() };
    Ok(msl::write_string(&module, &info, &options, &pipeline)?.0)
}
