//! The header of a checkpoint and its metadata: what anybody may have written into a file.

use crate::target::edited;
use arbitrary::{Result, Unstructured};
use std::io;
use std::ops::ControlFlow;
use std::sync::LazyLock;
use wgpu_init::{DType, Initializer, Seed, Shape};
use wgpu_init_models::checkpoint::{Drawer, Header, Layout, Origin, Scheme, Tensor, audit, parts, verify};
use wgpu_init_models::{Parameter, Rules};

const RULES: &str = r#"
[[rule]]
name = "parts"
init = "normal(0, 1)"
padding_row = 1
parts = [{ rows = [2, 6], init = "orthogonal(1)" }]
stream = "another"
[[rule]]
name = "count"
init = "arange"
dtype = "i64"
[[rule]]
name = "*"
init = "uniform(-1, 1)"
"#;
const WORDS: &[&str] = &[
    "null",
    "{}",
    "[]",
    "\"\"",
    "[0,0]",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\\\"",
    "\"F32\"",
    "\"BF16\"",
    "\"I64\"",
    "\"F4\"",
    "\"__metadata__\":{},",
    "\"wgpu_init.kept\":\"{}\",",
    "\"wgpu_init.shards\":\"{}\",",
    "\"wgpu_init.init\":\"zeros\",",
    "\"DCP_SHARDING_INFO\":\"{}\",",
    "\"data_offsets\":[0,8],",
    "é",
    " ",
];
/// Data that are drawn for a header that says so.
const MOST: u64 = 1 << 16;

/// A header with parts, permuted axes, integers, blocks and what is kept from elsewhere.
static LAYOUT: LazyLock<Layout> = LazyLock::new(|| {
    let shape = |dims: &[u64]| Shape::new(dims.to_vec()).expect("a shape");
    let names = [("parts", vec![7, 5]), ("large", vec![30, 20]), ("count", vec![3]), ("kept", vec![6, 2])];
    let parameters = names.map(|(name, dims)| Parameter::new(name, shape(&dims)));
    let rules: Rules = RULES.parse().expect("rules");
    let list = rules.assign(&parameters, &Default::default()).expect("they fit").list;
    let other = Layout::new(vec![tensor(Parameter::new("kept", shape(&[4, 2])))]).expect("small");
    let other = header(&other);
    let other = Header::read(other.as_slice()).expect("a header");
    let tensors = list.into_iter().map(|one| {
        let tensor = Tensor::new(one, DType::F32).expect("valid");
        match tensor.name() {
            "large" => tensor.permuted([1, 0]).and_then(|tensor| tensor.with_shard(&[3..9, 0..20])).expect("a part"),
            "kept" => tensor.keeping(&other.tensors()[0]).expect("rows"),
            _ => tensor,
        }
    });
    Layout::new(tensors.collect()).expect("small")
});

/// The same as a file has it.
static HEADER: LazyLock<String> = LazyLock::new(|| String::from_utf8(header(&LAYOUT)[8..].to_vec()).expect("JSON"));

/// With other metadata, and a digest that is theirs: whoever changes the ones can change the other.
fn with_other_metadata(u: &mut Unstructured<'_>) -> Result<String> {
    let mut metadata = origin(&LAYOUT).metadata().expect("metadata");
    let keys: Vec<String> = metadata.keys().cloned().collect();
    let key = u.choose(&keys)?;
    let text = edited(u, &metadata[key], WORDS)?;
    metadata.insert(key.clone(), text);
    Ok(String::from_utf8(LAYOUT.header(&metadata).expect("small")[8..].to_vec()).expect("JSON"))
}

fn tensor(parameter: Parameter) -> Tensor {
    let all = wgpu_init_models::Assignments::of_all(Initializer::ones(), &[parameter], &|_| true).expect("it fits");
    all.list.into_iter().map(|one| Tensor::new(one, DType::F32).expect("valid")).next().expect("one")
}

fn origin(layout: &Layout) -> Origin {
    Origin::new(Seed::new(7), Some(1), &Scheme::Rules("mine".to_owned()), layout)
}

fn header(layout: &Layout) -> Vec<u8> {
    layout.header(&origin(layout).metadata().expect("metadata")).expect("small")
}

pub(crate) fn target(bytes: &[u8]) {
    let _ = read(&mut Unstructured::new(bytes));
}

fn read(u: &mut Unstructured<'_>) -> Result<()> {
    let text = if u.ratio(1, 2)? { edited(u, &HEADER, WORDS)? } else { with_other_metadata(u)? };
    let length = if u.ratio(1, 12)? { u.arbitrary()? } else { text.len() as u64 };
    let file = [&length.to_le_bytes()[..], text.as_bytes()].concat();
    let Ok(header) = Header::read(file.as_slice()) else { return Ok(()) };
    let mut end = 8 + length;
    for tensor in header.tensors() {
        assert!(tensor.bytes.start == end && tensor.bytes.end >= end, "{text}: {tensor:?}");
        end = tensor.bytes.end;
    }
    let _ = (header.check_size(u.arbitrary()?), parts(&header), header.identity(0));
    let _ = audit(&[("model.safetensors".to_owned(), header.clone())], None);
    let Ok(origin) = Origin::from_metadata(header.metadata()) else { return Ok(()) };
    let again = origin.metadata().map(|metadata| Origin::from_metadata(&metadata));
    assert!(again.is_ok_and(|again| again.is_ok_and(|again| again == origin)), "{text}");
    let Ok(layout) = Layout::stored(&header, &origin) else { return Ok(()) };
    assert_eq!(layout.size(), end - 8 - length, "{text}");
    if layout.size() <= MOST {
        let mut drawer = Drawer::cpu(layout.largest_whole());
        let go_on = |_| ControlFlow::Continue(());
        let _ = verify(&layout, origin.effective_seed(), io::repeat(0), &mut drawer, &go_on);
    }
    Ok(())
}
