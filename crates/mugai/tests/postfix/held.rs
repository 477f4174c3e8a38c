//! Whatever is missing, the queue holds, and drains by itself.

use crate::mails::mails;
use crate::server::{World, until};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Sends some mails, and waits until Postfix has tried each at least once in vain.
fn held(world: &World, mails: &[Vec<u8>], tag: &str) {
    let mut client = world.client();
    for (number, mail) in mails.iter().enumerate() {
        client.send(
            "a@sender.example",
            &format!("{tag}{number}@city.example.lg.jp"),
            mail,
        );
    }
    let before = world.sink.recipients();
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(world.sink.recipients(), before, "a mail went on");
    assert_eq!(world.queued(), mails.len());
}

fn drained(world: &World, mails: &[Vec<u8>], before: usize) {
    world.drained(Duration::from_mins(2));
    assert_eq!(world.sink.recipients(), before + mails.len());
    assert!(world.sink.all().values().all(|arrived| arrived.len() == 1));
    assert_eq!(world.bounces(), [""; 0]);
}

#[test]
fn while_anything_is_missing_and_drains_by_itself() {
    let Some(mut world) = World::new() else {
        return;
    };
    // with a PDF in it, which takes longer than a millisecond
    let mails = vec![mails(1).remove(0); 10];

    // no relay at all
    held(&world, &mails, "none");
    world.configure("");
    world.started();
    drained(&world, &mails, 0);

    // a deadline that nothing can keep; SIGHUP mends it
    world.configure("[limits]\ndeadline = \"1 ms\"\n");
    world.signal("HUP");
    until("the new rules", || {
        world.log().contains("rules were read again")
    });
    held(&world, &mails, "late");
    world.configure("");
    world.signal("HUP");
    drained(&world, &mails, 10);

    // a policy that is broken: the last good one stays, and a start is refused
    let city = world.folder.path().join("city.toml");
    std::fs::write(&city, "name = \"city\"\n[[route]]\nfrom = 1\n").unwrap();
    let more = format!(
        "[policies]\ncity = \"{}\"\n[[recipient]]\naddress = \"@city.example.lg.jp\"\npolicy = \"city\"\n",
        city.display()
    );
    world.configure(&more);
    world.signal("HUP");
    until("the refusal", || world.log().contains("last good rules"));
    world.kill();
    world.start();
    assert!(!world.ended());
    held(&world, &mails, "broken");
    world.configure("");
    world.started();
    drained(&world, &mails, 20);
}

/// A file system of one megabyte at the place of the state.
struct Small(PathBuf);

impl Small {
    fn new(place: PathBuf) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs"])
            .arg(&place)
            .stderr(Stdio::null())
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            eprintln!("skipped: no small file system can be mounted here");
            return None;
        }
        Some(Self(place))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn while_the_disk_is_full() {
    let Some(mut world) = World::new() else {
        return;
    };
    world.configure("");
    let Some(small) = Small::new(world.state()) else {
        return;
    };
    world.started();
    let full = world.state().join("full");
    std::fs::write(&full, vec![1; 2 << 20]).expect_err("the disk is larger than it should be");
    // a part of this mail is withheld: its original has to be kept first
    let mails = mails(1);
    held(&world, &mails, "full");
    assert!(world.log().contains("cannot be kept"), "{}", world.log());
    std::fs::remove_file(&full).unwrap();
    drained(&world, &mails, 0);
    world.kill();
    drop(small);
}

#[test]
fn while_the_service_is_away() {
    let Some(mut world) = World::new() else {
        return;
    };
    let mails = mails(10);
    let socket = world.folder.path().join("service");
    world.configure(&format!(
        "[limits]\ndeadline = \"2 s\"\n[service]\naddress = \"{}\"\n",
        socket.display()
    ));
    world.started();
    held(&world, &mails, "away");
    let mut service = Service::start(&world, &socket);
    drained(&world, &mails, 0);
    // and with the service killed in the middle
    let mut client = world.client();
    for (number, mail) in mails.iter().enumerate() {
        client.send(
            "a@sender.example",
            &format!("again{number}@city.example.lg.jp"),
            mail,
        );
    }
    service.kill();
    let _service = Service::start(&world, &socket);
    drained(&world, &mails, 10);
}

/// A service of its own.
pub(crate) struct Service(Child);

impl Service {
    pub(crate) fn start(world: &World, socket: &std::path::Path) -> Self {
        let config = world.folder.path().join("serve.toml");
        let text = format!(
            "policy = \"municipal-lgwan\"\n[listen]\nunix = \"{}\"\n[[caller]]\nname = \"relay\"\nuid = 0\n\
             zones = [{{ from = \"internet\", to = \"lgwan\" }}]\n",
            socket.display()
        );
        std::fs::write(&config, text).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_mugai"))
            .args(["serve", "--config"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let service = Self(child.expect("the service"));
        until("the service", || {
            std::os::unix::net::UnixStream::connect(socket).is_ok()
        });
        service
    }

    pub(crate) fn kill(&mut self) {
        // it may have ended by itself
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}
