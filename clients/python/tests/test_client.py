"""Answers that are not whole and right are held: `python -m unittest`, with the messages on the path."""

from __future__ import annotations

import json
import os
import pathlib
import tempfile
import unittest

from blake3 import blake3
from mugai.v1 import sanitise_pb2 as pb

from mugai_client import Client, Held, Job, Verdict
from mugai_client.check import checked
from mugai_client.client import collected

SENT, MADE = b"sent", b"made"
JOB = Job(SENT, "a.txt")


def answer(**changes: object) -> pb.Answer:
    digest = blake3(MADE)
    report = {
        "id": "T",
        "verdict": "sanitised",
        "input": {"blake3": blake3(SENT).hexdigest()},
        "outputs": [{"blake3": digest.hexdigest()}],
    }
    good = {
        "verdict": pb.VERDICT_SANITISED,
        "id": "T",
        "report_json": json.dumps(report),
        "outputs": [pb.Output(name="a.txt", target="txt", bytes=len(MADE), blake3=digest.digest())],
    }
    return pb.Answer(**{**good, **changes})


def output(**changes: object) -> list[pb.Output]:
    good = {"name": "a.txt", "target": "txt", "bytes": len(MADE), "blake3": blake3(MADE).digest()}
    return [pb.Output(**{**good, **changes})]


class Whole(unittest.TestCase):
    def test_a_good_answer_is_taken(self) -> None:
        taken = checked(SENT, "", answer(), [MADE])
        self.assertEqual((taken.verdict, taken.files[0].content), (Verdict.SANITISED, MADE))

    def test_anything_else_is_held(self) -> None:
        refusal = pb.Refusal(code=pb.REFUSAL_CODE_MALFORMED)
        for broken in [
            answer(verdict=pb.VERDICT_UNSPECIFIED),
            answer(verdict=9),
            answer(verdict=pb.VERDICT_WITHHELD),
            answer(verdict=pb.VERDICT_WITHHELD, refusal=refusal),
            answer(refusal=refusal),
            answer(id="U"),
            answer(idempotency_key="k"),
            answer(report_json=""),
            answer(report_json="[]"),
            answer(report_json=answer().report_json.replace("sanitised", "withheld")),
            answer(report_json=answer().report_json.replace(blake3(SENT).hexdigest(), "0" * 64)),
            answer(outputs=[]),
            answer(outputs=output() * 2),
            answer(outputs=output(bytes=3)),
            answer(outputs=output(blake3=b"")),
            answer(outputs=output(blake3=bytes(32))),
            answer(outputs=output(name="")),
            answer(outputs=output(name="../a")),
            answer(outputs=output(name="a/b")),
            answer(outputs=output(name=".a")),
            answer(outputs=output(name="a\nb")),
        ]:
            with self.subTest(str(broken)), self.assertRaises(Held):
                checked(SENT, "", broken, [MADE])
        for contents in [[], [MADE, MADE], [b"madf"], [b"mad"]]:
            with self.subTest(contents), self.assertRaises(Held):
                checked(SENT, "", answer(), contents)

    def test_frames_have_an_order(self) -> None:
        first = pb.SanitiseStreamResponse(answer=answer())
        chunk = pb.SanitiseStreamResponse(chunk=pb.OutputChunk(output=0, data=MADE))
        other = pb.SanitiseStreamResponse(chunk=pb.OutputChunk(output=1, data=MADE))
        ends = [pb.End(bytes=len(MADE), blake3=blake3(MADE).digest())]
        end = pb.SanitiseStreamResponse(end=pb.OutputsEnd(outputs=ends))
        nothing = pb.SanitiseStreamResponse(end=pb.OutputsEnd())
        self.assertEqual(collected(JOB, iter([first, chunk, end])).files[0].content, MADE)
        for broken in [
            [],
            [first],
            [first, chunk],
            [first, end],
            [chunk, end],
            [first, chunk, nothing],
            [first, first, chunk, end],
            [first, chunk, chunk, end],
            [first, other, chunk, end],
            [first, chunk, end, end],
            [first, chunk, pb.SanitiseStreamResponse(), end],
        ]:
            with self.assertRaises(Held):
                collected(JOB, iter(broken))


@unittest.skipUnless("MUGAI_SOCKET" in os.environ, "MUGAI_SOCKET names no service")
class Served(unittest.TestCase):
    def setUp(self) -> None:
        self.client = Client.unix(os.environ["MUGAI_SOCKET"])

    def test_both_ways_give_the_same(self) -> None:
        text = "一行の文章です。\n".encode() * 10
        one = self.client.sanitise(Job(text, "a.txt"), stream=False)
        other = self.client.sanitise(Job(text, "a.txt"), stream=True)
        self.assertEqual(one, other)
        self.assertIs(one.verdict, Verdict.SANITISED)
        self.assertIn("一行の文章です。", one.files[0].content.decode("utf-8-sig"))

    def test_a_large_file_goes_as_a_stream(self) -> None:
        large = b"0123456789abcde\n" * (5 << 16)
        self.assertIs(self.client.sanitise(Job(large, "a.txt")).verdict, Verdict.SANITISED)

    def test_a_withheld_file_has_a_notice_and_a_reason(self) -> None:
        for stream in (False, True):
            answer = self.client.sanitise(Job(b"PK\x03\x04 not really", "a.zip"), stream=stream)
            self.assertIs(answer.verdict, Verdict.WITHHELD)
            self.assertEqual(len(answer.files), 1)
            self.assertNotEqual(answer.refusal, "unspecified")

    def test_a_status_is_held(self) -> None:
        for job in [Job(b"a", to_zone="moon"), Job(b"a", policy="none"), Job(b"a", queue_id="a b")]:
            for stream in (False, True):
                with self.subTest(job), self.assertRaises(Held):
                    self.client.sanitise(job, stream=stream)

    def test_no_service_is_held(self) -> None:
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(Held):
            Client.unix(str(pathlib.Path(folder, "none"))).sanitise(Job(b"a"), timeout=1)


if __name__ == "__main__":
    unittest.main()
