#!/usr/bin/env python3
"""docs/formats/images.md is what this script finds: table.py PROGRAM UNPACK_TEST [VARIANT...]

For every [[variant]] of tests/formats/*.toml that has a command, the sample tree is made, the command makes the image of it, the program
unpacks that to a folder, and files, links and modes are compared with the tree. A variant without a command is proved by the unit test it names,
which must exist. With SHIRUSHI_APPROVE=1 the document is written; otherwise it must be equal.
"""
import os
import re
import stat
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs/formats/images.md"
WHEN = 1577934245  # 2020-01-02 03:04:05 UTC
KEYS = {"format", "variant", "made_by", "command", "test", "note", "hold"}


def make_tree(root):
    for folder in ("etc/init.d", "bin", "usr/lib/deep/er"):
        (root / folder).mkdir(parents=True)
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    (root / "etc/init.d/S50x").write_text("#!/bin/sh\n")
    (root / "etc/init.d/S50x").chmod(0o755)
    (root / "usr/lib/deep/er/numbers").write_text("".join(f"{i}\n" for i in range(1, 40001)))
    (root / "etc/empty").touch()
    (root / "etc/empty").chmod(0o600)
    (root / "bin/program").write_text("program")
    (root / "bin/program").chmod(0o755)
    os.link(root / "bin/program", root / "bin/twin")
    (root / "bin/link").symlink_to("../etc/passwd")
    for path in [*root.rglob("*"), root]:
        os.utime(path, (WHEN, WHEN), follow_symlinks=False)


def entries(root):
    """Relative path -> ("file", content, mode) or ("link", target)."""
    found = {}
    for path in root.rglob("*"):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = ("link", os.readlink(path))
        elif path.is_file():
            found[name] = ("file", path.read_bytes(), stat.S_IMODE(path.lstat().st_mode))
    return found


def contents(folder):
    return {path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}


class Count:
    """What of the sample tree came out again: below whichever folder holds most of it, or, where no names are kept, by content."""

    def __init__(self, tree, out):
        want = entries(tree)
        files = {name: entry for name, entry in want.items() if entry[0] == "file"}
        best = (0, 0, 0)
        folders = [out, *(path for path in out.rglob("*") if path.is_dir() and not path.is_symlink())]
        for folder in folders:
            if not any((folder / name).exists() for name in ("etc/passwd", "ETC/PASSWD", "bin/program")):
                continue
            have = entries(folder)
            lowered = {name.lower(): entry for name, entry in have.items()}
            good = sum(1 for name, entry in files.items() if have.get(name, lowered.get(name.lower(), ("", b"")))[1] == entry[1])
            modes = sum(1 for name, entry in files.items() if have.get(name, ("", b"", -1))[2:] == entry[2:])
            links = sum(1 for name, entry in want.items() if entry[0] == "link" and have.get(name) == entry)
            best = max(best, (good, modes, links))
        self.files, self.modes, self.links = best
        self.all_files, self.all_links = len(files), len(want) - len(files)
        self.by_content = 0
        if self.files == 0:
            held = contents(out)
            self.by_content = sum(1 for content in {entry[1] for entry in files.values() if entry[1]} if content in held)

    def words(self):
        if self.files == 0:
            return f"{self.by_content} by content"
        text = f"{self.files} / {self.all_files} files"
        text += f", {self.links} / {self.all_links} links" if self.links else ", links not kept"
        return text + (", modes" if self.modes == self.all_files else ", modes not kept")


def run_variant(program, variant, work):
    tree = work / "root"
    make_tree(tree)
    script = f"set -eo pipefail; export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C.UTF-8 TZ=UTC; umask 022\n{variant['command']}\n"
    made = subprocess.run(["bash", "-c", script], cwd=work, capture_output=True, timeout=120)
    image = work / "image"
    if made.returncode != 0 or not image.is_file():
        return f"its command failed: {made.stderr.decode(errors='replace')[-300:]}", 0
    if not tree.is_dir():
        make_tree(tree)
    result = subprocess.run([program, "-q", "--lang", "en", "unpack", "-o", work / "out", image], capture_output=True, timeout=280)
    if result.returncode != 0:
        return f"unpack ended with {result.returncode}: {result.stderr.decode(errors='replace')[-300:]}", 0
    if f"{variant['format']}@0x" not in (work / "out/layout.json").read_text(encoding="utf-8"):
        return f"unpack does not find {variant['format']}: {result.stdout.decode()[:600]}", 0
    count = Count(tree, work / "out")
    if count.files == 0 and count.by_content == 0:
        return f"nothing of the tree came out:\n{result.stdout.decode()[:1500]}", 0
    return "", count.words()


def load():
    variants = []
    for path in sorted((ROOT / "tests/formats").glob("*.toml")):
        for variant in tomllib.loads(path.read_text(encoding="utf-8")).get("variant", []):
            unknown = set(variant) - KEYS
            if unknown or not {"format", "variant", "made_by", "test"} <= set(variant):
                sys.exit(f"{path.name}: {variant.get('format')}: unknown {unknown} or missing members")
            variants.append(variant)
    return variants


def listed_tests(unpack_test):
    names, suite = set(), ""
    for line in subprocess.run([unpack_test, "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout.splitlines():
        line = line.split("#")[0].rstrip()
        if not line.startswith(" "):
            suite = line
        else:
            names.add(suite + line.strip())
    return names


def proves(name, tests):
    return any(re.fullmatch(re.escape(name).replace(r"\*", ".*"), test) for test in tests)


def formats_of_the_list():
    lists = ("vendor/vendor_formats.cpp", "boot/boot_formats.cpp", "formats.cpp")
    entry = re.compile(r'(?:\{\.name = |_format(?:<\w+>)?\(\s*)"([^"]+)"')
    return [name for path in lists for name in entry.findall((ROOT / "src/lab/unpack" / path).read_text(encoding="utf-8"))]


def document(rows, unproved):
    lines = ["# Image formats", "",
             "Made by `tests/formats/table.py` (the test `formats.table`); do not edit it by hand. Every variant below was made by the tool it names, from a tree of 6 files and",
             "a link (with a hard link, an empty file, a program and 228,894 bytes of text), unpacked with `shirushi unpack -o`, and compared: names, contents, link targets, modes. Where no tool of",
             "Debian's can make a variant, the unit test writes it and compares; its name stands in the last column.", "",
             "\"links not kept\" and \"modes not kept\" say that the format, as its tool writes it, has none. \"By content\": a stream without names holds the expected bytes.", "",
             "| format | variant | made by | recovered | test |", "|---|---|---|---|---|"]
    for row in rows:
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |")
    lines += ["", f"{len({row[0] for row in rows})} formats, {len(rows)} variants."]
    if unproved:
        lines += ["", "Formats of the list without a row here: " + ", ".join(unproved) + "."]
    return "\n".join(lines) + "\n"


def judge(program, tests, variant):
    """What does not hold (empty: all is well), and what came out in words."""
    if not proves(variant["test"], tests):
        return f"there is no test {variant['test']}", ""
    if "command" not in variant:
        return "", "by its test"
    with tempfile.TemporaryDirectory(prefix="shirushi-formats-") as folder:
        return run_variant(program, variant, Path(folder))


def main(program, unpack_test, only):
    tests = listed_tests(unpack_test)
    by_format = defaultdict(list)
    failed = passed = 0
    named = [(f"{variant['format']}: {variant['variant']}", variant) for variant in load()]
    chosen = [(name, variant) for name, variant in named if not only or any(word in name for word in only)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        judged = list(pool.map(lambda one: judge(program, tests, one[1]), chosen))
    for (name, variant), (problem, found) in zip(chosen, judged):
        if problem:
            failed += 1
            print(f"does not hold: {name}: {problem}")
        else:
            passed += 1
        by_format[variant["format"]].append((variant["format"], variant["variant"], variant["made_by"], found, f"`{variant['test']}`"))
    order = list(dict.fromkeys(formats_of_the_list()))
    unproved = [name for name in order if name not in by_format]
    rows = [row for name in [*order, *sorted(set(by_format) - set(order))] for row in by_format.get(name, [])]
    text = document(rows, unproved)
    if only:
        print(text)
    elif os.environ.get("SHIRUSHI_APPROVE"):
        DOCUMENT.write_text(text, encoding="utf-8")
    elif not DOCUMENT.is_file() or DOCUMENT.read_text(encoding="utf-8") != text:
        failed += 1
        print("docs/formats/images.md is not what was found; look at the difference after ./dev approve")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3:]))
