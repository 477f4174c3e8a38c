"""`python -m mugai_client SOCKET FILE DIR`: exit code 0 delivered, 1 withheld, 4 held."""

from __future__ import annotations

import argparse
import pathlib
import sys

from . import Client, Held, Job, Verdict


def main() -> int:
    parser = argparse.ArgumentParser(prog="mugai_client", description="Sends a file to mugai over a Unix socket.")
    parser.add_argument("socket")
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path, help="for what comes back; made when it is missing")
    parser.add_argument("--from-zone", default="internet")
    parser.add_argument("--to-zone", default="lgwan")
    parser.add_argument("--policy", default="")
    parser.add_argument("--password-file", type=pathlib.Path, help="passwords to try on encrypted parts, one a line")
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds")
    parser.add_argument("--stream", action="store_true", default=None, help="never in one message")
    given = parser.parse_args()
    passwords = given.password_file.read_text("utf-8").splitlines() if given.password_file else ()
    job = Job(
        given.file.read_bytes(),
        given.file.name,
        given.from_zone,
        given.to_zone,
        given.policy,
        passwords=tuple(filter(None, passwords)),
    )
    try:
        with Client.unix(given.socket) as client:
            answer = client.sanitise(job, given.timeout, given.stream)
    except Held as held:
        print(f"held: {held}", file=sys.stderr)
        return 4
    given.folder.mkdir(parents=True, exist_ok=True)
    for file in answer.files:
        (given.folder / file.name).write_bytes(file.content)
    if answer.verdict is Verdict.SANITISED:
        return 0
    print(f"withheld: {answer.refusal}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
