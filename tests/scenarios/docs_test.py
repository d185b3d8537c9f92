"""What the documents tell people to type works, and prints what they say it prints.

In every ```console block of README.md, CONTRIBUTING.md and docs/**.md a line "$ ./shirushi ..." is run (with the program under test) in a
copy of the examples; each line below it must occur in the output, "..." standing for anything. Exit code 3 is a failure unless
the block's first line says otherwise. Of other commands only openssl is run, which makes keys; ./test and ./dev are their own tests.
"""
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from program import ROOT, Run, Scenario, scratch

program = sys.argv[1]
scenario = Scenario()
documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "catalogues").rglob("README.md"))]


def squeezed(text):
    return re.sub(r"\s+", " ", text).strip()


def shows(output, line):
    return re.search(".*?".join(re.escape(part) for part in squeezed(line).split("...")), squeezed(output)) is not None


with scratch() as name:
    work = Path(name)
    shutil.copytree(ROOT / "examples", work / "examples")
    commands = 0
    for document in documents:
        for block in re.findall(r"^```console\n(.*?)^```", document.read_text(encoding="utf-8"), flags=re.S | re.M):
            run = None
            for line in block.splitlines():
                if line.startswith("$ openssl "):
                    made = subprocess.run(shlex.split(line[2:]), cwd=work, capture_output=True, check=False)
                    scenario.equal(made.returncode, 0, f"{document.name}: {line}: {made.stderr[-200:]}")
                elif line.startswith("$ ./shirushi"):
                    words = shlex.split(line[2:], comments=True)
                    run = Run(program, "--quiet", *words[1:], cwd=work, input=b"", environment={"SHIRUSHI_COMMAND": "./shirushi"})
                    commands += 1
                    scenario.check(run.code != 3, f"{document.name}: {line}: {run.err}")
                elif line.startswith("$ "):
                    run = None
                elif run is not None and line.strip() not in ("", "..."):
                    scenario.check(shows(run.out + run.err, line), f"{document.name}: shows {line!r}; printed {run.out[-1500:]!r}")
    scenario.check(commands >= 3, f"the documents show commands ({commands})")
    for document in documents:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            if "://" not in target:
                scenario.check((document.parent / target).exists(), f"{document.relative_to(ROOT)} links to {target}, which is not there")
scenario.finish()
