use super::*;

/// A disk of so many bytes.
#[derive(Debug)]
struct Disk(usize);

#[derive(Debug)]
struct Memory(Mutex<Vec<u8>>, usize);

impl SpoolFolder for Disk {
    fn create(&self) -> Option<Arc<dyn SpoolFile>> {
        (self.0 > 0).then(|| -> Arc<dyn SpoolFile> { Arc::new(Memory(Mutex::default(), self.0)) })
    }
}

impl SpoolFile for Memory {
    fn write(&self, at: u64, bytes: &[u8]) -> Option<()> {
        let mut all = self.0.lock().unwrap();
        let at = usize::try_from(at).ok()?;
        let end = at.checked_add(bytes.len())?;
        if end > self.1 {
            return None;
        }
        if end > all.len() {
            all.resize(end, 0);
        }
        all[at..end].copy_from_slice(bytes);
        Some(())
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Option<()> {
        let all = self.0.lock().unwrap();
        let at = usize::try_from(at).ok()?;
        into.copy_from_slice(all.get(at..at.checked_add(into.len())?)?);
        Some(())
    }
}

fn spool(bytes: usize) -> Spool {
    Spool::new(Arc::new(Disk(bytes)))
}

fn pattern(length: usize) -> Vec<u8> {
    (0..=250u8).cycle().take(length).collect()
}

/// Writes in pieces of `piece` bytes.
fn written(spool: Spool, bytes: &[u8], piece: usize) -> Result<Spooled, Refusal> {
    let mut writer = SpoolWriter::new(spool);
    for piece in bytes.chunks(piece) {
        writer.put(piece);
    }
    let length = writer.len();
    let kept = writer.finish()?;
    assert_eq!((kept.len(), length), (bytes.len(), bytes.len()));
    Ok(kept)
}

#[test]
fn what_is_written_comes_back_from_wherever_it_lies() {
    for length in [0, 1, 4 << 20, (4 << 20) + 1, (5 << 20) + 77] {
        let bytes = pattern(length);
        for piece in [1000, 300_000, 6 << 20] {
            let kept = written(spool(1 << 30), &bytes, piece).unwrap();
            assert_eq!(kept.here().is_some(), length <= 4 << 20, "{length}");
            assert_eq!(kept.len(), length);
            assert_eq!(*kept.load().unwrap(), *bytes);
            assert_eq!(kept.equals(&bytes), Ok(true));
            let mut all = Vec::new();
            kept.each(|piece| {
                all.extend_from_slice(piece);
                Ok::<(), Refusal>(())
            })
            .unwrap();
            assert_eq!(all, bytes);
            assert_eq!(kept.into_vec().unwrap(), bytes);
        }
    }
}

#[test]
fn a_full_disk_is_told_and_no_disk_is_done_without() {
    let bytes = pattern(6 << 20);
    assert_eq!(written(spool(5 << 20), &bytes, 1000), Err(LOST));
    let kept = written(spool(0), &bytes, 1000).unwrap();
    assert_eq!(kept.here(), Some(bytes.as_slice()));
    let kept = written(Spool::memory(), &bytes, 1000).unwrap();
    assert_eq!(kept.here(), Some(bytes.as_slice()));
}

#[test]
fn parts_lie_within_and_know_their_place() {
    let bytes = pattern(5 << 20);
    for all in [
        written(spool(1 << 30), &bytes, 1 << 20).unwrap(),
        Spooled::new(bytes.clone()),
    ] {
        let outer = all.part(10..1000).unwrap();
        let part = outer.part(5..20).unwrap();
        assert_eq!(*part.load().unwrap(), bytes[15..30]);
        assert_eq!(part.place_in(&outer), Some(5..20));
        assert_eq!(part.place_in(&all), Some(15..30));
        assert_eq!(all.place_in(&part), None);
        assert_eq!(outer.part(0..991), None);
        assert_eq!(part.read(10, &mut [0; 6]), None);
        assert_eq!(part.clone().into_vec().unwrap(), bytes[15..30]);
        assert_ne!(part, outer);
        assert_eq!(part, Spooled::new(bytes[15..30].to_vec()));
        assert_eq!(part.equals(&bytes[14..29]), Ok(false));
        assert_eq!(part.place_in(&Spooled::new(bytes.clone())), None);
    }
    assert_eq!(
        Spooled::new(bytes[..100].to_vec())
            .part(20..30)
            .unwrap()
            .into_vec()
            .unwrap(),
        bytes[20..30]
    );
}

#[test]
fn what_waits_is_in_memory_until_there_is_much_of_it() {
    let spool = spool(1 << 30);
    let bytes = pattern(5 << 20);
    let keep = || spool.keep(Spooled::new(bytes.clone())).unwrap();
    let waiting: Vec<Spooled> = (0..5).map(|_| keep()).collect();
    let here: Vec<bool> = waiting.iter().map(|kept| kept.here().is_some()).collect();
    assert_eq!(here, [true, true, true, false, false]);
    assert!(waiting.iter().all(|kept| kept.equals(&bytes) == Ok(true)));
    // two in one file are not the same place
    assert_eq!(waiting[3].place_in(&waiting[4]), None);
    let small = spool.keep(Spooled::new(vec![1; 100])).unwrap();
    assert!(small.here().is_some());
    drop(waiting);
    assert!(keep().here().is_some());
}

#[test]
fn what_is_lost_on_the_way_is_told() {
    let spool = spool(1 << 20);
    let bytes = pattern(17 << 20);
    assert_eq!(spool.keep(Spooled::new(bytes)), Err(LOST));
}
