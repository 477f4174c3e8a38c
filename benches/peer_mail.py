"""The peer of the mail bench: Python's email package and html2text, attachments left out.

Prints one line: messages, bytes, seconds, failures. Every message is parsed, its body turned into
plain text (html2text for HTML), and a new message with the same headers written, in memory.
"""
import email
import email.policy
import os
import sys
import time
from email.message import EmailMessage

import html2text

KEPT = ("From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References")


def rebuild(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("html", "plain"))
    text = body.get_content() if body is not None else ""
    if body is not None and body.get_content_type() == "text/html":
        converter = html2text.HTML2Text()
        converter.body_width = 0
        text = converter.handle(text)
    notes = [part.get_filename() or "-" for part in message.iter_attachments()]
    new = EmailMessage()
    for name in KEPT:
        if message[name] is not None:
            new[name] = str(message[name]).replace("\r", " ").replace("\n", " ")
    new.set_content(text + "\n" + "\n".join(notes), cte="base64")
    return new.as_bytes()


def main(folder, rounds):
    raws = []
    for root, _, names in sorted(os.walk(folder)):
        raws += [open(os.path.join(root, name), "rb").read() for name in sorted(names)]
    failures = 0
    start = time.perf_counter()
    for _ in range(rounds):
        for raw in raws:
            try:
                rebuild(raw)
            except Exception:
                failures += 1
    seconds = time.perf_counter() - start
    print(len(raws) * rounds, sum(map(len, raws)) * rounds, seconds, failures)


main(sys.argv[1], int(sys.argv[2]))
