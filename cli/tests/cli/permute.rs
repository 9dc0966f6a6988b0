//! `init` and `verify` of tensors whose axes lie in another order than the model has them: `--permute`, also of parts.

use super::shards::{Files, RANKS, Tensor, read, shards};
use super::{failure, run, stdout};
use std::ops::Range;

/// Of every tensor that has more than one axis: as engines store matrices, and some order of three.
const ORDERS: [&str; 3] = ["gates.weight=2,0,1", "*.weight=1,0", "{position_ids,mask,wide,sinusoids}=1,0"];

fn orders() -> Vec<String> {
    ORDERS.iter().flat_map(|order| ["--permute".to_owned(), (*order).to_owned()]).collect()
}

fn order(name: &str) -> &'static [usize] {
    match name {
        "gates.weight" => &[2, 0, 1],
        "norm" => &[0],
        "scale" => &[],
        _ => &[1, 0],
    }
}

/// A box of a tensor with its axes in another order, one element after the other.
fn held((shape, bytes): &Tensor, ranges: &[Range<usize>], order: &[usize]) -> Tensor {
    let size = bytes.len().checked_div(shape.iter().product()).unwrap_or(0);
    let mut places = vec![0];
    for axis in order {
        let step: usize = shape[axis + 1..].iter().product();
        places = places.iter().flat_map(|place| ranges[*axis].clone().map(move |at| place + at * step)).collect();
    }
    let bytes = places.into_iter().flat_map(|place| bytes[place * size..(place + 1) * size].to_vec()).collect();
    (order.iter().map(|axis| ranges[*axis].len()).collect(), bytes)
}

fn all((shape, _): &Tensor) -> Vec<Range<usize>> {
    shape.iter().map(|length| 0..*length).collect()
}

fn with_dtype(dtype: &str, more: &[String]) -> Vec<String> {
    [&["--dtype".to_owned(), dtype.to_owned()], more].concat()
}

#[test]
fn a_permuted_file_is_the_whole_one_transposed_on_cpu_and_gpu() {
    let files = Files::new();
    for dtype in ["keep", "f16", "f8_e4m3fn", "f8_e5m2"] {
        let whole = read(&files.init("whole.safetensors", "cpu", &with_dtype(dtype, &[])));
        let path = files.init("cpu.safetensors", "cpu", &with_dtype(dtype, &orders()));
        let permuted = read(&path);
        for (name, tensor) in &whole {
            assert!(permuted[name] == held(tensor, &all(tensor), order(name)), "{dtype} {name}");
        }
        assert_eq!(permuted["gates.weight"].0, [3, 8, 5]);
        let says = stdout(["verify", path.to_str().unwrap(), "--device", "cpu"]);
        assert!(says.contains("12 tensors (10 permuted), 2,771 parameters, "), "{says}");
        // Elements of 32, 16 and 64 bits, and of 8: what else there is differs on the host alone.
        if ["keep", "f8_e4m3fn"].contains(&dtype) {
            let other = files.init("gpu.safetensors", "gpu", &with_dtype(dtype, &orders()));
            assert!(std::fs::read(other).unwrap() == std::fs::read(&path).unwrap(), "{dtype}");
        }
    }
}

/// The box is in the axes of the model, and only then permuted.
#[test]
fn a_permuted_shard_is_that_of_the_whole() {
    let files = Files::new();
    let whole = read(&files.init("whole.safetensors", "cpu", &[]));
    for rank in 0..RANKS {
        let plain = read(&files.init("plain.safetensors", "cpu", &shards(rank)));
        let path = files.init("rank.safetensors", "cpu", &[shards(rank), orders()].concat());
        let permuted = read(&path);
        for (name, part) in &plain {
            assert!(permuted[name] == held(part, &all(part), order(name)), "{name}");
        }
        stdout(["verify", path.to_str().unwrap(), "--device", "cpu"]);
        // What stands in the file's metadata can be said instead.
        let model = ["verify", path.to_str().unwrap(), "--device", "cpu", "--model"].map(str::to_owned);
        stdout([&model[..], &files.scheme(), &shards(rank), &orders()].concat());
        let said = failure([&model[..], &files.scheme(), &shards(rank)].concat());
        assert!(said.contains("differs: tensor "), "{said}");
    }
    let asked = ["--permute", "q.*=1,0", "--part", "q.*=2:4,1:", "--permute", "*.weight=0,1"].map(str::to_owned);
    let said = run(["init".to_owned()].iter().chain(&files.scheme()).chain(&asked).chain(&["--no-write".to_owned()]));
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("--permute '*.weight=0,1' for the tensor gates.weight of the shape [8, 5, 3]"), "{said}");
    let asked = [&asked[..4], &["--permute".to_owned(), "?.weight=0,1".to_owned()]].concat();
    let part = read(&files.init("part.safetensors", "cpu", &asked));
    assert!(part["q.weight"] == held(&whole["q.weight"], &[2..4, 1..7], &[1, 0]), "the first pattern decides");
    assert!(part["k.weight"] == whole["k.weight"]);
}

/// More than one chunk, none of which ends where a column does.
#[test]
fn large_matrices_are_transposed_in_chunks() {
    let files = Files::new();
    std::fs::write(
        files.path("model.json"),
        r#"{"tensors": {"w": {"dtype": "F32", "shape": [9001, 1999]}, "e": {"dtype": "BF16", "shape": [3, 700, 701]}}}"#,
    )
    .unwrap();
    let whole = read(&files.init("whole.safetensors", "cpu", &[]));
    for device in ["cpu", "gpu"] {
        let asked = ["--part", "w=1:,998:", "--permute", "w=1,0", "--permute", "e=1,2,0"].map(str::to_owned);
        let permuted = read(&files.init("permuted.safetensors", device, &asked));
        assert!(permuted["w"] == held(&whole["w"], &[1..9001, 998..1999], &[1, 0]), "{device}");
        assert!(permuted["e"] == held(&whole["e"], &all(&whole["e"]), &[1, 2, 0]), "{device}");
    }
    stdout(["verify", &files.text("permuted.safetensors"), "--device", "cpu"]);
}

#[test]
fn orders_that_are_none_say_why() {
    let files = Files::new();
    for (order, says) in [
        (
            "q.weight=0,2",
            "--permute 'q.weight=0,2' for the tensor q.weight of the shape [9, 7]: tensor q.weight: the order [0, 2] of a tensor of rank \
             2: each axis from 0 on must be in it once",
        ),
        ("q.weight=1,1", "the order [1, 1] of a tensor of rank 2"),
        (
            "*.weight=1,0",
            "the tensor gates.weight of the shape [8, 5, 3]: the order [1, 0] has 2 axes, the tensor 3: narrow",
        ),
        (
            "q.weight=1,0,0",
            "the order [1, 0, 0] has 3 axes, the tensor 2: narrow the pattern, or say the order of such tensors",
        ),
        ("scale=0", "of the shape []: the order [0] has 1 axes, the tensor 0"),
        ("q.weight=1,x", "\"x\" is not an axis"),
        ("q.weight=1,-1", "\"-1\" is not an axis"),
        ("q.weight=", "\"\" is not an axis"),
        ("1,0", "it has no ="),
        ("q.wieght=1,0", "--permute 'q.wieght=1,0': no tensor has such a name"),
    ] {
        let end = ["--device", "cpu", "--no-write", "--permute", order].map(str::to_owned);
        let said = failure(["init".to_owned()].iter().chain(&files.scheme()).chain(&end));
        assert!(said.contains(says), "{order}: {said}");
    }
}

/// A file in another order is somebody's too: what reads it takes it for what it was.
#[test]
fn another_order_is_not_replaced_unless_asked() {
    let files = Files::new();
    let init = |more: &[String]| {
        let out = ["--device", "cpu", "-o", &files.text("permuted.safetensors")].map(str::to_owned);
        run(["init".to_owned()].iter().chain(&files.scheme()).chain(&out).chain(more))
    };
    let square = ["--permute", "k.weight=1,0"].map(str::to_owned);
    for again in [&square, &square] {
        assert!(init(again).status.success());
    }
    for other in [Vec::new(), ["--permute", "k.weight=1,0", "--permute", "q.weight=1,0"].map(str::to_owned).to_vec()] {
        let said = String::from_utf8(init(&other).stderr).unwrap();
        assert!(said.contains("replaced only with --overwrite"), "{said}");
        assert!(said.contains("it holds other parts of the model, or axes in another order"), "{said}");
    }
}

#[test]
fn inspect_and_a_difference_say_the_order() {
    let files = Files::new();
    let path = files.init("part.safetensors", "cpu", &[shards(1), orders()].concat());
    let text = stdout(["inspect", path.to_str().unwrap()]);
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(line("uniform.weight").contains(" 12x33 "), "{text}");
    assert!(line("uniform.weight").ends_with("  [:, 12:24] of [33, 35] permuted 1,0"), "{text}");
    assert!(line("norm").ends_with("  [5:10] of [13]"), "{text}");
    assert!(text.contains("12 tensors (11 in part, 10 permuted)"), "{text}");
    // Its shapes are no model's, of a file without parts too.
    let path = files.init("permuted.safetensors", "cpu", &orders());
    let path = path.to_str().unwrap();
    let said = failure(["init", path, "--init", "zeros", "--no-write"]);
    assert!(said.contains("or their axes in another order, and not the model's shapes"), "{said}");
    let mut bytes = std::fs::read(path).unwrap();
    // Of the last tensor by dtype and name that has bytes.
    let mask = 24;
    let at = bytes.len() - mask + 5;
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
    let said = failure(["verify", path, "--device", "cpu"]);
    assert!(said.contains("tensor mask, element 5 [0, 5] of [6, 4] permuted 1,0: the file holds"), "{said}");
}

/// Metadata are anybody's.
#[test]
fn metadata_of_orders_are_checked() {
    let files = Files::new();
    std::fs::write(files.path("model.json"), r#"{"tensors": {"w": {"dtype": "F32", "shape": [9, 7]}}}"#).unwrap();
    let asked = ["--part", "w=2:4", "--permute", "w=1,0"].map(str::to_owned);
    let path = files.init("part.safetensors", "cpu", &asked);
    let bytes = std::fs::read(&path).unwrap();
    let start = 8 + usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..start]).unwrap();
    let written = r#"{"w":{"shape":[9,7],"ranges":[[2,4],[0,7]],"order":[1,0]}}"#;
    assert_eq!(header["__metadata__"]["wgpu_init.shards"], written);
    let long = vec!["0"; 5000].join(",");
    for (order, says) in [
        ("[0,1]", "tensor w: the file has the shape [7, 2], wgpu_init.shards in its metadata say [2, 7]"),
        ("null", "the file has the shape [7, 2], wgpu_init.shards in its metadata say [2, 7]"),
        ("[1]", "the order [1] of a tensor of rank 2: each axis from 0 on must be in it once"),
        ("[1,1]", "the order [1, 1] of a tensor of rank 2"),
        ("[1,2]", "the order [1, 2] of a tensor of rank 2"),
        ("[1,0,0]", "the order [1, 0, 0] of a tensor of rank 2"),
        ("[]", "the order [] of a tensor of rank 2"),
        ("[1,-1]", "wgpu_init.shards in the metadata: invalid value: integer `-1`"),
        ("[1,18446744073709551616]", "wgpu_init.shards in the metadata"),
        ("\"1,0\"", "wgpu_init.shards in the metadata: invalid type: string"),
        (&*format!("[{long}]"), "the order [0, 0, 0, "),
    ] {
        let mut header = header.clone();
        header["__metadata__"]["wgpu_init.shards"] = written.replace("[1,0]", order).into();
        let header = header.to_string();
        std::fs::write(&path, [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &bytes[start..]].concat())
            .unwrap();
        let said = failure(["verify", path.to_str().unwrap(), "--device", "cpu"]);
        assert!(said.contains(says), "{order}: {said}");
    }
}
