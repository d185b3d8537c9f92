"""unpack: a table for people, a document for programs, a tree to browse; the same image gives the same of each."""
import hashlib
import json
import os
import stat
import sys
from pathlib import Path

from program import ROOT, Run, Scenario, scratch

program = sys.argv[1]
example = ROOT / "examples/router.bin"
scenario = Scenario()


def listing(folder):
    rows = []
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = os.readlink(path) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        rows.append((str(path.relative_to(folder)), stat.filemode(status.st_mode), content))
    return rows


with scratch() as name:
    work = Path(name)
    table = Run(program, "--quiet", "--lang", "en", "unpack", example)
    scenario.equal(table.code, 0, "the table's exit code")
    for piece in ("Offset", "squashfs", "uimage", "0x00000000"):
        scenario.contains(table.out, piece, "the table")
    scenario.contains(Run(program, "--quiet", "--lang", "ja", "unpack", example).out, "エントロピー", "the table in Japanese")

    first = Run(program, "--quiet", "--lang", "en", "unpack", example, "-o", work / "first")
    second = Run(program, "--quiet", "unpack", "--json", example, "-o", work / "second")
    scenario.equal((first.code, second.code), (0, 0), f"unpack -o: {first.err} {second.err}")
    scenario.contains(first.out, "Wrote ", "what was written is said")
    scenario.equal(listing(work / "first"), listing(work / "second"), "two runs write the same tree")
    document = json.loads(second.out)
    scenario.equal(json.loads((work / "second/layout.json").read_text(encoding="utf-8")), document, "layout.json is what --json prints")

    end = 0
    for region in document["regions"]["rows"]:
        if region["path"] == "":
            scenario.equal(region["offset"], end, "regions follow each other")
            end += region["size"]
    scenario.equal(end, example.stat().st_size, "regions cover the image")

    regular = [row for row in document["files"]["rows"] if row["kind"] == "regular"]
    scenario.check(len(regular) == 48, f"{len(regular)} files in the document")
    for row in regular:
        path = work / "first" / row["path"]
        scenario.check(path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"], f"{row['path']} is on the disk as the document says")
        scenario.equal(stat.S_IMODE(path.lstat().st_mode) if path.exists() else None, row["mode"] & 0o777, f"mode of {row['path']}")
    links = [row for row in document["files"]["rows"] if row["kind"] == "symlink"]
    scenario.check(links and all((work / "first" / row["path"]).is_symlink() for row in links), "links are links")
    inside = os.path.realpath(work / "first")
    scenario.check(all(os.path.realpath(work / "first" / row["path"]).startswith(inside) for row in links), "no link leads out")

    again = Run(program, "--quiet", "unpack", example, "-o", work / "first")
    scenario.equal(again.code, 3, "a folder that is not empty is refused")
    scenario.contains(again.err, "not empty", "and the message says so")
    scenario.equal(Run(program, "--quiet", "unpack", work / "missing", "-o", work / "third").code, 3, "no such image")
    scenario.check(not (work / "third").exists(), "a refused run makes no folder")
scenario.finish()
