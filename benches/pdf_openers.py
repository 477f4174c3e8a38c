#!/usr/bin/env python3
"""Which other programs open what mugai makes of PDF files.

    python3 benches/pdf_openers.py MUGAI FOLDER [--policy TREATMENT ...] [--chromium]

MUGAI is the executable, FOLDER holds PDF files. Each file is sanitised by each treatment, and each result
that is a PDF file is given to `qpdf --check` (exit 0 and not a warning), `pdfinfo` and `pdftoppm` (exit 0 and
nothing on standard error), `mutool draw` (the same), and PDFium (package `pypdfium2`: all pages are drawn, and
are as many as qpdf counts). With `--chromium`, they are opened by Chromium's own viewer, too, which must load them
and find as many pages (`pdf_chromium.py`).

Sources are given to qpdf and PDFium first, to tell how many of those that both open come out as PDF.
"""
import argparse
import concurrent.futures
import pathlib
import subprocess
import sys
import tempfile

import pypdfium2

POLICY = """name = "bench"
[[route]]
from = "internet"
to = "lgwan"
[route.treat]
pdf = "{treatment}"
"""
# drawing for PDFium, pixels a point
SCALE = 0.5


def run(*command, timeout=120):
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return None, b"", b"time"
    return done.returncode, done.stdout, done.stderr


def qpdf(path):
    code, _, errors = run("qpdf", "--check", str(path))
    return code == 0 and not errors.strip()


def pdfinfo(path):
    code, _, errors = run("pdfinfo", str(path))
    return code == 0 and not errors.strip()


def pdftoppm(path):
    with tempfile.TemporaryDirectory() as folder:
        code, _, errors = run("pdftoppm", "-r", "36", "-gray", str(path), folder + "/page")
    return code == 0 and not errors.strip()


def mutool(path):
    code, _, errors = run("mutool", "draw", "-q", "-r", "36", "-F", "pgm", "-o", "/dev/null", str(path))
    # of this machine's mutool, not of the file
    lines = [line for line in errors.splitlines() if line != b"warning: ICC support is not available"]
    return code == 0 and not lines


def count(path):
    _, pages, _ = run("qpdf", "--show-npages", str(path))
    return int(pages) if pages.strip().isdigit() else -1


def pdfium(path):
    try:
        document = pypdfium2.PdfDocument(path)
        for page in document:
            page.render(scale=SCALE)
        return len(document) == count(path)
    except Exception:
        return False


def opens(path):
    """A source as a reader would have it: qpdf finds pages in it, and PDFium draws the first."""
    code, pages, _ = run("qpdf", "--show-npages", str(path))
    if code not in (0, 3) or not pages.strip().isdigit() or int(pages) == 0:
        return False
    try:
        pypdfium2.PdfDocument(path)[0].render(scale=SCALE)
        return True
    except Exception:
        return False


PROGRAMS = {"qpdf --check": qpdf, "pdfinfo": pdfinfo, "pdftoppm": pdftoppm, "mutool draw": mutool}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mugai")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--policy", nargs="*", default=["flatten", "redraw"])
    parser.add_argument("--chromium", action="store_true")
    args = parser.parse_args()
    sources = sorted(args.folder.rglob("*.pdf"))
    benign = {source.name for source in sources if opens(source)}
    print(f"{len(sources)} sources, {len(benign)} that qpdf and PDFium open")
    failed = False
    for treatment in args.policy:
        with tempfile.TemporaryDirectory() as folder:
            policy = pathlib.Path(folder, "policy.toml")
            policy.write_text(POLICY.format(treatment=treatment))
            command = [args.mugai, "sanitise", str(args.folder.resolve()), "-o", folder + "/out"]
            command += ["-p", str(policy), "--from", "internet", "--to", "lgwan"]
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            outputs = sorted(path for path in pathlib.Path(folder, "out").rglob("*") if path.is_file())
            # what is withheld has a notice, which is a text
            made = {path.stem for path in outputs if path.suffix == ".pdf"}
            of_benign = sum(name.removesuffix(".pdf") in made for name in benign)
            print(f"{treatment}: {len(made)} results, of those that both open {of_benign} of {len(benign)}")
            for name in sorted(benign):
                if name.removesuffix(".pdf") not in made:
                    print(f"  withheld: {name}")
            results = [path for path in outputs if path.suffix == ".pdf"]
            if not results:
                continue
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                for name, program in PROGRAMS.items():
                    good = list(pool.map(program, results))
                    report(name, results, good)
                    failed |= not all(good)
            good = [pdfium(path) for path in results]
            report("PDFium", results, good)
            failed |= not all(good)
            if args.chromium:
                from pdf_chromium import Browser

                with Browser() as browser:
                    good = [browser.pages(path) == count(path) for path in results]
                report("Chromium", results, good)
                failed |= not all(good)
    sys.exit(failed)


def report(name, results, good):
    print(f"  {name}: {sum(good)} of {len(results)}")
    for path, is_good in zip(results, good):
        if not is_good:
            print(f"    {path.name}")


if __name__ == "__main__":
    main()
