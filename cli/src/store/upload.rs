//! An object in the making: its parts are on the way while the next ones are drawn. The first part, which has the header, is sent last.

use super::Unfinished;
use super::remote::{Objects, said};
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use object_store::multipart::PartId;
use object_store::path::Path;
use object_store::{Error, MultipartId, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// Bytes of a part: above the least that stores take (5 MiB).
const PART: u64 = 8 << 20;
/// Parts of an object at most, by S3's rule.
const MOST_PARTS: u64 = 10_000;
/// Parts that are on the way at a time.
const UNDER_WAY: usize = 4;

pub(super) struct Upload {
    runtime: Handle,
    objects: Arc<dyn Objects>,
    path: Path,
    /// For people.
    at: String,
    part: usize,
    /// Where the next byte goes. Only the first part can be written a second time.
    position: u64,
    first: Vec<u8>,
    current: Vec<u8>,
    id: Option<MultipartId>,
    under_way: JoinSet<Result<(usize, PartId), Error>>,
    /// Of all parts but the first.
    sent: Vec<Option<PartId>>,
}

impl Upload {
    /// Of about `size` bytes, the first `head` of which are written again at the end.
    pub(super) fn new(
        runtime: Handle,
        objects: Arc<dyn Objects>,
        path: Path,
        at: String,
        size: u64,
        head: u64,
    ) -> Self {
        // All of a size, which some stores ask for.
        let part = PART.max(head).max(size.div_ceil(MOST_PARTS)).next_multiple_of(1 << 20);
        let part = usize::try_from(part).unwrap_or(usize::MAX);
        Self {
            runtime,
            objects,
            path,
            at,
            part,
            position: 0,
            first: Vec::new(),
            current: Vec::new(),
            id: None,
            under_way: JoinSet::new(),
            sent: Vec::new(),
        }
    }

    fn length(&self) -> u64 {
        let sent = if self.first.len() < self.part { 0 } else { self.sent.len() as u64 * self.part as u64 };
        self.first.len() as u64 + sent + self.current.len() as u64
    }

    /// Sends what is there as the next part, and waits where too many are under way.
    fn send(&mut self) -> Result<(), Error> {
        let id = match &self.id {
            Some(id) => id.clone(),
            None => self.id.insert(self.runtime.block_on(self.objects.create_multipart(&self.path))?).clone(),
        };
        while self.under_way.len() >= UNDER_WAY {
            self.wait_for_one()?;
        }
        self.sent.push(None);
        let number = self.sent.len();
        let bytes = std::mem::take(&mut self.current);
        self.spawn(id, number, bytes);
        Ok(())
    }

    fn spawn(&mut self, id: MultipartId, number: usize, bytes: Vec<u8>) {
        let (objects, path, payload) = (Arc::clone(&self.objects), self.path.clone(), PutPayload::from(bytes));
        let sending = async move { Ok((number, objects.put_part(&path, &id, number, payload).await?)) };
        self.under_way.spawn_on(sending, &self.runtime);
    }

    fn wait_for_one(&mut self) -> Result<(), Error> {
        let joined = self.runtime.block_on(self.under_way.join_next());
        let Some(joined) = joined else { return Ok(()) };
        let (number, part) = joined.map_err(|source| Error::JoinError { source })??;
        if let Some(sent) = number.checked_sub(1).and_then(|at| self.sent.get_mut(at)) {
            *sent = Some(part);
        }
        Ok(())
    }

    fn is_there(&self) -> Result<bool, Error> {
        match self.runtime.block_on(self.objects.head(&self.path)) {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether the object is there and is this one: where the answer to the last request was lost, its repetition is an error (Azure's blocks
    /// are used up, S3's upload is gone). The first part has the digest of all data.
    fn is_done(&self, first: &Bytes, size: u64) -> Result<bool, Error> {
        self.runtime.block_on(async {
            let found = self.objects.head(&self.path).await?;
            Ok(found.size == size && self.objects.get_range(&self.path, 0..first.len() as u64).await? == *first)
        })
    }

    /// An object of one part: in one request, which can say that it replaces nothing.
    fn put(&self, first: &Bytes, replace: bool) -> Result<(), Error> {
        let put = |mode| {
            let options = PutOptions { mode, ..PutOptions::default() };
            let payload = PutPayload::from(first.clone());
            self.runtime.block_on(self.objects.put_opts(&self.path, payload, options)).map(drop)
        };
        if replace {
            return put(PutMode::Overwrite);
        }
        match put(PutMode::Create) {
            // Not every store can: it has been asked whether the object is there.
            Err(Error::NotImplemented { .. } | Error::NotSupported { .. }) => put(PutMode::Overwrite),
            done => done,
        }
    }

    fn complete(&mut self, first: &Bytes) -> Result<(), Error> {
        if !self.current.is_empty() {
            self.send()?;
        }
        while !self.under_way.is_empty() {
            self.wait_for_one()?;
        }
        let Some(id) = self.id.clone() else { return Ok(()) };
        let payload = PutPayload::from(first.clone());
        let part = self.runtime.block_on(self.objects.put_part(&self.path, &id, 0, payload))?;
        let parts = std::iter::once(part).chain(self.sent.drain(..).flatten()).collect();
        self.runtime.block_on(self.objects.complete_multipart(&self.path, &id, parts)).map(drop)
    }
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = if self.position < self.first.len() as u64 {
            // In the first part again.
            let start = usize::try_from(self.position).unwrap_or(usize::MAX);
            let length = bytes.len().min(self.first.len() - start);
            self.first[start..start + length].copy_from_slice(&bytes[..length]);
            length
        } else if self.position != self.length() {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "only the first part can be written again"));
        } else if self.first.len() < self.part {
            let length = bytes.len().min(self.part - self.first.len());
            self.first.extend_from_slice(&bytes[..length]);
            length
        } else {
            let length = bytes.len().min(self.part - self.current.len());
            self.current.extend_from_slice(&bytes[..length]);
            if self.current.len() == self.part {
                self.send().map_err(|error| io::Error::other(error.to_string()))?;
            }
            length
        };
        self.position += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Upload {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match to {
            SeekFrom::Start(position) if position <= self.first.len() as u64 => self.position = position,
            SeekFrom::End(0) => self.position = self.length(),
            SeekFrom::Current(0) => {}
            _ => return Err(io::Error::new(io::ErrorKind::Unsupported, "an object is written from its beginning")),
        }
        Ok(self.position)
    }
}

impl Unfinished for Upload {
    fn finish(mut self: Box<Self>, replace: bool) -> Result<()> {
        let cannot = || format!("cannot write {}", self.at);
        if !replace && self.is_there().map_err(said).with_context(cannot)? {
            bail!("cannot write {}: another run has written it meanwhile", self.at);
        }
        let (at, size) = (self.at.clone(), self.length());
        let is_small = self.sent.is_empty() && self.current.is_empty();
        let first = Bytes::from(std::mem::take(&mut self.first));
        let done = if is_small { self.put(&first, replace) } else { self.complete(&first) };
        match done {
            Err(error) if !self.is_done(&first, size).unwrap_or(false) => {
                Err(said(error)).with_context(|| format!("cannot write {at}"))
            }
            // Nothing is left to be taken back.
            _ => {
                self.id = None;
                Ok(())
            }
        }
    }
}

impl Drop for Upload {
    /// Stores keep the parts of an upload that nobody completes, and charge for them.
    fn drop(&mut self) {
        self.under_way.abort_all();
        if let Some(id) = self.id.take() {
            // What is under way has to end first, or it stays behind.
            self.runtime.block_on(async { while self.under_way.join_next().await.is_some() {} });
            let _ = self.runtime.block_on(self.objects.abort_multipart(&self.path, &id));
        }
    }
}
