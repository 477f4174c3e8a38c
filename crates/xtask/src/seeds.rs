//! Seeds of the fuzzers: the inputs of the cases, sorted to the targets that can begin with them.

use crate::Outcome;
use mugai_core::{Assignment, Budget, Cx, NoFonts};
use mugai_core::{Family, Hints, Params, Target, Treatment, Treatments, Untrusted, wire};
use mugai_engine::policy::PRESETS;
use mugai_testkit::{corpus, oracle, show::Tape};
use std::path::Path;

/// Larger inputs only slow a fuzzer down.
const MOST_BYTES: usize = 64 << 10;

/// Writes `fuzz/seeds/<target>/`.
pub(crate) fn write(root: &Path) -> Outcome {
    let seeds = root.join("fuzz/seeds");
    if seeds.is_dir() {
        std::fs::remove_dir_all(&seeds).map_err(|error| error.to_string())?;
    }
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let folder = seeds.join(target);
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join(name), bytes))
            .map_err(|error| format!("{}: {error}", folder.display()))
    };
    for place in corpus::cases().map_err(|error| error.to_string())? {
        let (bytes, _) = place.input().map_err(|error| error.to_string())?;
        if bytes.len() > MOST_BYTES {
            continue;
        }
        let name = place.name.replace('/', "-");
        for target in targets(place.format()) {
            put(&target, &name, &bytes)?;
        }
        put("wire", &name, &frames(&bytes))?;
    }
    for (target, name, bytes) in relay() {
        put(target, name, &bytes)?;
    }
    for (target, name, bytes) in verifier() {
        put(target, &name, &bytes)?;
    }
    let mut order = Vec::new();
    wire::encode_assignment(&assignment(), &mut order);
    put("assignment", "default", &order)?;
    PRESETS
        .iter()
        .try_for_each(|(name, text)| put("policy", name, text.as_bytes()))
}

/// What mail servers say to the relay.
fn relay() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    const DIALOGUE: &str = "EHLO x\r\nXFORWARD NAME=a.example ADDR=192.0.2.1 IDENT=Q1\r\n\
        MAIL FROM:<a@b.jp> SIZE=10 BODY=8BITMIME RET=HDRS ENVID=e\r\n\
        RCPT TO:<c@d.jp> NOTIFY=NEVER ORCPT=rfc822;c@d.jp\r\nRCPT TO:<\"e f\"@text.example>\r\n";
    const MAIL: &str = "From: a@b.jp\r\nSubject: x\r\n\r\n..hello\r\n.\r\n";
    let packet = |command: u8, data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap_or(0).saturating_add(1);
        [&length.to_be_bytes(), &[command][..], data].concat()
    };
    let milter = [
        packet(b'O', &[0, 0, 0, 6, 0, 0, 1, 0xff, 0, 0x1f, 0xff, 0xff]),
        packet(b'M', b"<a@b.jp>\0SIZE=10\0"),
        packet(b'D', b"Ri\0Q1\0"),
        packet(b'R', b"<c@d.jp>\0"),
        packet(b'L', b"From\0 a@b.jp\0"),
        packet(b'L', b"Subject\0 x\0"),
        packet(b'N', b""),
        packet(b'B', b"hello\r\n"),
        packet(b'E', b""),
        packet(b'Q', b""),
    ];
    let text = |text: String| text.into_bytes();
    vec![
        (
            "relay_smtp",
            "data",
            text(format!("0{DIALOGUE}DATA\r\n{MAIL}QUIT\r\n")),
        ),
        (
            "relay_smtp",
            "chunks",
            text(format!(
                "0{DIALOGUE}BDAT 6\r\nA: b\r\nBDAT 5 LAST\r\n\r\nc\r\nQUIT\r\n"
            )),
        ),
        (
            "relay_smtp",
            "lmtp",
            text(format!("1{DIALOGUE}DATA\r\n{MAIL}RSET\r\n").replace("EHLO", "LHLO")),
        ),
        ("relay_commands", "all", text(format!("{DIALOGUE}{MAIL}"))),
        ("relay_packets", "mail", milter.concat()),
        (
            "relay_replies",
            "taken",
            b"220 x\r\n250-x\r\n250-PIPELINING\r\n250-SIZE 0\r\n250-DSN\r\n\
              250-XFORWARD IDENT SOURCE\r\n250 8BITMIME\r\n250 a\r\n250 b\r\n250 c\r\n\
              250 d\r\n354 e\r\n250 f\r\n"
                .to_vec(),
        ),
        (
            "relay_replies",
            "refused",
            b"220 x\r\n250 x\r\n250 a\r\n550 b\r\n451 c\r\n554 d\r\n250 e\r\n".to_vec(),
        ),
    ]
}

/// Questions about files of ours, as they are and changed, and answers.
fn verifier() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut all = Vec::new();
    for (at, target) in (0u8..).zip(Target::ALL) {
        for mode in 1..=3u8 {
            let name = format!("{}-{mode}", target.code());
            all.push(("verifier_question", name, vec![mode, at]));
        }
        // any question, here whether a text of four letters is of that profile
        let question = [&[0, 0, 6, 1, at, 0, 0, 0, 0], &b"text"[..]].concat();
        all.push((
            "verifier_question",
            format!("{}-any", target.code()),
            question,
        ));
    }
    let yes = [7u8, 7, 0, 0, 0, 0];
    let no = [
        &[7u8, 7, 0, 0, 0, 1, 9, 0, 0, 0, 1][..],
        &[5, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    let want = [&[8u8, 7, 0, 0, 0][..], &[0; 8], &[1, 0, 0, 0]].concat();
    for (name, message) in [("yes", &yes[..]), ("no", &no), ("want", &want)] {
        let length = u8::try_from(message.len()).unwrap_or(0);
        let data = [&[length], message, b"png: rule"].concat();
        all.push(("verifier_answer", name.to_owned(), data));
        all.push(("verifier_messages", name.to_owned(), message.to_vec()));
    }
    all
}

/// The targets that an input of `format` is a seed of.
fn targets(format: &str) -> Vec<String> {
    let reader = format!("reader_{format}");
    let mut targets: Vec<String> = ["identify", "pipeline"].map(str::to_owned).to_vec();
    if oracle::ALL.iter().any(|(name, _)| *name == reader) {
        targets.push(reader);
    }
    if matches!(format, "mail" | "text" | "csv" | "html") {
        targets.extend(["charset", "emit_verify_txt", "emit_verify_eml"].map(str::to_owned));
    }
    targets
}

/// What a worker says about `bytes`.
fn frames(bytes: &[u8]) -> Vec<u8> {
    let order = assignment();
    let budget = Budget::new(order.limits);
    let mut tape = Tape::default();
    let input = Untrusted::new(bytes.to_vec());
    let mut cx = Cx::new(&order, &budget, &NoFonts, &mut tape).over(&input);
    let end = match mugai_testkit::open(input.here().unwrap_or_default(), &mut cx) {
        Ok(()) => wire::Message::Done {
            spent: budget.all_spent(),
        },
        Err(refusal) => wire::Message::Refused {
            refusal,
            spent: budget.all_spent(),
        },
    };
    let pieces = tape.pieces.into_iter().map(wire::Message::Piece);
    let findings = tape.findings.into_iter().map(wire::Message::Finding);
    let mut out = Vec::new();
    for message in tape
        .kind
        .map(wire::Message::Kind)
        .into_iter()
        .chain(pieces)
        .chain(findings)
        .chain([end])
    {
        // a piece over 4 GiB is none of these
        let _ = wire::encode(&message, &input, &mut out);
        if out.len() > MOST_BYTES {
            break;
        }
    }
    out
}

fn assignment() -> Assignment {
    let treatments = [Family::Mail, Family::Text, Family::Csv, Family::Html]
        .into_iter()
        .fold(Treatments::nothing(), |all, family| {
            all.with(family, Treatment::Text)
        });
    Assignment {
        hints: Hints::default(),
        treatments: treatments
            .with(Family::Image, Treatment::Flatten)
            .with(Family::Pdf, Treatment::Flatten),
        limits: oracle::SMALL,
        params: Params::default(),
    }
}
