//! Operations of the hot kernels in the SPIR-V that naga writes, so that no change adds work to a group of 16 bytes unseen.
//!
//! Counted is what one call of `draw_group` does, calls followed, lanes of vectors each for itself. Moves, bit casts, branches and labels
//! are free, and what stands behind a condition that is known to be false does not count: a driver leaves it out as well. That is how
//! the override constant `aligned` works, whose default is counted; without it a second block is drawn. A loop counts once: a group of 8 bits
//! takes its four times.

use naga::back::spv;
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use spirv::Op;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::ops::AddAssign;
use wgpu_init::DType;
use wgpu_init::wgsl::{Kernel, Products, Table};

const RECORD: &str = include_str!("data/spirv_operations.txt");

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Operations {
    products: u32,
    others: u32,
    loads: u32,
}

impl AddAssign for Operations {
    fn add_assign(&mut self, more: Self) {
        self.products += more.products;
        self.others += more.others;
        self.loads += more.loads;
    }
}

/// A block's own operations, whom it calls, and which blocks may follow.
#[derive(Default)]
struct Block {
    own: Operations,
    calls: Vec<u32>,
    next: Vec<u32>,
}

/// The blocks of a function by their labels, and the first of them.
#[derive(Default)]
struct Function {
    entry: u32,
    blocks: HashMap<u32, Block>,
}

/// A module's functions, by the names that they have in WGSL.
struct Program {
    functions: HashMap<u32, Function>,
    names: HashMap<String, u32>,
}

impl Program {
    fn read(words: &[u32]) -> Self {
        let (mut lanes, mut all_names, mut known) = (HashMap::new(), HashMap::new(), HashMap::new());
        let mut functions: HashMap<u32, Function> = HashMap::new();
        let (mut current, mut label, mut rest) = (0, 0, &words[5..]);
        while let [head, ..] = rest {
            let (instruction, behind) = rest.split_at((head >> 16) as usize);
            rest = behind;
            let op = Op::from_u32(head & 0xFFFF).unwrap_or_else(|| panic!("opcode {}", head & 0xFFFF));
            match op {
                Op::Name => {
                    let bytes: Vec<u8> =
                        instruction[2..].iter().flat_map(|word| word.to_le_bytes()).take_while(|b| *b != 0).collect();
                    all_names.insert(instruction[1], String::from_utf8(bytes).expect("a name"));
                }
                Op::TypeVector => drop(lanes.insert(instruction[1], instruction[3])),
                Op::ConstantTrue => drop(known.insert(instruction[2], true)),
                Op::ConstantFalse => drop(known.insert(instruction[2], false)),
                Op::Function => {
                    (current, label) = (instruction[2], 0);
                    functions.insert(current, Function::default());
                }
                Op::FunctionEnd => current = 0,
                _ if current == 0 || op == Op::FunctionParameter => {}
                op => {
                    let function = functions.get_mut(&current).expect("in a function");
                    if op == Op::Label {
                        label = instruction[1];
                        function.entry = if function.entry == 0 { label } else { function.entry };
                    }
                    let block = function.blocks.entry(label).or_default();
                    match op {
                        Op::FunctionCall => block.calls.push(instruction[3]),
                        Op::Branch => block.next.push(instruction[1]),
                        Op::BranchConditional => match known.get(&instruction[1]) {
                            Some(true) => block.next.push(instruction[2]),
                            Some(false) => block.next.push(instruction[3]),
                            None => block.next.extend(&instruction[2..4]),
                        },
                        // The default, and a label behind each 32-bit value.
                        Op::Switch => block.next.extend(instruction[2..].iter().step_by(2)),
                        _ => {}
                    }
                    let width = instruction.get(1).and_then(|result| lanes.get(result)).copied().unwrap_or(1);
                    block.own += cost(op, width);
                }
            }
        }
        let names =
            all_names.into_iter().filter(|(id, _)| functions.contains_key(id)).map(|(id, name)| (name, id)).collect();
        Self { functions, names }
    }

    fn of(&self, name: &str) -> Operations {
        self.total(*self.names.get(name).unwrap_or_else(|| panic!("no function {name} in {:?}", self.names.keys())))
    }

    /// What the blocks of a function do that can be reached, once each.
    fn total(&self, function: u32) -> Operations {
        let Function { entry, blocks } = &self.functions[&function];
        let (mut total, mut reached, mut left) = (Operations::default(), HashSet::new(), vec![*entry]);
        while let Some(label) = left.pop() {
            if reached.insert(label) {
                let block = &blocks[&label];
                total += block.own;
                left.extend(&block.next);
                for call in &block.calls {
                    total += self.total(*call);
                }
            }
        }
        total
    }
}

fn cost(op: Op, width: u32) -> Operations {
    match op {
        Op::IMul | Op::FMul | Op::UMulExtended | Op::SMulExtended => {
            Operations { products: width, ..Default::default() }
        }
        Op::Load => Operations { loads: 1, ..Default::default() },
        Op::Variable
        | Op::FunctionParameter
        | Op::FunctionCall
        | Op::Label
        | Op::Branch
        | Op::BranchConditional
        | Op::Return
        | Op::ReturnValue => Operations::default(),
        Op::SelectionMerge | Op::LoopMerge | Op::Switch | Op::Unreachable | Op::Phi | Op::Undef | Op::Line => {
            Operations::default()
        }
        Op::CompositeConstruct
        | Op::CompositeExtract
        | Op::VectorShuffle
        | Op::Bitcast
        | Op::CopyObject
        | Op::AccessChain => Operations::default(),
        Op::Store => Operations::default(),
        _ => Operations { others: width, ..Default::default() },
    }
}

fn program(kernel: Kernel, products: Products, table: Table) -> Program {
    let source = kernel.source(products, table);
    let module = naga::front::wgsl::parse_str(&source).expect("valid");
    let capabilities = match products {
        Products::Native => Capabilities::SHADER_INT64,
        Products::Portable => Capabilities::empty(),
        other => panic!("{other:?} is not known here"),
    };
    let info = Validator::new(ValidationFlags::all(), capabilities).validate(&module).expect("valid");
    let point = Some((naga::ShaderStage::Compute, Kernel::ENTRY_POINT));
    let (module, info) = naga::back::pipeline_constants::process_overrides(
        &module,
        &info,
        point,
        &naga::back::PipelineConstants::default(),
    )
    .expect("resolved");
    // As wgpu sets them on a device that checks buffers itself.
    let policies = BoundsCheckPolicies { index: BoundsCheckPolicy::Restrict, ..Default::default() };
    let flags = spv::WriterFlags::DEBUG | spv::WriterFlags::LABEL_VARYINGS;
    let options = spv::Options { flags, bounds_check_policies: policies, ..Default::default() };
    Program::read(&spv::write_vec(&module, &info, &options, None).expect("SPIR-V"))
}

/// The record as it is now: a line for each kernel.
fn record() -> String {
    let mut text = String::new();
    for products in [Products::Native, Products::Portable] {
        for dtype in DType::ALL.iter().copied() {
            for kernel in [Kernel::FillUniform(dtype), Kernel::FillNormal(dtype), Kernel::FillTruncated(dtype)] {
                for table in [Table::Workgroup, Table::Uniform] {
                    if !kernel.uses_table() && table != Table::Workgroup {
                        continue;
                    }
                    let program = program(kernel, products, table);
                    let group = program.of("draw_group");
                    let elements = 16 / dtype.size();
                    let line = format!("{} {products:?} {table:?} group", kernel.name());
                    let Operations { products, others, loads } = group;
                    writeln!(text, "{line} {elements} elements: {products} + {others} + {loads}").expect("text");
                }
            }
        }
    }
    text
}

#[test]
fn no_kernel_does_more_than_the_record_says() {
    let record = record();
    let said: Vec<&str> = RECORD.lines().filter(|line| !line.starts_with('#')).collect();
    let now: Vec<&str> = record.lines().collect();
    assert!(said == now, "tests/data/spirv_operations.txt differs; if the change is wanted, its lines are\n{record}");
}

/// Ten rounds of two products each: what is counted is all that is done.
#[test]
fn a_block_has_the_products_that_philox_has() {
    let native = program(Kernel::FillUniform(DType::F32), Products::Native, Table::Workgroup);
    let portable = program(Kernel::FillUniform(DType::F32), Products::Portable, Table::Workgroup);
    // The multiples of the Weyl constants are naga's work, not the device's; a wide product in halves takes five.
    assert_eq!(native.of("philox4x32_10").products, 10 * 2);
    assert_eq!(portable.of("philox4x32_10").products, 10 * 2 * 5);
    // A group of four elements is one block and a product for each of them and its place: not the two blocks more that stand
    // behind `aligned`.
    assert!(native.of("draw_group").products < 2 * 10 * 2);
}
