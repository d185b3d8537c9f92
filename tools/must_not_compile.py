#!/usr/bin/env python3
"""must_not_compile.py --build DIR --like FILE SOURCE

SOURCE compiles as it is, and does not with -DMUST_NOT_COMPILE; then the compiler's words match the regular expression in its
line "// error: ...". Flags are those of the source file LIKE in the build folder DIR."""
import argparse
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from compile_like import compile_like  # noqa: E402

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--build", required=True)
parser.add_argument("--like", required=True)
parser.add_argument("source")
arguments = parser.parse_args()

expected = re.search(r"^// error: (.+)$", pathlib.Path(arguments.source).read_text(), re.M)
if not expected:
    sys.exit(f"{arguments.source}: no line '// error: REGULAR EXPRESSION'")
good = compile_like(arguments.build, arguments.like, arguments.source)
if good.returncode != 0:
    sys.exit("the twin that must compile does not:\n" + good.stderr)
bad = compile_like(arguments.build, arguments.like, arguments.source, extra=["-DMUST_NOT_COMPILE"])
if bad.returncode == 0:
    sys.exit(f"{arguments.source} compiles with -DMUST_NOT_COMPILE")
if not re.search(expected[1], bad.stderr):
    sys.exit(f"refused, but not with /{expected[1]}/:\n{bad.stderr}")
