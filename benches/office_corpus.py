#!/usr/bin/env python3
"""What became of a folder of office documents: outcomes, reasons, and who opens the results.

    python3 benches/office_corpus.py FOLDER MUGAI [--policy POLICY] [--out DIR]

Runs `mugai sanitise` over FOLDER once and prints each withheld file with its reason, and whether
openpyxl, python-docx or python-pptx opens the original. Of the rebuilt ones it counts those whose
original a library opened and whose result it opens too.
"""
import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
MAIN = {"docm": "docx", "dotx": "docx", "dotm": "docx", "xlsm": "xlsx", "xltx": "xlsx", "xltm": "xlsx",
        "pptm": "pptx", "potx": "pptx", "potm": "pptx", "ppsx": "pptx", "ppsm": "pptx"}


def opens(path, family=None):
    """The name of the trouble, or an empty string."""
    family = family or MAIN.get(path.rsplit(".", 1)[-1].lower(), path.rsplit(".", 1)[-1].lower())
    try:
        if family == "xlsx":
            import openpyxl
            book = openpyxl.load_workbook(path)
            for sheet in book.worksheets:
                for row in sheet.iter_rows(max_row=50):
                    for cell in row:
                        cell.value
        elif family == "docx":
            import docx
            "".join(p.text for p in docx.Document(path).paragraphs)
        elif family == "pptx":
            import pptx
            for slide in pptx.Presentation(path).slides:
                for shape in slide.shapes:
                    shape.has_text_frame and shape.text_frame.text
        else:
            return "not tried"
    except Exception as trouble:  # whatever a library throws counts as not opened
        return f"{type(trouble).__name__}: {str(trouble)[:80]}"
    return ""


def main():
    args = argparse.ArgumentParser()
    args.add_argument("folder")
    args.add_argument("mugai")
    args.add_argument("--policy", default="municipal-lgwan")
    args.add_argument("--out")
    args = args.parse_args()
    out = args.out or tempfile.mkdtemp()
    shutil.rmtree(out, ignore_errors=True)
    run = subprocess.run([args.mugai, "sanitise", "-o", out, "--json", "-p", args.policy, args.folder],
                         capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(f"mugai: {run.returncode}: {run.stderr}")
    counts, lost, both, broken = collections.Counter(), [], 0, []
    for line in run.stdout.splitlines():
        report = json.loads(line)
        path = report["input"]["path"]
        first = report["parts"][0] if report["parts"] else {}
        kind = first.get("kind")
        counts[(kind, report["verdict"])] += 1
        if report["verdict"] != "sanitised":
            reason = json.dumps(first.get("refusal") or report.get("refusal"))
            lost.append((kind, os.path.basename(path), reason, opens(path)))
            continue
        if opens(path):
            continue
        both += 1
        for made in report["outputs"]:
            trouble = opens(os.path.join(out, made["path"]))
            if trouble:
                broken.append((os.path.basename(path), trouble))
    for (kind, verdict), count in sorted(counts.items(), key=str):
        print(f"{kind}\t{verdict}\t{count}")
    print(f"\nwithheld ({len(lost)}):")
    for row in sorted(lost, key=str):
        print("\t".join(map(str, row)))
    print(f"\noriginal opened by the library: {both}, result not: {len(broken)}")
    for row in broken:
        print("\t".join(row))


if __name__ == "__main__":
    main()
