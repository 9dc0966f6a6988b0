//! Folders of any number of processes: placements that anybody wrote, an index and a summary that anybody changed, files that broke off or were
//! changed and are taken up again. The parts of all ranks make each tensor once, and nothing that is damaged passes for complete.

use crate::target::edited;
use arbitrary::{Result, Unstructured};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::ControlFlow;
use wgpu_init::{DType, Initializer, Seed, Shape};
use wgpu_init_models::checkpoint::{
    self, Drawer, Folder, Header, Placements, Rank, Scheme, Source, State, Summary, Tensor, audit,
};
use wgpu_init_models::{Assignments, Parameter};

const PLACEMENTS: &str = r#"mesh = [2, 2]
[[placement]]
name = "a*"
place = ["shard(0)", "shard(-1)"]
[[placement]]
name = "b*"
place = ["replicate", "shard(0)"]
[[placement]]
name = "*"
place = ["replicate", "replicate"]
"#;
const WORDS: &[&str] = &[
    "\"shard(0)\"",
    "\"shard(1)\"",
    "\"shard(-1)\"",
    "\"shard(-9)\"",
    "\"replicate\"",
    "shard(",
    "mesh = [3]\n",
    "mesh = [4294967296, 4294967296, 2]\n",
    "[[placement]]\n",
    "name = \"*\"\n",
    "name = \"{a,b}.w\"\n",
    "place = [\"shard(0)\"]\n",
    "[",
    "]",
    ",",
    "\"",
    "*",
    "é",
];
const JSON_WORDS: &[&str] = &["null", "{}", "[]", "\"\"", ",", ":", "{", "}", "\"a0\"", "\"a1\": \"x\",", "é", " "];
/// Ranks of which all are planned.
const MOST_RANKS: u64 = 12;

/// What of an index is read; its metadata may be anything.
#[derive(serde::Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// A file that some rank has written.
struct Written {
    name: String,
    rank: u64,
    bytes: Vec<u8>,
}

pub(crate) fn target(bytes: &[u8]) {
    let _ = read(&mut Unstructured::new(bytes));
}

fn read(u: &mut Unstructured<'_>) -> Result<()> {
    let tensors = tensors(u)?;
    let scheme = Scheme::Init(Initializer::normal(0.0, 0.02));
    let source = Source { seed: Seed::new(u.arbitrary()?), member: u.arbitrary()?, scheme };
    let most = u.int_in_range(0..=2000)?;
    let text = edited(u, PLACEMENTS, WORDS)?;
    let is_sharded = u.ratio(2, 3)?;
    let placements: std::result::Result<Placements, _> = text.parse();
    let ranks = match &placements {
        Ok(placements) if is_sharded => placements.ranks(),
        _ if is_sharded => return Ok(()),
        _ => u.int_in_range(1..=MOST_RANKS)?,
    };
    let plan = |rank| {
        let rank = Rank::new(rank, ranks).expect("one of them");
        match &placements {
            Ok(placements) if is_sharded => Folder::sharded(tensors.clone(), source.clone(), placements, most, rank),
            _ => Folder::hugging_face(tensors.clone(), source.clone(), most, rank),
        }
    };
    if ranks > MOST_RANKS {
        let _ = (plan(0), plan(ranks - 1), plan(u.int_in_range(0..=ranks - 1)?));
        return Ok(());
    }
    let plans: Vec<_> = (0..ranks).map(plan).collect();
    let refused = plans.iter().filter(|plan| plan.is_err()).count() as u64;
    assert!(refused == 0 || refused == ranks, "{text}: {refused} of {ranks} ranks refuse it: {plans:?}");
    let Ok(plans) = plans.into_iter().collect::<checkpoint::Result<Vec<Folder>>>() else { return Ok(()) };
    let files = written(&plans);
    whole(u, &plans[0], &files, &text)?;
    damaged(u, &plans, &files)
}

/// Some small ones, empty ones and scalars among them.
fn tensors(u: &mut Unstructured<'_>) -> Result<Vec<Tensor>> {
    let mut parameters = Vec::new();
    for at in 0..u.int_in_range(0..=5)? {
        let mut dims = Vec::new();
        for _ in 0..u.int_in_range(0..=3)? {
            dims.push(u.int_in_range(0..=7)?);
        }
        let name = format!("{}{at}", u.choose(&["a", "b", "c.w"])?);
        parameters.push(Parameter::new(name, Shape::new(dims).expect("a shape")));
    }
    let init = Initializer::normal(0.0, 0.02);
    let all = Assignments::of_all(init, &parameters, &|_| true).expect("any shape has normals");
    let dtype = *u.choose(&[DType::F32, DType::Bf16])?;
    Ok(all.list.into_iter().map(|one| Tensor::new(one, dtype).expect("small")).collect())
}

/// What all ranks write.
fn written(plans: &[Folder]) -> Vec<Written> {
    let mut files = Vec::new();
    for (rank, folder) in (0..).zip(plans) {
        for file in folder.own() {
            let (mut bytes, mut drawer) = (Cursor::new(Vec::new()), Drawer::cpu(file.layout().largest_whole()));
            folder.write(file, &mut drawer, &mut bytes, &|_| ControlFlow::Continue(())).expect("it has room");
            files.push(Written { name: file.name().to_owned(), rank, bytes: bytes.into_inner() });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// Together they are the model, by their headers; and an index that says something else is noticed.
fn whole(u: &mut Unstructured<'_>, folder: &Folder, files: &[Written], text: &str) -> Result<()> {
    let headers: Vec<_> = files
        .iter()
        .map(|file| (file.name.clone(), Header::read(file.bytes.as_slice()).expect("what was written is read")))
        .collect();
    let index = folder.index().expect("a small one").map(|index| String::from_utf8(index).expect("JSON"));
    let found = audit(&headers, index.as_deref()).expect("our own files");
    assert!(found.is_empty(), "{text}: {found:?}");
    let names: Vec<String> = headers.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(folder.all_names(&names), Some(names), "{text}");
    if let Some(index) = index {
        let other = edited(u, &index, JSON_WORDS)?;
        let map = |text: &str| serde_json::from_str::<Index>(text).map(|index| index.weight_map);
        let is_fine = audit(&headers, Some(&other)).is_ok_and(|found| found.is_empty());
        assert!(!is_fine || map(&other).is_ok_and(|other| map(&index).is_ok_and(|map| map == other)), "{other}");
    }
    let sealed = |(name, header): &(String, Header)| (name.clone(), folder.sealed(header).expect("of this job"));
    let summary = Summary::new(folder, &headers.iter().map(sealed).collect::<Vec<_>>());
    let json = String::from_utf8(summary.to_json().expect("small")).expect("JSON");
    assert!(Summary::from_json(&json).is_ok_and(|again| again == summary), "{json}");
    if let Ok(other) = Summary::from_json(&edited(u, &json, JSON_WORDS)?) {
        let again = other.to_json().map(|json| String::from_utf8(json).expect("JSON"));
        assert!(again.is_ok_and(|json| Summary::from_json(&json).is_ok_and(|again| again == other)), "{json}");
    }
    Ok(())
}

/// What `--resume` finds: only the bytes that were written are complete.
fn damaged(u: &mut Unstructured<'_>, plans: &[Folder], files: &[Written]) -> Result<()> {
    for _ in 0..4 {
        let Written { name, rank, bytes } = u.choose(files)?;
        let mut other = bytes.clone();
        match u.int_in_range(0..=3)? {
            0 => other.truncate(u.int_in_range(0..=bytes.len())?),
            1 => other.extend(u.bytes(3)?),
            // Zeros from some place on, as a file that a machine lost has them.
            2 => {
                let from = u.int_in_range(0..=bytes.len())?;
                other[from..].fill(0);
            }
            _ => {
                let at = u.int_in_range(0..=bytes.len().saturating_sub(1))?;
                other[at] ^= u.arbitrary::<u8>()?;
            }
        }
        let folder = &plans[usize::try_from(*rank).expect("few")];
        let file = folder.own().find(|file| file.name() == name).expect("its own");
        let size = other.len() as u64;
        let state = folder.check(file, &mut other.as_slice(), size, &|_| ControlFlow::Continue(()));
        if matches!(state, Ok(State::Complete(_))) {
            let header = |bytes: &[u8]| Header::read(bytes).expect("a complete file");
            let start = bytes.len() - usize::try_from(file.layout().size()).expect("small");
            assert!(bytes[start..] == other[start..] && header(bytes) == header(&other), "{name} was changed");
        }
    }
    Ok(())
}
