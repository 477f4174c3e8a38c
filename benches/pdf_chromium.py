"""Chromium's own PDF viewer, asked over its debugging port what it says of a file.

The viewer is an extension that no headless browser has, so that the browser needs a screen: Xvfb (packages
`chromium` and `xvfb`, and `websocket-client` of PyPI).
"""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import urllib.request

import websocket

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--remote-allow-origins=*",
]
VIEWER = "chrome-extension://"
STATE = """(() => {
  const viewer = document.querySelector("pdf-viewer");
  return viewer ? viewer.loadState_ + " " + viewer.docLength_ : "";
})()"""
# seconds for a page to appear, and for a document to be loaded
PATIENCE = 20


class Browser:
    """A browser with a screen of its own, for as long as the `with` lasts."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.screen = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1000x1300x24"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        display = self.screen.stdout.readline().decode().strip()
        self.browser = subprocess.Popen(
            ["chromium", *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={self.folder.name}", "about:blank"],
            env={**os.environ, "DISPLAY": ":" + display}, process_group=0,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = pathlib.Path(self.folder.name, "DevToolsActivePort")
        self.port = int(wait(lambda: port.exists() and port.read_text().split())[0])
        return self

    def __exit__(self, *_):
        os.killpg(self.browser.pid, signal.SIGKILL)
        self.screen.kill()
        self.browser.wait()
        self.screen.wait()
        # the last of its processes may still be writing
        time.sleep(0.5)
        self.folder.cleanup()

    def pages(self, path):
        """How many pages the viewer says that a file has; `None` where it does not load it."""
        tab = self.ask("/json/new?" + path.resolve().as_uri(), "PUT")
        try:
            viewer = wait(self.viewer)
            if not viewer:
                return None
            socket = websocket.create_connection(viewer["webSocketDebuggerUrl"])
            said = wait(lambda: settled(socket)) or ""
            socket.close()
            state, _, count = said.partition(" ")
            return int(count) if state == "success" else None
        finally:
            self.ask("/json/close/" + tab["id"])
            wait(lambda: not self.viewer())

    def viewer(self):
        targets = [target for target in self.ask("/json") if target["url"].startswith(VIEWER)]
        return targets[0] if targets else None

    def ask(self, path, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        with urllib.request.urlopen(request) as answer:
            said = answer.read()
        return json.loads(said) if said[:1] in b"[{" else None


def settled(socket):
    socket.send(json.dumps({"id": 1, "method": "Runtime.evaluate", "params": {"expression": STATE}}))
    said = json.loads(socket.recv()).get("result", {}).get("result", {}).get("value", "")
    return said if said.startswith(("success", "failed")) else None


def wait(until):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = until()
        if found:
            return found
        time.sleep(0.05)
    return None
