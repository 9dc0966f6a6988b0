//! A folder in S3, Google Cloud Storage or Azure. Credentials, endpoints and regions come from the environment, as the crate
//! `object_store` finds them; so do its retries.

use super::upload::Upload;
use super::{Store, Unfinished};
use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// A failure in words, once: each of the crate's errors repeats those below it.
pub(super) fn said(error: Error) -> anyhow::Error {
    anyhow!("{error}")
}

/// A store that takes the parts of an object in any order.
pub(super) trait Objects: ObjectStore + MultipartStore {}

impl<T: ObjectStore + MultipartStore> Objects for T {}

pub(super) struct Remote {
    runtime: Runtime,
    objects: Arc<dyn Objects>,
    /// The address, without a slash at its end.
    address: String,
    folder: Path,
}

impl Remote {
    /// The folder of an address, `SCHEME://BUCKET/FOLDER/`. Nobody is asked yet.
    pub(super) fn new(scheme: &str, address: &str) -> Result<Self> {
        let cannot = || format!("cannot use {address}");
        let address = address.trim_end_matches('/');
        let (_, rest) = address.split_once("://").unwrap_or_default();
        let (bucket, folder) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            bail!("{address} names no bucket: {scheme}://BUCKET/FOLDER/");
        }
        if folder.ends_with(".safetensors") {
            bail!("{address}: an object store takes a folder, as in {scheme}://{bucket}/FOLDER/");
        }
        let folder = Path::parse(folder).with_context(cannot)?;
        let objects: Arc<dyn Objects> = match scheme {
            "s3" => Arc::new(
                AmazonS3Builder::from_env().with_bucket_name(bucket).build().map_err(said).with_context(cannot)?,
            ),
            "gs" => Arc::new(
                GoogleCloudStorageBuilder::from_env()
                    .with_bucket_name(bucket)
                    .build()
                    .map_err(said)
                    .with_context(cannot)?,
            ),
            _ => Arc::new(
                MicrosoftAzureBuilder::from_env()
                    .with_container_name(bucket)
                    .build()
                    .map_err(said)
                    .with_context(cannot)?,
            ),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.context("cannot start threads for the object store")?;
        Ok(Self { runtime, objects, address: address.to_owned(), folder })
    }

    fn path(&self, name: &str) -> Path {
        self.folder.clone().join(name)
    }
}

impl Store for Remote {
    fn describe(&self) -> String {
        format!("{}/", self.address)
    }

    fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }

    fn names(&self) -> Result<Vec<String>> {
        let folder = (!self.folder.as_ref().is_empty()).then_some(&self.folder);
        let listed = self.runtime.block_on(self.objects.list_with_delimiter(folder));
        let listed = listed.map_err(said).with_context(|| format!("cannot list {}", self.describe()))?;
        let mut names: Vec<_> =
            listed.objects.iter().filter_map(|object| Some(object.location.filename()?.to_owned())).collect();
        names.sort();
        Ok(names)
    }

    fn size(&self, name: &str) -> Result<Option<u64>> {
        match self.runtime.block_on(self.objects.head(&self.path(name))) {
            Ok(found) => Ok(Some(found.size)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(said(error)).with_context(|| format!("cannot read {}", self.at(name))),
        }
    }

    fn open(&self, name: &str) -> Result<Box<dyn Read + '_>> {
        let found = self.runtime.block_on(self.objects.get(&self.path(name)));
        let found = found.map_err(said).with_context(|| format!("cannot read {}", self.at(name)))?;
        Ok(Box::new(Download { store: self, stream: found.into_stream(), now: Bytes::new() }))
    }

    fn begin(&self, name: &str, _rank: u64, size: u64, head: u64) -> Result<Box<dyn Unfinished>> {
        let (runtime, objects) = (self.runtime.handle().clone(), Arc::clone(&self.objects));
        Ok(Box::new(Upload::new(runtime, objects, self.path(name), self.at(name), size, head)))
    }

    fn remove(&self, name: &str) -> Result<()> {
        match self.runtime.block_on(self.objects.delete(&self.path(name))) {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(said(error)).with_context(|| format!("cannot remove {}", self.at(name))),
        }
    }

    fn is_atomic(&self) -> bool {
        true
    }

    /// Models are read from disks.
    fn is_source(&self, _name: &str, _sources: &[PathBuf]) -> bool {
        false
    }

    /// Uploads that broke off are no objects; a rule of the bucket's removes their parts.
    fn tidy(&self) {}
}

/// An object's bytes, one piece of the stream after the other.
struct Download<'a> {
    store: &'a Remote,
    stream: BoxStream<'static, Result<Bytes, Error>>,
    now: Bytes,
}

impl Read for Download<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.now.is_empty() {
            let next = self.store.runtime.block_on(self.stream.next());
            match next {
                Some(piece) => self.now = piece.map_err(|error| io::Error::other(error.to_string()))?,
                None => return Ok(0),
            }
        }
        let length = self.now.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.now.split_to(length));
        Ok(length)
    }
}
