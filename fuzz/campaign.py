#!/usr/bin/env python3
"""Runs every fuzz target for so many seconds of processor time, as a background load, and writes down what was covered.

    CARGO_PROFILE_RELEASE_DEBUG=0 cargo +nightly fuzz build --no-default-features any
    cargo xtask seeds
    fuzz/campaign.py [--seconds 1200] [--jobs 2] [--table] [TARGET ...]

One executable serves for all targets (`fuzz_targets/any.rs`). What was done is kept in `fuzz/runs/campaign.json`, so that a
campaign may be stopped and gone on with; `--table` only prints it. A background load waits for the processor: what takes long is
told by the clock on the wall, so that the limit is ten times that of a run of its own. A find is left in `fuzz/artifacts/<target>/`, is counted, and
the target goes on.
"""

import argparse, json, os, re, resource, signal, subprocess, sys, threading, time

ROOT = os.path.dirname(os.path.abspath(__file__))
STATE = os.path.join(ROOT, "runs", "campaign.json")
TICKS = os.sysconf("SC_CLK_TCK")
DICTIONARIES = {
    "archives": ("reader_7z", "reader_rar", "reader_lha", "reader_cab", "reader_zip", "reader_tar", "reader_gzip", "reader_xz", "reader_bzip2", "reader_zstd"),
    "calendar": ("reader_calendar", "reader_vcard"),
    "html": ("reader_html",),
    "mime": ("reader_mail", "reader_mbox", "charset", "pipeline", "forged_mail"),
    "odf": ("reader_odt", "reader_ods", "reader_odp"),
    "office": ("reader_word", "reader_sheet", "reader_slides"),
    "ole": ("reader_ole2", "reader_doc", "reader_xls", "reader_ppt", "reader_msg", "reader_jtd"),
    "pdf": ("reader_pdf",),
    "pictures": ("reader_png", "reader_gif", "reader_jpeg", "reader_tiff", "reader_bmp", "reader_webp", "reader_metafile"),
    "rtf": ("reader_rtf",),
    "smtp": ("relay_smtp", "relay_replies", "relay_commands"),
}
LOCK = threading.Lock()
STOP = threading.Event()


def targets():
    names = [os.path.splitext(n)[0] for n in os.listdir(os.path.join(ROOT, "fuzz_targets"))]
    return sorted(n for n in names if n != "any")


def load():
    try:
        with open(STATE) as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def save(state):
    os.makedirs(os.path.dirname(STATE), exist_ok=True)
    with open(STATE + ".new", "w") as file:
        json.dump(state, file, indent=1, sort_keys=True)
    os.replace(STATE + ".new", STATE)


def used(pid):
    """The processor time of a process in seconds, all its threads."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    except (FileNotFoundError, ProcessLookupError):
        return None


def command(target, binary):
    runs = os.path.join(ROOT, "runs", target)
    finds = os.path.join(ROOT, "artifacts", target)
    os.makedirs(runs, exist_ok=True)
    os.makedirs(finds, exist_ok=True)
    folders = [runs]
    for kind in ("seeds", "corpus"):
        folder = os.path.join(ROOT, kind, target)
        if os.path.isdir(folder):
            folders.append(folder)
    words = [binary, *folders, "-timeout=100", "-report_slow_units=100", "-rss_limit_mb=3072", f"-artifact_prefix={finds}/", "-print_final_stats=1"]
    for name, users in DICTIONARIES.items():
        if target in users:
            words.append(f"-dict={ROOT}/dictionaries/{name}.dict")
    return words


def once(target, binary, seconds):
    """One process, until its time is used up or it finds something: what it did."""
    os.makedirs(os.path.join(ROOT, "runs"), exist_ok=True)
    log = os.path.join(ROOT, "runs", target + ".log")
    environment = dict(os.environ, MUGAI_FUZZ=target)
    with open(log, "wb") as out:
        process = subprocess.Popen(command(target, binary), stdout=out, stderr=out, env=environment, preexec_fn=background)
        spent = 0.0
        while process.poll() is None:
            spent = used(process.pid) or spent
            if spent >= seconds or STOP.is_set():
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()
                break
            time.sleep(1)
        code = process.wait()
    with open(log, errors="replace") as file:
        text = file.read()
    last = re.findall(r"#(\d+)\s+\S+\s+cov: (\d+) ft: (\d+) corp: (\d+)", text)
    runs, cov, features, corpus = (int(n) for n in last[-1]) if last else (0, 0, 0, 0)
    first = re.search(r"INITED cov: (\d+)", text)
    finds = re.findall(r"Test unit written to (\S+)", text)
    done = spent >= seconds
    return {"spent": spent, "runs": runs, "cov": cov, "features": features, "corpus": corpus, "begun": int(first.group(1)) if first else 0, "finds": finds, "done": done, "code": code}


def background():
    os.setpriority(os.PRIO_PROCESS, 0, 19)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def work(queue, binary, seconds, state):
    while True:
        with LOCK:
            if not queue or STOP.is_set():
                return
            target = queue.pop(0)
            before = state.setdefault(target, {"spent": 0.0, "runs": 0, "begun": 0, "cov": 0, "features": 0, "corpus": 0, "finds": []})
        tries = 0
        while before["spent"] < seconds and tries < 20 and not STOP.is_set():
            result = once(target, binary, seconds - before["spent"])
            with LOCK:
                before["spent"] += result["spent"]
                before["runs"] += result["runs"]
                before["begun"] = before["begun"] or result["begun"]
                for key in ("cov", "features", "corpus"):
                    before[key] = max(before[key], result[key])
                before["finds"] += result["finds"]
                save(state)
            tries += 1
            if result["finds"]:
                print(f"{target}: {result['finds']}", flush=True)
            elif not result["done"] and not STOP.is_set():
                print(f"{target}: ended with {result['code']}", flush=True)
                break
        print(f"{target}: {before['spent']:.0f} s, {before['runs']} runs, coverage {before['begun']} to {before['cov']}, {len(before['finds'])} finds", flush=True)


def table(state):
    print("| target | processor time | runs | edges of the seeds | edges at the end | features | files kept | finds |")
    print("|---|---|---|---|---|---|---|---|")
    for target, of in sorted(state.items()):
        print(f"| `{target}` | {of['spent'] / 60:.0f} min | {of['runs']:,} | {of['begun']:,} | {of['cov']:,} | {of['features']:,} | {of['corpus']:,} | {len(of['finds'])} |")


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seconds", type=int, default=1200, help="of processor time for each target (default: 1200)")
    words.add_argument("--jobs", type=int, default=2, help="targets at a time (default: 2)")
    words.add_argument("--binary", default=os.path.join(ROOT, "target/x86_64-unknown-linux-gnu/release/any"))
    words.add_argument("--table", action="store_true", help="print what was done so far")
    words.add_argument("targets", nargs="*", metavar="TARGET")
    words = words.parse_args()
    state = load()
    if words.table:
        return table(state)
    unknown = set(words.targets) - set(targets())
    if unknown:
        sys.exit(f"no such target: {', '.join(sorted(unknown))}")
    queue = [t for t in words.targets or targets() if state.get(t, {}).get("spent", 0) < words.seconds]
    threads = [threading.Thread(target=work, args=(queue, words.binary, words.seconds, state)) for _ in range(words.jobs)]
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: STOP.set())
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
