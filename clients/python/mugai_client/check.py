"""Believes nothing that an answer says before all of it is there and fits together."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import Sequence

from blake3 import blake3
from mugai.v1 import sanitise_pb2 as pb


class Held(Exception):
    """There is nothing to deliver: hold the file, and try again later."""


class Verdict(enum.Enum):
    """The end of a file. There is no third way."""

    SANITISED = "sanitised"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class File:
    """A file that the service made; length and BLAKE3 were checked."""

    name: str
    target: str
    content: bytes


@dataclass(frozen=True)
class Answer:
    """A whole answer.

    `files` are to be delivered when the verdict is SANITISED. When it is WITHHELD nothing is, and
    the only file, if there is one, is the notice to put in its place.
    """

    verdict: Verdict
    files: tuple[File, ...]
    refusal: str
    id: str
    report: dict


def checked(sent: bytes, key: str, answer: pb.Answer, contents: Sequence[bytes]) -> Answer:
    """The answer to `sent`, or Held when anything in it is missing or wrong."""
    _need(len(contents) == len(answer.outputs), "other files than announced")
    files = tuple(_file(output, bytes(content)) for output, content in zip(answer.outputs, contents))
    verdict = _verdict(answer, files)
    _need(answer.idempotency_key == key, "another key")
    report = _report(answer, sent, verdict)
    refusal = ""
    if verdict is Verdict.WITHHELD:
        refusal = pb.RefusalCode.keys()[0]
        if answer.refusal.code in pb.RefusalCode.values():
            refusal = pb.RefusalCode.Name(answer.refusal.code)
        refusal = refusal.removeprefix("REFUSAL_CODE_").lower()
    return Answer(verdict, files, refusal, answer.id, report)


def _verdict(answer: pb.Answer, files: Sequence[File]) -> Verdict:
    refused = answer.HasField("refusal")
    if answer.verdict == pb.VERDICT_SANITISED and not refused and files:
        return Verdict.SANITISED
    if answer.verdict == pb.VERDICT_WITHHELD and refused and len(files) <= 1:
        return Verdict.WITHHELD
    raise Held("a verdict that does not fit its files")


def _file(output: pb.Output, content: bytes) -> File:
    _need(len(content) == output.bytes, "an output has another length")
    _need(blake3(content).digest() == output.blake3, "an output has another digest")
    name = output.name
    plain = name and not name.startswith(".") and name.isprintable()
    _need(bool(plain) and not set(name) & set("/\\"), "the name of an output is not one")
    return File(name, output.target, content)


def _report(answer: pb.Answer, sent: bytes, verdict: Verdict) -> dict:
    try:
        report = json.loads(answer.report_json)
        about = report["input"]["blake3"], report["verdict"], report["id"]
        outputs = [output["blake3"] for output in report["outputs"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Held("no report") from error
    _need(about == (blake3(sent).hexdigest(), verdict.value, answer.id), "the report is about something else")
    said = [bytes(output.blake3).hex() for output in answer.outputs]
    _need(outputs == said, "the report is about other outputs")
    return report


def _need(holds: bool, rule: str) -> None:
    if not holds:
        raise Held(rule)
