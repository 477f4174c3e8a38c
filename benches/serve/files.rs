//! What is sent: the files of a folder, and those of others as attachments of mails.

use crate::Outcome;
use bytes::Bytes;
use data_encoding::BASE64_MIME;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// All files of the first of `folders`, and between them a mail for each file of the others.
pub(crate) fn files(folders: &str) -> Outcome<Vec<Bytes>> {
    let mut folders = folders.split(',');
    let mut mails = Vec::new();
    for path in paths(folders.next().unwrap_or_default())? {
        mails.push(Bytes::from(std::fs::read(path)?));
    }
    let mut others = Vec::new();
    for folder in folders {
        for path in paths(folder)? {
            others.push(attached(&path)?);
        }
    }
    if mails.is_empty() {
        return Err("there are no files in this folder".into());
    }
    // spread evenly, for what comes together is not what comes in
    let places = mails.len().div_ceil(others.len().max(1)).max(1);
    let mut all = Vec::new();
    let mut others = others.into_iter();
    for group in mails.chunks(places) {
        all.extend_from_slice(group);
        all.extend(others.next());
    }
    all.extend(others);
    Ok(all)
}

fn paths(folder: &str) -> Outcome<Vec<PathBuf>> {
    let mut paths: Vec<_> = std::fs::read_dir(Path::new(folder))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();
    Ok(paths)
}

/// A mail that has nothing but a line of text and this file.
fn attached(path: &Path) -> Outcome<Bytes> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("bin");
    let mut mail = format!(
        "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: attachment\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the attachment.\r\n--b\r\n\
         Content-Type: application/octet-stream; name=\"a.{extension}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n"
    )
    .into_bytes();
    mail.extend_from_slice(BASE64_MIME.encode(&std::fs::read(path)?).as_bytes());
    mail.extend_from_slice(b"--b--\r\n");
    Ok(mail.into())
}

/// Files one after the other, from the first again behind the last, until the time is over and the
/// last has had its turn: every turn is of the same files.
pub(crate) struct Turns {
    files: Arc<Vec<Bytes>>,
    until: Instant,
    next: AtomicUsize,
    over: AtomicBool,
}

impl Turns {
    pub(crate) fn new(files: Arc<Vec<Bytes>>, time: Duration) -> Self {
        let now = Instant::now();
        Self {
            files,
            until: now.checked_add(time).unwrap_or(now),
            next: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        }
    }

    pub(crate) fn next(&self) -> Option<Bytes> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let number = number.checked_rem(self.files.len())?;
        if number == 0 && Instant::now() >= self.until {
            self.over.store(true, Ordering::Relaxed);
        }
        if self.over.load(Ordering::Relaxed) {
            return None;
        }
        self.files.get(number).cloned()
    }
}
