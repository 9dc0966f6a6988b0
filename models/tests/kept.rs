//! Tensors that come from another checkpoint, through the library.

use std::io;
use std::ops::ControlFlow;
use wgpu_init::{DType, Initializer, Seed, Shape};
use wgpu_init_models::checkpoint::{
    Drawer, Error, Header, Layout, Observer, Origin, Result, Scheme, StoredTensor, Tensor, verify, write,
};
use wgpu_init_models::{Assignments, Parameter};

const GO_ON: &Observer<'_> = &|_| ControlFlow::Continue(());
const INIT: Initializer = Initializer::uniform(1.0, 2.0);

/// A file of tensors of so many rows and columns, without any of another checkpoint.
fn file(tensors: &[(&str, [u64; 2])], seed: u64) -> Vec<u8> {
    let tensors = tensors.iter().map(|(name, shape)| tensor(name, *shape)).collect();
    let layout = Layout::new(tensors).expect("small");
    written(&layout, seed, &mut Drawer::cpu(0)).expect("written")
}

fn tensor(name: &str, shape: [u64; 2]) -> Tensor {
    let parameter = Parameter::new(name, Shape::new(shape).expect("a shape"));
    let list = Assignments::of_all(INIT, &[parameter], &|_| true).expect("it fits").list;
    list.into_iter().map(|one| Tensor::new(one, DType::Bf16).expect("valid")).next().expect("one")
}

fn written(layout: &Layout, seed: u64, drawer: &mut Drawer<'_>) -> Result<Vec<u8>> {
    let origin = Origin::new(Seed::new(seed), None, &Scheme::Init(INIT), layout);
    let mut bytes = Vec::new();
    write(layout, &layout.header(&origin.metadata()?)?, origin.effective_seed(), drawer, &mut bytes, GO_ON)?;
    Ok(bytes)
}

fn verified(bytes: &[u8], drawer: &mut Drawer<'_>) -> Result<u128> {
    let mut data = bytes;
    let header = Header::read(&mut data)?;
    let origin = Origin::from_metadata(header.metadata())?;
    verify(&Layout::stored(&header, &origin)?, origin.effective_seed(), data, drawer, GO_ON)
}

fn listed<'a>(header: &'a Header, name: &str) -> &'a StoredTensor {
    header.tensors().iter().find(|tensor| tensor.name == name).expect("a tensor")
}

/// What a file has of a tensor.
fn bytes<'a>(file: &'a [u8], name: &str) -> &'a [u8] {
    let header = Header::read(file).expect("a header");
    let range = &listed(&header, name).bytes;
    &file[usize::try_from(range.start).expect("small")..usize::try_from(range.end).expect("small")]
}

fn reading<'a>(file: &'a [u8]) -> impl FnMut(&str, u64, &mut [u8]) -> io::Result<()> + 'a {
    |name, at, into| {
        let at = usize::try_from(at).expect("small");
        into.copy_from_slice(&bytes(file, name)[at..at + into.len()]);
        Ok(())
    }
}

/// Of some MB, so that what is kept and what is drawn are several chunks each, which begin at odd elements.
#[test]
fn rows_of_many_chunks_are_kept() {
    let old = file(&[("a", [2001, 701]), ("b", [1000, 3]), ("other", [3, 5])], 1);
    let whole = file(&[("a", [4001, 701]), ("b", [1000, 3]), ("c", [7, 1]), ("bb", [5, 5])], 2);
    let header = Header::read(old.as_slice()).expect("a header");
    let d = Parameter::new("bb", Shape::new([3, 5]).expect("a shape"));
    let tensors = vec![
        tensor("a", [4001, 701]).keeping(listed(&header, "a")).expect("rows"),
        Tensor::kept(Parameter::new("b", Shape::new([1000, 3]).expect("a shape")), listed(&header, "b")).expect("all"),
        tensor("c", [7, 1]),
        Tensor::kept(d, listed(&header, "other")).expect("another name"),
    ];
    let layout = Layout::new(tensors).expect("small");
    assert_eq!(layout.kept(), Some((3, 2001 * 701 + 3000 + 15)));
    let unread = written(&layout, 2, &mut Drawer::cpu(0)).expect_err("nobody reads it");
    assert!(matches!(&unread, Error::Tensor { name, source } if name == "a" && matches!(**source, Error::KeptUnread)));
    let new = written(&layout, 2, &mut Drawer::cpu(0).keeping(reading(&old))).expect("written");
    let rows = 2001 * 701 * 2;
    assert!(bytes(&new, "a")[..rows] == *bytes(&old, "a") && bytes(&new, "a")[rows..] == bytes(&whole, "a")[rows..]);
    assert_eq!(bytes(&new, "b"), bytes(&old, "b"));
    assert_eq!(bytes(&new, "c"), bytes(&whole, "c"));
    assert_eq!(bytes(&new, "bb"), bytes(&old, "other"));
    let digest = verified(&new, &mut Drawer::cpu(0)).expect("what is drawn is right");
    assert_eq!(verified(&new, &mut Drawer::cpu(0).keeping(reading(&old))).expect("and what is kept"), digest);

    // The last kept number, and the first one drawn.
    for (back, is_kept) in [(1, true), (0, false)] {
        let mut changed = new.clone();
        let place = new.len() - bytes(&new, "bb").len() - 14 - 6000 - bytes(&new, "a").len() + rows - 2 * back;
        changed[place] ^= 1;
        assert_eq!(verified(&changed, &mut Drawer::cpu(0)).is_ok(), is_kept);
        let error = verified(&changed, &mut Drawer::cpu(0).keeping(reading(&old))).expect_err("a bit differs");
        let Error::Differs(found) = error else { panic!("{error:?}") };
        assert_eq!((found.tensor.as_str(), found.element), ("a", 2001 * 701 - back as u64));
    }
}

#[test]
fn what_is_no_rows_is_refused() {
    let old = file(&[("a", [3, 4])], 1);
    let header = Header::read(old.as_slice()).expect("a header");
    let other = listed(&header, "a");
    for shape in [[2, 4], [3, 5], [4, 3]] {
        let error = tensor("a", shape).keeping(other).expect_err("no rows of it");
        let Error::Tensor { source, .. } = error else { panic!("{error:?}") };
        let message = source.to_string();
        assert!(message.contains("BF16 [3, 4], which are not the first rows of BF16"), "{message}");
    }
    let fewer = Tensor::kept(Parameter::new("a", Shape::new([4, 4]).expect("a shape")), other).expect_err("not all");
    assert!(matches!(fewer, Error::Tensor { .. }));
    let shard = tensor("a", [3, 4]).permuted([1, 0]).expect("an order").keeping(other).expect_err("in another order");
    assert!(matches!(shard, Error::Tensor { source, .. } if matches!(*source, Error::KeptShard)));
}

/// Anybody's metadata: numbers that are no rows, names that are nowhere, texts that are no list.
#[test]
fn metadata_that_were_changed_are_refused() {
    let old = file(&[("a", [3, 4])], 1);
    let header = Header::read(old.as_slice()).expect("a header");
    let layout = Layout::new(vec![tensor("a", [5, 4]).keeping(listed(&header, "a")).expect("rows")]).expect("small");
    let origin = Origin::new(Seed::new(2), None, &Scheme::Init(INIT), &layout);
    let metadata = origin.metadata().expect("metadata");
    assert_eq!(metadata["wgpu_init.kept"], r#"{"a":["a",12]}"#);
    assert_eq!(Origin::from_metadata(&metadata).expect("ours"), origin);
    for (text, expected) in [
        (r#"{"a":["a",13]}"#, "13 elements are no rows of a"),
        (r#"{"a":["a",24]}"#, "24 elements are no rows of a"),
        (r#"{"a":["a",18446744073709551615]}"#, "are no rows of a"),
        (r#"{"b":["a",12]}"#, "the file lacks the tensor \"b\""),
        (r#"{"a":["a",-1]}"#, "wgpu_init.kept in the metadata"),
        (r#"["a"]"#, "wgpu_init.kept in the metadata"),
    ] {
        let mut metadata = metadata.clone();
        metadata.insert("wgpu_init.kept".to_owned(), text.to_owned());
        let header = Header::read(layout.header(&metadata).expect("small").as_slice()).expect("a header");
        let error = Origin::from_metadata(header.metadata()).and_then(|origin| Layout::stored(&header, &origin));
        let error = error.expect_err(text);
        let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        let said: String = chain.map(|error| format!("{error}: ")).collect();
        assert!(said.contains(expected), "{text}: {said}");
    }
}
