#!/usr/bin/env python3
"""new_check_test.py --build DIR

Runs new_check.py in a copy of what it edits, compiles what changed with the build's own flags, links it with the rest of the
build's check_test and runs that on the copy. Three small files are compiled, so it costs seconds, not a build."""
import argparse
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from compile_like import compile_like  # noqa: E402

HOUSE = pathlib.Path(__file__).resolve().parent.parent
ROOM = "src/lab/check"


def run(words, **options):
    done = subprocess.run(words, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}:\n{done.stdout}{done.stderr}")
    return done.stdout


def new_check(root, *arguments):
    return subprocess.run([sys.executable, HOUSE / "tools/new_check.py", "--root", root, *arguments], capture_output=True, text=True)


def everything(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def expect_refusals(root):
    before = everything(root)
    for arguments, word in ((["SHI-net-1", "x_y", "--reads", "services", "--requirement", "B-1"], "no check id"),
                            (["SHI-NET-001", "x_y", "--reads", "services", "--requirement", "B-1"], "is taken"),
                            (["SHI-ZZZ-001", "empty_password", "--reads", "services", "--requirement", "B-1"], "exists"),
                            (["SHI-ZZZ-001", "x_y", "--reads", "nonsense", "--requirement", "B-1"], "no table"),
                            (["SHI-ZZZ-001", "x_y", "--reads", "services", "--requirement", "Z-9"], "no requirement")):
        done = new_check(root, *arguments)
        if done.returncode == 0 or word not in done.stderr:
            sys.exit(f"{arguments}: expected to be refused with '{word}': {done.stdout}{done.stderr}")
    if everything(root) != before:
        sys.exit("a refused run changed something")


def link(build, objects, output):
    """The build's own link command of check_test with these objects in front: they stand in for those of the room's library."""
    steps = run(["ninja", "-C", build, "-t", "commands", "check_test"]).splitlines()[-1].split(" && ")
    words = shlex.split(next(step for step in steps if " -o " in step))
    at = next(i for i, word in enumerate(words) if word.endswith("check_test.cpp.o"))
    words[at:at] = map(str, objects)
    words[words.index("-o") + 1] = str(output)
    run(words, cwd=build)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    build = parser.parse_args().build
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        shutil.copytree(HOUSE / ROOM, root / ROOM)
        shutil.copytree(HOUSE / "catalogues", root / "catalogues")
        expect_refusals(root)
        for arguments in (["SHI-ZZZ-001", "scratch_one", "--reads", "services", "--requirement", "B-1"],
                          ["SHI-AAA-002", "scratch_two", "--reads", "executables,accounts", "--requirement", "D-2"]):
            done = new_check(root, *arguments)
            if done.returncode != 0:
                sys.exit(done.stdout + done.stderr)
        objects = []
        for name in ("check.cpp", "checks/scratch_one.cpp", "checks/scratch_two.cpp"):
            objects.append(root / (pathlib.Path(name).stem + ".o"))
            replace = [(str(HOUSE / ROOM), str(root / ROOM))]
            done = compile_like(build, HOUSE / ROOM / "check.cpp", root / ROOM / name, objects[-1], replace)
            if done.returncode != 0:
                sys.exit(done.stderr)
        link(build, objects, root / "check_test")
        output = run([root / "check_test"], env={**os.environ, "SHIRUSHI_CHECK_ROOT": str(root)})
        for new in ("SHI_ZZZ_001", "SHI_AAA_002"):
            if f"DecidesItsCases/{new}" not in output:
                sys.exit(f"{new} was not tested")


main()
