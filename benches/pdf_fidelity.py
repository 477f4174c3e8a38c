#!/usr/bin/env python3
"""How much pages that mugai made look like those that they were made from, as PDFium draws both.

    python3 benches/pdf_fidelity.py MUGAI FOLDER [--policy TREATMENT ...] [--list N] [--grey-bitmaps]

MUGAI is the executable, FOLDER holds PDF files. Each file is sanitised by each treatment, source and
result are drawn by PDFium (package `pypdfium2`) at 150 dpi in colour, as browsers draw, and pages are
compared in grey by their mean structural similarity (Wang et al. 2004: windows of 8 by 8 pixels, all
places). Into a grey bitmap PDFium draws otherwise: it puts every letter at a whole pixel, where in colour
it has thirds of pixels; `--grey-bitmaps` compares these. Files that PDFium
cannot draw or that mugai withholds are counted and left out. Pages must be as many and as large;
a side may differ by a pixel, for sizes are written in quarters of a point.
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

import numpy
import pypdfium2

DPI = 150
WINDOW = 8
# the most pages of one file that are compared
MAX_PAGES = 8

POLICY = """name = "bench"
[[route]]
from = "internet"
to = "lgwan"
[route.treat]
pdf = "{treatment}"
"""


def means(plane):
    """Means of all windows, by sums of sums."""
    sums = numpy.zeros((plane.shape[0] + 1, plane.shape[1] + 1))
    sums[1:, 1:] = plane.cumsum(0).cumsum(1)
    w = WINDOW
    return (sums[w:, w:] - sums[:-w, w:] - sums[w:, :-w] + sums[:-w, :-w]) / (w * w)


def similarity(one, other):
    """Mean structural similarity of two planes of levels from 0 to 255."""
    if min(one.shape) < WINDOW:
        return 1.0 if numpy.array_equal(one, other) else 0.0
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean1, mean2 = means(one), means(other)
    var1 = means(one * one) - mean1 * mean1
    var2 = means(other * other) - mean2 * mean2
    cov = means(one * other) - mean1 * mean2
    top = (2 * mean1 * mean2 + c1) * (2 * cov + c2)
    return float((top / ((mean1**2 + mean2**2 + c1) * (var1 + var2 + c2))).mean())


def drawn(path, grey):
    """Pages as planes of grey, how many there are, and their sizes in points."""
    document = pypdfium2.PdfDocument(path)
    try:
        document.init_forms()
    except Exception:  # broken forms are drawn as pages without them
        pass
    sizes = [page.get_size() for page in document]
    planes = []
    for page in list(document)[:MAX_PAGES]:
        width, height = page.get_size()
        # a hair less, for 792 * (150 / 72) is more than 1650 in floats, and pypdfium2 rounds up
        scale = DPI / 72 * (1 - 1e-9)
        if width * height * scale * scale > 36e6:
            planes.append(None)
            continue
        image = page.render(scale=scale, grayscale=grey, may_draw_forms=True)
        planes.append(numpy.asarray(image.to_pil().convert("L"), dtype=float))
    return planes, sizes


def crop(one, other):
    height, width = min(one.shape[0], other.shape[0]), min(one.shape[1], other.shape[1])
    return one[:height, :width], other[:height, :width]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mugai")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--policy", nargs="*", default=["flatten", "redraw"])
    parser.add_argument("--list", type=int, default=0, help="the worst pages")
    parser.add_argument("--grey-bitmaps", action="store_true", help="as PDFium draws grey bitmaps")
    args = parser.parse_args()
    sources = sorted(args.folder.rglob("*.pdf"))
    for treatment in args.policy:
        with tempfile.TemporaryDirectory() as folder:
            policy = pathlib.Path(folder, "policy.toml")
            policy.write_text(POLICY.format(treatment=treatment))
            command = [args.mugai, "sanitise", str(args.folder.resolve()), "-o", folder + "/out"]
            command += ["-p", str(policy), "--from", "internet", "--to", "lgwan"]
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            results = {path.name: path for path in pathlib.Path(folder, "out").rglob("*.pdf")}
            pages, counts, sizes, unread, withheld = [], [], [], 0, 0
            bytes_in, bytes_out, ratios = 0, 0, []
            for source in sources:
                result = results.get(source.name)
                try:
                    before, size_before = drawn(source, args.grey_bitmaps)
                except Exception:
                    unread += 1
                    continue
                if result is None:
                    withheld += 1
                    continue
                bytes_in += source.stat().st_size
                bytes_out += result.stat().st_size
                ratios.append(result.stat().st_size / source.stat().st_size)
                after, size_after = drawn(result, args.grey_bitmaps)
                if len(size_before) != len(size_after):
                    counts.append(source.name)
                    continue
                for number, (one, other) in enumerate(zip(size_before, size_after), 1):
                    if any(abs(a - b) > 0.5 for a, b in zip(one, other)):
                        sizes.append(f"{source.name} page {number}: {one} {other}")
                for number, (one, other) in enumerate(zip(before, after), 1):
                    if one is None or other is None:
                        continue
                    if abs(one.shape[0] - other.shape[0]) > 2 or abs(one.shape[1] - other.shape[1]) > 2:
                        continue
                    pages.append((similarity(*crop(one, other)), source.name, number))
        pages.sort()
        values = [value for value, _, _ in pages]
        if not values:
            sys.exit("no pages")
        ratios.sort()
        print(f"{treatment}: {len(ratios)} files, {len(pages)} pages, not drawn by PDFium {unread}, withheld {withheld}")
        print(f"  similarity: median {statistics.median(values):.4f}, 5th percentile {values[len(values) // 20]:.4f}, worst {values[0]:.4f}")
        print(f"  other number of pages: {counts or 0}; other size: {sizes or 0}")
        print(
            f"  bytes: median {statistics.median(ratios):.2f} of the source, 90th percentile "
            f"{ratios[len(ratios) * 9 // 10]:.2f}, all {bytes_out / bytes_in:.2f}"
        )
        for value, name, number in pages[: args.list]:
            print(f"  {value:.4f} {name} page {number}")


if __name__ == "__main__":
    main()
