"""Sends files, in one message or in a stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterator, Optional

import grpc
from blake3 import blake3
from mugai.v1 import sanitise_pb2 as pb
from mugai.v1 import sanitise_pb2_grpc as rpc

from .check import Answer, Held, checked

CHUNK_BYTES = 1 << 20
UNARY_BYTES = 4 << 20
# smaller than what one message may have: outputs may be larger than their file
SMALL_BYTES = UNARY_BYTES // 4
OPTIONS = [("grpc.max_receive_message_length", UNARY_BYTES + (1 << 20))]


@dataclass(frozen=True)
class Job:
    """A file and what is said about it; see `Header` in the messages."""

    content: bytes = field(repr=False)
    name: str = ""
    from_zone: str = "internet"
    to_zone: str = "lgwan"
    policy: str = ""
    queue_id: str = ""
    idempotency_key: str = ""
    passwords: tuple[str, ...] = field(default=(), repr=False)

    def header(self) -> pb.Header:
        envelope = pb.Envelope(queue_id=self.queue_id, from_zone=self.from_zone, to_zone=self.to_zone)
        return pb.Header(
            name=self.name,
            envelope=envelope,
            policy=self.policy,
            idempotency_key=self.idempotency_key,
            expected_bytes=len(self.content),
            passwords=self.passwords,
        )


class Client:
    """A connection to a service: the path of its Unix socket, or its address with TLS."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel
        self._service = rpc.SanitiseServiceStub(channel)

    @classmethod
    def unix(cls, path: str) -> Client:
        # the name of a socket is no name of a host
        options = [*OPTIONS, ("grpc.default_authority", "localhost")]
        return cls(grpc.insecure_channel(f"unix:{path}", options=options))

    @classmethod
    def tls(cls, address: str, ca: bytes, certificate: bytes, key: bytes) -> Client:
        credentials = grpc.ssl_channel_credentials(ca, key, certificate)
        return cls(grpc.secure_channel(address, credentials, options=OPTIONS))

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()

    def sanitise(self, job: Job, timeout: float = 120.0, stream: Optional[bool] = None) -> Answer:
        """The whole answer, checked. Everything else is Held: a status, a broken connection, an
        answer that ends early, a wrong digest, and any error of this client itself."""
        try:
            if stream or (stream is None and len(job.content) > SMALL_BYTES):
                return self._streamed(job, timeout)
            return self._unary(job, timeout)
        except Held:
            raise
        except grpc.RpcError as error:
            code = error.code() if isinstance(error, grpc.Call) else None
            if stream is None and code is grpc.StatusCode.OUT_OF_RANGE and len(job.content) <= SMALL_BYTES:
                # what it became is too large for one message
                return self.sanitise(job, timeout, stream=True)
            raise Held(f"status {code.name if code else 'unknown'}") from error
        except Exception as error:
            raise Held("the answer could not be read") from error

    def _unary(self, job: Job, timeout: float) -> Answer:
        request = pb.SanitiseRequest(header=job.header(), content=job.content)
        response = self._service.Sanitise(request, timeout=timeout)
        if not response.HasField("answer"):
            raise Held("no verdict")
        return checked(job.content, job.idempotency_key, response.answer, response.contents)

    def _streamed(self, job: Job, timeout: float) -> Answer:
        responses = self._service.SanitiseStream(frames(job), timeout=timeout)
        try:
            return collected(job, responses)
        finally:
            responses.cancel()


def frames(job: Job) -> Iterator[pb.SanitiseStreamRequest]:
    """A header, chunks, the end."""
    yield pb.SanitiseStreamRequest(header=job.header())
    for start in range(0, len(job.content), CHUNK_BYTES):
        yield pb.SanitiseStreamRequest(chunk=job.content[start : start + CHUNK_BYTES])
    end = pb.End(bytes=len(job.content), blake3=blake3(job.content).digest())
    yield pb.SanitiseStreamRequest(end=end)


def collected(job: Job, responses: Iterator[pb.SanitiseStreamResponse]) -> Answer:
    """The answer of a stream: the verdict first, then chunks, then the end, then nothing."""
    answer: Optional[pb.Answer] = None
    files: list[bytearray] = []
    ended = False
    for response in responses:
        kind = response.WhichOneof("frame")
        if ended:
            raise Held("a frame behind the end")
        if kind == "answer" and answer is None:
            answer = response.answer
            files = [bytearray() for _ in answer.outputs]
        elif kind == "chunk" and answer is not None and response.chunk.output < len(files):
            file = files[response.chunk.output]
            if len(file) + len(response.chunk.data) > answer.outputs[response.chunk.output].bytes:
                raise Held("an output is longer than announced")
            file += response.chunk.data
        elif kind == "end" and answer is not None:
            said = [(output.bytes, output.blake3) for output in answer.outputs]
            if said != [(end.bytes, end.blake3) for end in response.end.outputs]:
                raise Held("the end is not what was announced")
            ended = True
        else:
            raise Held("a frame out of order")
    if answer is None or not ended:
        raise Held("the answer is not whole")
    return checked(job.content, job.idempotency_key, answer, [bytes(file) for file in files])
