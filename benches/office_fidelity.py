#!/usr/bin/env python3
"""How near rebuilt office documents come to their originals.

    python3 benches/office_fidelity.py FOLDER OUT [--pages 5] [--jobs 2] [--dpi 60] [--cache DIR]

FOLDER holds originals; OUT is what `mugai sanitise -o OUT FOLDER` left. Both are turned into PDF by
LibreOffice, both PDFs into pictures and text by poppler. Printed per file: recall of the words of
the original (multiset), mean difference of the first pages in units of 1/255, pages of both. With
--cache, what was drawn of a file is kept by the hash of its parts, and drawn once.
"""
import argparse
import collections
import concurrent.futures
import hashlib
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import zipfile

from PIL import Image, ImageChops, ImageStat


def pdf(path, folder):
    profile = tempfile.mkdtemp(dir=folder)
    try:
        subprocess.run(["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "pdf",
                        "--outdir", folder, path], capture_output=True, timeout=90)
    except subprocess.TimeoutExpired:
        return None
    finally:
        shutil.rmtree(profile, ignore_errors=True)
    made = os.path.join(folder, os.path.splitext(os.path.basename(path))[0] + ".pdf")
    return made if os.path.exists(made) else None


def words(path):
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True).stdout.decode("utf-8", "replace")
    return collections.Counter(re.findall(r"\w", text))




def content(path):
    """A hash of what is in a file: of packages the checksums of their parts, however they are packed."""
    try:
        with zipfile.ZipFile(path) as package:
            what = repr([(i.filename, i.CRC, i.file_size) for i in package.infolist()]).encode()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        with open(path, "rb") as file:
            what = file.read()
    return hashlib.sha256(what + path.rsplit(".", 1)[-1].encode()).hexdigest()[:24]


def drawn(path, scratch, cache, count, dpi):
    """Characters and pages of a file; `None` if LibreOffice makes nothing of it."""
    folder = os.path.join(cache or scratch, f"{content(path)}-{count}-{dpi}")
    if not os.path.exists(os.path.join(folder, "done")):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        made = pdf(path, folder)
        if made:
            os.rename(made, os.path.join(folder, "all.pdf"))
            pages(os.path.join(folder, "all.pdf"), folder, count, dpi)
        open(os.path.join(folder, "done"), "w").close()
    made = os.path.join(folder, "all.pdf")
    if not os.path.exists(made):
        return None
    return words(made), sorted(os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(".png"))


def pages(path, folder, count, dpi):
    stem = os.path.join(folder, "page")
    subprocess.run(["pdftoppm", "-r", str(dpi), "-l", str(count), "-png", path, stem], capture_output=True)


def one(job):
    original, rebuilt, count, dpi, cache = job
    with tempfile.TemporaryDirectory() as scratch:
        both = [drawn(path, scratch, cache, count, dpi) for path in (original, rebuilt)]
        if not all(both):
            return original, None, None, [bool(b) for b in both]
        (first, left_pages), (second, right_pages) = both
        total = sum(first.values())
        recall = sum((first & second).values()) / total if total else 1.0
        differences = []
        for left, right in zip(left_pages, right_pages):
            left, right = Image.open(left).convert("RGB"), Image.open(right).convert("RGB")
            if left.size != right.size:
                right = right.resize(left.size)
            differences.append(sum(ImageStat.Stat(ImageChops.difference(left, right)).mean) / 3)
        if len(left_pages) != len(right_pages):
            differences.append(255.0)
        return original, recall, statistics.mean(differences) if differences else 0.0, [len(left_pages), len(right_pages)]


def main():
    args = argparse.ArgumentParser()
    args.add_argument("folder")
    args.add_argument("out")
    args.add_argument("--pages", type=int, default=5)
    args.add_argument("--jobs", type=int, default=2)
    args.add_argument("--dpi", type=int, default=60)
    args.add_argument("--cache")
    args = args.parse_args()
    # outputs lie below OUT under the path of their original, with the extension of what they are
    made = {}
    for root, _, files in os.walk(args.out):
        for file in files:
            made.setdefault(os.path.splitext(file)[0], os.path.join(root, file))
    jobs = []
    for file in sorted(os.listdir(args.folder)):
        rebuilt = made.get(os.path.splitext(file)[0]) or made.get(file)
        if rebuilt and rebuilt.rsplit(".", 1)[-1] in ("docx", "xlsx", "pptx", "odt", "ods", "odp"):
            jobs.append((os.path.join(args.folder, file), rebuilt, args.pages, args.dpi, args.cache))
    opened, both, recalls, means = 0, 0, [], []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for path, recall, mean, seen in pool.map(one, jobs):
            name = os.path.basename(path)
            if recall is None:
                print(f"{name}\toriginal {'opens' if seen[0] else 'does not open'}\tresult {'opens' if seen[1] else 'does not open'}", flush=True)
                opened += seen[0]
                continue
            opened, both = opened + 1, both + 1
            recalls.append(recall)
            means.append(mean)
            print(f"{name}\t{recall:.4f}\t{mean:.3f}\t{seen}", flush=True)
    if not means:
        return
    share = lambda wanted: 100 * sum(wanted) / len(wanted)
    print(f"\nopened by LibreOffice: originals {opened}, their results {both}")
    print(f"recall of characters drawn: mean {statistics.mean(recalls):.4f}, at least 0.995 in {share([r >= .995 for r in recalls]):.1f} %")
    print(f"first pages: mean difference below 1/255 in {share([m < 1 for m in means]):.1f} %, median {statistics.median(means):.3f}")


if __name__ == "__main__":
    main()
