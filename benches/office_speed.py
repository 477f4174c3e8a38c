#!/usr/bin/env python3
"""CPU time of rebuilding office documents beside other tools, in one run.

    python3 benches/office_speed.py FOLDER MUGAI [--files 30] [--repeat 3] [--peers mat2,soffice]

Takes the first --files docx, xlsx and pptx of FOLDER, 2 KB to 5 MB each, that LibreOffice and we can
both read, and prints CPU seconds (user and system, all processes), outputs made, megabytes of XML a
second, the median per file and the largest resident memory.
"""
import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import zipfile


def cpu(command, **more):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def xml(path):
    with zipfile.ZipFile(path) as archive:
        return sum(i.file_size for i in archive.infolist() if i.filename.endswith((".xml", ".rels")))


def count(folder):
    return sum(len(files) for _, _, files in os.walk(folder))


def main():
    args = argparse.ArgumentParser()
    args.add_argument("folder")
    args.add_argument("mugai")
    args.add_argument("--files", type=int, default=30)
    args.add_argument("--repeat", type=int, default=3)
    args.add_argument("--peers", default="mat2,soffice")
    args = args.parse_args()
    peers = [peer for peer in args.peers.split(",") if peer]
    for kind in ("docx", "xlsx", "pptx"):
        files = []
        for name in sorted(os.listdir(args.folder)):
            path = os.path.join(args.folder, name)
            if name.endswith("." + kind) and 2_000 < os.path.getsize(path) < 5_000_000 and zipfile.is_zipfile(path):
                files.append(path)
        with tempfile.TemporaryDirectory() as scratch:
            # those that come out
            probe = subprocess.run([args.mugai, "sanitise", "--json", "-o", f"{scratch}/probe", *files],
                                   capture_output=True, text=True).stdout
            good = {json.loads(line)["input"]["path"] for line in probe.splitlines()
                    if json.loads(line)["verdict"] == "sanitised"}
            files = [f for f in files if f in good][:args.files]
            total, size = sum(map(xml, files)) / 1e6, sum(map(os.path.getsize, files)) / 1e6
            print(f"{kind}: {len(files)} files, {size:.2f} MB, {total:.2f} MB of XML", flush=True)
            rows = []
            times = []
            for turn in range(args.repeat):
                out = f"{scratch}/m{turn}"
                times.append(cpu([args.mugai, "sanitise", "--jobs", "1", "-o", out, *files]))
            empty = min(cpu([args.mugai, "sanitise", "--jobs", "1", "-o", f"{scratch}/e{n}", os.devnull]) for n in range(3))
            rows.append(("mugai", min(times), count(out) - 1))
            if "mat2" in peers:
                os.mkdir(f"{scratch}/mat2")
                copies = [shutil.copy(f, f"{scratch}/mat2/{n}.{kind}") for n, f in enumerate(files)]
                rows.append(("mat2", cpu(["mat2", *copies]),
                             sum(".cleaned." in f for f in os.listdir(f"{scratch}/mat2"))))
            if "soffice" in peers:
                out = f"{scratch}/soffice"
                rows.append(("LibreOffice", cpu(["soffice", f"-env:UserInstallation=file://{scratch}/profile", "--headless",
                                                 "--convert-to", kind, "--outdir", out, *files]), count(out)))
            own = rows[0][1]
            for name, seconds, made in rows:
                print(f"  {name:12} {seconds:7.3f} s  {made:3} outputs  {seconds / own:6.1f} x", flush=True)
            work = max(own - empty, 1e-3)
            print(f"  of mugai's, starting and the report without a document: {empty:.3f} s; "
                  f"XML at {total / work:.1f} MB/s, {work / len(files) * 1e3:.2f} ms a file", flush=True)
            one = []
            for path in files:
                out = tempfile.mkdtemp(dir=scratch)
                report = subprocess.run(["/usr/bin/time", "-f", "%M", args.mugai, "sanitise", "--jobs", "1", "-o", out, path],
                                        capture_output=True, text=True)
                one.append(int(report.stderr.split()[-1]))
            print(f"  resident memory of a run of one file: median {statistics.median(one) / 1024:.0f} MB, "
                  f"largest {max(one) / 1024:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
