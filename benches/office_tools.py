#!/usr/bin/env python3
"""What tools that look for active content find in documents of ours: nothing, or the run fails.

    python3 benches/office_tools.py FOLDER

Runs olevba, mraptor, oleobj and msodde over every docx, xlsx and pptx below FOLDER (the tests leave
theirs in target/tmp/office), and counts what each finds.
"""
import collections
import contextlib
import io
import os
import sys

from oletools import mraptor, msodde, oleobj, olevba


def macros(path):
    parser = olevba.VBA_Parser(path)
    found = parser.detect_vba_macros() or parser.detect_xlm_macros()
    if found:
        checker = mraptor.MacroRaptor(parser.get_vba_code_all_modules())
        checker.scan()
    parser.close()
    return found


def objects(path):
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(io.StringIO()):
        oleobj.process_file(path, None, None)
    text = said.getvalue().lower()
    return "found" in text or "extract" in text


def links(path):
    return bool(msodde.process_file(path, msodde.FIELD_FILTER_BLACKLIST).strip())


def main():
    found, files = collections.Counter(), 0
    for root, _, names in os.walk(sys.argv[1]):
        for name in sorted(names):
            if not name.endswith((".docx", ".xlsx", ".pptx")):
                continue
            path, files = os.path.join(root, name), files + 1
            for tool, look in (("olevba/mraptor", macros), ("oleobj", objects), ("msodde", links)):
                try:
                    hit = look(path)
                except Exception as trouble:  # a document that a tool cannot read is not a clean one
                    hit = f"{type(trouble).__name__}: {trouble}"
                if hit:
                    found[tool] += 1
                    print(f"{tool}\t{name}\t{hit}")
    print(f"{files} documents, found: {dict(found) or 'nothing'}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
