//! Views on the CPU: whatever boxes a tensor is cut into and wherever they lie, its elements are those of the whole, and no other byte is
//! touched.

mod support;

use serde_json::Value;
use support::partition::{Dice, Partition, partition};
use wgpu_init::scheme::{FanMode, Nonlinearity};
use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Part, Seed, Shape, View};

const POISON: u8 = 0xA5;

fn check(partition: &Partition) {
    let mut target = vec![POISON; usize::try_from(partition.size).expect("small")];
    let done = CpuExecutor::new().run_in(&mut target, &partition.parts);
    assert_eq!(done, Ok(()), "{}", partition.what);
    let expected = partition.expected(POISON);
    let differs = (0..target.len()).find(|at| target[*at] != expected[*at]);
    assert_eq!(differs, None, "{}: the first byte that differs", partition.what);
}

#[test]
fn parts_of_any_tensor_in_any_memory_are_those_of_the_whole() {
    let mut dice = Dice::new(1);
    for _ in 0..3000 {
        check(&partition(&mut dice, DType::ALL));
    }
}

/// Negative control: another stride, fans of the part, one element too many, and a clobbered neighbour are seen.
#[test]
fn the_comparison_sees_what_would_be_wrong() {
    let shape = Shape::new([6, 16]).expect("a shape");
    let fill = |shape: &Shape| {
        let init = Initializer::kaiming_uniform(FanMode::FanIn, Nonlinearity::Linear);
        Fill::new(shape.clone(), init).expect("a matrix").named(Seed::new(1), "w").dtype(DType::Bf16)
    };
    let columns = |columns| View::new(&shape).part(1, columns).expect("inside");
    let run = |fill: Fill| {
        let mut bytes = [POISON; 256];
        CpuExecutor::new().run([(&mut bytes, fill)]).expect("a fill");
        bytes
    };
    let right = run(fill(&shape).view(columns(3..8)));
    for (what, wrong) in [
        ("another stride", fill(&shape).view(columns(3..8).pitch(6))),
        ("other columns", fill(&shape).view(columns(4..9))),
        ("a column too many", fill(&shape).view(columns(3..9))),
        ("fans of the part", fill(&Shape::new([6, 5]).expect("a shape"))),
        ("a place beside", fill(&shape).view(columns(3..8)).at(2)),
    ] {
        assert!(run(wrong) != right, "{what}");
    }
    assert!(run(fill(&shape).view(columns(3..8))) == right);
}

fn json() -> Value {
    serde_json::from_str(include_str!("data/dtensor.json")).expect("JSON")
}

fn numbers(value: &Value) -> Vec<u64> {
    value.as_array().expect("a list").iter().map(|number| number.as_u64().expect("a number")).collect()
}

/// The box that each process of a mesh holds, by `torch.distributed`.
#[test]
fn shards_are_those_of_dtensor_and_fully_shard() {
    let json = json();
    let cases = ["distribute_tensor", "fully_shard"].map(|key| json[key].as_array().expect("cases"));
    let mut boxes = 0;
    for case in cases.into_iter().flatten() {
        let (mesh, shape) = (numbers(&case["mesh"]), Shape::new(numbers(&case["shape"])).expect("a shape"));
        for rank in case["ranks"].as_array().expect("ranks") {
            let mut view = View::new(&shape);
            let placements = case["placements"].as_array().expect("placements");
            for ((placement, at), of) in placements.iter().zip(numbers(&rank["at"])).zip(&mesh) {
                let placement = placement.as_str().expect("a text");
                if let Some(axis) = placement.strip_prefix("Shard(") {
                    let axis = axis.trim_end_matches(')').parse().expect("an axis");
                    view = view.shard(axis, at, *of).expect("a shard");
                } else {
                    assert_eq!(placement, "Replicate()", "{case}");
                }
            }
            let ranges = view.ranges();
            let sizes: Vec<u64> = ranges.iter().map(|range| range.end - range.start).collect();
            assert_eq!(sizes, numbers(&rank["shape"]), "{case}: {rank}");
            if let Some(expected) = rank["box"].as_array() {
                let got: Vec<Vec<u64>> = ranges.iter().map(|range| vec![range.start, range.end]).collect();
                assert_eq!(got, expected.iter().map(numbers).collect::<Vec<_>>(), "{case}: {rank}");
                boxes += 1;
            }
        }
    }
    assert!(boxes > 50, "{boxes} boxes");
}

/// `torch.chunk`, which leaves out empty parts, and `torch.tensor_split`.
#[test]
fn axes_are_split_as_torch_does() {
    for case in json()["split"].as_array().expect("cases") {
        let (size, parts) = (case["size"].as_u64().expect("a size"), case["parts"].as_u64().expect("a number"));
        let view = View::new(&Shape::new([size]).expect("a shape"));
        let ranges = |shard: &dyn Fn(View, u64) -> View| -> Vec<Vec<u64>> {
            let range = |number| shard(view.clone(), number).ranges()[0].clone();
            (0..parts).map(range).map(|range| vec![range.start, range.end]).collect()
        };
        let expected =
            |key: &str| -> Vec<Vec<u64>> { case[key].as_array().expect("a list").iter().map(numbers).collect() };
        let chunks = ranges(&|view, number| view.shard(0, number, parts).expect("a shard"));
        let (full, empty) = chunks.split_at(expected("chunk").len());
        assert_eq!(full, expected("chunk"), "{case}");
        assert!(empty.iter().all(|range| range[0] == range[1]), "{case}: {empty:?}");
        let balanced = ranges(&|view, number| view.shard_balanced(0, number, parts).expect("a shard"));
        assert_eq!(balanced, expected("tensor_split"), "{case}");
    }
}

/// Blocks of rows with laws and fans of their own, as gates and fused projections have, in a shard of columns and transposed.
#[test]
fn blocks_of_rows_keep_their_laws_in_a_view() {
    let (dims, gate) = ([16, 6], Initializer::orthogonal(1.0));
    let shape = Shape::new(dims).expect("a shape");
    let rest = Initializer::xavier_normal(1.0).distribution(&shape).expect("a matrix");
    let parts = Part::blocks(&shape, [(4..8, gate), (8..12, Initializer::ones())]).expect("blocks");
    let stretches = Part::cover(&parts, rest, shape.elements());
    let fills = Part::fills(&stretches, 96, &(0..96), 0, |fill| fill.named(Seed::new(3), "weight_hh_l0"));
    assert_eq!(fills.len(), 4);
    let mut whole = [0f32; 96];
    CpuExecutor::new().run_in(&mut whole, &fills).expect("fills");
    let view = View::new(&shape).part(1, 2..5).expect("columns").permuted([1, 0]).expect("an order");
    let mut columns = [0f32; 48];
    let of_view = fills.into_iter().map(|fill| fill.view(view.clone()).at(0));
    CpuExecutor::new().run_in(&mut columns, of_view).expect("fills of a view");
    let expected: Vec<f32> = (2..5)
        .flat_map(|column| (0..16).map(move |row| (row, column)))
        .map(|(row, column): (usize, usize)| whole[row * 6 + column])
        .collect();
    assert_eq!(columns[..], expected);
}
