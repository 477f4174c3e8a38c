#!/usr/bin/env python3
"""Mails a second through Postfix: alone, with a filter that passes everything on, and with the relay.

    python3 benches/relay.py MUGAI [MAILS [BYTES]]

As root, with Debian's package postfix. The same mails go, in the same run and in turns:

  alone    Postfix -> sink
  filter   Postfix -> a filter that passes everything on -> Postfix -> sink
  relay    Postfix -> mugai relay (workers of its own, policy text-only) -> Postfix -> sink

smtp-source sends, smtp-sink takes; both come with Postfix. The clock runs from the first mail to the last that
arrives. The configuration behind Postfix is the one of docs/relay.
"""

import asyncio
import contextlib
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PRIVATE = ROOT / "crates/mugai/tests/postfix/private"
# another way in, past the filter
ALONE = "127.0.0.1:ALONE inet n - n - - smtpd\n    -o content_filter=\n"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Sink:
    """Counts mails, in a process of its own event loop."""

    def __init__(self, port):
        self.port, self.count, self.last = port, 0, 0.0

    async def serve(self):
        return await asyncio.start_server(self.one, "127.0.0.1", self.port)

    async def one(self, reader, writer):
        writer.write(b"220 sink ESMTP\r\n")
        try:
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"EHLO":
                    writer.write(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
                elif verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    await reader.readuntil(b"\r\n.\r\n")
                    self.count += 1
                    self.last = time.monotonic()
                    writer.write(b"250 2.0.0 taken\r\n")
                elif verb == b"QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                else:
                    writer.write(b"250 2.0.0 ok\r\n")
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        writer.close()


async def passing(port, next_port):
    """A filter that passes everything on, line by line, on one connection behind each one before it."""

    async def one(reader, writer):
        there, out = await asyncio.open_connection("127.0.0.1", next_port, limit=1 << 26)

        async def pump(source, to):
            try:
                while piece := await source.read(1 << 16):
                    to.write(piece)
                    await to.drain()
            except (ConnectionError, asyncio.CancelledError):
                pass
            to.close()

        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(pump(reader, out), pump(there, writer))

    return await asyncio.start_server(one, "127.0.0.1", port)


def install(folder, ports):
    for name in ["etc", "queue", "data", "log", "state"]:
        (folder / name).mkdir()
    folder.chmod(0o755)
    shutil.chown(folder / "data", "postfix")
    for name, more in [("main.cf", ""), ("master.cf", ALONE)]:
        text = (PRIVATE / name).read_text() + more + (ROOT / "docs/relay/postfix" / name).read_text()
        text = text.replace("@", str(folder)).replace("SINK", str(ports["sink"]))
        text = text.replace(":IN ", f":{ports['in']} ").replace(":ALONE ", f":{ports['alone']} ")
        text = text.replace("10026", str(ports["filter"])).replace("10027", str(ports["next"]))
        (folder / "etc" / name).write_text(text)
    text = (ROOT / "docs/relay/relay.toml").read_text()
    text = text.replace("/var/lib/mugai/relay", str(folder / "state")).replace("municipal-lgwan", "text-only")
    text = text.replace("10026", str(ports["filter"])).replace("10027", str(ports["next"]))
    (folder / "relay.toml").write_text(text)


def reachable(port):
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"nothing listens at {port}")


async def turn(sink, port, many, size):
    """Mails a second."""
    sink.count = 0
    began = time.monotonic()
    source = await asyncio.create_subprocess_exec(
        "/usr/sbin/smtp-source", "-s", "4", "-l", str(size), "-m", str(many), "-f", "a@sender.example",
        "-t", "b@city.example.lg.jp", f"127.0.0.1:{port}",
    )
    assert await source.wait() == 0, "smtp-source"
    while sink.count < many:
        await asyncio.sleep(0.005)
        if time.monotonic() - began > 600:
            sys.exit(f"{many - sink.count} of {many} mails did not arrive")
    return many / (sink.last - began)


async def run(mugai, many, size):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ports = {key: free_port() for key in ["in", "alone", "sink", "filter", "next"]}
        install(folder, ports)
        sink = Sink(ports["sink"])
        await sink.serve()
        postfix = ["/usr/sbin/postfix", "-c", str(folder / "etc")]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        subprocess.run([*postfix, "start"], check=True, **quiet)
        rates = {"alone": [], "filter": [], "relay": []}
        try:
            reachable(ports["in"])
            for _ in range(3):
                rates["alone"].append(await turn(sink, ports["alone"], many, size))
                server = await passing(ports["filter"], ports["next"])
                rates["filter"].append(await turn(sink, ports["in"], many, size))
                server.close()
                relay = subprocess.Popen([mugai, "relay", "--config", str(folder / "relay.toml")], **quiet)
                reachable(ports["filter"])
                rates["relay"].append(await turn(sink, ports["in"], many, size))
                relay.terminate()
                relay.wait()
        finally:
            subprocess.run([*postfix, "stop"], check=False, **quiet)
        best = {name: max(all) for name, all in rates.items()}
        for name, all in rates.items():
            print(f"{name:7} {', '.join(f'{rate:.0f}' for rate in all)} mails a second of {size} bytes")
        print(f"relay over filter {best['relay'] / best['filter']:.0%}, over Postfix alone {best['relay'] / best['alone']:.0%}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    asyncio.run(run(sys.argv[1], int((sys.argv[2:] or ["1000"])[0]), int((sys.argv[3:] or ["20480"])[0])))
