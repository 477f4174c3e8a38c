//! Objects in a store, by name.

use crate::config::{Bucket, Place, Store};
use crate::error::Error;
use bytes::Bytes;
use futures_util::StreamExt as _;
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    BackoffConfig, Certificate, ClientOptions, ObjectStore, ObjectStoreExt as _, PutMode,
    PutOptions, PutPayload, RetryConfig,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// How long one request may take, and how long it is tried again.
const REQUEST: Duration = Duration::from_mins(2);
const TRYING: Duration = Duration::from_mins(1);
const TRIES: usize = 6;

/// Whether an object was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Created {
    /// It was.
    Now,
    /// There was one of that name already; it is as it was.
    Before,
}

/// The objects below one prefix. Calls wait for their answer, so they must not be made on a thread of the
/// runtime.
#[derive(Clone)]
pub(crate) struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    conditional: bool,
    handle: Handle,
}

impl Objects {
    /// A store, after a look whether it keeps its word about what is there already.
    pub(crate) fn open(config: &Store, handle: &Handle) -> Result<Self, Error> {
        let _inside = handle.enter();
        let mut prefix = Path::default();
        let store: Arc<dyn ObjectStore> = match &config.place {
            Place::Memory => Arc::new(InMemory::new()),
            Place::Folder(folder) => {
                let made = std::fs::create_dir_all(folder);
                made.map_err(|error| Error::store(&folder.display().to_string(), error))?;
                let store = LocalFileSystem::new_with_prefix(folder);
                let store = store.map_err(|error| Error::store("folder", error))?;
                Arc::new(store.with_fsync(true))
            }
            Place::Bucket(bucket) => {
                prefix = Path::from(bucket.prefix.as_str());
                Arc::new(self::bucket(bucket, config.conditional)?)
            }
        };
        let objects = Self {
            store,
            prefix,
            conditional: config.conditional,
            handle: handle.clone(),
        };
        objects.probe()?;
        Ok(objects)
    }

    /// A store that says nothing when asked to write only what is not there would replace results.
    fn probe(&self) -> Result<(), Error> {
        let name = "probe";
        self.create(name, vec![Bytes::from_static(b"mugai\n")])?;
        match self.create(name, vec![Bytes::from_static(b"mugai\n")])? {
            Created::Before => Ok(()),
            Created::Now => Err(Error::Store(
                "it writes over what is there although asked not to; store.conditional = false has us look first"
                    .to_owned(),
            )),
        }
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.prefix))
    }

    /// Writes an object if there is none of that name.
    pub(crate) fn create(&self, name: &str, content: Vec<Bytes>) -> Result<Created, Error> {
        let mode = if self.conditional {
            PutMode::Create
        } else if self.size(name)?.is_some() {
            return Ok(Created::Before);
        } else {
            // somebody may have been between: what they wrote under a name of content is the same
            PutMode::Overwrite
        };
        let path = self.path(name);
        let payload = PutPayload::from_iter(content);
        let options = PutOptions::from(mode);
        match self
            .handle
            .block_on(self.store.put_opts(&path, payload, options))
        {
            Ok(_) => Ok(Created::Now),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(Created::Before),
            Err(error) => Err(Error::store("writing", error)),
        }
    }

    /// The size of an object; none where there is none.
    pub(crate) fn size(&self, name: &str) -> Result<Option<u64>, Error> {
        let path = self.path(name);
        match self.handle.block_on(self.store.head(&path)) {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::store("looking", error)),
        }
    }

    /// An object of at most `most` bytes; none where there is none.
    pub(crate) fn get(&self, name: &str, most: u64) -> Result<Option<Bytes>, Error> {
        let path = self.path(name);
        let read = async {
            let found = match self.store.get(&path).await {
                Ok(found) => found,
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(Error::store("reading", error)),
            };
            if found.meta.size > most {
                return Err(Error::Foreign(format!("{name}: {} bytes", found.meta.size)));
            }
            let bytes = found.bytes().await;
            bytes
                .map(Some)
                .map_err(|error| Error::store("reading", error))
        };
        self.handle.block_on(read)
    }

    /// Calls `each` with the last part of the name of every object below `folder`.
    pub(crate) fn list(&self, folder: &str, mut each: impl FnMut(&str)) -> Result<(), Error> {
        let path = self.path(folder);
        let listed = async {
            let mut all = self.store.list(Some(&path));
            while let Some(found) = all.next().await {
                let found = found.map_err(|error| Error::store("listing", error))?;
                each(found.location.filename().unwrap_or_default());
            }
            Ok(())
        };
        self.handle.block_on(listed)
    }

    /// Names of what lies right in `folder`, folders included, sorted.
    pub(crate) fn names(&self, folder: &str) -> Result<Vec<String>, Error> {
        let path = self.path(folder);
        let listed = self
            .handle
            .block_on(self.store.list_with_delimiter(Some(&path)));
        let listed = listed.map_err(|error| Error::store("listing", error))?;
        let objects = listed.objects.iter().map(|found| &found.location);
        let all = listed.common_prefixes.iter().chain(objects);
        let mut names: Vec<String> = all
            .filter_map(|path| path.filename().map(str::to_owned))
            .collect();
        names.sort();
        Ok(names)
    }
}

fn bucket(bucket: &Bucket, conditional: bool) -> Result<object_store::aws::AmazonS3, Error> {
    let wrong = |error: &dyn std::fmt::Display| Error::store("bucket", error);
    let mut client = ClientOptions::new().with_timeout(REQUEST);
    if let Some(ca) = &bucket.ca {
        let pem =
            std::fs::read(ca).map_err(|error| Error::store(&ca.display().to_string(), error))?;
        for certificate in Certificate::from_pem_bundle(&pem).map_err(|error| wrong(&error))? {
            client = client.with_root_certificate(certificate);
        }
        // whoever names authorities means these
        client = client.with_no_system_certificates(true);
    }
    let retry = RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: TRIES,
        retry_timeout: TRYING,
    };
    let mut builder = match &bucket.keys {
        Some((access, secret)) => AmazonS3Builder::new()
            .with_access_key_id(access)
            .with_secret_access_key(&secret.0),
        None => AmazonS3Builder::from_env(),
    };
    builder = builder
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_retry(retry)
        .with_conditional_put(if conditional {
            S3ConditionalPut::ETagMatch
        } else {
            S3ConditionalPut::Disabled
        });
    if let Some(endpoint) = &bucket.endpoint {
        builder = builder.with_endpoint(endpoint);
        client = client.with_allow_http(endpoint.starts_with("http://"));
    }
    let built = builder.with_client_options(client).build();
    built.map_err(|error| wrong(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways keep what is there; without conditional writes only as long as nobody comes between.
    #[test]
    fn what_is_there_is_kept() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let places = [Place::Memory, Place::Folder(folder.path().to_owned())];
        for (place, conditional) in places
            .iter()
            .flat_map(|place| [(place, true), (place, false)])
        {
            let store = Store {
                place: place.clone(),
                conditional,
            };
            let objects = Objects::open(&store, runtime.handle()).unwrap();
            let name = format!("a/{conditional}");
            let write = |text: &'static [u8]| {
                objects
                    .create(&name, vec![Bytes::from_static(text)])
                    .unwrap()
            };
            assert_eq!(write(b"one"), Created::Now);
            assert_eq!(write(b"two!"), Created::Before);
            assert_eq!(objects.get(&name, 3).unwrap().unwrap(), &b"one"[..]);
            assert_eq!(objects.size(&name).unwrap(), Some(3));
            assert!(objects.get(&name, 2).is_err());
            assert_eq!(objects.get("b", 9).unwrap(), None);
            assert_eq!(objects.size("b").unwrap(), None);
            let mut listed = Vec::new();
            objects
                .list("a", |name| listed.push(name.to_owned()))
                .unwrap();
            assert!(listed.contains(&conditional.to_string()), "{listed:?}");
            assert!(objects.names("").unwrap().contains(&"a".to_owned()));
        }
    }
}
