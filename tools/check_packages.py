#!/usr/bin/env python3
"""Holds what the project really uses against packages.txt, so that a used machine cannot hide a missing install step.

  tools/check_packages.py BUILD_FOLDER

1. Every header that the compiler read (ninja's recorded dependencies) belongs to a package that packages.txt lists or that one
   of those depends on.
2. Every command that our scripts call belongs to such a package, or to every Debian system (Essential, or Priority: required).
3. Every line of packages.txt names a package that Debian has, once.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHELL = ["shirushi", "test", "dev", ".ci/run", *map(str, Path(ROOT / "tools").glob("*.sh")), *map(str, (ROOT / "tests").rglob("*.sh"))]
PYTHON = [*(ROOT / "tools").glob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
# Where commands stand in text: the shell scripts inside tests and benches.
SCRIPTED = [*(ROOT / "tests").rglob("*.toml"), *(ROOT / "src/lab/unpack").rglob("*_test.cpp"), *(ROOT / "src/lab/elf").rglob("*_test.cpp"),
            *(ROOT / "src/lab/unpack").rglob("*making*.hpp"), *(ROOT / "bench").rglob("*.py")]
# Words that are commands of this machine but not used as such where they stand, or that only ./dev's extras use.
NOT_OURS = {"shirushi", "test", "dev", "write"}


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def listed():
    names, alternatives = [], {}
    for line in (ROOT / "packages.txt").read_text(encoding="utf-8").splitlines():
        words = line.split("#")[0].split()
        if words and not words[0].startswith("["):
            names.append(words[0])
            if len(words) > 1:
                alternatives[words[0]] = words[1].lstrip("?")
    return names, alternatives


def closure(names):
    lines = output("apt-cache", "depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks",
                   "--no-replaces", "--no-enhances", *names).splitlines()
    return {line.split(":")[0] for line in lines if line and not line.startswith((" ", "<"))}


def base_system():
    rows = output("dpkg-query", "-W", "-f", "${Package} ${Essential} ${Priority}\n").splitlines()
    return {row.split()[0] for row in rows if " yes " in row + " " or row.endswith(" required")} | {"apt"}


def owners(paths):
    """path -> package, for paths that dpkg knows (also under /usr where it recorded them without)."""
    known = {}
    for listing in Path("/var/lib/dpkg/info").glob("*.list"):  # what dpkg -S reads, in one pass
        package = listing.stem.split(":")[0]
        known.update(dict.fromkeys(listing.read_text(encoding="utf-8", errors="replace").splitlines(), package))
    return {p: known.get(p) or known.get(p.removeprefix("/usr")) for p in paths}


def headers(build):
    found = set()
    for line in output("ninja", "-C", build, "-t", "deps").splitlines():
        path = line.strip()
        if path.startswith(("/usr/include", "/usr/lib")):
            found.add(str(Path(path).resolve()))
    return found


def command_path(word):
    for folder in ("/usr/bin", "/usr/sbin", "/bin", "/sbin"):
        path = Path(folder) / word
        if path.is_file():
            return str(path.resolve())
    return None


def shell_commands(text):
    text = re.sub(r"<<'?TEXT'?.*?^TEXT$", "", text, flags=re.S | re.M)
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return set(re.findall(r"(?:^|[|;&(!{]|\bthen\b|\bdo\b|\bexec\b|\bxargs(?: -r)?\b|\benv(?: [A-Z_]+=\S+)*|\bif\b|\$\()\s*([a-z][a-z0-9_.+-]*)", text, flags=re.M))


def scripted_commands(text):
    """Of every text in quotes, raw ones of C++ and TOML included; words of prose are no harm, as few are commands."""
    quoted = re.findall(r'R"\((.*?)\)"|\'\'\'(.*?)\'\'\'|"((?:[^"\\\n]|\\.)*)"', text, flags=re.S)
    return {word for one in quoted for word in shell_commands("\n".join(one).replace("\\n", "\n"))}


def python_commands(text):
    return set(re.findall(r"\b(?:run|output|Popen|Measured|check_output)\(\[?\s*\"([a-z][a-z0-9_.+-]*)\"", text))


def main(build):
    names, alternatives = listed()
    problems = [f"packages.txt: {name} is listed twice" for name in sorted(set(names)) if names.count(name) > 1]
    known = set(re.findall(r"^(\S+):$", output("apt-cache", "policy", *names), flags=re.M))  # a block for each that exists
    problems += [f"packages.txt: Debian has no package {name}" for name in names if name not in known]
    allowed = closure(names) | set(names) | base_system()

    used = {}
    for script in SHELL:
        path = ROOT / script
        for word in shell_commands(path.read_text(encoding="utf-8")) - NOT_OURS:
            used.setdefault(word, path.name)
    for path in PYTHON:
        for word in python_commands(path.read_text(encoding="utf-8")) - NOT_OURS:
            used.setdefault(word, path.name)
    for path in SCRIPTED:
        for word in scripted_commands(path.read_text(encoding="utf-8")) - NOT_OURS:
            used.setdefault(word, path.name)
    commands = {word: command_path(word) for word in used}
    satisfied = set(alternatives.values())

    files = headers(build)
    if not files:
        problems.append(f"{build}: no recorded dependencies; build it first")
    owner = owners(files | {path for path in commands.values() if path})
    for path in sorted(files):
        if owner[path] is None:
            problems.append(f"header {path} belongs to no package")
        elif owner[path] not in allowed:
            problems.append(f"header {path}: packages.txt lacks {owner[path]}")
    for word, path in sorted(commands.items()):
        if path and word not in satisfied and owner[path] not in allowed:
            problems.append(f"{used[word]} calls {word}: packages.txt lacks {owner[path] or 'its package'}")
    for problem in problems:
        print(problem)
    print(f"{len(files)} headers and {sum(1 for p in commands.values() if p)} commands come from {len(names)} listed packages"
          if not problems else f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
