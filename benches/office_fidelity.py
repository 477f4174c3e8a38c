#!/usr/bin/env python3
"""How near rebuilt office documents come to their originals.

    python3 benches/office_fidelity.py FOLDER OUT [--pages 5] [--jobs 2] [--dpi 60] [--cache DIR]

FOLDER holds originals; OUT is what `mugai sanitise -o OUT FOLDER` left. Both are turned into PDF by
LibreOffice, both PDFs into pictures and text by poppler. Printed per file: recall of the words of
the original (multiset), mean difference of the first pages in units of 1/255, pages of both. With
--cache, what was drawn of a file is kept by the hash of its parts, and drawn once.

Recall is told twice: of all that is drawn of the original, and of what is left when three classes
are taken off: texts of comments (dropped by policy, and printed by LibreOffice), values like #NAME?
and Err:504 (LibreOffice calculates what it cannot, the result has the last value), and the name of
the file (in headers; the result has another). With --missing, what is missing is printed, too.
"""
import argparse
import collections
import concurrent.futures
import hashlib
import html
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


def text(path):
    return subprocess.run(["pdftotext", path, "-"], capture_output=True).stdout.decode("utf-8", "replace")


def letters(text):
    return collections.Counter(re.findall(r"\w", text))


COMMENTS = re.compile(r"(xl|word|ppt)/(threadedComments/|comments/)?(\w*[cC]omments?)[^/]*\.xml$")
ERRORS = re.compile(r"#(?:NAME\?|REF!|VALUE!|N/A|DIV/0!|NUM!|NULL!)|Err:\d+")


def excused(path, drawn):
    """By class, the characters of an original that its result need not have."""
    comments = ""
    try:
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                if COMMENTS.match(name):
                    raw = package.read(name).decode("utf-8", "replace")
                    # names of those who wrote them are printed with them
                    comments += html.unescape(re.sub(r"<[^>]*>", " ", raw)) + " "
                    comments += " ".join(re.findall(r'(?:w:author|w:initials|name)="([^"]*)"', raw))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError):
        pass
    name = os.path.basename(path)
    return {"comments": letters(comments), "errors": letters(" ".join(ERRORS.findall(drawn))),
            "file name": letters(name * drawn.count(name))}


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
        # two files may be one, and drawn at the same time: each elsewhere, and the first one stays
        own = tempfile.mkdtemp(dir=cache or scratch)
        made = pdf(path, own)
        if made:
            os.rename(made, os.path.join(own, "all.pdf"))
            pages(os.path.join(own, "all.pdf"), own, count, dpi)
        open(os.path.join(own, "done"), "w").close()
        try:
            os.rename(own, folder)
        except OSError:
            shutil.rmtree(own, ignore_errors=True)
    made = os.path.join(folder, "all.pdf")
    if not os.path.exists(made):
        return None
    return text(made), sorted(os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(".png"))


def pages(path, folder, count, dpi):
    stem = os.path.join(folder, "page")
    subprocess.run(["pdftoppm", "-r", str(dpi), "-l", str(count), "-png", path, stem], capture_output=True)


def one(job):
    original, rebuilt, count, dpi, cache = job
    with tempfile.TemporaryDirectory() as scratch:
        both = [drawn(path, scratch, cache, count, dpi) for path in (original, rebuilt)]
        if not all(both):
            return original, None, None, [bool(b) for b in both], {}
        (first, left_pages), (second, right_pages) = both
        missing, total = letters(first) - letters(second), sum(letters(first).values())
        recall = 1 - sum(missing.values()) / total if total else 1.0
        classes = {}
        for name, characters in excused(original, first).items():
            classes[name] = sum((missing & characters).values())
            missing -= characters
        rest = 1 - sum(missing.values()) / total if total else 1.0
        gone = collections.Counter(first.split()) - collections.Counter(second.split())
        more = {"rest": rest, "classes": classes, "missing": " ".join(gone.elements())}
        differences = []
        for left, right in zip(left_pages, right_pages):
            left, right = Image.open(left).convert("RGB"), Image.open(right).convert("RGB")
            if left.size != right.size:
                right = right.resize(left.size)
            differences.append(sum(ImageStat.Stat(ImageChops.difference(left, right)).mean) / 3)
        if len(left_pages) != len(right_pages):
            differences.append(255.0)
        return original, recall, statistics.mean(differences) if differences else 0.0, [len(left_pages), len(right_pages)], more


def main():
    args = argparse.ArgumentParser()
    args.add_argument("folder")
    args.add_argument("out")
    args.add_argument("--pages", type=int, default=5)
    args.add_argument("--jobs", type=int, default=2)
    args.add_argument("--dpi", type=int, default=60)
    args.add_argument("--cache")
    args.add_argument("--missing", action="store_true")
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
    opened, both, recalls, rests, means = 0, 0, [], [], []
    classes = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for path, recall, mean, seen, more in pool.map(one, jobs):
            name = os.path.basename(path)
            if recall is None:
                print(f"{name}\toriginal {'opens' if seen[0] else 'does not open'}\tresult {'opens' if seen[1] else 'does not open'}", flush=True)
                opened += seen[0]
                continue
            opened, both = opened + 1, both + 1
            recalls.append(recall)
            means.append(mean)
            rests.append(more["rest"])
            print(f"{name}\t{recall:.4f}\t{more['rest']:.4f}\t{mean:.3f}\t{seen}", flush=True)
            if recall < .995:
                told = {kind: count for kind, count in more["classes"].items() if count}
                classes.update(list(told) or ["other"] if more["rest"] >= .995 else ["other"])
                if args.missing:
                    print(f"\t{told} {more['missing'][:300]}", flush=True)
    if not means:
        return
    share = lambda wanted: 100 * sum(wanted) / len(wanted)
    print(f"\nopened by LibreOffice: originals {opened}, their results {both}")
    print(f"recall of characters drawn: mean {statistics.mean(recalls):.4f}, at least 0.995 in {share([r >= .995 for r in recalls]):.1f} %")
    print(f"but for comments, errors and file names: mean {statistics.mean(rests):.4f}, at least 0.995 in {share([r >= .995 for r in rests]):.1f} %")
    print(f"files below 0.995 by what makes them so: {dict(classes)}")
    print(f"first pages: mean difference below 1/255 in {share([m < 1 for m in means]):.1f} %, median {statistics.median(means):.3f}")


if __name__ == "__main__":
    main()
