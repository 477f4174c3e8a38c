#!/usr/bin/env python3
"""How long and in how much memory packages are refused that grow, repeat or nest beyond reason.

    python3 benches/office_bombs.py MUGAI

Makes each package, runs `mugai sanitise` over it, and prints verdict, wall clock and the largest
resident memory of any of its processes.
"""
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile

W = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
S = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
O = ('<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
     'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
     'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>'
     '<table:table table:name="s">')
OE = '</table:table></office:spreadsheet></office:body></office:document-content>'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def package(parts, main, kind, rels=""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        base = "application/vnd.openxmlformats-officedocument."
        types = "".join(f'<Override PartName="/{p}" ContentType="{base}{t}+xml"/>' for p, (t, _) in parts.items())
        z.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                   '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                   f"{types}</Types>")
        head = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        z.writestr("_rels/.rels", f'{head}<Relationship Id="r" Type="{REL}/officeDocument" Target="{main}"/></Relationships>')
        if rels:
            folder, file = main.split("/")
            z.writestr(f"{folder}/_rels/{file}.rels", f"{head}{rels}</Relationships>")
        for path, (_, text) in parts.items():
            z.writestr(path, text)
        for n in range(kind):
            z.writestr(f"x/{n}", "")
    return out.getvalue()


def word(body, extra=0):
    return package({"word/document.xml": ("wordprocessingml.document.main", W + body)}, "word/document.xml", extra)


def sheet(rows, strings=""):
    parts = {"xl/workbook.xml": ("spreadsheetml.sheet.main", '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
             f'xmlns:r="{REL}"><sheets><sheet name="s" sheetId="1" r:id="a"/></sheets></workbook>'),
             "xl/worksheets/sheet1.xml": ("spreadsheetml.worksheet", S + rows + "</sheetData></worksheet>"),
             "xl/sharedStrings.xml": ("spreadsheetml.sharedStrings", '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                                      f"{strings}</sst>")}
    rels = (f'<Relationship Id="a" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="b" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/>')
    return package(parts, "xl/workbook.xml", 0, rels)


def ods(rows):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        z.writestr("content.xml", O + rows + OE)
    return out.getvalue()


END = "</w:body></w:document>"


def cases():
    yield "one entry of 60 MB in 60 kB.docx", word(" " * 60_000_000 + END)
    yield "two thousand million bytes said.docx", word(END).replace(
        len(W + END).to_bytes(4, "little"), (2_000_000_000).to_bytes(4, "little"))
    yield "200,000 elements inside each other.docx", word("<w:tbl>" * 200_000)
    yield "5,000 attributes.docx", word("<w:p " + " ".join(f'a{n}="1"' for n in range(5000)) + "/>" + END)
    yield "60,000 more entries.docx", word(END, 60_000)
    yield "600,000 paragraphs.docx", word("<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 600_000 + END)
    yield "one text of 30 MB.docx", word("<w:p><w:r><w:t>" + "a" * 30_000_000 + "</w:t></w:r></w:p>" + END)
    yield "27 GB of shared strings.xlsx", sheet(
        "".join(f'<row r="{r}">' + "<c t=\"s\"><v>0</v></c>" * 100 + "</row>" for r in range(1, 2701)), f"<si><t>{'a' * 100_000}</t></si>")
    yield "1,048,570 x 16,000 cells.ods", ods('<table:table-row table:number-rows-repeated="1048570"><table:table-cell '
                                              'table:number-columns-repeated="16000" office:value-type="float" office:value="1"/></table:table-row>')
    yield "fields without end.docx", word('<w:p>' + '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * 100_000 + "</w:p>" + END)


def main():
    for name, content in cases():
        with tempfile.TemporaryDirectory() as scratch:
            path = os.path.join(scratch, name)
            with open(path, "wb") as file:
                file.write(content)
            begin = time.monotonic()
            run = subprocess.run(["/usr/bin/time", "-f", "%M", sys.argv[1], "sanitise", "--json", "-o", f"{scratch}/out", path],
                                 capture_output=True, text=True)
            seconds = time.monotonic() - begin
            report = json.loads(run.stdout.splitlines()[0])
            reason = (report["parts"][0].get("refusal") or {}).get("detail", "")
            print(f"{name:42} {len(content):9} bytes  {report['verdict']:10} {seconds:6.2f} s {int(run.stderr.split()[-1]) / 1024:6.0f} MB  {reason}", flush=True)


if __name__ == "__main__":
    main()
