#!/usr/bin/env python3
"""How long and in how much memory files are refused that grow, repeat, overlap or lie beyond reason.

    cargo test --workspace --test archives --test pdf_bombs        # makes the bombs
    python3 benches/archive_bombs.py MUGAI target/tmp/archives
    python3 benches/archive_bombs.py MUGAI target/tmp/pdf-bombs

Runs `mugai sanitise` over each file of the folder, alone, in a mail, and in an archive in a mail, and over a small
text for comparison. Prints the refusal, wall clock (the least of three runs) and the largest resident memory of any
of its processes.
"""
import base64
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile


def mail(name, content):
    head = (
        "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: application/octet-stream; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n")


def archive(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(name, content)
        packed.writestr("beside.txt", "beside\n")
    return out.getvalue()


def run(mugai, path):
    """Seconds, KiB, and the first refusal of the report."""
    seconds, memory, refusal = [], 0, "none"
    for _ in range(3):
        with tempfile.TemporaryDirectory() as out:
            begun = time.monotonic()
            # by way of a small program: what a large one starts begins with its memory
            timed = ["/usr/bin/time", "-q", "-f", "%M", mugai, "sanitise", path, "-o", out, "--jobs", "1"]
            done = subprocess.run(timed, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
            seconds.append(time.monotonic() - begun)
            memory = max(memory, int(done.stderr.split()[-1]))
            with open(os.path.join(out, "report.jsonl"), encoding="utf-8") as lines:
                report = json.loads(next(lines))
            details = [part["refusal"]["detail"] for part in report["parts"] if part["refusal"]]
            refusal = details[0] if details else "none"
    return min(seconds), memory, refusal


def main():
    mugai, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as made:
        def measure(name, content):
            path = os.path.join(made, name)
            with open(path, "wb") as file:
                file.write(content)
            return run(mugai, path)

        base, ground, _ = measure("small.txt", b"small\n")
        print(f"a small text: {base:.3f} s, {ground / 1024:.0f} MB")
        print("| archive | bytes | alone | in a mail | in an archive in a mail | refused as |")
        print("|---|---|---|---|---|---|")
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                bomb = file.read()
            ways = [
                measure(name, bomb),
                measure("mail.eml", mail(name, bomb)),
                measure("packed.eml", mail("pack.zip", archive(name, bomb))),
            ]
            cells = " | ".join(f"{seconds:.2f} s, +{max(0, memory - ground) / 1024:.0f} MB" for seconds, memory, _ in ways)
            print(f"| {name} | {len(bomb)} | {cells} | {ways[0][2]} |", flush=True)


if __name__ == "__main__":
    main()
