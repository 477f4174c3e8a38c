"""Memory of the trusted process by number of files, all in one folder and in many: memory.py MUGAI DIR.

DIR gets mails, links to them, outputs and temporary files: some 2 GB, best in memory (/dev/shm).
"""

import os
import shutil
import subprocess
import sys

OPTIONS = ["first", "again", "--since-journal", "--only-withheld"]


def main(mugai, root):
    os.makedirs(root, exist_ok=True)
    mails = os.path.join(root, "mails")
    if not os.path.isdir(mails):
        script = os.path.join(os.path.dirname(__file__), "many_mails.py")
        subprocess.run([sys.executable, script, mails, "100000"], check=True)
    print("files", "in", *OPTIONS, sep="\t")
    for count in [1_000, 10_000, 100_000]:
        for shape in ["one folder", "many folders"]:
            folder = link(mails, root, count, shape == "many folders")
            print(count, shape, *figures(mugai, folder, root), sep="\t", flush=True)


def link(mails, root, count, many):
    folder = os.path.join(root, f"{count}-{'many' if many else 'one'}")
    if os.path.isdir(folder):
        return folder
    for number in range(0, 100_000, 100_000 // count):
        # as many files in a folder as there are folders, at a hundred thousand
        below = os.path.join(folder, f"{number // 317:03}") if many else folder
        os.makedirs(below, exist_ok=True)
        os.link(f"{mails}/{number // 1000:03}/{number:06}.eml", f"{below}/{number:06}.eml")
    return folder


def figures(mugai, folder, root):
    out = os.path.join(root, "out")
    shutil.rmtree(out, ignore_errors=True)
    for option in OPTIONS:
        command = [mugai, "sanitise", folder, "-o", out, "--policy", "text-only", "--jobs", "2"]
        if option.startswith("--"):
            command.append(option)
        # a child of ours would begin with the memory of Python, which counts for its peak
        done = subprocess.run(
            ["/usr/bin/time", "-f", "%M %U %S", *command],
            env=os.environ | {"TMPDIR": root},
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        peak, user, system = map(float, done.stderr.split()[-3:])
        # of the process itself, for its workers are no larger; in MB
        yield f"{peak * 1.024e-3:.1f} MB, {user + system:.1f} s"


main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
