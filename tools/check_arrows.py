#!/usr/bin/env python3
"""Who may know whom: holds every #include of src/ against the arrows of docs/house.md, and pure rooms to their word.

  tools/check_arrows.py           exit 0 if all arrows hold, else one line per offence and exit 1
  tools/check_arrows.py --list    the rooms and what each one uses
  tools/check_arrows.py --libraries DIR   also looks in pure rooms' libraries below DIR for system calls they must not make
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

GROUND = {"base", "crypto", "model", "catalog", "declaration"}
# room -> rooms it may include. Downwards only; a room that is not listed here does not exist.
ALLOWED = {
    "base": set(),
    "crypto": {"base"},
    "model": {"base", "crypto"},
    "catalog": {"base", "crypto", "model"},
    "declaration": {"base", "crypto", "model", "catalog"},
    "elf": GROUND - {"catalog", "declaration"},
    "code": (GROUND - {"catalog", "declaration"}) | {"elf"},
    "unpack": GROUND - {"catalog", "declaration"},
    "extract": (GROUND - {"catalog", "declaration"}) | {"unpack"},
    "sbom": (GROUND - {"catalog", "declaration"}) | {"unpack", "elf"},
    "inspect": (GROUND - {"catalog", "declaration"}) | {"unpack", "elf", "code"},
    "vuln": GROUND - {"catalog", "declaration"},
    "feeds": (GROUND - {"catalog", "declaration"}) | {"vuln"},
    "fetch": GROUND - {"catalog", "declaration"},
    "vex": (GROUND - {"catalog", "declaration"}) | {"vuln"},
    "check": {"base", "model"},
    "assess": {"base", "crypto", "model", "catalog", "check"},
    "report": {"base", "crypto", "model", "catalog"},
    "attestation": {"base", "crypto", "model"},
    "app": GROUND | {"elf", "code", "unpack", "extract", "sbom", "inspect", "vuln", "feeds", "fetch", "vex", "check", "assess", "report", "attestation"},
}
PURE = {"base", "model", "elf", "code", "vuln", "vex", "check", "assess", "report", "attestation"}
IMPURE_HEADERS = {"fstream", "filesystem", "random", "iostream", "cstdio", "unistd.h", "fcntl.h", "sys/socket.h", "sys/mman.h", "ctime", "time.h"}
IMPURE_SYMBOLS = {"open", "open64", "openat", "fopen", "fopen64", "socket", "time", "clock_gettime", "gettimeofday", "getenv", "secure_getenv",
                  "rand", "random", "getrandom", "printf", "puts", "fork", "system", "popen"}


def rooms():
    for wing in ("ground", "lab", "scheme"):
        for folder in sorted((ROOT / "src" / wing).glob("*/")):
            yield folder.name, folder
    yield "app", ROOT / "src" / "app"


def sources(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix in (".cpp", ".hpp"))


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^">]+)[">]', line)
        if match:
            yield number, match.group(1) == "<", match.group(2)


def offences(uses):
    known = {name for name, _ in rooms()}
    for name, folder in rooms():
        if name not in ALLOWED:
            yield f"{folder.relative_to(ROOT)}: a room that tools/check_arrows.py and docs/house.md do not know"
            continue
        for path in sources(folder):
            test = path.name.endswith(("_test.cpp", "_samples.cpp"))
            for number, angled, header in includes(path):
                other = header.split("/")[0]
                if not angled and other in known and other != name:
                    uses.setdefault(name, set()).add(other)
                    if other not in ALLOWED[name] and not (test and other in GROUND):
                        yield f"{path.relative_to(ROOT)}:{number}: {name} may not know {other}"
                if angled and name in PURE and not test and header in IMPURE_HEADERS:
                    yield f"{path.relative_to(ROOT)}:{number}: {name} is pure and may not include <{header}>"


def impure_symbols(libraries):
    for name in sorted(PURE):
        for library in Path(libraries).rglob(f"libshirushi_{name}.a"):
            listing = subprocess.run(["nm", "--undefined-only", "--format=posix", library], capture_output=True, text=True, check=True).stdout
            used = {line.split()[0].split("@")[0] for line in listing.splitlines() if " U" in line}
            for symbol in sorted(used & IMPURE_SYMBOLS):
                yield f"{library.name}: pure room {name} calls {symbol}()"


def main(arguments):
    uses = {}
    found = list(offences(uses))
    if "--libraries" in arguments:
        found += impure_symbols(arguments[arguments.index("--libraries") + 1])
    if "--list" in arguments:
        for name, folder in rooms():
            print(f"{name:12} -> {' '.join(sorted(uses.get(name, [])) ) or '(nobody)'}{'   [pure]' if name in PURE else ''}")
    for line in found:
        print(line)
    print("arrows hold" if not found else f"{len(found)} arrows broken")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
