//! Every shipped shader, without a device: parsed, validated with the smallest capabilities, compared with the host's structs,
//! and translated to the languages of all back ends.

use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, Handle, Module, StorageAccess, Type, TypeInner};
use std::collections::{BTreeMap, BTreeSet};
use std::mem::offset_of;
use wgpu_init::DType;
use wgpu_init::plan::{DrawRecord, EdgeRecord, JobRecord, StepRecord, WriteRecord};
use wgpu_init::wgsl::{self, Kernel, Phase, Products, Table};

const PRODUCTS: [Products; 2] = [Products::Native, Products::Portable];
const TABLES: [Table; 3] = [Table::Storage, Table::Uniform, Table::Workgroup];

fn parse(source: &str, products: Products) -> (Module, ModuleInfo) {
    let module = match naga::front::wgsl::parse_str(source) {
        Ok(module) => module,
        Err(error) => panic!("{}", error.emit_to_string(source)),
    };
    let capabilities = match products {
        Products::Native => Capabilities::SHADER_INT64,
        Products::Portable => Capabilities::empty(),
    };
    match Validator::new(ValidationFlags::all(), capabilities).validate(&module) {
        Ok(info) => (module, info),
        Err(error) => panic!("{}", error.emit_to_string(source)),
    }
}

/// Every module there is, with what it is.
fn modules() -> Vec<(Kernel, Products, Table, Module, ModuleInfo)> {
    let mut modules = Vec::new();
    for kernel in Kernel::all() {
        for products in PRODUCTS {
            for table in TABLES {
                let (module, info) = parse(&kernel.source(products, table), products);
                modules.push((kernel, products, table, module, info));
            }
        }
    }
    modules
}

#[test]
fn kernels_have_the_interface_that_the_host_binds() {
    for (kernel, _, table, module, _) in modules() {
        let name = kernel.name();
        let [point] = module.entry_points.as_slice() else { panic!("{name}: one entry point") };
        assert_eq!(point.name, Kernel::ENTRY_POINT, "{name}");
        assert_eq!(point.stage, naga::ShaderStage::Compute, "{name}");

        let mut bindings = BTreeMap::new();
        let (mut workgroup_bytes, mut uniforms) = (0, 0);
        for (_, variable) in module.global_variables.iter() {
            match (&variable.binding, variable.space) {
                (Some(binding), AddressSpace::Storage { access }) => {
                    assert_eq!(binding.group, 0, "{name}");
                    bindings.insert(binding.binding, access);
                }
                // The table alone.
                (Some(binding), AddressSpace::Uniform) => {
                    assert_eq!((binding.group, binding.binding), (0, 2), "{name}");
                    uniforms += 1;
                }
                (None, AddressSpace::WorkGroup) => {
                    workgroup_bytes += module.types[variable.ty].inner.size(module.to_ctx())
                }
                other => panic!("{name}: unexpected variable {other:?}"),
            }
        }
        let read = StorageAccess::LOAD;
        let mut expected = BTreeMap::from([(0, read), (1, read | StorageAccess::STORE)]);
        // The steps of orthogonal matrices read it from a storage buffer.
        let in_uniform = kernel.uses_table() && table == Table::Uniform && !kernel.uses_workspace();
        assert_eq!(uniforms, u32::from(in_uniform), "{name}");
        if (kernel.uses_table() && !in_uniform) || kernel == Kernel::FillListed {
            expected.insert(2, read);
        }
        if kernel.uses_workspace() {
            // Not every step has the reflectors or the matrices.
            let write = read | StorageAccess::STORE;
            let matrices = if kernel.uses_table() { read } else { write };
            let of_workspace = BTreeMap::from([(0, read), (1, write), (2, matrices), (3, write)]);
            bindings.values_mut().for_each(|access| access.remove(StorageAccess::ATOMIC));
            assert!(bindings.iter().all(|(at, access)| of_workspace.get(at) == Some(access)), "{name}: {bindings:?}");
            assert!(bindings.contains_key(&0) && workgroup_bytes <= 16_384, "{name}: {workgroup_bytes} bytes");
            assert_eq!(module.overrides.len(), 0, "{name}");
            assert_eq!(point.workgroup_size, [256, 1, 1], "{name}");
            continue;
        }
        // naga marks atomics of their own accord where a shader uses them.
        bindings.values_mut().for_each(|access| access.remove(StorageAccess::ATOMIC));
        assert_eq!(bindings, expected, "{name}");
        let table_bytes = if kernel.uses_table() && table == Table::Workgroup { 16_384 } else { 0 };
        assert_eq!(workgroup_bytes, table_bytes, "{name}");

        let [size] = module.overrides.iter().map(|(_, value)| value).collect::<Vec<_>>()[..] else {
            panic!("{name}: one override constant")
        };
        assert_eq!(size.name.as_deref(), Some("workgroup_size"), "{name}");
        let init = size.init.map(|init| &module.global_expressions[init]);
        let default = naga::Expression::Literal(naga::Literal::U32(kernel.default_workgroup_size()));
        assert_eq!(init.map(|init| format!("{init:?}")), Some(format!("{default:?}")), "{name}");
    }
}

/// Name and offset of each member, and the size.
fn layout(module: &Module, name: &str) -> Option<(BTreeMap<String, usize>, usize)> {
    let is_it = |ty: &&Type| ty.name.as_deref() == Some(name);
    let (_, ty): (Handle<Type>, &Type) = module.types.iter().find(|(_, ty)| is_it(ty))?;
    let TypeInner::Struct { members, span } = &ty.inner else { panic!("{name} is a struct") };
    let offsets = members.iter().map(|member| (member.name.clone().unwrap_or_default(), member.offset as usize));
    Some((offsets.collect(), *span as usize))
}

macro_rules! offsets {
    ($record:ty, $($member:ident),*) => {
        (BTreeMap::from([$((stringify!($member).to_owned(), offset_of!($record, $member))),*]), size_of::<$record>())
    };
}

#[test]
fn structs_have_the_layout_of_the_hosts_records() {
    let expected = [
        ("Draw", offsets!(DrawRecord, index, stream, seed, scale, shift, low_key, high_key, window_low, window_range)),
        ("Job", offsets!(JobRecord, first_tile, tile_groups, groups, first_group, draw)),
        ("Edge", offsets!(EdgeRecord, kind, dtype, elements, position, draw)),
        ("Step", offsets!(StepRecord, rows, columns, block, entries, index, stream, seed)),
        ("Write", offsets!(WriteRecord, rows, columns, taps, centre, flags, dtype, gain, element, elements, position)),
    ];
    let mut seen = BTreeSet::new();
    for (kernel, _, _, module, _) in modules() {
        for (name, expected) in &expected {
            if let Some(layout) = layout(&module, name) {
                assert_eq!(layout, *expected, "{name} in {}", kernel.name());
                seen.insert(*name);
            }
        }
    }
    assert_eq!(seen.len(), expected.len(), "every struct was found somewhere: {seen:?}");
}

#[test]
fn no_file_in_the_folder_is_forgotten() {
    let sources: Vec<String> = Kernel::all()
        .into_iter()
        .flat_map(|kernel| PRODUCTS.map(|products| TABLES.map(|table| kernel.source(products, table))))
        .flatten()
        .collect();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("its entries can be read").path();
        let text = std::fs::read_to_string(&path).expect("a shader can be read");
        assert!(sources.iter().any(|source| source.contains(&text)), "{} is in no kernel", path.display());
        files += 1;
    }
    assert!(files >= 25, "{files} files were found");
}

#[test]
fn the_shared_functions_stand_in_a_hosts_own_module() {
    for products in PRODUCTS {
        let host = "@group(0) @binding(0) var<storage, read> table: array<vec2<u32>, 2048>;
            @group(0) @binding(1) var<storage, read_write> weights: array<u32>;
            fn quantile_entry(row: u32) -> vec2<u32> { return table[row]; }
            @compute @workgroup_size(64) fn engine(@builtin(global_invocation_id) id: vec3<u32>) {
                var draw: Draw;
                draw.scale = bitcast<u32>(0.02f);
                let words = value_words(vec2<u32>(id.x, 0u), draw.stream, draw.seed);
                weights[id.x] = finish_bf16(draw, draw_truncated(draw, words.x), true) ^ draw_uniform(draw, words.y);
            }";
        let (module, _) = parse(&(wgsl::shared(products) + host), products);
        // Nothing but the host's own entry point and bindings.
        assert_eq!(module.entry_points.len(), 1);
        assert_eq!(module.global_variables.len(), 2);
    }
}

/// A module as the back ends see it: override constants resolved.
fn resolved<'a>(
    module: &'a Module,
    info: &'a ModuleInfo,
) -> (std::borrow::Cow<'a, Module>, std::borrow::Cow<'a, ModuleInfo>) {
    let constants = naga::back::PipelineConstants::default();
    naga::back::pipeline_constants::process_overrides(module, info, None, &constants).expect("defaults resolve")
}

#[test]
fn every_module_translates_to_every_back_end() {
    for (kernel, products, table, module, info) in modules() {
        let (module, info) = resolved(&module, &info);
        let name = format!("{} {products:?} {table:?}", kernel.name());
        let spirv = naga::back::spv::write_vec(&module, &info, &naga::back::spv::Options::default(), None);
        assert!(spirv.expect(&name).len() > 200, "{name}: SPIR-V");
        let (metal, _) = naga::back::msl::write_string(
            &module,
            &info,
            &naga::back::msl::Options { lang_version: (2, 3), fake_missing_bindings: true, ..Default::default() },
            &naga::back::msl::PipelineOptions::default(),
        )
        .expect(&name);
        assert!(metal.contains("kernel void"), "{name}: {metal}");
        let mut hlsl = String::new();
        let options = naga::back::hlsl::Options {
            shader_model: naga::back::hlsl::ShaderModel::V6_0,
            fake_missing_bindings: true,
            special_constants_binding: Some(naga::back::hlsl::BindTarget::default()),
            ..Default::default()
        };
        naga::back::hlsl::Writer::new(&mut hlsl, &options, &naga::back::hlsl::PipelineOptions::default())
            .write(&module, &info, None)
            .expect(&name);
        assert!(hlsl.contains("[numthreads("), "{name}: {hlsl}");
        if products == Products::Portable {
            assert!(glsl(&module, &info).contains("layout(local_size_x"), "{name}: GLSL");
        }
    }
}

/// OpenGL ES 3.1, the least that has compute shaders. It has no 64-bit integers: only the portable path goes there.
fn glsl(module: &Module, info: &ModuleInfo) -> String {
    let mut text = String::new();
    let options = naga::back::glsl::Options { version: naga::back::glsl::Version::new_gles(310), ..Default::default() };
    let pipeline = naga::back::glsl::PipelineOptions {
        shader_stage: naga::ShaderStage::Compute,
        entry_point: Kernel::ENTRY_POINT.to_owned(),
        multiview: None,
    };
    let policies = naga::proc::BoundsCheckPolicies::default();
    naga::back::glsl::Writer::new(&mut text, module, info, &options, &pipeline, policies)
        .and_then(|mut writer| writer.write())
        .expect("GLSL can be written");
    text
}

/// The guard of the affine map survives translation: the exclusive ors stand between product and sum in the text.
#[test]
fn the_guard_survives_translation() {
    let kernel = Kernel::FillNormal(DType::F32, Phase::Zero);
    let (module, info) = parse(&kernel.source(Products::Portable, Table::Storage), Products::Portable);
    let (module, info) = resolved(&module, &info);
    let text = glsl(&module, &info);
    let body =
        text.split("float affine(").nth(1).and_then(|rest| rest.split("\n}").next()).expect("the function is there");
    assert!(body.contains("floatBitsToUint(product) ^ flip"), "{body}");
    assert_eq!(body.matches('^').count(), 2, "{body}");
    assert!(!body.contains("fma") && !body.contains("mad("), "{body}");
}
