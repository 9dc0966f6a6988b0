//! Which tensors share a file.

use super::FolderFile;
use crate::checkpoint::{Layout, Result, Tensor};

/// The positions of the tensors of each file, for tensors of these sizes in the order of the model.
///
/// As `split_state_dict_into_shards_factory` of `huggingface_hub` cuts, which transformers saves with: tensors follow each other into a file
/// until one would make it larger than `most` bytes. One that is larger by itself has a file of its own, in front of the one that is
/// being filled. There is one file at least.
fn pack(sizes: impl IntoIterator<Item = u64>, most: u64) -> Vec<Vec<usize>> {
    let (mut files, mut current, mut size) = (Vec::new(), Vec::new(), 0u64);
    for (at, of) in sizes.into_iter().enumerate() {
        if of > most {
            files.push(vec![at]);
            continue;
        }
        if size.checked_add(of).is_none_or(|sum| sum > most) {
            files.push(std::mem::take(&mut current));
            size = 0;
        }
        current.push(at);
        size += of;
    }
    if !current.is_empty() || files.is_empty() {
        files.push(current);
    }
    files
}

/// Tensors in files of at most `most` bytes, in order; `name` calls one of so many.
pub(super) fn in_files(
    tensors: Vec<Tensor>,
    most: u64,
    rank: u64,
    name: impl Fn(usize, usize) -> String,
) -> Result<Vec<FolderFile>> {
    let sizes = tensors.iter().map(Tensor::size).collect::<Result<Vec<_>>>()?;
    let packed = pack(sizes, most);
    let (count, mut tensors) = (packed.len(), tensors.into_iter().map(Some).collect::<Vec<_>>());
    let file = |(index, positions): (usize, Vec<usize>)| {
        let layout = Layout::new(positions.into_iter().filter_map(|at| tensors[at].take()).collect())?;
        Ok(FolderFile { name: name(index, count), layout, rank })
    };
    packed.into_iter().enumerate().map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::pack;

    /// As `split_torch_state_dict_into_shards` of `huggingface_hub` 2.4.0 cut tensors of these sizes.
    #[test]
    fn files_are_cut_as_hugging_face_does() {
        let files = |sizes: &[u64], most| pack(sizes.iter().copied(), most);
        assert_eq!(files(&[4, 4, 4], 8), [vec![0, 1], vec![2]]);
        assert_eq!(files(&[4, 9, 4], 8), [vec![1], vec![0, 2]], "a large one stands in front");
        assert_eq!(files(&[9, 9], 8), [vec![0], vec![1]]);
        assert_eq!(files(&[8, 0, 8], 8), [vec![0, 1], vec![2]]);
        assert_eq!(files(&[1, 1], 0), [vec![0], vec![1]]);
        assert_eq!(files(&[], 8), [Vec::<usize>::new()]);
        assert_eq!(files(&[u64::MAX, 1], u64::MAX), [vec![0], vec![1]]);
    }
}
