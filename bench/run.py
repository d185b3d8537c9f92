#!/usr/bin/env python3
"""Measures the release program beside its peers: bench/run.py [NAME...]. See bench/README.md."""
import json
import lzma
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/corpus"))
import build as corpus  # noqa: E402
import root_tree  # noqa: E402
import unpack_formats  # noqa: E402

PROGRAM = ROOT / "build/release/src/app/shirushi"
TURNS = 5


class Measured:
    def __init__(self, command, codes=(0,)):
        started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.out, error = process.communicate()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.wall = time.monotonic() - started
        self.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if process.returncode not in codes:
            sys.exit(f"{command[0]} ended with {process.returncode}: {error.decode(errors='replace')[-500:]}")


def peak_memory(command):
    """Peak MiB of the program and all its children together, sampled; shared pages counted once per process (PSS)."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        total = 0
        for pid in [process.pid, *children(process.pid)]:
            try:
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
            except OSError:
                continue
        peak = max(peak, total)
        time.sleep(0.002)
    return peak / 1024


def children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def remove(folder):
    """A folder that a peer extracted to; binwalk mounts what it cannot extract, so that goes first."""
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        if line.split()[1].startswith(str(folder) + "/"):
            subprocess.run(["umount", line.split()[1]], check=True)
    shutil.rmtree(folder, ignore_errors=True)


def in_turns(ours, theirs, clean=lambda: None):
    mine, peers = [], []
    for _ in range(TURNS):
        clean()
        mine.append(ours())
        clean()
        peers.append(theirs())
    return mine, peers


def middle(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


def root_of(limit, work):
    """A router-like root with `limit` bytes of real programs of this machine."""
    tree = root_tree.planted(work, "armhf")
    total = 0
    for folder in ("/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"):
        if not Path(folder).is_dir():
            continue
        for path in sorted(Path(folder).iterdir()):
            if path.is_file() and not path.is_symlink() and 4096 < path.stat().st_size < 2_000_000 and total < limit:
                tree[f"usr/{path.parent.name}/{path.name}"] = root_tree.Entry(path.read_bytes(), 0o755)
                total += path.stat().st_size
    return tree


def image_of(work, size, compressor):
    """A router image of exactly `size` bytes, its root file system as large as fits (to within a tenth)."""
    limit = size * 4
    while True:
        file_system = corpus.squashfs(work, root_of(limit, work), compressor)
        if len(file_system) <= size - (1 << 18) - len(corpus.BOOT_AREA):
            break
        limit = limit * 94 // 100
    (work / "root.squashfs").write_bytes(file_system)
    kernel = corpus.uimage(work, corpus.gzip.compress(corpus.kernel("2.6.36"), mtime=0), "arm", "kernel", "gzip", "Linux-2.6.36")
    (work / "router.bin").write_bytes(corpus.flash([corpus.BOOT_AREA, kernel, file_system], size))
    return work / "router.bin", work / "root.squashfs"


def check_answer(folder):
    assessment = json.loads((folder / "assessment.json").read_text(encoding="utf-8"))
    failing = {v["requirement"] for v in assessment["verdicts"] if v["verdict"] == "fail"}
    if not {"B-1", "B-2", "B-4", "D-1", "D-8"} <= failing:
        sys.exit(f"wrong answer: only {sorted(failing)} fail")


def bench_verify_16m(work):
    for compressor in ("xz", "gzip"):
        image, file_system = image_of(work, 16 << 20, compressor)
        reports, extracted = work / "reports", work / "extracted"
        clean = lambda: remove(extracted)
        ours = lambda: Measured([PROGRAM, "-q", "verify", image, "-o", reports], (1,))
        theirs = lambda: Measured(["unsquashfs", "-q", "-n", "-d", extracted, file_system], (0, 2))
        mine, peers = in_turns(ours, theirs, clean)
        check_answer(reports)
        print(f"verify-16m {compressor}: image {image.stat().st_size >> 20} MiB, file system {file_system.stat().st_size / (1 << 20):.1f} MiB")
        print(f"  shirushi verify  wall {middle(mine, 'wall'):.2f} s  cpu {middle(mine, 'cpu'):.2f} s")
        print(f"  unsquashfs       wall {middle(peers, 'wall'):.2f} s  cpu {middle(peers, 'cpu'):.2f} s")
        print(f"  ratio            wall {middle(mine, 'wall') / middle(peers, 'wall'):.2f}    cpu {middle(mine, 'cpu') / middle(peers, 'cpu'):.2f}    (bar: wall at most 2)")
        print(f"  peak memory      {peak_memory([PROGRAM, '-q', 'verify', image, '-o', reports]):.0f} MiB (bar: 512)")


def bench_unpack(work):
    subprocess.run([sys.executable, ROOT / "tests/corpus/build.py", work / "images"], check=True, stdout=subprocess.DEVNULL)
    for compressor in ("gzip", "xz"):
        image_of(work, 16 << 20, compressor)[0].rename(work / f"router-16m-{compressor}.bin")
    for image in [*sorted((work / "images").glob("*-planted.bin")), *sorted(work.glob("router-16m-*.bin"))]:
        folder = work / "binwalk"
        clean = lambda: remove(folder)
        ours = lambda: Measured([PROGRAM, "-q", "unpack", "--files", image])
        theirs = lambda: Measured(["binwalk", "-e", "-q", "--run-as=root", "-C", folder, image]) if os.geteuid() == 0 else Measured(["binwalk", "-e", "-q", "-C", folder, image])
        mine, peers = in_turns(ours, theirs, clean)
        if b"etc/shadow" not in mine[0].out:
            sys.exit(f"wrong answer: {image.name} has no etc/shadow")
        files = sum(1 for path in folder.rglob("*") if path.is_file())
        clean()
        print(f"unpack {image.name}: shirushi wall {middle(mine, 'wall'):.3f} s cpu {middle(mine, 'cpu'):.3f} s; binwalk -e wall {middle(peers, 'wall'):.3f} s "
              f"cpu {middle(peers, 'cpu'):.3f} s ({files} files); ratio wall {middle(peers, 'wall') / middle(mine, 'wall'):.1f} times faster (bar: 5)")


def bench_verify_4m(work):
    image, _ = image_of(work, 4 << 20, "xz")
    runs = [Measured([PROGRAM, "-q", "verify", image, "-o", work / "reports"], (1,)) for _ in range(TURNS)]
    check_answer(work / "reports")
    print(f"verify-4m: image {image.stat().st_size >> 20} MiB: cpu {middle(runs, 'cpu'):.2f} s, wall {middle(runs, 'wall'):.2f} s (bar: cpu below 1)")
    print(f"  peak memory: unpack {peak_memory([PROGRAM, '-q', 'unpack', '-o', work / 'tree', image]):.0f} MiB (bar: 64), "
          f"verify {peak_memory([PROGRAM, '-q', 'verify', image, '-o', work / 'reports']):.0f} MiB")


def bench_formats(work):
    unpack_formats.bench(work, PROGRAM, Measured, in_turns, middle, remove)


def bench_feeds(work):
    """Needs the feeds: SHIRUSHI_NVD names the folder of nvdcve-1.1-YEAR.json.xz."""
    feeds = sorted(Path(os.environ.get("SHIRUSHI_NVD", "/nonexistent")).glob("nvdcve-1.1-*.json.xz"))
    if not feeds:
        return print("feeds: left out: SHIRUSHI_NVD names no folder with nvdcve-1.1-YEAR.json.xz")
    snapshot, database = work / "advisories.snapshot", work / "naive.db"
    ours = [PROGRAM, "-q", "--lang", "en", "feed", "import", "--anew", "--snapshot", snapshot, "--today", "2026-01-01", *feeds]
    mine = Measured(ours)
    peer = Measured([sys.executable, ROOT / "bench/naive_import.py", database, *feeds])
    count = int(peer.out)
    if f"{count:,} advisories" not in mine.out.decode():
        sys.exit(f"wrong answer: the peer holds {count:,} advisories, ours says {mine.out.decode()[-200:]!r}")
    print(f"feeds: {len(feeds)} feeds, {count:,} advisories; one run each")
    print(f"  shirushi feed import  wall {mine.wall:.1f} s  cpu {mine.cpu:.1f} s  {snapshot.stat().st_size / 1e6:.1f} MB  (bars: 10 s, 120 MB)")
    print(f"  naive_import.py       wall {peer.wall:.1f} s  cpu {peer.cpu:.1f} s  {database.stat().st_size / 1e6:.1f} MB")
    print(f"  ratio wall {mine.wall / peer.wall:.2f} (bar: 0.25); peak memory {peak_memory(ours):.0f} MiB (bar: 300)")
    bench_day(work, snapshot, feeds)
    bench_match(work, snapshot, feeds)


def bench_day(work, snapshot, feeds):
    """A day's changes: 500 records with later ends, imported into what is there, then matched against many stored products."""
    items = []
    for feed in feeds[len(feeds) // 2:]:
        items += [item for item in json.loads(lzma.open(feed).read())["CVE_Items"] if '"versionEndExcluding"' in json.dumps(item["configurations"])]
        if len(items) >= 15000:
            break
    items = items[::30][:500]
    text = json.dumps(items).replace('"versionEndExcluding": "', '"versionEndExcluding": "9')
    changes, after = work / "nvdcve-1.1-modified.json", work / "after.snapshot"
    changes.write_text(f'{{"CVE_data_type": "CVE", "CVE_data_format": "MITRE", "CVE_data_version": "4.0", "CVE_data_timestamp": "2026-01-02T00:00Z", "CVE_Items": {text}}}')
    shutil.copy(snapshot, after)
    day = Measured([PROGRAM, "-q", "--lang", "en", "feed", "import", "--snapshot", after, "--today", "2026-01-02", changes])
    if f"{len(items):,} records" not in day.out.decode():
        sys.exit(f"wrong answer: of {len(items)} changed records ours says {day.out.decode()[-200:]!r}")
    print(f"  a day's {len(items)} changes imported: wall {day.wall:.2f} s  cpu {day.cpu:.2f} s")
    program = ROOT / "build/release/bench/rematch"
    if not program.exists():
        return print("  re-matching left out: cmake --build build/release --target rematch")
    print("  " + Measured([program, snapshot, after]).out.decode().strip().replace("\n", "\n  "))


def latest_fixes(feeds):
    """The newest version that the feeds name as an end of a fault, by product: {"busybox:busybox": "1.36.1"}."""
    latest = {}
    for feed in feeds:
        for pair, version in re.findall(r'"cpe23Uri" ?: ?"cpe:2\.3:[ao]:([^:"]+:[^:"]+):[^}]*?"versionEndExcluding" ?: ?"([0-9][^"]*)"', lzma.open(feed, "rt").read()):
            key = [int(part) for part in re.findall(r"\d+", version)]
            latest[pair] = max(latest.get(pair, ([], "")), (key, version))
    return {pair: version for pair, (_, version) in latest.items()}


def bench_match(work, snapshot, feeds):
    """A cold `match` of a bill of 300 components: the programs that identifiers know, each in the version its advisories name last;
    and of one that nobody ever updated: its rows are many times as many."""
    latest = latest_fixes(feeds)
    names = [entry for entry in tomllib.loads((ROOT / "catalogues/components.toml").read_text())["component"] if entry["cpe"]]
    for bill_title, version_of in (("kept up to date", lambda i, entry: next((latest[pair] for pair in entry["cpe"] if pair in latest), f"1.{i % 7}")),
                                   ("never updated", lambda i, entry: f"1.{i // len(names)}.{i % 7}")):
        components = [{"type": "library", "bom-ref": str(i), "name": entry["product"], "version": version_of(i, entry)}
                      for i, entry in enumerate(names[i % len(names)] for i in range(300))]
        bill = work / "bill.json"
        bill.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components}))
        time_match(bill, bill_title, snapshot)


def time_match(bill, bill_title, snapshot):
    for title, options in (("the shipped snapshot", []), ("the whole NVD", ["--snapshot", snapshot])):
        command = [PROGRAM, "-q", "match", bill, "--json", *options]
        runs = [Measured(command, codes=(1, 2)) for _ in range(TURNS)]
        rows = len(json.loads(runs[0].out)["advisory_matches"]["rows"])
        if rows == 0 or any(run.out != runs[0].out for run in runs):
            sys.exit("wrong answer: no rows, or not the same in every run")
        print(f"  match of 300 components, {bill_title}, {title}: wall {statistics.median(run.wall for run in runs):.3f} s, {rows:,} rows (bar: 0.2 s)")


BENCHES = {"verify-16m": bench_verify_16m, "unpack": bench_unpack, "formats": bench_formats, "verify-4m": bench_verify_4m, "feeds": bench_feeds}


def main(names):
    for name in names or BENCHES:
        with tempfile.TemporaryDirectory(prefix="shirushi-bench-") as folder:
            BENCHES[name](Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
