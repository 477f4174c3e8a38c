#!/usr/bin/env python3
"""Archives beside their files alone: wall clock, processor time and memory, in turns.

    python3 benches/archive_speed.py MUGAI

Makes 1,000 pictures of 160 x 120, 200 MB of pictures, texts and tables of at most 10 MB, and four texts of 50 MB, packs
each into a ZIP file, and runs `mugai sanitise` over the files and over the archive, three times in turns; prints the least
time, the largest resident memory of any process, and, of one more run, the most that all processes and their arenas had
together at one moment. The limits are 1 GiB a part and 2 GiB a job. Needs Pillow.
"""
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile

from PIL import Image


def pictures(folder):
    rng = random.Random(1)
    for number in range(1_000):
        image = Image.new("RGB", (160, 120), tuple(rng.randrange(256) for _ in range(3)))
        for _ in range(40):
            box = sorted(rng.randrange(160) for _ in range(2)), sorted(rng.randrange(120) for _ in range(2))
            image.paste(tuple(rng.randrange(256) for _ in range(3)), (box[0][0], box[1][0], box[0][1] + 1, box[1][1] + 1))
        image.save(os.path.join(folder, f"{number}.png"))


def texts(folder):
    rng = random.Random(2)
    words = ["".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randrange(3, 10))) for _ in range(5_000)]
    for number in range(4):
        with open(os.path.join(folder, f"{number}.txt"), "w", encoding="ascii") as file:
            left = 50_000_000
            while left > 0:
                left -= file.write(" ".join(rng.choices(words, k=12)) + "\n")


def mixed(folder):
    rng = random.Random(3)
    for number in range(30):
        photo(rng, 1_800, 1_350).save(os.path.join(folder, f"{number}.jpg"), quality=92)
    for number in range(10):
        photo(rng, 1_500, 1_200).save(os.path.join(folder, f"{number}.png"))
    words = ["".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randrange(3, 10))) for _ in range(5_000)]
    for number in range(5):
        with open(os.path.join(folder, f"{number}.txt"), "w", encoding="ascii") as file:
            left = 10_000_000
            while left > 0:
                left -= file.write(" ".join(rng.choices(words, k=12)) + "\n")
    number = 0
    while sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)) < 200_000_000:
        with open(os.path.join(folder, f"table{number}.csv"), "w", encoding="ascii") as file:
            left = 5_000_000
            while left > 0:
                left -= file.write(",".join(str(rng.randrange(10**6)) for _ in range(8)) + "\n")
        number += 1


def photo(rng, width, height):
    """Soft shapes with the noise of a camera."""
    small = Image.frombytes("RGB", (24, 18), rng.randbytes(24 * 18 * 3)).resize((width, height), Image.BICUBIC)
    noise = Image.frombytes("RGB", (width, height), rng.randbytes(width * height * 3))
    return Image.blend(small, noise, 0.12)


def together(mugai, policy, path):
    """The most memory of all processes and their arenas at one moment, in MB: looked at every few milliseconds."""
    with tempfile.TemporaryDirectory() as out:
        command = [mugai, "sanitise", path, "-o", out, "--policy", policy, "--jobs", "1"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            most = 0
            while process.poll() is None:
                most = max(most, held(process.pid))
                time.sleep(0.004)
    return most / 1e6


def held(first):
    """Bytes of anonymous memory of a process and its children, and of memory files that they have open."""
    every, arenas, todo = 0, {}, [first]
    while todo:
        pid = todo.pop()
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                    todo += file.read().split()
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                every += sum(int(line.split()[1]) << 10 for line in file if line.startswith("RssAnon:"))
            for number in os.listdir(f"/proc/{pid}/fd"):
                name = f"/proc/{pid}/fd/{number}"
                if os.readlink(name).startswith("/memfd:"):
                    told = os.stat(name)
                    arenas[told.st_ino] = told.st_blocks * 512
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return every + sum(arenas.values())


def run(mugai, policy, path):
    with tempfile.TemporaryDirectory() as out:
        # by way of a small program: what a large one starts begins with its memory
        timed = ["/usr/bin/time", "-q", "-f", "%e %U %S %M", mugai, "sanitise", path, "-o", out, "--policy", policy, "--jobs", "1"]
        done = subprocess.run(timed, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        seconds, user, system, memory = map(float, done.stderr.splitlines()[-1].split())
        return seconds, user + system, memory / 1024, done.returncode


def main():
    mugai = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        policy = os.path.join(scratch, "policy.toml")
        families = ["mail", "text", "csv", "html", "image", "pdf"]
        treat = {"image": "flatten", "pdf": "flatten"}
        with open(policy, "w", encoding="ascii") as file:
            file.write('name = "speed"\n[[route]]\nfrom = "internet"\nto = "lgwan"\n[route.treat]\narchive = "rebuild"\n')
            file.writelines(f'{family} = "{treat.get(family, "text")}"\n' for family in families)
            file.write('[route.limits]\npart = { bytes = "1 GiB", steps = 5e9 }\njob = { bytes = "2 GiB", steps = 5e9, deadline = "600 s" }\n')
        print("| | as an archive | its files alone |\n|---|---|---|")
        for about, make, method in [
            ("ZIP of 1,000 pictures of 160 x 120", pictures, zipfile.ZIP_STORED),
            ("ZIP of 200 MB, files of at most 10 MB", mixed, zipfile.ZIP_DEFLATED),
            ("ZIP of 200 MB, four texts, stored", texts, zipfile.ZIP_STORED),
            ("ZIP of 200 MB, four texts, deflated", texts, zipfile.ZIP_DEFLATED),
        ]:
            folder = os.path.join(scratch, "files")
            subprocess.run(["rm", "-rf", folder], check=True)
            os.mkdir(folder)
            make(folder)
            packed = os.path.join(scratch, "packed.zip")
            with zipfile.ZipFile(packed, "w", method) as out:
                for name in sorted(os.listdir(folder)):
                    out.write(os.path.join(folder, name), name)
            runs = [(run(mugai, policy, packed), run(mugai, policy, folder)) for _ in range(3)]
            cells = []
            for side in (0, 1):
                best = min(pair[side][0] for pair in runs)
                cpu = min(pair[side][1] for pair in runs)
                memory = max(pair[side][2] for pair in runs)
                failed = any(pair[side][3] for pair in runs)
                all_of_it = together(mugai, policy, (packed, folder)[side])
                told = f"{best:.2f} s, processor {cpu:.2f} s, {memory:.0f} MB, together {all_of_it:.0f} MB"
                cells.append(told + (" (not delivered)" if failed else ""))
            print(f"| {about} | {cells[0]} | {cells[1]} |", flush=True)


if __name__ == "__main__":
    main()
