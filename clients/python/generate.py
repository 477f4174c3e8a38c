"""`python generate.py PROTO DIR` writes the messages of PROTO as modules below DIR."""

from __future__ import annotations

import pathlib
import sys

from grpc_tools import protoc


def main(proto: str, folder: str) -> int:
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    sources = sorted(str(path) for path in pathlib.Path(proto).rglob("*.proto"))
    return protoc.main(["protoc", f"-I{proto}", f"--python_out={folder}", f"--grpc_python_out={folder}", *sources])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
