//! `init` and `verify` of parts of a model: `--part` and `--shard`.

use super::{failure, run, stdout};
use safetensors::SafeTensors;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Shape and bytes of each tensor of a file.
pub(super) type Tensors = BTreeMap<String, Tensor>;
pub(super) type Tensor = (Vec<usize>, Vec<u8>);

pub(super) fn read(path: &Path) -> Tensors {
    let bytes = std::fs::read(path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let of = |(name, view): (String, safetensors::tensor::TensorView<'_>)| {
        (name, (view.shape().to_vec(), view.data().to_vec()))
    };
    tensors.tensors().into_iter().map(of).collect()
}

/// The box of a tensor, one element after the other.
fn cut((shape, bytes): &Tensor, ranges: &[Range<usize>]) -> Vec<u8> {
    let size = bytes.len() / shape.iter().product::<usize>();
    let mut places = vec![0];
    for (range, length) in ranges.iter().zip(shape) {
        places = places.iter().flat_map(|place| range.clone().map(move |at| place * length + at)).collect();
    }
    places.into_iter().flat_map(|place| bytes[place * size..(place + 1) * size].to_vec()).collect()
}

/// Files along an axis, as `torch.cat` puts them together.
fn concatenated(parts: &[&Tensor], axis: usize) -> Tensor {
    let mut shape = parts[0].0.clone();
    shape[axis] = parts.iter().map(|(shape, _)| shape[axis]).sum();
    let outer: usize = shape[..axis].iter().product();
    let row = |part: &&Tensor, at: usize| {
        let length = part.1.len() / outer;
        part.1[at * length..(at + 1) * length].to_vec()
    };
    let bytes = (0..outer).flat_map(|at| parts.iter().flat_map(move |part| row(part, at))).collect();
    (shape, bytes)
}

/// A model with everything that is special about some tensor: a tie, rows of their own, whole matrices, integers, f64, 16 bits of odd
/// lengths, values that the host computes.
pub(super) struct Files {
    folder: tempfile::TempDir,
}

pub(super) const LIST: &str = r#"{"tensors": {
    "emb.weight": {"dtype": "F32", "shape": [50, 12]}, "head.weight": {"dtype": "F32", "shape": [50, 12]},
    "q.weight": {"dtype": "BF16", "shape": [9, 7]}, "k.weight": {"dtype": "F16", "shape": [9, 7]},
    "gates.weight": {"dtype": "F16", "shape": [8, 5, 3]}, "uniform.weight": {"dtype": "BF16", "shape": [33, 35]},
    "position_ids": {"dtype": "I64", "shape": [2, 11]}, "mask": {"dtype": "BOOL", "shape": [6, 4]},
    "wide": {"dtype": "F64", "shape": [5, 6]}, "sinusoids": {"dtype": "F32", "shape": [10, 8]},
    "norm": {"dtype": "F32", "shape": [13]}, "scale": {"dtype": "F32", "shape": []}
}}"#;

const RULES: &str = r#"rule = [
    { name = "emb.weight", init = "normal(0, 1)", padding_row = 1 },
    { name = "head.weight", tie = "emb.weight" },
    { name = "q.weight", init = "orthogonal" },
    { name = "k.weight", init = "sparse(0.5, 0.1)" },
    { name = "gates.weight", init = "xavier_uniform", parts = [{ rows = [0, 2], init = "ones" }, { rows = [4, 6], init = "kaiming_normal" }] },
    { name = "position_ids", init = "arange", dtype = "i64" },
    { name = "mask", init = "ones", dtype = "bool" },
    { name = "sinusoids", init = "sinusoids(10000)" },
    { name = ["norm", "scale", "uniform.weight"], init = "uniform(-1, 1)" },
    { name = "*", init = "normal(0, 1)" },
]"#;

pub(super) const RANKS: usize = 3;
/// Pattern, and the axis that is cut.
const CUTS: [(&str, i32); 3] = [("*.weight", 1), ("{position_ids,mask,wide,sinusoids}", -1), ("norm", 0)];

impl Files {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("model.json"), LIST).unwrap();
        std::fs::write(folder.path().join("rules.toml"), RULES).unwrap();
        Self { folder }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// The model and how it is initialised.
    pub(super) fn scheme(&self) -> Vec<String> {
        [&self.text("model.json"), "--rules", &self.text("rules.toml"), "--seed", "5"].map(str::to_owned).to_vec()
    }

    pub(super) fn init(&self, out: &str, device: &str, more: &[String]) -> PathBuf {
        let rest = ["--overwrite", "--device", device, "-o", &self.text(out)].map(str::to_owned);
        stdout(["init".to_owned()].iter().chain(&self.scheme()).chain(&rest).chain(more));
        self.path(out)
    }
}

pub(super) fn shards(rank: usize) -> Vec<String> {
    CUTS.iter().flat_map(|(pattern, axis)| ["--shard".to_owned(), format!("{pattern}={axis}:{rank}/{RANKS}")]).collect()
}

#[test]
fn shards_put_together_are_the_whole_on_cpu_and_gpu() {
    let files = Files::new();
    let whole = read(&files.init("whole.safetensors", "cpu", &[]));
    let file = |device: &str, rank: usize| files.init(&format!("{device}{rank}.safetensors"), device, &shards(rank));
    let paths: Vec<PathBuf> = (0..RANKS).map(|rank| file("cpu", rank)).collect();
    let ranks: Vec<Tensors> = paths.iter().map(|path| read(path)).collect();
    for (name, tensor) in &whole {
        let parts: Vec<_> = ranks.iter().map(|rank| &rank[name]).collect();
        if name == "scale" {
            assert!(parts.iter().all(|part| *part == tensor), "{name} is whole");
            continue;
        }
        assert!(concatenated(&parts, usize::from(name != "norm")) == *tensor, "{name}");
    }
    let widths = |name: &str| ranks.iter().map(|rank| rank[name].0[1]).collect::<Vec<_>>();
    assert_eq!((widths("q.weight"), widths("position_ids")), (vec![3, 3, 1], vec![4, 4, 3]), "as torch.chunk cuts");
    // The last one: of odd widths, and of some tensors nothing is left for it.
    assert!(std::fs::read(file("gpu", 2)).unwrap() == std::fs::read(&paths[2]).unwrap());
}

/// From what the file says, and from what the command line says where the file says nothing.
#[test]
fn shards_are_verified_on_cpu_and_gpu() {
    let files = Files::new();
    let path = files.init("part.safetensors", "cpu", &shards(1));
    let verify = |device: &str| ["verify", path.to_str().unwrap(), "--device", device].map(str::to_owned).to_vec();
    for device in ["cpu", "gpu"] {
        let says = stdout(verify(device));
        assert!(says.contains("12 tensors (11 in part)") && says.contains("(of 2,771)"), "{says}");
    }
    let bytes = std::fs::read(&path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    std::fs::write(&path, safetensors::serialize(tensors.tensors(), None).unwrap()).unwrap();
    assert!(failure(verify("cpu")).contains("cannot be verified without --model"));
    let told =
        |device: &str, rank: usize| [verify(device), vec!["--model".to_owned()], files.scheme(), shards(rank)].concat();
    stdout(told("cpu", 1));
    let other = failure(told("cpu", 0));
    assert!(other.contains("differs: tensor "), "{other}");
}

/// More than one chunk, none of which ends where a row does.
#[test]
fn large_parts_are_drawn_in_chunks() {
    let files = Files::new();
    std::fs::write(
        files.path("model.json"),
        r#"{"tensors": {"w": {"dtype": "F32", "shape": [9001, 1999]}, "e": {"dtype": "BF16", "shape": [3, 700, 701]}}}"#,
    )
    .unwrap();
    let whole = read(&files.init("whole.safetensors", "cpu", &[]));
    for device in ["cpu", "gpu"] {
        let parts = ["--part", "w=1:,998:", "--part", "e=1:,:,3:-2"].map(str::to_owned);
        let part = read(&files.init("part.safetensors", device, &parts));
        assert_eq!(part["w"].0, [9000, 1001]);
        assert!(part["w"].1 == cut(&whole["w"], &[1..9001, 998..1999]), "{device}");
        assert!(part["e"].1 == cut(&whole["e"], &[1..3, 0..700, 3..699]), "{device}");
    }
    stdout(["verify", &files.text("part.safetensors"), "--device", "cpu"]);
}

/// As in a file of rules. The order is that of the command line, whichever option it is.
#[test]
fn the_first_pattern_that_matches_decides() {
    let files = Files::new();
    let whole = read(&files.init("whole.safetensors", "cpu", &[]));
    let asked = ["--shard", "q.*=0:1/2,1:0/2", "--part", "*.weight=-2:", "--shard", "k.*=1:0/2", "--part", "norm=3"];
    let output = run(["init".to_owned()].iter().chain(&files.scheme()).chain(
        &[&asked[..], &["--device", "cpu", "-o", &files.text("part.safetensors")]]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>(),
    ));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("--shard 'k.*=1:0/2' decides nothing"), "{stderr}");
    let part = read(&files.path("part.safetensors"));
    for (name, ranges) in [
        ("q.weight", &[5..9, 0..4][..]),
        ("k.weight", &[7..9, 0..7]),
        ("gates.weight", &[6..8, 0..5, 0..3]),
        ("wide", &[0..5, 0..6]),
    ] {
        let shape: Vec<usize> = ranges.iter().map(Range::len).collect();
        assert_eq!(part[name], (shape, cut(&whole[name], ranges)), "{name}");
    }
    assert_eq!(part["norm"].1, whole["norm"].1[12..16]);
    // A part that is everything is the whole, to the last byte of the file.
    files.init("all.safetensors", "cpu", &["--part", "*.weight=:", "--shard", "wide=1:0/1"].map(str::to_owned));
    assert!(
        std::fs::read(files.path("all.safetensors")).unwrap()
            == std::fs::read(files.path("whole.safetensors")).unwrap()
    );
}

#[test]
fn a_shard_without_elements_is_written_and_verified() {
    let files = Files::new();
    let path = files.init("part.safetensors", "cpu", &["--shard".to_owned(), "q.weight=1:6/7,0:5/6".to_owned()]);
    assert_eq!(read(&path)["q.weight"], (vec![0, 1], vec![]), "of chunks of 2 rows the fifth is the last with any");
    stdout(["verify", path.to_str().unwrap(), "--device", "cpu"]);
}

#[test]
fn a_flipped_bit_of_a_part_is_found() {
    let files = Files::new();
    let path = files.init("part.safetensors", "cpu", &shards(1));
    let bytes = std::fs::read(&path).unwrap();
    let starts: Vec<(String, usize)> = SafeTensors::deserialize(&bytes)
        .unwrap()
        .tensors()
        .into_iter()
        .map(|(name, view)| (name, view.data().as_ptr() as usize - bytes.as_ptr() as usize))
        .collect();
    for (name, start) in starts {
        let mut changed = bytes.clone();
        changed[start] ^= 1;
        std::fs::write(&path, changed).unwrap();
        let said = failure(["verify", path.to_str().unwrap(), "--device", "cpu"]);
        assert!(said.contains(&format!("tensor {name}, element 0 [")), "{said}");
        if name == "uniform.weight" {
            assert!(said.contains("element 0 [0, 0] of its part [:, 12:24] of [33, 35]: the file holds"), "{said}");
        }
    }
}

#[test]
fn parts_that_are_none_say_why() {
    let files = Files::new();
    let asked = |more: &[&str]| {
        let rest = ["--device", "cpu", "--no-write"];
        let all: Vec<String> = rest.iter().chain(more).map(|text| (*text).to_owned()).collect();
        failure(["init".to_owned()].iter().chain(&files.scheme()).chain(&all))
    };
    for (arguments, says) in [
        (
            ["--shard", "q.weight=2:0/2"],
            "--shard 'q.weight=2:0/2' for the tensor q.weight of the shape [9, 7]: axis 2 of a tensor of rank 2",
        ),
        (["--shard", "*=0:0/2"], "the tensor scale of the shape []: axis 0 of a tensor of rank 0"),
        (["--shard", "q.weight=1:2/2"], "shard 2 of 2: there must be one shard at least, and they are counted from 0"),
        (["--shard", "q.weight=1:0/0"], "shard 0 of 0"),
        (["--shard", "q.weight=1"], "is no shard; write AXIS:RANK/RANKS"),
        (["--shard", "q.weight=-3:0/2"], "axis -3 of a tensor of rank 2: the first one is axis -2"),
        (["--shard", "0:1/2"], "it has no ="),
        (["--shard", "=0:1/2"], "--shard '=0:1/2': no tensor has such a name"),
        (["--shard", "q.wieght=1:0/2"], "There are:\n  |   emb.weight\n  |   head.weight"),
        (["--shard", "layers.*=1:0/2"], "and 2 more"),
        (["--shard", "[=1:0/2"], "glob"),
        (["--part", "q.weight=:,7"], "\"7\" of axis 1 of the shape [9, 7]: positions must be in order and inside 0:7"),
        (["--part", "q.weight=:,:,:"], "the shape [9, 7] has 2 axes"),
        (["--part", "q.weight=::2"], "has a step"),
        (["--part", "q.weight"], "it has no ="),
    ] {
        let text = asked(&arguments);
        assert!(text.contains(says), "{arguments:?}: {text}");
    }
    // What rules skip is not in the file, so that a pattern is for nothing there.
    std::fs::write(
        files.path("rules.toml"),
        "rule = [{ name = \"norm\", skip = true }, { name = \"*\", init = \"zeros\" }]",
    )
    .unwrap();
    assert!(asked(&["--shard", "norm=0:0/2"]).contains("no tensor has such a name"));
}

/// Options that describe a file stand beside the model that they are of.
#[test]
fn a_file_is_told_or_read() {
    let files = Files::new();
    let path = files.init("part.safetensors", "cpu", &shards(0));
    let path = path.to_str().unwrap();
    for told in
        [["--shard", "norm=0:0/3"], ["--part", "norm=:5"], ["--seed", "5"], ["--init", "zeros"], ["--dtype", "f32"]]
    {
        let said = failure(["verify", path, "--device", "cpu"].iter().chain(&told));
        assert!(said.contains("--model"), "{told:?}: {said}");
    }
    let told = |model: &str, more: &[String]| {
        std::fs::write(files.path("model.json"), model).unwrap();
        failure(
            ["verify", path, "--device", "cpu", "--model"].map(str::to_owned).iter().chain(&files.scheme()).chain(more),
        )
    };
    let said = told(LIST, &[]);
    assert!(said.contains("tensor position_ids: the file has I64 [2, 4], the model I64 [2, 11]"), "{said}");
    let said = told(&LIST.replace("\"scale\"", "\"scala\""), &shards(0));
    assert!(said.contains("tensor scale: the file has it, F32 [], and the model does not"), "{said}");
    let more = LIST.replace("\"scale\"", "\"more\": {\"dtype\": \"F32\", \"shape\": [2]}, \"scale\"");
    let said = told(&more, &shards(0));
    assert!(said.contains("tensor more: the file lacks it, the model has F32 [2]"), "{said}");
}

/// Metadata are anybody's.
#[test]
fn metadata_of_parts_are_checked() {
    let files = Files::new();
    std::fs::write(files.path("model.json"), r#"{"tensors": {"w": {"dtype": "F32", "shape": [9, 7]}}}"#).unwrap();
    let path = files.init("part.safetensors", "cpu", &["--part".to_owned(), "w=2:4".to_owned()]);
    let bytes = std::fs::read(&path).unwrap();
    let start = 8 + usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..start]).unwrap();
    assert_eq!(header["__metadata__"]["wgpu_init.shards"], r#"{"w":{"shape":[9,7],"ranges":[[2,4],[0,7]]}}"#);
    for (shards, says) in [
        (
            r#"{"w":{"shape":[9,7],"ranges":[[2,5],[0,7]]}}"#,
            "tensor w: the file has the shape [2, 7], wgpu_init.shards in its metadata say [3, 7]",
        ),
        (r#"{"w":{"shape":[9,7],"ranges":[[8,10],[0,7]]}}"#, "tensor w: positions 8..10 of axis 0"),
        (r#"{"w":{"shape":[9,7],"ranges":[[4,2],[0,7]]}}"#, "tensor w: positions 4..2 of axis 0"),
        (r#"{"w":{"shape":[9,7],"ranges":[[2,4]]}}"#, "a part of 1 ranges of a tensor of rank 2"),
        (r#"{"w":{"shape":[9,7,1],"ranges":[[2,4],[0,7],[0,1]]}}"#, "the file has the shape [2, 7]"),
        (r#"{"w":{"shape":[4294967296,4294967296,7],"ranges":[[2,4],[0,1],[0,7]]}}"#, "tensor w"),
        (r#"{"v":{"shape":[9,7],"ranges":[[2,4],[0,7]]}}"#, "the file lacks the tensor \"v\""),
        (r#"{"w":{"shape":[9,7]}}"#, "wgpu_init.shards in the metadata: missing field `ranges`"),
        ("[]", "wgpu_init.shards in the metadata"),
        // Right in itself: another part of the same shape. The digest of the header knows.
        (r#"{"w":{"shape":[9,7],"ranges":[[3,5],[0,7]]}}"#, "the file is not what was written"),
    ] {
        let mut header = header.clone();
        header["__metadata__"]["wgpu_init.shards"] = shards.into();
        let header = header.to_string();
        std::fs::write(&path, [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &bytes[start..]].concat())
            .unwrap();
        let said = failure(["verify", path.to_str().unwrap(), "--device", "cpu"]);
        assert!(said.contains(says), "{shards}: {said}");
    }
}

/// The files of the other ranks are as many jobs: one is not lost for a name that was not changed.
#[test]
fn another_part_is_not_replaced_unless_asked() {
    let files = Files::new();
    let init = |more: &[String]| {
        let out = ["--device", "cpu", "-o", &files.text("part.safetensors")].map(str::to_owned);
        run(["init".to_owned()].iter().chain(&files.scheme()).chain(&out).chain(more))
    };
    for again in [shards(0), shards(0)] {
        assert!(init(&again).status.success());
    }
    for other in [shards(1), Vec::new()] {
        let said = String::from_utf8(init(&other).stderr).unwrap();
        assert!(said.contains("replaced only with --overwrite: it holds other parts of the model"), "{said}");
    }
}

#[test]
fn inspect_says_what_a_part_is_of() {
    let files = Files::new();
    let path = files.init("part.safetensors", "cpu", &shards(2));
    let path = path.to_str().unwrap();
    let text = stdout(["inspect", path]);
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(line("uniform.weight").ends_with("  [:, 24:35] of [33, 35]"), "{text}");
    assert!(
        line("gates.weight").contains("8x1x3") && line("gates.weight").ends_with("[:, 4:5, :] of [8, 5, 3]"),
        "{text}"
    );
    assert!(!line("scale").contains(" of "), "{text}");
    assert!(text.contains("12 tensors (11 in part)") && text.contains("(of 2,771)"), "{text}");
    // Its shapes are no model's.
    let said = failure(["init", path, "--init", "zeros", "--no-write"]);
    assert!(said.contains("holds parts of a model's tensors"), "{said}");
}
