//! Keeps originals of which something was withheld, so that they can be asked for by their number.

use crate::about::About;
use crate::mail::{Content, Mail};
use crate::sanitise::Told;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How the files begin that say what was withheld; one a day.
const JOURNAL: &str = "withheld-";

/// A mail of which something was withheld, as a line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// When, in seconds since 1970.
    pub(crate) time: i64,
    /// The number of the job: notices name it, and the file of the original is called by it.
    pub(crate) id: String,
    /// The number under which the mail server held it.
    pub(crate) queue_id: String,
    /// The sender and the recipients in its envelope.
    pub(crate) sender: String,
    pub(crate) recipients: Vec<String>,
    /// Who it says it is from, and what it is about; empty where that is not known.
    #[serde(default)]
    pub(crate) from: String,
    #[serde(default)]
    pub(crate) subject: String,
    /// Whether all of it was withheld.
    pub(crate) whole: bool,
    /// What was withheld: names, kinds and reasons.
    pub(crate) parts: Vec<Withheld>,
}

/// A part that was withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Withheld {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) reason: String,
    pub(crate) detail: String,
}

impl Entry {
    /// What is written of a mail.
    pub(crate) fn of(
        mail: &Mail,
        recipients: Vec<String>,
        told: &Told,
        about: &About,
        time: i64,
    ) -> Self {
        Self {
            time,
            id: told.id.clone(),
            queue_id: mail.envelope.queue_id().to_owned(),
            sender: mail.envelope.sender.as_str().to_owned(),
            recipients,
            from: about.from.clone(),
            subject: about.subject.clone(),
            whole: told.refusal.is_some(),
            parts: told.withheld.clone(),
        }
    }
}

/// The folder of originals.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    folder: PathBuf,
}

impl Hold {
    /// Makes the folder, for its owner alone.
    pub(crate) fn open(state: &Path) -> io::Result<Self> {
        let folder = state.join("held");
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        Ok(Self { folder })
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps an original and says so in the journal; both are on disk when this returns.
    pub(crate) fn keep(&self, content: &Content, entry: &Entry) -> io::Result<()> {
        let path = self.folder.join(format!("{}.eml", entry.id));
        // the number is made of the content: a file of this name is this very mail, kept for longer now
        if let Ok(kept) = File::open(&path) {
            kept.set_modified(SystemTime::now())?;
        } else {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            match content {
                Content::Held(mail) => {
                    let mail = mail.load();
                    let mail = mail.map_err(|why| io::Error::other(why.to_string()))?;
                    file.write_all(&mail)?;
                }
                Content::TooLarge(from, _) => copy(from, file.as_file_mut())?,
            }
            file.as_file().sync_all()?;
            file.persist(&path)?;
        }
        // a line that was torn before must not take this one with it
        let line = serde_json::to_string(entry).map_err(io::Error::other)?;
        let line = format!("\n{line}\n");
        let mut journal = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(self.journal(SystemTime::now()))?;
        journal.write_all(line.as_bytes())?;
        journal.sync_all()?;
        File::open(&self.folder)?.sync_all()
    }

    /// The journal of a day, by the clock of UTC.
    fn journal(&self, time: SystemTime) -> PathBuf {
        let stamp = humantime::format_rfc3339_seconds(time).to_string();
        let day = stamp.get(..10).unwrap_or("unknown");
        self.folder.join(format!("{JOURNAL}{day}.jsonl"))
    }

    /// What was withheld since a point in time, the oldest first. A line that was torn is left out, and of a
    /// mail that was tried several times, because the next mail server did not take it, the first try counts.
    pub(crate) fn since(&self, time: i64) -> io::Result<Vec<Entry>> {
        let mut all = Vec::new();
        for found in std::fs::read_dir(&self.folder)? {
            let found = found?;
            if found.file_name().to_string_lossy().starts_with(JOURNAL) {
                // a name may be torn in the middle of a letter
                let text = std::fs::read(found.path())?;
                let entries = text
                    .split(|byte| *byte == b'\n')
                    .filter_map(|line| serde_json::from_slice::<Entry>(line).ok());
                all.extend(entries.filter(|entry| entry.time >= time));
            }
        }
        all.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
        let mut seen = BTreeSet::new();
        all.retain(|entry| {
            let mail = (&entry.id, &entry.queue_id, &entry.recipients);
            seen.insert(format!("{mail:?}"))
        });
        Ok(all)
    }

    /// Deletes what has been kept long enough; gives how many files that were, and how many are left. One that
    /// cannot be deleted does not keep the others.
    ///
    /// # Errors
    /// The first that there was, once all were looked at.
    pub(crate) fn sweep(&self, held: Duration) -> io::Result<(u64, u64)> {
        let (mut deleted, mut left) = (0u64, 0u64);
        let mut trouble = None;
        for found in std::fs::read_dir(&self.folder)? {
            let found = found?;
            match old(&found, held) {
                Ok(true) => deleted = deleted.saturating_add(1),
                Ok(false) => left = left.saturating_add(1),
                // a file of somebody at work, which has its name by now
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => trouble = trouble.or(Some(error)),
            }
        }
        trouble.map_or(Ok((deleted, left)), Err)
    }
}

/// Deletes a file that is older than `held`; whether it was.
fn old(found: &std::fs::DirEntry, held: Duration) -> io::Result<bool> {
    let about = found.metadata()?;
    if !about.is_file() || about.modified()?.elapsed().unwrap_or_default() <= held {
        return Ok(false);
    }
    std::fs::remove_file(found.path())?;
    Ok(true)
}

/// Copies a file from its beginning, wherever another reader of it may be.
fn copy(from: &File, to: &mut File) -> io::Result<()> {
    let mut piece = vec![0; 64 << 10];
    let mut place = 0u64;
    loop {
        let read = from.read_at(&mut piece, place)?;
        if read == 0 {
            return Ok(());
        }
        to.write_all(piece.get(..read).unwrap_or_default())?;
        place = place.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(time: i64) -> Entry {
        Entry {
            time,
            id: format!("MG-{time}"),
            queue_id: "4XkQ2z".to_owned(),
            sender: "a@b.jp".to_owned(),
            recipients: vec!["c@d.jp".to_owned()],
            from: String::new(),
            subject: String::new(),
            whole: false,
            parts: Vec::new(),
        }
    }

    #[test]
    fn originals_are_found_by_their_number_until_they_are_old() {
        let state = tempfile::tempdir().unwrap();
        let hold = Hold::open(state.path()).unwrap();
        let mut large = tempfile::tempfile().unwrap();
        large.write_all(b"large").unwrap();
        hold.keep(
            &Content::Held(mugai_core::Untrusted::new(b"small".to_vec())),
            &entry(1),
        )
        .unwrap();
        hold.keep(&Content::TooLarge(large, 5), &entry(2)).unwrap();
        for (name, content) in [("MG-1.eml", "small"), ("MG-2.eml", "large")] {
            let path = hold.folder().join(name);
            assert_eq!(std::fs::read_to_string(path).unwrap(), content);
        }
        // a second try, and a line that was torn before
        let today = hold.journal(SystemTime::now());
        let mut torn = OpenOptions::new().append(true).open(today).unwrap();
        torn.write_all("{\"time\":3,\"id\":\"見".as_bytes().split_last().unwrap().1)
            .unwrap();
        let mut again = entry(1);
        again.time = 5;
        hold.keep(
            &Content::Held(mugai_core::Untrusted::new(b"small".to_vec())),
            &again,
        )
        .unwrap();
        assert_eq!(hold.since(0).unwrap(), [entry(1), entry(2)]);
        assert_eq!(hold.since(2).unwrap(), [entry(2), again]);
        assert_eq!(hold.sweep(Duration::from_mins(1)).unwrap(), (0, 3));
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(hold.sweep(Duration::from_millis(1)).unwrap(), (3, 0));
        assert_eq!(hold.since(0).unwrap(), []);
    }
}
