#!/usr/bin/env python3
"""Whether archives and mail containers hold the same files here as for other programs.

    python3 benches/archive_lists.py MUGAI DIR

Reads every file below DIR whose bytes begin like those of an archive, of winmail.dat or of a message of Outlook.
Lists of bsdtar, 7z, unzip, lhasa, cabextract, tnef and extract-msg, as far as they are installed, are compared with
each other first: where two of them agree, or there is only one, theirs is the list that ours should be. Names are
compared by their letters of ASCII, for the rest depends on code pages, and without folders that lead nowhere.
"""
import collections
import email
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

MARKS = {
    b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"7z\xbc\xaf": "7z", b"Rar!": "rar", b"RE~^": "rar", b"MSCF": "cab",
    b"\x1f\x8b": "stream", b"BZh": "stream", b"\xfd7zXZ": "stream", b"\x28\xb5\x2f\xfd": "stream",
    b"\x78\x9f\x3e\x22": "tnef", b"\xd0\xcf\x11\xe0": "ole",
}


def kind(path):
    with open(path, "rb") as file:
        head = file.read(600)
    for mark, name in MARKS.items():
        if head.startswith(mark):
            return name
    if head[257:262] == b"ustar":
        return "tar"
    return "lha" if re.match(rb"..-l[hzp][0-9a-z]-", head, re.S) else None


def plain(name):
    """What of a name does not depend on code pages and systems."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/"))
    steps = [step for step in name.split("/") if step not in ("", ".", "..") and not re.fullmatch("[A-Za-z]:", step)]
    return "/".join(re.sub(r"[^\x21-\x7e]|[:*?\"<>|]", "", step).strip(". ").lstrip("_") for step in steps).lower()


def call(*command):
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None


def bsdtar(path):
    lines = call("bsdtar", "-tvf", path)
    if lines is None:
        return None
    return [line.split(None, 8)[8] for line in lines.splitlines() if line.startswith("-")]


def seven(path):
    text = call("7z", "l", "-slt", "-p", "-ba", path)
    if text is None:
        return None
    names = []
    for block in text.split("\n\n"):
        fields = dict(line.split(" = ", 1) for line in block.splitlines() if " = " in line)
        attributes = fields.get("Attributes", "") + " " + fields.get("Mode", "")
        link = re.search(r"\bl[rwx-]{9}|Symbolic Link = .", block) or fields.get("Symbolic Link")
        folder = fields.get("Folder") == "+" or attributes.strip().startswith("D") or re.search(r"\bd[rwx-]{9}", attributes)
        if "Path" in fields and not folder and not link:
            names.append(fields["Path"])
    return names


def lines_of(*command):
    def run(path):
        text = call(*command, path)
        return None if text is None else [name for name in text.splitlines() if name and not name.endswith("/")]
    return run


def cabextract(path):
    text = call("cabextract", "-l", "-q", path)
    return None if text is None else [line.split("|", 2)[2].strip() for line in text.splitlines() if line.count("|") >= 2]


def lhasa(path):
    text = call("lhasa", "lq", path)
    if text is None:
        return None
    rows = [line.split(None, 6) for line in text.splitlines()]
    return [row[-1] for row in rows if row and not row[-1].endswith("/") and " -> " not in row[-1]]


def tnef(path):
    text = call("tnef", "-t", path)
    return None if text is None else [line.split("|")[0].strip() for line in text.splitlines() if line.strip()]


def outlook(path):
    try:
        import extract_msg
        with extract_msg.openMsg(path) as message:
            names = [a.longFilename or a.shortFilename or a.name for a in getattr(message, "attachments", [])]
            return [name for name in names if name]
    except Exception:
        return None


PEERS = {
    "zip": [bsdtar, seven, lines_of("unzip", "-Z1")], "7z": [bsdtar, seven], "rar": [bsdtar, seven], "tar": [bsdtar, seven],
    "lha": [bsdtar, seven, lhasa],
    "cab": [bsdtar, seven, cabextract], "tnef": [tnef], "ole": [outlook], "stream": [bsdtar, seven],
}


def ours(mugai, path):
    done = subprocess.run([mugai, "inspect", "--json", path], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.stdout.strip() else None


def inside(path, scratch):
    """The file itself, or each winmail.dat of a mail."""
    if kind(path):
        return [path]
    with open(path, "rb") as file:
        raw = file.read()
    if b"tnef" not in raw.lower() and b"winmail" not in raw.lower():
        return []
    made = []
    for part in email.message_from_bytes(raw).walk():
        try:
            content = part.get_payload(decode=True)
        except Exception:
            content = None
        if content and content.startswith(b"\x78\x9f\x3e\x22"):
            made.append(os.path.join(scratch, f"{os.path.basename(path)}.{len(made)}.dat"))
            with open(made[-1], "wb") as file:
                file.write(content)
    return made


def main():
    mugai, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    sums = collections.Counter()
    scratch = tempfile.mkdtemp()
    for root, _, names in sorted(os.walk(folder)):
        for path in [path for name in sorted(names) for path in inside(os.path.join(root, name), scratch)]:
            name = os.path.basename(path)
            found = kind(path)
            if found is None:
                continue
            report = ours(mugai, path)
            if report is None:
                sums["no verdict"] += 1
                print(f"{name}: no verdict", flush=True)
                continue
            parts = report["parts"]
            if parts[0]["kind"] not in (found, "gzip", "bzip2", "xz", "zstd", "tar", "msg", "sevenzip"):
                continue  # an office document, or a file that another format claims
            if found == "stream" and parts[0]["kind"] != "tar" and len(parts) == 2:
                continue  # one file without a name of its own
            theirs = [names for names in (peer(path) for peer in PEERS[found]) if names is not None]
            lists = collections.Counter(tuple(sorted(plain(name) for name in names)) for names in theirs)
            top = lists.most_common(1)
            if not top or (len(theirs) > 1 and top[0][1] < 2):
                sums["others do not agree"] += 1
                print(f"{name}: others do not agree, {parts[0]['refusal'] or len(parts) - 1}", flush=True)
                continue
            want = top[0][0]
            deep = 2 if parts[0]["kind"] == "msg" else 1
            got = tuple(sorted(plain(part["name"] or "") for part in parts if part["path"].count(".") == deep and part["name"]))
            if found in ("tnef", "ole"):
                same = not (collections.Counter(want) - collections.Counter(got))
            else:
                same = want == got
            refusal = parts[0]["refusal"]
            if same:
                sums["the same"] += 1
            elif refusal and len(got) == 0:
                sums[f"refused: {refusal['code']}"] += 1
                print(f"{name}: refused, {refusal['detail']} ({len(want)} files elsewhere)", flush=True)
            else:
                sums["different"] += 1
                missing = list((collections.Counter(want) - collections.Counter(got)).elements())[:4]
                more = list((collections.Counter(got) - collections.Counter(want)).elements())[:4]
                print(f"{name}: different, missing {missing}, more {more}, {refusal}", flush=True)
    print(", ".join(f"{what}: {count}" for what, count in sums.most_common()))


if __name__ == "__main__":
    main()
