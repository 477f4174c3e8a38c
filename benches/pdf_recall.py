#!/usr/bin/env python3
"""How much of the text of PDF files is in the text of `flatten` and `redraw` and in the treatment `text`.

    python3 benches/pdf_recall.py MUGAI FOLDER [--list N]

MUGAI is the executable, FOLDER holds PDF files. What is compared are the characters that a reader
sees in both, blanks left out, after NFKC: as bags, so that the order of reading does not count. The
reference is what `pdftotext` and PDFium (package `pypdfium2`) both find in the source, the smaller
number of each character, and only what PDFium also draws. The output is read by `pdftotext`.

Files that one of the readers cannot open, that have fewer than 20 characters, or that mugai
withholds, are counted and left out.
"""
import argparse
import collections
import pathlib
import subprocess
import sys
import tempfile
import unicodedata

import pypdfium2
import pypdfium2.raw as raw

# what cleaning takes out of every text, and soft hyphens
INVISIBLE = {"Cc", "Cf", "Co", "Cn", "Cs", "Zs", "Zl", "Zp"}


# pixels a point
SCALE = 2


def bag(text):
    """Characters and how often they occur, blanks and invisible ones left out."""
    text = unicodedata.normalize("NFKC", text)
    return collections.Counter(c for c in text if unicodedata.category(c) not in INVISIBLE)


def by_poppler(path):
    done = subprocess.run(
        ["pdftotext", "-enc", "UTF-8", "-q", str(path), "-"], capture_output=True, timeout=60
    )
    return bag(done.stdout.decode("utf-8", "replace")) if done.returncode == 0 else None


def by_pdfium(path):
    """What PDFium finds and what it draws there: characters in the invisible mode (ISO 32000-2,
    9.3.6, as of text that was recognised in a scan) and those whose box is of one colour in its own
    drawing are nothing that anybody sees."""
    found, unseen = collections.Counter(), 0
    try:
        document = pypdfium2.PdfDocument(path)
        for page in document:
            text = page.get_textpage()
            drawn = page.render(scale=SCALE, may_draw_forms=True).to_pil().convert("L")
            left, bottom, right, top = page.get_cropbox()
            turned = page.get_rotation() != 0
            for index in range(text.count_chars()):
                letters = bag(text.get_text_range(index, 1))
                if not letters:
                    continue
                shown = raw.FPDFText_GetTextObject(text, index)
                mode = raw.FPDFTextObj_GetTextRenderMode(shown) if shown else 0
                # boxes are told in the unturned page
                x0, y0, x1, y1 = text.get_charbox(index)
                box = [SCALE * side for side in (x0 - left, top - y1, x1 - left, top - y0)]
                box = (int(box[0]) - 1, int(box[1]) - 1, int(box[2]) + 2, int(box[3]) + 2)
                low, high = (0, 255) if turned else drawn.crop(box).getextrema()
                outside = not turned and (box[2] <= 0 or box[3] <= 0 or box[0] >= drawn.width or box[1] >= drawn.height)
                if mode == 3 or high - low < 8 or outside:
                    unseen += sum(letters.values())
                else:
                    found += letters
        return found, unseen
    except pypdfium2.PdfiumError:
        return None, 0


def is_japanese(c):
    return "\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff"


def policy(folder, treatment):
    path = folder / f"{treatment}.toml"
    path.write_text(
        f'name = "recall"\n[[route]]\nfrom = "internet"\nto = "lgwan"\n[route.treat]\npdf = "{treatment}"\n'
        '[route.limits]\npart = { pixels = "4000 Mpx", steps = 5e9 }\n'
        'job = { pixels = "4000 Mpx", steps = 5e9 }\n'
    )
    return path


def made(mugai, source, folder, treatment, config):
    """The output of mugai, or None where the file is withheld."""
    out = folder / f"{treatment}-{source.stem}"
    out.mkdir()
    subprocess.run(
        [mugai, "sanitise", "--policy", str(config), "--output", str(out), str(source)],
        capture_output=True, timeout=300,
    )
    wanted = ".txt" if treatment == "text" else ".pdf"
    files = [f for f in out.rglob(f"*{wanted}") if "notice" not in f.name and "withheld" not in f.name]
    return files[0] if files else None


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("mugai")
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--list", type=int, default=15)
    given = arguments.parse_args()
    for treatment in ("flatten", "redraw", "text"):
        sums = collections.Counter()
        rows = []
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            config = policy(folder, treatment)
            for source in sorted(given.folder.glob("*.pdf")):
                try:
                    one = by_poppler(source)
                    two, unseen = by_pdfium(source)
                except subprocess.TimeoutExpired:
                    one = None
                if one is None or two is None:
                    sums["unread"] += 1
                    continue
                truth = one & two
                if sum(truth.values()) < 20:
                    sums["little"] += 1
                    continue
                output = made(given.mugai, source, folder, treatment, config)
                if output is None:
                    sums["withheld"] += 1
                    continue
                ours = bag(output.read_text()) if treatment == "text" else by_poppler(output)
                kept = truth & (ours or collections.Counter())
                japanese = {c for c in truth if is_japanese(c)}
                wanted, found = sum(truth.values()), sum(kept.values())
                sums["unseen"] += unseen
                sums["wanted"] += wanted
                sums["found"] += found
                sums["japanese wanted"] += sum(truth[c] for c in japanese)
                sums["japanese found"] += sum(kept[c] for c in japanese)
                sums["beside"] += sum(((ours or truth) - (one | two)).values())
                rows.append((found / wanted, wanted - found, source.name))
        rows.sort()
        percent = lambda a, b: 100 * sums[a] / max(1, sums[b])
        middle = rows[len(rows) // 2][0] if rows else 0
        print(
            f"{treatment}: {len(rows)} files, {sums['wanted']} characters, "
            f"recall {percent('found', 'wanted'):.2f} %, Japanese {percent('japanese found', 'japanese wanted'):.2f} % "
            f"of {sums['japanese wanted']}, median file {100 * middle:.2f} %, "
            f"beside {sums['beside']}; left out: {sums['unseen']} characters that nobody sees, {sums['unread']} unread, {sums['little']} with little text, "
            f"{sums['withheld']} withheld"
        )
        for share, lost, file in sorted(rows, key=lambda row: -row[1])[: given.list]:
            if lost:
                print(f"  {100 * share:6.2f} %  {lost:6} lost  {file}")


if __name__ == "__main__":
    sys.exit(main())
