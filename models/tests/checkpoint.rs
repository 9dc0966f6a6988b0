//! Checkpoints through the library: written, read, verified, cancelled, refused.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use wgpu_init::{DType, Initializer, Seed, Shape};
use wgpu_init_models::checkpoint::{
    Drawer, Error, Header, Layout, Observer, Origin, Outcome, Result, Scheme, Tensor, verify, write,
};
use wgpu_init_models::{Parameter, Rules};

const GO_ON: &Observer<'_> = &|_| ControlFlow::Continue(());

const RULES: &str = r#"
[[rule]]
name = "parts"
init = "normal(0, 1)"
padding_row = 1
parts = [{ rows = [2, 6], init = "orthogonal(1)" }]
stream = "another"
[[rule]]
name = "stack"
init = "normal(0, 2)"
experts = ["expert.{}.w1", "expert.{}.w3"]
[[rule]]
name = "*"
init = "uniform(-1, 1)"
"#;

/// Some MB, so that there are several chunks.
fn model() -> (Layout, Origin) {
    let parameters = [("large", [3000, 700]), ("parts", [7, 5]), ("small", [3, 1])]
        .map(|(name, dims)| Parameter::new(name, Shape::new(dims).expect("a shape")));
    let stack = Parameter::new("stack", Shape::new([9, 14]).expect("a shape"));
    let parameters = [&parameters[..], &[stack]].concat();
    let rules: Rules = RULES.parse().expect("rules");
    let list = rules.assign(&parameters, &Default::default()).expect("they fit").list;
    let dtype = |name: &str| if name == "small" { DType::F16 } else { DType::F32 };
    let tensors = list.into_iter().map(|one| {
        let dtype = dtype(&one.parameter.name);
        Tensor::new(one, dtype)
    });
    let layout = Layout::new(tensors.collect::<Result<_>>().expect("valid")).expect("small");
    let origin = Origin::new(Seed::new(3), Some(1), &Scheme::Rules("mine".to_owned()), &layout);
    (layout, origin)
}

fn write_to(output: &mut (impl Write + Send), observe: &Observer<'_>) -> Result<Outcome> {
    let (layout, origin) = model();
    let header = layout.header(&origin.metadata()?)?;
    write(&layout, &header, origin.effective_seed(), &mut Drawer::cpu(layout.largest_whole()), output, observe)
}

fn verify_bytes(bytes: &[u8], observe: &Observer<'_>) -> Result<u128> {
    let mut data = bytes;
    let header = Header::read(&mut data)?;
    header.check_size(bytes.len() as u64)?;
    let origin = Origin::from_metadata(header.metadata())?;
    let layout = Layout::stored(&header, &origin)?;
    verify(&layout, origin.effective_seed(), data, &mut Drawer::cpu(layout.largest_whole()), observe)
}

#[test]
fn what_is_written_verifies_and_each_changed_bit_is_found() {
    let mut file = Vec::new();
    let written = AtomicU64::new(0);
    let count = |more| {
        written.fetch_add(more, Ordering::Relaxed);
        ControlFlow::Continue(())
    };
    let digest = write_to(&mut file, &count).expect("written").digest;
    let (layout, origin) = model();
    assert_eq!(written.into_inner(), layout.size(), "the observer hears of every byte once");
    let read = Header::read(file.as_slice()).expect("a header");
    assert_eq!(Origin::from_metadata(read.metadata()).expect("ours"), origin);
    assert_eq!(verify_bytes(&file, GO_ON).expect("as written"), digest);

    let data = file.len() - usize::try_from(layout.size()).expect("small");
    for (name, element, at) in [("large", 701, data + 701 * 4), ("parts", 7, data + 3000 * 700 * 4 + 7 * 4)] {
        let mut changed = file.clone();
        changed[at + 2] ^= 1;
        let error = verify_bytes(&changed, GO_ON).expect_err("a bit differs");
        let Error::Differs(found) = error else { panic!("{error:?}") };
        assert_eq!((found.tensor.as_str(), found.element), (name, element));
        assert_eq!(found.stored ^ found.expected, 1 << 16);
        let columns = if name == "large" { 700 } else { 5 };
        assert_eq!(found.coordinates, [element / columns, element % columns]);
    }
    file.pop();
    assert!(matches!(verify_bytes(&file, GO_ON), Err(Error::Incomplete { .. })));
}

#[test]
fn an_observer_that_asks_to_stop_gives_cancelled() {
    let mut file = Vec::new();
    write_to(&mut file, GO_ON).expect("written");
    // Before a chunk is drawn, and when one is done.
    for when in [|more: u64| more == 0, |more: u64| more > 0] {
        let stop = |more| if when(more) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        let mut part = Vec::new();
        assert!(matches!(write_to(&mut part, &stop), Err(Error::Cancelled)), "{}", when(0));
        assert!(part.len() < file.len());
        assert!(matches!(verify_bytes(&file, &stop), Err(Error::Cancelled)), "{}", when(0));
    }
}

/// Takes so many bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_wherever_it_comes() {
    for bytes in [0, 100, 3_000_000] {
        let error = write_to(&mut Full(bytes), GO_ON).expect_err("full");
        assert!(matches!(&error, Error::Write(source) if source.kind() == io::ErrorKind::StorageFull), "{error:?}");
    }
}

fn header_of(json: &str) -> Result<Header> {
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.extend(json.as_bytes());
    Header::read(bytes.as_slice())
}

#[test]
fn headers_are_checked() {
    let at = |start: u64, end: u64, shape: &str| {
        format!(r#"{{"w":{{"dtype":"F32","shape":{shape},"data_offsets":[{start},{end}]}}}}"#)
    };
    assert_eq!(header_of(&at(0, 24, "[2,3]")).expect("a header").tensors()[0].name, "w");
    for json in [
        at(4, 28, "[2,3]"),
        at(0, 20, "[2,3]"),
        at(24, 0, "[2,3]"),
        at(0, u64::MAX - 3, "[4611686018427387903]"),
        "{".to_owned(),
        "[]".to_owned(),
    ] {
        assert!(matches!(header_of(&json), Err(Error::MalformedHeader(_))), "{json}");
    }
    let deep = at(0, 4, "[1,1,1,1,1,1,1,1,1]");
    assert!(matches!(header_of(&deep), Err(Error::Tensor { .. })));
    for bytes in [&[][..], &[1, 0, 0], &[9, 0, 0, 0, 0, 0, 0, 0, b'{'], &[255; 8]] {
        assert!(matches!(Header::read(bytes), Err(Error::Header { .. })), "{bytes:?}");
    }
}

#[test]
fn a_drawer_gives_no_more_than_it_has() {
    let mut drawer = Drawer::cpu(0);
    let most = drawer.chunk();
    let error = drawer.draw(&[], most + 1).expect_err("too large");
    assert!(matches!(error, Error::ChunkTooLarge { .. }), "{error}");
    assert_eq!(drawer.draw(&[], most).expect("as large as can be").len() as u64, most);
}

/// A tensor that cannot be drawn is none, whatever asks for it.
/// Readers multiply a tensor's sizes and bits in the order in which they stand.
#[test]
fn a_shape_that_no_reader_takes_is_not_planned() {
    let layout = |dims: &[u64], dtype: DType| {
        let parameter = Parameter::new("w", Shape::new(dims).expect("a shape"));
        let init = Initializer::normal(0.0, 1.0);
        let list = wgpu_init_models::Assignments::of_all(init, &[parameter], &|_| true).expect("it fits").list;
        Layout::new(list.into_iter().map(|one| Tensor::new(one, dtype)).collect::<Result<_>>()?)
    };
    for (dims, dtype) in [
        (&[1 << 40, 1 << 40, 0][..], DType::F32),
        (&[1 << 59], DType::F32),
        (&[1 << 60], DType::Bf16),
        (&[1 << 31, 1 << 30], DType::F8E5M2),
    ] {
        let error = layout(dims, dtype).expect_err("no reader takes it");
        let error = format!("{:#}", anyhow::Error::from(error));
        assert!(error.contains("no reader of safetensors takes that"), "{error}");
    }
    for dims in [&[0, 1 << 40, 1 << 40][..], &[1 << 58], &[]] {
        let layout = layout(dims, DType::F32).expect("it can be read");
        let header = layout.header(&Default::default()).expect("small");
        assert_eq!(Header::read(header.as_slice()).expect("it is read").tensors()[0].shape.dims(), dims);
    }
}

#[test]
fn tensors_are_checked_where_they_are_made() {
    let parameter = Parameter::new("w", Shape::new([4]).expect("a shape"));
    let rules: Rules = "[[rule]]\nname = \"*\"\ninit = \"normal(0, 1e-38)\"".parse().expect("rules");
    let list = rules.assign(&[parameter], &Default::default()).expect("they fit").list;
    let error = Tensor::new(list[0].clone(), DType::F16).expect_err("too small a std");
    assert!(matches!(&error, Error::Tensor { name, .. } if name == "w"), "{error}");
    assert!(Initializer::normal(0.0, 1e-38).distribution(&Shape::new([4]).expect("a shape")).is_ok());
}

/// A shard is read back as what it is of, and holds what the whole has there: chunks end in the middle of its rows.
#[test]
fn a_shard_is_a_box_of_the_whole() {
    let cut = |tensor: Tensor| match tensor.name() {
        "large" => tensor.with_shard(&[0..3000, 1..699]),
        "parts" => tensor.with_shard(&[1..5, 2..4]),
        _ => Ok(tensor),
    };
    let shards = check_against_the_whole(&cut);
    assert_eq!((shards.shards(), shards.permuted()), (Some((2, model().0.parameters())), 0));
}

/// Transposed, with and without a box: what the whole has there, each column behind the other.
#[test]
fn a_permuted_tensor_is_the_whole_in_another_order() {
    let cut = |tensor: Tensor| match tensor.name() {
        "large" => tensor.permuted([1, 0]),
        "parts" => tensor.permuted([1, 0])?.with_shard(&[1..5, 2..4]),
        _ => tensor.permuted([0, 1]),
    };
    let permuted = check_against_the_whole(&cut);
    assert_eq!((permuted.shards(), permuted.permuted()), (Some((1, model().0.parameters())), 2));
    let dims = |name: &str| {
        let tensor = permuted.tensors().iter().find(|(tensor, _)| tensor.name() == name).expect("it is there");
        tensor.0.shape().dims().to_vec()
    };
    assert_eq!((dims("large"), dims("parts"), dims("small")), (vec![700, 3000], vec![2, 4], vec![3, 1]));
}

/// Writes the model with tensors as `cut` makes them, reads it back, and compares each with the whole of it.
fn check_against_the_whole(cut: &dyn Fn(Tensor) -> Result<Tensor>) -> Layout {
    let (layout, _) = model();
    let tensors = || layout.tensors().iter().map(|(tensor, _)| tensor.clone());
    let shards = Layout::new(tensors().map(cut).collect::<Result<_>>().expect("inside")).expect("small");
    let origin = Origin::new(Seed::new(3), Some(1), &Scheme::Rules("mine".to_owned()), &shards);
    let (seed, mut drawer) = (origin.effective_seed(), Drawer::cpu(shards.largest_whole()));
    let mut file = Vec::new();
    let header = shards.header(&origin.metadata().expect("metadata")).expect("a header");
    write(&shards, &header, seed, &mut drawer, &mut file, GO_ON).expect("written");
    verify_bytes(&file, GO_ON).expect("as written");
    let read = Header::read(file.as_slice()).expect("a header");
    assert!(read.has_shards());
    let stored = Layout::stored(&read, &Origin::from_metadata(read.metadata()).expect("ours")).expect("ours");
    for ((tensor, bytes), whole) in shards.tensors().iter().zip(tensors()) {
        let same = stored.tensors().iter().find(|(other, _)| other.name() == tensor.name()).expect("it is there");
        assert_eq!((same.0.shard(), same.0.shape()), (tensor.shard(), tensor.shape()));
        let Some(shard) = tensor.shard() else { continue };
        let all = whole.bytes(seed, 0..whole.shape().elements()).expect("drawn");
        let columns = whole.shape().dims()[1];
        let [outer, inner] = [shard.order()[0], shard.order()[1]].map(|axis| shard.ranges()[axis].clone());
        let place = |outer: u64, inner: u64| match shard.order() {
            [0, 1] => outer * columns + inner,
            _ => inner * columns + outer,
        };
        let places = outer.flat_map(|outer| inner.clone().map(move |inner| place(outer, inner)));
        let at = |byte: u64| usize::try_from(byte).expect("small");
        let expected: Vec<u8> = places.flat_map(|place| all[at(place * 4)..at(place * 4 + 4)].to_vec()).collect();
        let data = header.len() as u64;
        let found = &file[at(data + bytes.start)..at(data + bytes.end)];
        assert!(found == expected, "{}", tensor.name());
    }
    shards
}
