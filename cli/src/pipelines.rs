//! Compiled pipelines as a device's driver gave them, and the file that keeps them between runs.
//!
//! A driver trusts the bytes that it is given: wgpu tells those of another device or driver, and looks no further. So the file begins
//! with what they must be, 16 bytes that name the format and the XXH3 digest (128 bits, little-endian) of all that follows, and whatever
//! has another beginning, length or content is nothing that was kept. A digest finds damage; it is no signature, and who may write into
//! the user's folder of caches could replace the program too.

use wgpu_init::wgpu;
use xxhash_rust::xxh3::xxh3_128;

/// Another form of the file has another last byte.
const FORMAT: [u8; 16] = *b"wgpu-init kept 1";
const DIGEST: usize = size_of::<u128>();

/// What a cache of pipelines holds, as its driver gave it: there is no way to make one of other bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Pipelines(Vec<u8>);

impl Pipelines {
    /// What a cache holds now.
    pub(crate) fn of(cache: &wgpu::PipelineCache) -> Option<Self> {
        cache.get_data().map(Self)
    }

    /// What a file keeps; None unless it is a whole and undamaged one of [`to_file`](Self::to_file).
    pub(crate) fn from_file(file: &[u8]) -> Option<Self> {
        let rest = file.strip_prefix(&FORMAT)?;
        let (digest, data) = rest.split_first_chunk::<DIGEST>()?;
        (u128::from_le_bytes(*digest) == xxh3_128(data)).then(|| Self(data.to_vec()))
    }

    /// The bytes of the file that keeps them.
    pub(crate) fn to_file(&self) -> Vec<u8> {
        [&FORMAT[..], &xxh3_128(&self.0).to_le_bytes(), &self.0].concat()
    }
}

/// A cache with what an earlier one held, or with nothing; None on devices that have no caches.
pub(crate) fn cache(device: &wgpu::Device, kept: Option<&Pipelines>) -> Option<wgpu::PipelineCache> {
    if !device.features().contains(wgpu::Features::PIPELINE_CACHE) {
        return None;
    }
    let data = kept.map(|kept| &kept.0[..]);
    let descriptor = wgpu::PipelineCacheDescriptor { label: Some("wgpu-init"), data, fallback: true };
    // SAFETY: `PipelineCache::get_data` gave the bytes, since `Pipelines` is made by `of` and `from_file` alone, and the latter holds a
    // digest against what a disk or another program may have done to them. Those of another device or driver are told by wgpu's
    // header and give an empty cache, as `fallback` asks.
    #[expect(unsafe_code, reason = "wgpu has no safe way to make a cache")]
    let cache = unsafe { device.create_pipeline_cache(&descriptor) };
    Some(cache)
}

#[cfg(test)]
mod tests {
    use super::{DIGEST, FORMAT, Pipelines};

    /// No data, one byte, and about what drivers give.
    fn examples() -> [Pipelines; 3] {
        [0, 1, 700].map(|length: u32| Pipelines((0..length).map(|i| (i * i % 251) as u8).collect()))
    }

    #[test]
    fn a_file_gives_what_it_was_made_of() {
        for pipelines in examples() {
            assert_eq!(Pipelines::from_file(&pipelines.to_file()), Some(pipelines));
        }
    }

    /// The form of the file, byte by byte: another one would take other bytes to the driver.
    #[test]
    fn a_file_has_its_format_and_digest_before_the_data() {
        let file = Pipelines(b"a".to_vec()).to_file();
        // XXH3-128 of "a" by the reference implementation: a96faf705af16834e6c632b61e964e1f.
        let digest = 0xa96f_af70_5af1_6834_e6c6_32b6_1e96_4e1f_u128;
        assert_eq!(file, [&b"wgpu-init kept 1"[..], &digest.to_le_bytes(), b"a"].concat());
    }

    #[test]
    fn each_flipped_bit_is_seen() {
        for pipelines in examples() {
            let mut file = pipelines.to_file();
            for at in 0..file.len() * 8 {
                file[at / 8] ^= 1 << (at % 8);
                assert_eq!(Pipelines::from_file(&file), None, "bit {at} of {} bytes", file.len());
                file[at / 8] ^= 1 << (at % 8);
            }
        }
    }

    #[test]
    fn each_other_length_is_seen() {
        for pipelines in examples() {
            let file = pipelines.to_file();
            for length in 0..file.len() {
                assert_eq!(Pipelines::from_file(&file[..length]), None, "{length} of {} bytes", file.len());
            }
            for more in [&b"\0"[..], b"\n", &file] {
                assert_eq!(Pipelines::from_file(&[&file[..], more].concat()), None, "{} more", more.len());
                assert_eq!(Pipelines::from_file(&[more, &file[..]].concat()), None, "{} before", more.len());
            }
        }
    }

    /// As releases before this form kept them, and as a disk leaves them.
    #[test]
    fn what_is_no_such_file_is_nothing() {
        for pipelines in examples() {
            assert_eq!(Pipelines::from_file(&pipelines.0), None);
            assert_eq!(Pipelines::from_file(&vec![0; FORMAT.len() + DIGEST + pipelines.0.len()]), None);
        }
    }
}
