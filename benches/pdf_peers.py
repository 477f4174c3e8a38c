#!/usr/bin/env python3
"""How fast `flatten` and `redraw` are beside others that make picture PDFs, in one run.

    python3 benches/pdf_peers.py MUGAI FOLDER [--files 60] [--rounds 3]

MUGAI is the executable (release profile), FOLDER holds PDF files, of which those are taken that
PDFium, poppler, MuPDF and mugai all open and that have at most 20 pages, evenly over their names. Each
round runs every tool over all files at 150 dpi and takes its processor time (user and system, all
processes), its wall clock, and the size of what it made. Tools are wanted on the path or as
packages: `pypdfium2`, `img2pdf`, `pymupdf`, `pdftoppm`; those that are missing are left out.
"""
import argparse
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

DPI = 150
MAX_PAGES = 20

POLICY = """name = "bench"
[[route]]
from = "internet"
to = "lgwan"
[route.treat]
pdf = "{treatment}"
"""

PYPDFIUM2 = """
import io, sys, pypdfium2, img2pdf
for source in sys.argv[2:]:
    pages = []
    for page in pypdfium2.PdfDocument(source):
        out = io.BytesIO()
        page.render(scale=150 / 72).to_pil().save(out, "PNG", dpi=(150, 150))
        pages.append(out.getvalue())
    with open(sys.argv[1] + "/" + source.rsplit("/", 1)[1], "wb") as f:
        f.write(img2pdf.convert(pages))
"""

PDFTOPPM = """
import glob, os, subprocess, sys, tempfile, img2pdf
for source in sys.argv[2:]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["pdftoppm", "-cropbox", "-r", "150", "-png", source, folder + "/p"],
                       stderr=subprocess.DEVNULL)
        pages = sorted(glob.glob(folder + "/p*.png"))
        if pages:
            with open(sys.argv[1] + "/" + source.rsplit("/", 1)[1], "wb") as f:
                f.write(img2pdf.convert(pages))
"""

PYMUPDF = """
import sys, pymupdf
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)
for source in sys.argv[2:]:
    document = pymupdf.open(source)
    made = pymupdf.open()
    for page in document:
        pixels = page.get_pixmap(dpi=150)
        sheet = made.new_page(width=page.rect.width, height=page.rect.height)
        sheet.insert_image(sheet.rect, pixmap=pixels)
    made.save(sys.argv[1] + "/" + source.rsplit("/", 1)[1], deflate=True)
"""


def opened_by_all(path):
    import pypdfium2

    try:
        count = len(pypdfium2.PdfDocument(path))
    except Exception:
        return False
    if not 0 < count <= MAX_PAGES:
        return False
    for command in (["pdfinfo", path], ["mutool", "info", path]):
        if shutil.which(command[0]) is None:
            continue
        if subprocess.run(command, capture_output=True).returncode != 0:
            return False
    return True


def timed(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return processor, wall


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mugai")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        policies = {}
        for treatment in ("flatten", "redraw"):
            policies[treatment] = f"{work}/{treatment}.toml"
            pathlib.Path(policies[treatment]).write_text(POLICY.format(treatment=treatment))

        def mugai(treatment, jobs):
            fixed = ["-p", policies[treatment], "--from", "internet", "--to", "lgwan"]
            return lambda out, files: [args.mugai, "sanitise", *files, "-o", out, *fixed, "--jobs", jobs]

        def script(text):
            return lambda out, files: [sys.executable, "-c", text, out, *files]

        candidates = [str(path) for path in sorted(args.folder.rglob("*.pdf"))]
        candidates = [path for path in candidates if opened_by_all(path)]
        first = f"{work}/first"
        subprocess.run(mugai("flatten", "2")(first, candidates), capture_output=True)
        known = {path.name for path in pathlib.Path(first).rglob("*.pdf")}
        files = [path for path in candidates if os.path.basename(path) in known]
        files = files[:: max(1, len(files) // args.files)][: args.files]
        source = sum(os.path.getsize(path) for path in files)
        print(f"{len(files)} files, {source / 1e6:.1f} MB")
        tools = {
            "mugai flatten, one job": mugai("flatten", "1"),
            "mugai flatten, two jobs": mugai("flatten", "2"),
            "mugai redraw, one job": mugai("redraw", "1"),
            "pypdfium2 + img2pdf": script(PYPDFIUM2),
            "pdftoppm + img2pdf": script(PDFTOPPM),
            "PyMuPDF": script(PYMUPDF),
        }
        for number in range(args.rounds):
            for name, command in tools.items():
                out = f"{work}/{number}-{name.replace(' ', '_')}"
                os.mkdir(out)
                processor, wall = timed(command(out, files))
                made = list(pathlib.Path(out).rglob("*.pdf"))
                size = sum(path.stat().st_size for path in made)
                print(
                    f"round {number + 1}  {name:26} processor {processor:6.2f} s  wall {wall:6.2f} s"
                    f"  {len(made)} files {size / 1e6:6.1f} MB"
                )
                shutil.rmtree(out)


if __name__ == "__main__":
    main()
