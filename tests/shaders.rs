//! Every shipped shader, without a device: parsed, validated with the smallest capabilities, compared with the host's structs,
//! and translated to the languages of all back ends.

use naga::common::wgsl::TryToWgsl;
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, GlobalVariable, Handle, Module, StorageAccess, Type, TypeInner};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::mem::offset_of;
use wgpu_init::DType;
use wgpu_init::plan::{
    AxisRecord, ConstantRecord, DeltaRecord, DrawRecord, EdgeRecord, JobRecord, ListedRecord, MatricesRecord,
    SparseRecord, StepRecord, ViewConstantRecord, ViewListedRecord, ViewMatrixRecord, ViewRecord, WriteRecord,
};
use wgpu_init::wgsl::{self, Access, Kernel, Products, Resource, Table};

const PRODUCTS: [Products; 2] = [Products::Native, Products::Portable];
const TABLES: [Table; 2] = [Table::Uniform, Table::Workgroup];

fn parse(source: &str, products: Products) -> (Module, ModuleInfo) {
    let module = match naga::front::wgsl::parse_str(source) {
        Ok(module) => module,
        Err(error) => panic!("{}", error.emit_to_string(source)),
    };
    let capabilities = match products {
        Products::Native => Capabilities::SHADER_INT64,
        Products::Portable => Capabilities::empty(),
        other => panic!("{other:?} is not known here"),
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
fn kernels_have_one_entry_point_of_the_size_that_the_host_sets() {
    for (kernel, products, table, module, _) in modules() {
        let name = format!("{} {products:?} {table:?}", kernel.name());
        let [point] = module.entry_points.as_slice() else { panic!("{name}: one entry point") };
        assert_eq!(point.name, Kernel::ENTRY_POINT, "{name}");
        assert_eq!(point.stage, naga::ShaderStage::Compute, "{name}");

        let of_workgroup = |variable: &&GlobalVariable| variable.space == AddressSpace::WorkGroup;
        let variables = module.global_variables.iter().map(|(_, variable)| variable).filter(of_workgroup);
        let workgroup_bytes: u32 =
            variables.map(|variable| module.types[variable.ty].inner.size(module.to_ctx())).sum();
        // Views for hardware pass elements on in the memory where others have the table.
        let is_of_hardware = kernel.has_axes() && (products, table) == (Products::Native, Table::Workgroup);
        if kernel.uses_workspace() || is_of_hardware {
            assert!(workgroup_bytes <= 16_384, "{name}: {workgroup_bytes} bytes");
        } else {
            let table_bytes = if kernel.uses_table() && table == Table::Workgroup { 16_384 } else { 0 };
            assert_eq!(workgroup_bytes, table_bytes, "{name}");
        }

        let mut expected = BTreeMap::new();
        if kernel.has_workgroup_size() {
            expected.insert("workgroup_size", naga::Literal::U32(kernel.default_workgroup_size()));
        } else {
            assert_eq!(point.workgroup_size, [kernel.default_workgroup_size(), 1, 1], "{name}");
        }
        if kernel.has_aligned() {
            expected.insert("aligned", naga::Literal::Bool(true));
        }
        if kernel.has_clamped() {
            expected.insert("clamped", naga::Literal::Bool(true));
        }
        if kernel.has_axes() {
            expected.insert("axes", naga::Literal::U32(8));
        }
        let overrides: BTreeMap<&str, naga::Literal> = module
            .overrides
            .iter()
            .map(|(_, value)| {
                let naga::Expression::Literal(default) = module.global_expressions[value.init.expect("a default")]
                else {
                    panic!("{name}: a default that is no literal")
                };
                (value.name.as_deref().expect("a name"), default)
            })
            .collect();
        assert_eq!(overrides, expected, "{name}");
    }
}

/// How a variable is bound; none for one that is not.
fn access(variable: &GlobalVariable) -> Option<Access> {
    variable.binding.as_ref()?;
    Some(match variable.space {
        AddressSpace::Uniform => Access::Uniform,
        // naga marks atomics of its own accord where a shader uses them.
        AddressSpace::Storage { access } => match access - StorageAccess::ATOMIC {
            read if read == StorageAccess::LOAD => Access::ReadOnly,
            write if write == StorageAccess::LOAD | StorageAccess::STORE => Access::ReadWrite,
            other => panic!("{:?}: {other:?}", variable.name),
        },
        other => panic!("{:?} is bound in {other:?}", variable.name),
    })
}

/// What a module declares is what its kernel lists, neither more nor less, and the entry point uses all of it.
#[test]
fn modules_bind_what_their_kernels_list() {
    for (kernel, products, table, module, info) in modules() {
        let name = format!("{} {products:?} {table:?}", kernel.name());
        let mut declared = BTreeMap::new();
        for (handle, variable) in module.global_variables.iter() {
            let (Some(access), Some(binding)) = (access(variable), &variable.binding) else { continue };
            assert_eq!(binding.group, 0, "{name}");
            assert!(!info.get_entry_point(0)[handle].is_empty(), "{name}: {:?} is not used", variable.name);
            assert_eq!(declared.insert(binding.binding, access), None, "{name}: two variables at {}", binding.binding);
        }
        let listed = kernel.bindings(table);
        let listed_access = (0..).zip(listed.iter().map(|binding| binding.access)).collect();
        assert_eq!(declared, listed_access, "{name}");

        assert_eq!(listed[0].resource, Resource::Records, "{name}: records are at 0");
        let resources: HashSet<Resource> = listed.iter().map(|binding| binding.resource).collect();
        assert_eq!(resources.len(), listed.len(), "{name}: a resource is bound twice");
        assert_eq!(resources.contains(&Resource::Table), kernel.uses_table(), "{name}");
        let in_workspace = resources.iter().any(|resource| matches!(resource, Resource::Workspace(_)));
        assert_eq!(in_workspace, kernel.uses_workspace(), "{name}");
    }
}

/// Which resource a variable is, by its name: two that change places in a list would have the same access.
#[test]
fn a_listed_resource_is_the_variable_of_its_name() {
    for (kernel, products, table, module, _) in modules() {
        for (_, variable) in module.global_variables.iter() {
            let Some(binding) = &variable.binding else { continue };
            let resource = match variable.name.as_deref().expect("a name") {
                "jobs" | "edges" | "steps" | "writes" | "request" | "inputs" => Resource::Records,
                "output" if matches!(kernel, Kernel::CheckNormal | Kernel::CheckPhilox) => Resource::Output,
                "output" => Resource::Target,
                "list" => Resource::List,
                "quantile_table" => Resource::Table,
                "reflectors" => Resource::Workspace(0),
                "frame" => Resource::Workspace(1),
                "small" => Resource::Workspace(2),
                other => panic!("{other} is not known here"),
            };
            let listed = kernel.bindings(table)[binding.binding as usize].resource;
            assert_eq!(listed, resource, "{} {products:?} {table:?}", kernel.name());
        }
    }
}

/// Name and offset of each member, and the size.
type StructLayout = (BTreeMap<String, usize>, usize);

fn layout(module: &Module, ty: Handle<Type>) -> StructLayout {
    let TypeInner::Struct { members, span } = &module.types[ty].inner else { panic!("a struct") };
    let offsets = members.iter().map(|member| (member.name.clone().expect("a name"), member.offset as usize));
    (offsets.collect(), *span as usize)
}

/// The type of the records that a kernel's first binding lists, and the distance from one to the next.
fn records(module: &Module) -> (Handle<Type>, usize) {
    let at_0 = |variable: &&GlobalVariable| variable.binding.as_ref().is_some_and(|binding| binding.binding == 0);
    let variable = module.global_variables.iter().map(|(_, variable)| variable).find(at_0).expect("records");
    let TypeInner::Array { base, stride, .. } = module.types[variable.ty].inner else { panic!("a list of records") };
    (base, stride as usize)
}

/// A record's name, and its members' names and offsets with its size.
macro_rules! record {
    ($record:ty, $($member:ident),* $(,)?) => {
        (
            stringify!($record),
            (BTreeMap::from([$((stringify!($member).to_owned(), offset_of!($record, $member))),*]), size_of::<$record>()),
        )
    };
}

fn draw_record() -> (&'static str, StructLayout) {
    record!(DrawRecord, index, stream, seed, scale, shift, low_key, high_key, window_low, window_range)
}

/// The record of a kernel: its own, or the one that follows a job's head. None for check kernels, which no plan has.
fn record_of(kernel: Kernel) -> Option<(&'static str, StructLayout)> {
    Some(match kernel {
        Kernel::FillConstant => record!(ConstantRecord, word),
        Kernel::FillListed => record!(ListedRecord, first_group),
        Kernel::FillDelta | Kernel::ViewDelta(_) => {
            record!(DeltaRecord, place, inner, period, limit, stride, centre, word, packing, padding)
        }
        Kernel::FillUniform(_)
        | Kernel::FillNormal(_)
        | Kernel::FillTruncated(_)
        | Kernel::ViewUniform(_)
        | Kernel::ViewNormal(_)
        | Kernel::ViewTruncated(_)
        | Kernel::RowsUniform(_)
        | Kernel::RowsNormal(_)
        | Kernel::RowsTruncated(_) => draw_record(),
        Kernel::ViewConstant(_) | Kernel::RowsConstant(_) => record!(ViewConstantRecord, word, padding),
        Kernel::ViewListed(_) => record!(ViewListedRecord, first_unit, padding),
        Kernel::ViewOrthogonal(_) => record!(ViewMatrixRecord, matrices, first),
        Kernel::FillSparse(_) | Kernel::ViewSparse(_) => {
            record!(SparseRecord, index, stream, seed, origin, scale, columns, length, zeros, by_rows, padding)
        }
        Kernel::FillEdge => record!(EdgeRecord, position, mask, bits),
        Kernel::OrthogonalGaussians
        | Kernel::OrthogonalReflectors
        | Kernel::OrthogonalTriangular
        | Kernel::OrthogonalProject
        | Kernel::OrthogonalUpdate => record!(StepRecord, index, stream, seed, rows, columns, block, matrix),
        Kernel::FillOrthogonal => record!(WriteRecord, matrices, element, elements, position),
        Kernel::CheckNormal | Kernel::CheckPhilox => return None,
        other => panic!("{} is not known here", other.name()),
    })
}

#[test]
fn structs_have_the_layout_of_the_hosts_records() {
    let (_, job_head) = record!(JobRecord, first_tile, tile_groups, groups, first_group);
    let (_, view_head) = record!(
        ViewRecord, first_tile, tile_units, units, position, index, run, run_stride, run_axis, wide, wide_step, axes
    );
    // Of a head or a record, by the name of the struct.
    let inner = BTreeMap::from([
        ("Axis", record!(AxisRecord, count, magic, shift, stride, step)),
        ("Matrices", record!(MatricesRecord, rows, columns, taps, centre, taps_first, dtype, gain, matrix)),
    ]);
    let mut seen = BTreeSet::from(["JobRecord", "ViewRecord"]);
    for (kernel, _, _, module, _) in modules() {
        let Some((record, expected)) = record_of(kernel) else { continue };
        let name = format!("{record} of {}", kernel.name());
        let (ty, stride) = records(&module);
        seen.insert(record);
        for (ty, of) in module.types.iter() {
            if let Some((record, expected)) = of.name.as_deref().and_then(|name| inner.get(name)) {
                assert_eq!(layout(&module, ty), *expected, "{record} of {}", kernel.name());
                seen.insert(record);
            }
        }
        let (head, head_size) = match module.types[ty].name.as_deref() {
            Some("Job") => &job_head,
            Some("View") => &view_head,
            _ => {
                assert_eq!((layout(&module, ty), stride), (expected.clone(), expected.1), "{name}");
                continue;
            }
        };
        // The head, then the kernel's own, and nothing between them or behind.
        let (mut members, size) = layout(&module, ty);
        assert_eq!(members.remove("draw"), Some(*head_size), "{name}");
        assert_eq!((&members, size, stride), (head, head_size + expected.1, size), "{name}");
        let (draw, _) = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some("Draw")).expect("a Draw");
        assert_eq!(layout(&module, draw), expected, "{name}");
    }
    let source = include_str!("../src/plan/record.rs");
    let declared = source.lines().filter_map(|line| line.strip_prefix("pub struct ")?.split([' ', '{', '(']).next());
    assert_eq!(declared.collect::<BTreeSet<_>>(), seen, "every record was compared");
}

#[test]
fn no_file_in_the_folder_is_forgotten() {
    let sources: Vec<String> = Kernel::all()
        .flat_map(|kernel| PRODUCTS.map(|products| TABLES.map(|table| kernel.source(products, table))))
        .flatten()
        .chain(PRODUCTS.map(wgsl::shared))
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
                weights[id.x] = finish_bf16(draw, draw_truncated(draw, words.x)) ^ draw_uniform(draw, words.y);
            }";
        let (module, _) = parse(&(wgsl::shared(products) + host), products);
        // Nothing but the host's own entry point and bindings.
        assert_eq!(module.entry_points.len(), 1);
        assert_eq!(module.global_variables.len(), 2);
        let (draw, _) = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some("Draw")).expect("a Draw");
        assert_eq!(layout(&module, draw), draw_record().1);
    }
}

/// What an engine adds to the shared functions: a table, and a kernel that calls the three that give elements.
const OWN_KERNEL: &str = include_str!("support/own_kernel.wgsl");

/// The tables in the documentation of `wgsl::shared`, against the functions and the struct that a module of it has.
#[test]
fn the_documented_signatures_are_those_of_the_shared_functions() {
    let documentation = include_str!("../src/wgsl/mod.rs");
    let (module, _) = parse(&(wgsl::shared(Products::Portable) + OWN_KERNEL), Products::Portable);
    let type_name = |ty: Handle<Type>| match &module.types[ty] {
        Type { name: Some(name), .. } => name.clone(),
        Type { inner: TypeInner::Scalar(scalar), .. } => scalar.to_wgsl_for_diagnostics(),
        Type { inner: TypeInner::Vector { size, scalar }, .. } => {
            format!("vec{}<{}>", *size as u8, scalar.to_wgsl_for_diagnostics())
        }
        other => panic!("{other:?} in a signature"),
    };
    let signature = |function: &naga::Function| {
        let argument = |argument: &naga::FunctionArgument| {
            format!("{}: {}", argument.name.as_deref().expect("a name"), type_name(argument.ty))
        };
        let arguments: Vec<String> = function.arguments.iter().map(argument).collect();
        let result = function.result.as_ref().map(|result| type_name(result.ty)).expect("a result");
        format!("{}({}) -> {result}", function.name.as_deref().expect("a name"), arguments.join(", "))
    };
    let signatures: BTreeSet<String> = module.functions.iter().map(|(_, function)| signature(function)).collect();
    let cells: Vec<&str> = documentation.lines().filter_map(|line| line.strip_prefix("/// | `")).collect();
    let documented: Vec<&str> = cells.iter().filter_map(|cell| cell.split('`').next()).collect();
    let functions = documented.iter().filter(|cell| cell.contains('(')).map(|cell| (*cell).to_owned());
    let functions: BTreeSet<String> = functions.collect();
    assert!(functions.len() > 10, "{functions:?}");
    assert_eq!(functions.difference(&signatures).collect::<Vec<_>>(), Vec::<&String>::new());

    let (_, draw) = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some("Draw")).expect("a Draw");
    let TypeInner::Struct { members, .. } = &draw.inner else { panic!("Draw is a struct") };
    for member in members {
        let field = format!("`{}: {}`", member.name.as_deref().expect("a name"), type_name(member.ty));
        assert!(documentation.contains(&field), "{field}");
    }
}

#[test]
fn the_shared_functions_translate_to_every_back_end() {
    for products in PRODUCTS {
        let (module, info) = parse(&(wgsl::shared(products) + OWN_KERNEL), products);
        let (module, info) = resolved(&module, &info);
        translate(&module, &info, products, &format!("shared {products:?}"));
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
        translate(&module, &info, products, &name);
    }
}

/// Through every back end.
fn translate(module: &Module, info: &ModuleInfo, products: Products, name: &str) {
    let spirv = naga::back::spv::write_vec(module, info, &naga::back::spv::Options::default(), None);
    assert!(spirv.expect(name).len() > 200, "{name}: SPIR-V");
    let (metal, _) = naga::back::msl::write_string(
        module,
        info,
        &naga::back::msl::Options { lang_version: (2, 3), fake_missing_bindings: true, ..Default::default() },
        &naga::back::msl::PipelineOptions::default(),
    )
    .expect(name);
    assert!(metal.contains("kernel void"), "{name}: {metal}");
    let mut hlsl = String::new();
    let options = naga::back::hlsl::Options {
        shader_model: naga::back::hlsl::ShaderModel::V6_0,
        fake_missing_bindings: true,
        special_constants_binding: Some(naga::back::hlsl::BindTarget::default()),
        ..Default::default()
    };
    naga::back::hlsl::Writer::new(&mut hlsl, &options, &naga::back::hlsl::PipelineOptions::default())
        .write(module, info, None)
        .expect(name);
    assert!(hlsl.contains("[numthreads("), "{name}: {hlsl}");
    if products == Products::Portable {
        assert!(glsl(module, info).contains("layout(local_size_x"), "{name}: GLSL");
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

/// The guard of the affine map survives translation: the exclusive or stands between product and sum in the text.
#[test]
fn the_guard_survives_translation() {
    let mut seen = 0;
    for kernel in Kernel::all() {
        let source = kernel.source(Products::Portable, Table::Workgroup);
        if !source.contains("fn affine(") {
            continue;
        }
        let (module, info) = parse(&source, Products::Portable);
        let (module, info) = resolved(&module, &info);
        let text = glsl(&module, &info);
        let body = text
            .split("float affine(")
            .nth(1)
            .and_then(|rest| rest.split("\n}").next())
            .expect("the function is there");
        assert!(body.contains("floatBitsToUint(product) ^ (word"), "{}: {body}", kernel.name());
        assert_eq!(body.matches('^').count(), 1, "{}: {body}", kernel.name());
        assert!(!body.contains("fma") && !body.contains("mad("), "{}: {body}", kernel.name());
        seen += 1;
    }
    assert_eq!(
        seen,
        11 * DType::ALL.len(),
        "every law that has a scale, in every dtype, in units and in rows of a view"
    );
}
