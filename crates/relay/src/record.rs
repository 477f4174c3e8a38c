//! Which mail was delivered to whom: a file that outlives the relay, so that a mail that the mail server
//! sends again is not delivered again.
//!
//! A line between "it was delivered" and "it is known that it was" cannot be drawn away: when the relay
//! dies right there, the mail comes twice. Everything written here is known for good.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot};

/// What is remembered of a delivery: half of a BLAKE3 over queue number, content and recipient.
pub(crate) type Key = [u8; 16];

/// A key, and when it was written, in seconds since 1970, little end first.
const RECORD: usize = 24;

/// So much room is kept ready, so that a full disk is noticed before a mail is delivered, not after.
const AHEAD: u64 = 64 << 10;

/// A file above this size is written anew, without what is old.
const MOST: u64 = 64 << 20;

/// Makes the key of a delivery.
pub(crate) fn key(queue_id: &str, digest: &blake3::Hash, recipient: &str) -> Key {
    let mut hasher = blake3::Hasher::new_derive_key("mugai relay delivery 1");
    for text in [queue_id.as_bytes(), digest.as_bytes(), recipient.as_bytes()] {
        hasher.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(text);
    }
    let mut key = Key::default();
    for (to, from) in key.iter_mut().zip(hasher.finalize().as_bytes()) {
        *to = *from;
    }
    key
}

/// All deliveries that are remembered.
#[derive(Debug)]
pub(crate) struct Record {
    inner: Arc<Mutex<Inner>>,
    to: mpsc::UnboundedSender<Order>,
}

/// What is known, and the file in which it is written.
#[derive(Debug)]
struct Inner {
    known: BTreeSet<Key>,
    writer: Writer,
}

/// Where it is said that what was written is on the disk.
type Order = oneshot::Sender<io::Result<()>>;

impl Record {
    /// Opens the record in a folder, and forgets what is older than `remembered`.
    ///
    /// # Errors
    /// When the file cannot be read or written, or another relay has it.
    pub(crate) fn open(folder: &Path, remembered: Duration) -> io::Result<Self> {
        let path = folder.join("delivered");
        let mut writer = Writer::open(path, remembered)?;
        let known = writer.load()?;
        let inner = Arc::new(Mutex::new(Inner { known, writer }));
        let (to, mut orders) = mpsc::unbounded_channel::<Order>();
        let shared = Arc::clone(&inner);
        let work = move || {
            while let Some(first) = orders.blocking_recv() {
                let mut group = vec![first];
                // whoever came meanwhile shares one sync
                while let Ok(next) = orders.try_recv() {
                    group.push(next);
                }
                synced(&shared, group);
            }
        };
        std::thread::Builder::new()
            .name("record".to_owned())
            .spawn(work)?;
        Ok(Self { inner, to })
    }

    /// Whether a delivery is remembered.
    pub(crate) fn has(&self, key: &Key) -> bool {
        locked(&self.inner).known.contains(key)
    }

    /// Makes sure that there is room to remember a delivery.
    pub(crate) fn ready(&self) -> io::Result<()> {
        locked(&self.inner).writer.reserve()
    }

    /// Remembers deliveries. They are in the hands of the kernel at once, where they outlive this process, and
    /// on the disk once this returns.
    pub(crate) async fn add(&self, keys: &[Key]) -> io::Result<()> {
        {
            let mut inner = locked(&self.inner);
            inner.writer.write(keys)?;
            inner.known.extend(keys);
        }
        let (to, answer) = oneshot::channel();
        let gone = || io::Error::other("the thread of the record has ended");
        self.to.send(to).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

fn locked(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has the disk keep what was written; writes go on meanwhile.
fn synced(inner: &Mutex<Inner>, group: Vec<Order>) {
    let file = locked(inner).writer.file.try_clone();
    let done = file.and_then(|file| file.sync_data());
    let mut inner = locked(inner);
    // all of a large record may be young: it is not written again before there is as much more
    if inner.writer.end > MOST.max(inner.writer.least.saturating_mul(2))
        && let Ok(left) = inner.writer.load()
    {
        inner.known = left;
    }
    drop(inner);
    for answer in group {
        let done = done.as_ref().copied();
        // whoever asked may have gone
        let _ = answer.send(done.map_err(|error| io::Error::new(error.kind(), error.to_string())));
    }
}

/// The file.
#[derive(Debug)]
struct Writer {
    path: PathBuf,
    file: File,
    /// Where the next record goes.
    end: u64,
    /// Where it was after it was last written anew.
    least: u64,
    /// How far the file is there on disk.
    room: u64,
    remembered: Duration,
}

impl Writer {
    fn open(path: PathBuf, remembered: Duration) -> io::Result<Self> {
        let file = open(&path)?;
        lock(&file)?;
        Ok(Self {
            path,
            file,
            end: 0,
            least: 0,
            room: 0,
            remembered,
        })
    }

    /// Reads all records and writes those anew that are not too old.
    fn load(&mut self) -> io::Result<BTreeSet<Key>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        let oldest = now().saturating_sub(self.remembered.as_secs());
        let mut kept = BTreeMap::new();
        for record in bytes.chunks_exact(RECORD) {
            let (mut key, mut time) = (Key::default(), [0; 8]);
            let (head, tail) = record.split_at(key.len());
            key.copy_from_slice(head);
            time.copy_from_slice(tail);
            let time = u64::from_le_bytes(time);
            // room that was never used is zeros; a record that was torn is a key that nothing has
            if time >= oldest && time != 0 {
                kept.insert(key, time);
            }
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
        let mut out = Vec::with_capacity(kept.len().saturating_mul(RECORD));
        for (key, time) in &kept {
            out.extend_from_slice(key);
            out.extend_from_slice(&time.to_le_bytes());
        }
        fresh.write_all(&out)?;
        fresh.as_file().sync_all()?;
        lock(fresh.as_file())?;
        self.file = fresh.persist(&self.path)?;
        File::open(folder)?.sync_all()?;
        self.end = u64::try_from(out.len()).unwrap_or(u64::MAX);
        self.least = self.end;
        self.room = self.end;
        self.reserve()?;
        Ok(kept.into_keys().collect())
    }

    fn write(&mut self, keys: &[Key]) -> io::Result<()> {
        self.reserve()?;
        if keys.is_empty() {
            return Ok(());
        }
        let time = now().to_le_bytes();
        let mut out = Vec::with_capacity(keys.len().saturating_mul(RECORD));
        for key in keys {
            out.extend_from_slice(key);
            out.extend_from_slice(&time);
        }
        self.file.write_all_at(&out, self.end)?;
        let written = u64::try_from(out.len()).unwrap_or(u64::MAX);
        self.end = self.end.saturating_add(written);
        Ok(())
    }

    /// Has the disk set aside room for what comes.
    fn reserve(&mut self) -> io::Result<()> {
        let least = self.end.saturating_add(AHEAD / 2);
        if self.room >= least {
            return Ok(());
        }
        let room = self.end.saturating_add(AHEAD);
        let zeros = vec![0u8; usize::try_from(room.saturating_sub(self.room)).unwrap_or(0)];
        self.file.write_all_at(&zeros, self.room)?;
        self.file.sync_data()?;
        self.room = room;
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// One relay has a record; two would not know of each other's deliveries.
fn lock(file: &File) -> io::Result<()> {
    file.try_lock().map_err(|error| match error {
        std::fs::TryLockError::WouldBlock => io::Error::other("another relay has this folder"),
        std::fs::TryLockError::Error(error) => error,
    })
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: Duration = Duration::from_hours(7 * 24);

    fn some(number: u8) -> Key {
        key("4XkQ2z", &blake3::hash(&[number]), "a@b.jp")
    }

    #[tokio::test]
    async fn what_was_written_is_known_after_a_new_start() {
        let folder = tempfile::tempdir().unwrap();
        let record = Record::open(folder.path(), WEEK).unwrap();
        record.ready().unwrap();
        assert!(!record.has(&some(1)));
        record.add(&[some(1), some(2)]).await.unwrap();
        assert!(record.has(&some(1)));
        assert!(Record::open(folder.path(), WEEK).is_err());
        drop(record);
        let again = reopened(folder.path(), WEEK);
        assert!(again.has(&some(1)) && again.has(&some(2)) && !again.has(&some(3)));
    }

    /// The thread of the one before may take a moment to let go of the file.
    fn reopened(folder: &Path, remembered: Duration) -> Record {
        loop {
            if let Ok(record) = Record::open(folder, remembered) {
                return record;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[tokio::test]
    async fn torn_and_old_records_are_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("delivered");
        let mut bytes = Vec::new();
        for (number, time) in [(1, now()), (2, now() - 2 * WEEK.as_secs()), (3, now())] {
            bytes.extend_from_slice(&some(number));
            bytes.extend_from_slice(&time.to_le_bytes());
        }
        bytes.truncate(bytes.len() - 1);
        std::fs::write(&path, &bytes).unwrap();
        let record = Record::open(folder.path(), WEEK).unwrap();
        assert!(record.has(&some(1)));
        assert!(!record.has(&some(2)) && !record.has(&some(3)));
        record.add(&[some(4)]).await.unwrap();
        drop(record);
        let again = reopened(folder.path(), WEEK);
        assert!(again.has(&some(1)) && again.has(&some(4)));
    }

    #[test]
    fn keys_depend_on_all_that_they_are_made_of() {
        let one = blake3::hash(b"1");
        let all = BTreeSet::from([
            key("a", &one, "b@c"),
            key("a", &one, "b@d"),
            key("ab", &one, "@c"),
            key("b", &one, "b@c"),
            key("a", &blake3::hash(b"2"), "b@c"),
        ]);
        assert_eq!(all.len(), 5);
    }
}
